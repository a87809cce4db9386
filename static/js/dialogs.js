// A link with data-dialog opens the page behind it in a dialog: the part of that page marked data-dialog-body.
// Without this module it is a link to the page. A form in it is sent from here; a refusal (409, 422) comes back into
// the dialog, anything else leads on to where the answer leads.

const dialog = document.getElementById("dialog");

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) {
    const open = event.target.closest("dialog");
    if (open) {
      event.preventDefault();
      open.close();
    }
    return;
  }
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link);
});

dialog?.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  event.preventDefault();
  send(form, event.submitter);
});

async function open(link) {
  const answer = await fetch(link.href, { credentials: "same-origin" }).catch(() => null);
  const part = answer?.ok && !answer.redirected && bodyOf(await answer.text());
  // Whatever it is, it is not for a dialog: go there.
  if (!part) return location.assign(link.href);
  show(part);
}

async function send(form, submitter) {
  const body = new FormData(form, submitter);
  // Told that it is for a dialog, the desk names the next page instead of leading there: what it confirms is said there.
  const sent = { method: "POST", body, credentials: "same-origin", headers: { "X-Dialog": "1" } };
  const answer = await fetch(form.action, sent).catch(() => null);
  form.dispatchEvent(new CustomEvent("desk:answered", { bubbles: true }));
  if (!answer) return say("No answer from the desk. What you wrote is still here; try again when the connection is back.");
  if (leadsToSignIn(answer)) {
    return say("You have been signed out. Open sign-in in another window, then send this again: it is still here.");
  }
  const text = answer.redirected ? "" : await answer.text();
  const part = bodyOf(text);
  if ([409, 422].includes(answer.status) && part) return show(part);
  if (answer.status >= 400) return say(refusalIn(text) ?? "This could not be done. What you wrote is still here.");
  followTo(answer.headers.get("X-Go-On") ?? answer.url);
}

// Signed out meanwhile: following to the sign-in page would lose what stands in the form.
function leadsToSignIn(answer) {
  return answer.redirected && new URL(answer.url).pathname === document.body.dataset.signIn;
}

// Leading on to the page we stand on would only move to its fragment: load it anew.
function followTo(url) {
  const there = new URL(url, location.href);
  const same = there.pathname === location.pathname && there.search === location.search;
  if (same) location.reload();
  else location.assign(url);
}

function show(part) {
  dialog.replaceChildren(...part.childNodes);
  const title = dialog.querySelector("h1, h2");
  if (title) title.id = "dialog-title";
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[data-focus]") ?? dialog.querySelector("[autofocus]"))?.focus();
}

function bodyOf(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("[data-dialog-body]");
}

function refusalIn(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("[data-refusal]")?.textContent.trim();
}

function say(words) {
  document.dispatchEvent(new CustomEvent("desk:say", { detail: { words, state: "late" } }));
}
