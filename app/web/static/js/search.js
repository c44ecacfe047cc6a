// Search while typing: a combobox whose panel is a fragment of the server. Without this file the form searches all the same.
// Words alone are looked for with every key, which is quick; what is meant is looked for when typing pauses.
import { Panel } from "./panel.js";

const QUICK = 50; // milliseconds of silence before asking for words alone
const PAUSE = 300; // milliseconds of silence before asking for what is meant
const SHORTEST = 2; // characters
const SLOW = 1000; // milliseconds until "Wird gesucht …" is shown
const form = document.querySelector("[data-search]");

if (form) start(form, form.elements.q, new Panel(form));
document.addEventListener("keydown", focusSearch);

function start(searchForm, input, panel) {
  let timers = [];
  let request;
  let answered; // the text that the panel answers

  input.addEventListener("input", () => {
    stop();
    panel.select(-1);
    if (input.value.trim().length < SHORTEST) panel.close();
    else timers = [setTimeout(ask, QUICK, true), setTimeout(ask, PAUSE, false)];
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop(); // what was closed stays closed
    panel.key(event);
  });
  input.addEventListener("focus", () => panel.reopen());
  searchForm.addEventListener("submit", stop);
  document.addEventListener("pointerdown", ({ target }) => searchForm.contains(target) || panel.close());
  searchForm.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !searchForm.contains(relatedTarget) && panel.close());

  function stop() {
    timers.forEach(clearTimeout);
    request?.abort(); // an answer to an older question is dropped
  }

  async function ask(quick) {
    request?.abort();
    const mine = (request = new AbortController());
    const text = input.value;
    const slow = setTimeout(() => answered === text || panel.say(searchForm.dataset.loading), SLOW);
    try {
      const answer = await fetch(address(searchForm, quick), { signal: mine.signal });
      if (!answer.ok) throw new Error(answer.status);
      const html = await answer.text();
      if (mine !== request || document.activeElement !== input) return;
      panel.show(html, quick);
      answered = text;
    } catch {
      if (!mine.signal.aborted && answered !== text) panel.say(searchForm.dataset.failed);
    } finally {
      clearTimeout(slow);
    }
  }
}

function address(searchForm, quick) {
  const query = new URLSearchParams(new FormData(searchForm));
  if (quick) query.set("quick", "1");
  return `/suggest?${query}`;
}

// "/" goes to the search from anywhere, but never while something is being typed.
function focusSearch(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !form) return;
  if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
  event.preventDefault();
  form.elements.q.focus();
  form.elements.q.select();
}
