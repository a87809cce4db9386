// A button that copies a field. Without this it stays hidden, and the field can be selected by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.focus();
    field.select();
    try {
      // Not there on plain http, where the older way still works.
      if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
      else if (!document.execCommand("copy")) throw new Error("not copied");
      say(button, "Copied");
    } catch {
      say(button, "Press Ctrl C");
    }
  });
}

function say(button, words) {
  button.querySelector("span").textContent = words;
  document.getElementById("heard").textContent = words;
}
