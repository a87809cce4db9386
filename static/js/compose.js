// Whoever came to write finds the cursor in the field: the address says so (?write=reply), and no key is lost.

if (new URLSearchParams(location.search).has("write")) {
  document.querySelector(".composer textarea")?.focus();
}
