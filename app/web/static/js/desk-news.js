// What others do meanwhile is told on the open page, and nothing is changed under anybody's hands: one asks to see it.
// The same request tells that this page is open, and whether an answer has been begun in it.
const PAUSE = 12_000; // milliseconds
const box = document.querySelector("[data-news]");
const reply = document.querySelector("#reply-text");
let wasWriting = isWriting();

setInterval(() => document.visibilityState === "visible" && ask(), PAUSE);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());
// Whoever begins an answer, or empties it, is not waited for: the colleague may send at any moment.
reply?.addEventListener("input", () => isWriting() !== wasWriting && ask());
if (wasWriting) ask();

function isWriting() {
  return Boolean(reply?.value.trim());
}

async function ask() {
  wasWriting = isWriting();
  const address = box.dataset.news + (wasWriting ? "&writing=1" : "");
  const answer = await fetch(address, { redirect: "manual" }).catch(() => undefined);
  if (answer?.status === 204) return show({ writing: [], looking: [] });
  if (answer?.status !== 200) return; // no network, or signed out: the next form will tell
  const told = await answer.json();
  if (told.lines.length) tell(told.lines);
  show(told);
}

function tell(lines) {
  if (!box.hidden && same(box.querySelectorAll("li"), lines)) return;
  box.querySelector("ul").replaceChildren(...lines.map((text) => made("li", text)));
  box.hidden = false;
}

function show({ writing = [], looking = [] }) {
  for (const place of document.querySelectorAll("[data-company]")) {
    const lines = place.dataset.company === "writing" ? writing : [...writing, ...looking];
    place.hidden = lines.length === 0;
    if (!same(place.children, lines)) place.replaceChildren(...lines.map((text) => made("p", text)));
  }
}

function made(name, text) {
  return Object.assign(document.createElement(name), { textContent: text });
}

// Said once only: a screen reader would repeat it every time.
function same(items, lines) {
  return items.length === lines.length && [...items].every((item, place) => item.textContent === lines[place]);
}
