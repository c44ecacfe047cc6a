// At most three fitting articles while the description is typed, never one that was already read.
import { entries } from "./journey.js";

const PAUSE = 500; // milliseconds of silence before asking
const SHORTEST = 12; // characters; below that nothing fits reliably
const LONGEST = 400; // characters; the address must stay short
const field = document.querySelector("textarea[data-suggest]");
const panel = document.querySelector("[data-suggestions]");
const status = document.querySelector("[data-suggestions-status]");
let timer;
let request;

if (field && panel) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, PAUSE);
  });
  if (field.value.trim().length >= SHORTEST) suggest();
}

async function suggest() {
  const text = field.value.trim();
  if (text.length < SHORTEST) return;
  request?.abort();
  request = new AbortController();
  try {
    const answer = await fetch(address(text), { signal: request.signal });
    if (answer.ok) show(await answer.text());
  } catch {
    // Slow or no network, or a newer question: what is shown stays, the ticket can be sent all the same.
  }
}

function show(html) {
  panel.innerHTML = html; // our own fragment, escaped on the server
  panel.hidden = html.trim() === "";
  status.textContent = panel.querySelector("[data-status]")?.dataset.status ?? "";
}

function address(text) {
  const read = new Set(entries().filter(({ kind }) => kind === "opened" || kind === "tried").map(({ slug }) => slug));
  const query = new URLSearchParams({ q: text.slice(-LONGEST), lang: document.documentElement.lang });
  for (const slug of read) query.append("read", slug);
  return `${field.dataset.suggest}?${query}`;
}
