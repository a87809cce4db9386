// A button that copies a field. Without this it stays hidden, and the field can be selected by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  button.hidden = false;
  button.addEventListener("click", async () => say(button, (await copied(field)) ? "Copied" : "Press Ctrl C"));
}

async function copied(field) {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(field.value);
      return true;
    }
  } catch {
    // Refused by the browser: the older way, which is also the only one on plain http, may still do.
  }
  field.focus();
  field.select();
  return document.execCommand("copy");
}

function say(button, words) {
  button.querySelector("span").textContent = words;
  document.getElementById("heard").textContent = words;
}
