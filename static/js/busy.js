// A form on its way: its button says so and cannot be pressed again.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.onItsWay) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  const button = event.submitter;
  if (form.method !== "post" || !button) return;
  form.dataset.onItsWay = "yes";
  // After this turn of the loop, so that the button's own name and value are still sent.
  setTimeout(() => {
    if (event.defaultPrevented && !form.closest("[hx-post], [data-sent-here], dialog")) return free(form);
    button.setAttribute("aria-busy", "true");
    if (button.dataset.busy) {
      button.dataset.said = button.innerHTML;
      button.textContent = button.dataset.busy;
    }
  });
}, true);

// htmx or a dialog has its answer, or the reader came back to the page as it was left.
document.addEventListener("htmx:finally:request", (event) => free(event.target.closest?.("form")));
document.addEventListener("desk:answered", (event) => free(event.target));
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-on-its-way]").forEach(free));

function free(form) {
  if (!form) return;
  delete form.dataset.onItsWay;
  for (const button of form.querySelectorAll('[aria-busy="true"]')) {
    button.removeAttribute("aria-busy");
    if (button.dataset.said) button.innerHTML = button.dataset.said;
    delete button.dataset.said;
  }
}
