// Single keys press what carries them: <a data-key="g m">, <button data-key="n">. The key lives on the button alone, so
// that the two cannot drift apart. Off in fields, in open dialogs, and for whoever switches them off (? shows how).

const KEPT = "desk-keys";
const WAIT = 1200; // milliseconds between the letters of "g m"

let before = "";
let timer;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey) return;
  if (sendsFromField(event) || event.ctrlKey || event.metaKey) return;
  if (isWritten(event.target) || document.querySelector("dialog[open]") || !areOn()) return;
  const key = letterOf(event);
  if (key === "?") return act(event, showHelp);
  if (key === "j" || key === "k") return act(event, () => step(key === "j" ? 1 : -1));
  const ofRow = before ? null : carrierInRow(key);
  if (ofRow) return act(event, () => press(ofRow));
  if (key === "o" && document.activeElement.matches(".row-link")) return act(event, () => document.activeElement.click());
  const pressed = before ? `${before} ${key}` : key;
  const found = carrierOf(pressed);
  if (found) return act(event, () => press(found));
  remember(key);
});

// Ctrl Enter in a field sends its form by the button that says so.
function sendsFromField(event) {
  if (!(event.ctrlKey || event.metaKey) || event.key !== "Enter") return false;
  const button = event.target.form?.querySelector('[data-key="Control+Enter"]');
  if (!button) return false;
  event.preventDefault();
  button.click();
  return true;
}

function act(event, what) {
  event.preventDefault();
  before = "";
  what();
}

// The letter on the key; where the keyboard writes another script, the letter of that place on a Latin one.
function letterOf(event) {
  if (/^[\x20-\x7e]$/.test(event.key)) return event.key;
  const place = /^Key([A-Z])$/.exec(event.code);
  return place ? place[1].toLowerCase() : "";
}

function isWritten(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function carrierOf(key) {
  return carriers().find((one) => one.dataset.key === key);
}

// What acts on the row under the keyboard carries its key as data-row-key.
function carrierInRow(key) {
  const row = document.activeElement.closest("[data-rows] > *");
  return [...(row?.querySelectorAll("[data-row-key]") ?? [])].find((one) => one.dataset.rowKey === key);
}

// What lies folded away, as in one's own menu, is still pressed; what the page hides is not there.
function carriers() {
  return [...document.querySelectorAll("[data-key]")].filter((one) => !one.closest("[hidden], dialog:not([open])"));
}

function press(one) {
  // Focused first, so that closing a dialog leads back to it.
  one.focus();
  if (!isWritten(one)) one.click();
}

function remember(key) {
  clearTimeout(timer);
  before = carriers().some((one) => one.dataset.key.startsWith(`${key} `)) ? key : "";
  timer = setTimeout(() => (before = ""), WAIT);
}

// The row under the keyboard is the one whose link has the focus: Enter opens it without our doing.
function step(by) {
  const links = [...document.querySelectorAll("[data-rows] .row-link")].filter((link) => link.checkVisibility());
  if (!links.length) return;
  const row = document.activeElement.closest("[data-rows] > *");
  const here = links.findIndex((link) => row?.contains(link));
  links[Math.min(Math.max(here + by, 0), links.length - 1)].focus();
}

function areOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

// -- Help -------------------------------------------------------------------------------------------------------------

const help = document.getElementById("keys");

function showHelp() {
  const lines = carriers().map((one) => [one.dataset.key, nameOf(one)]);
  lines.push(...rowKeys());
  if (document.querySelector("[data-rows]")) lines.push(["j", "next row"], ["k", "row before"], ["Enter", "open the row"]);
  lines.push(["?", "this list"]);
  help.querySelector("[data-keys-list]").replaceChildren(...lines.flatMap(([key, name]) => lineOf(key, name)));
  help.querySelector("[data-keys-on]").checked = areOn();
  help.showModal();
}

// Each key of the rows once, with what it does in words that fit every row.
function rowKeys() {
  const first = new Map();
  for (const one of document.querySelectorAll("[data-row-key]")) {
    if (!first.has(one.dataset.rowKey)) first.set(one.dataset.rowKey, one.dataset.keyWords);
  }
  return [...first];
}

function nameOf(one) {
  const copy = one.cloneNode(true);
  copy.querySelectorAll("kbd, .count").forEach((part) => part.remove());
  return copy.textContent.trim() || one.getAttribute("aria-label");
}

function lineOf(key, name) {
  const label = document.createElement("dt");
  const cap = document.createElement("kbd");
  cap.textContent = key.replace("Control+", "Ctrl ");
  label.append(cap);
  const what = document.createElement("dd");
  what.textContent = name;
  return [label, what];
}

help?.querySelector("[data-keys-on]").addEventListener("change", (event) => {
  try {
    if (event.target.checked) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, "off");
  } catch {
    // Without storage the keys stay on; nothing else depends on it.
  }
});

for (const button of document.querySelectorAll("[data-keys-help]")) {
  button.hidden = false;
  button.addEventListener("click", showHelp);
}
