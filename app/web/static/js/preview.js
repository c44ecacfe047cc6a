// Shows the file as it is soon after it was saved: what has changed on the page is exchanged, all else stays in place.
const EVERY = 500;
const main = document.querySelector("main");
const lost = document.querySelector("[data-lost-text]");
let tag = main.dataset.tag;
let busy = false;

setInterval(() => !document.hidden && look(), EVERY);
document.addEventListener("visibilitychange", () => !document.hidden && look());
document.querySelector(".preview-try").addEventListener("submit", ask);
furnish();

async function look() {
  if (busy) return;
  busy = true;
  try {
    const answer = await fetch(location.pathname + location.search, { headers: { "If-None-Match": tag }, cache: "no-store" });
    if (answer.status === 200) {
      const text = await answer.text();
      exchange(new DOMParser().parseFromString(text, "text/html"));
      tag = answer.headers.get("ETag");
    }
    say("");
  } catch {
    say(lost.dataset.lostText);
  } finally {
    busy = false;
  }
}

function exchange(fresh) {
  const { scrollX, scrollY } = window;
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!now || now.innerHTML === part.innerHTML) continue;
    part.lang = now.lang;
    part.replaceChildren(...now.childNodes);
  }
  if (document.title !== fresh.title) document.title = fresh.title;
  window.scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
}

function ask(event) {
  event.preventDefault();
  history.replaceState(null, "", `/?${new URLSearchParams(new FormData(event.target))}`);
  look();
}

function say(text) {
  if (lost.textContent !== text) lost.textContent = text;
}

function furnish() {
  const choice = document.querySelector(".preview-choice");
  const editions = document.querySelector(".preview-editions");
  choice.hidden = false;
  choice.addEventListener("click", ({ target }) => {
    const chosen = target.closest("[data-show]");
    if (!chosen) return;
    editions.dataset.shown = chosen.dataset.show;
    for (const button of choice.children) button.setAttribute("aria-pressed", String(button === chosen));
  });
}
