// What others do meanwhile is told on the open page, and nothing is changed under anybody's hands: one asks to see it.
const PAUSE = 12_000; // milliseconds
const box = document.querySelector("[data-news]");

setInterval(() => document.visibilityState === "visible" && ask(), PAUSE);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());

async function ask() {
  const answer = await fetch(box.dataset.news, { redirect: "manual" }).catch(() => undefined);
  if (answer?.status !== 200) return; // nothing new, no network, or signed out: the next form will tell
  const { lines } = await answer.json();
  const items = lines.map((text) => Object.assign(document.createElement("li"), { textContent: text }));
  if (items.length === box.querySelectorAll("li").length && !box.hidden && sameText(items)) return;
  box.querySelector("ul").replaceChildren(...items);
  box.hidden = false;
}

// Said once only: a screen reader would repeat it every time.
function sameText(items) {
  return [...box.querySelectorAll("li")].every((item, place) => item.textContent === items[place].textContent);
}
