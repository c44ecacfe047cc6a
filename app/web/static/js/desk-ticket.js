// A ticket by keyboard. What is written and not sent yet comes back when one comes back.
import { keepDraft, draft } from "./draft.js";
import { listen } from "./desk-keys.js";

const main = document.querySelector("main[data-page=desk-ticket]");
const one = (selector) => main.querySelector(selector);
const boxes = [...main.querySelectorAll("textarea")];
const name = `desk.${main.dataset.agent}.${main.dataset.number}`;

restore();
for (const box of boxes) box.addEventListener("input", keep);
listen({
  r: () => go("#reply-text"),
  n: () => go("#text"),
  e: () => (one("[data-article]") ? one("[data-article]").click() : hand()),
  t: () => one("[data-take]")?.requestSubmit(),
  d: () => go("[data-alike] button"),
  "/": () => go("[data-find]"),
  j: () => one("a[rel=next]")?.click(),
  k: () => one("a[rel=prev]")?.click(),
  Escape: () => one("[data-back]").click(),
});

function go(selector) {
  one(selector)?.focus();
}

function hand() {
  const box = one("[data-hand]");
  if (!box) return false;
  box.open = true;
  go("#summary");
}

function keep() {
  const written = boxes.filter((box) => box.value !== box.defaultValue).map((box) => [box.id, box.value]);
  keepDraft(name, Object.fromEntries(written));
}

// A text that stands in the ticket by now has been sent; one that came back in its box is there already.
function restore() {
  const said = new Set([...main.querySelectorAll(".message-text")].map((text) => plain(text.textContent)));
  for (const [id, text] of Object.entries(draft(name))) {
    const box = boxes.find((known) => known.id === id);
    if (box && !said.has(plain(text)) && (box.defaultValue === "" || id === "summary")) box.value = text;
  }
  keep();
}

function plain(text) {
  return text.replace(/\s+/g, " ").trim();
}
