// A slot is filled from the address that it names: <div data-slot="/…/forecast/">. What stands in it until then, or
// without this module, is a link to the same as a page. With data-slot-with it names fields of the form around it; the
// first that says something goes along as data-slot-as, and the slot is filled anew when it changes.

const WAIT = 250; // milliseconds: somebody who types a time is still typing
const asked = new WeakMap();

for (const slot of document.querySelectorAll("[data-slot]")) fill(slot);

// Dialogs and answers bring more of them.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) {
      if (!(node instanceof Element)) continue;
      if (node.matches("[data-slot]")) fill(node);
      for (const slot of node.querySelectorAll("[data-slot]")) fill(slot);
    }
  }
}).observe(document.body, { childList: true, subtree: true });

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    for (const slot of target.form?.querySelectorAll("[data-slot-with]") ?? []) {
      if (!namesOf(slot).includes(target.name)) continue;
      clearTimeout(asked.get(slot)?.timer);
      asked.set(slot, { ...asked.get(slot), timer: setTimeout(fill, WAIT, slot) });
    }
  });
}

async function fill(slot) {
  const url = new URL(slot.dataset.slot, location.href);
  const values = namesOf(slot).map((name) => slot.closest("form")?.elements[name]?.value);
  // Who chooses a time of their own says it in the field beside.
  const said = values.find((value) => value && value !== "own");
  // A choice says nothing until it is made: the link stays.
  if (slot.dataset.slotAs === "department" && !said) return;
  if (said) url.searchParams.set(slot.dataset.slotAs, said);
  asked.get(slot)?.stop?.abort();
  const stop = new AbortController();
  asked.set(slot, { stop });
  const sent = { credentials: "same-origin", headers: { "HX-Request": "true" }, signal: stop.signal };
  const answer = await fetch(url, sent).catch(() => null);
  if (!answer || answer.redirected || !answer.ok) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  if (!stop.signal.aborted) slot.replaceChildren(...found.childNodes);
}

function namesOf(slot) {
  return (slot.dataset.slotWith ?? "").split(" ").filter(Boolean);
}
