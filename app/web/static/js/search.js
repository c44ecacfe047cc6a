// Search while typing: a combobox whose panel is a fragment of the server. Without this file the form searches all the same.
import { Panel } from "./panel.js";

const PAUSE = 150; // milliseconds of silence before asking
const SHORTEST = 2; // characters
const SLOW = 1000; // milliseconds until "Wird gesucht …" is shown
const form = document.querySelector("[data-search]");

if (form) start(form, form.elements.q, new Panel(form));
document.addEventListener("keydown", focusSearch);

function start(searchForm, input, panel) {
  let timer;
  let request;

  input.addEventListener("input", () => {
    clearTimeout(timer);
    request?.abort(); // an answer to an older question is dropped
    if (input.value.trim().length < SHORTEST) panel.close();
    else timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => panel.key(event));
  input.addEventListener("focus", () => panel.reopen());
  searchForm.addEventListener("submit", () => request?.abort());
  document.addEventListener("pointerdown", ({ target }) => searchForm.contains(target) || panel.close());
  searchForm.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !searchForm.contains(relatedTarget) && panel.close());

  async function ask() {
    const mine = (request = new AbortController());
    const slow = setTimeout(() => panel.say(searchForm.dataset.loading), SLOW);
    try {
      const answer = await fetch(`/suggest?${new URLSearchParams(new FormData(searchForm))}`, { signal: mine.signal });
      if (!answer.ok) throw new Error(answer.status);
      const html = await answer.text();
      if (mine === request && document.activeElement === input) panel.show(html);
    } catch {
      if (!mine.signal.aborted) panel.say(searchForm.dataset.failed);
    } finally {
      clearTimeout(slow);
    }
  }
}

// "/" goes to the search from anywhere, but never while something is being typed.
function focusSearch(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !form) return;
  if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
  event.preventDefault();
  form.elements.q.focus();
  form.elements.q.select();
}
