// What the page does with an answer of the server to htmx: where the focus goes after a swap, and what is said when
// there is no answer, or one that is not shown in place (see noSwap in the page's htmx-config).

const SENTENCES = {
  401: "You have been signed out. Open sign-in in another window, then send this again: it is still here.",
  403: "This is not yours to do. Nothing was changed.",
  404: "This is no longer here. Load the page anew.",
  413: "This is too much at once. Nothing was sent.",
  429: "That was too often. Wait a minute and try again.",
};

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  // Signed out meanwhile: the answer is the sign-in page, which has no place inside this one.
  if (ctx.response.raw.redirected && new URL(ctx.response.raw.url).pathname === document.body.dataset.signIn) {
    event.preventDefault();
    say(SENTENCES[401]);
  }
});

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  const { status } = ctx.response;
  if (status === 409 || status === 422) return;
  say(sentenceOf(ctx.text) ?? SENTENCES[status] ?? "Something broke on our side. What you wrote is still here.");
});

document.addEventListener("htmx:error", () => {
  say("No answer from the desk. What you wrote is still here; try again when the connection is back.");
});

document.addEventListener("htmx:after:settle", (event) => focusWhatIsNew(event.detail.task?.target ?? event.target));

// A page of ours that refuses marks its sentence.
function sentenceOf(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("[data-refusal]")?.textContent.trim();
}

function say(words) {
  document.dispatchEvent(new CustomEvent("desk:say", { detail: { words, state: "late" } }));
}

// The error summary first; else what the answer marks as its new heading; else the focus stays where it was.
function focusWhatIsNew(region) {
  const found = [...(region?.querySelectorAll?.("[data-focus]") ?? [])].filter((part) => part.checkVisibility());
  const part = found.find((one) => one.getAttribute("role") === "alert") ?? found[0];
  if (!part) return;
  if (!part.hasAttribute("tabindex")) part.tabIndex = -1;
  part.focus();
}
