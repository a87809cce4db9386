// Whoever came to write finds the cursor in the field: the address says so (?write=reply), and no key is lost.
// After load: following the address's fragment takes the focus away once more.

if (new URLSearchParams(location.search).has("write")) {
  addEventListener("load", () => setTimeout(() => document.querySelector(".composer textarea")?.focus()));
}
