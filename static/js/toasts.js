// Short lines about what just happened, in the region that stands in the page from the start.
// Any module says one by: document.dispatchEvent(new CustomEvent("desk:say", { detail: { words, state } }))

const SHOWN_FOR = 10_000; // milliseconds; longer while pointed at or focused

document.addEventListener("desk:say", (event) => show(event.detail.words, event.detail.state));

function show(words, state = "") {
  const toast = document.createElement("div");
  toast.className = "toast";
  if (state) toast.dataset.state = state;
  const text = document.createElement("span");
  text.textContent = words;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => toast.remove());
  toast.append(text, close);
  document.getElementById("toasts").append(toast);
  leaveInTime(toast);
}

function leaveInTime(toast) {
  let timer = setTimeout(() => toast.remove(), SHOWN_FOR);
  const stay = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), SHOWN_FOR);
  };
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("focusout", go);
}
