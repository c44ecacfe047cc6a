// Articles for an answer: found while the agent types, inserted where the cursor stands. Without this file the same
// buttons send the form, and it comes back with what they do.
const PAUSE = 250; // milliseconds of silence before asking
const form = document.querySelector("form[data-reply]");
const text = form?.elements.text;
const find = form?.querySelector("[data-find]");
const found = form?.querySelector("[data-found]");
let timer;
let request;

if (form) {
  find.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(timer);
    search();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-insert]");
    if (!button) return;
    event.preventDefault();
    insert(button.value);
  });
}

async function search() {
  request?.abort();
  request = new AbortController();
  const query = new URLSearchParams({ q: find.value.trim(), lang: document.documentElement.lang });
  try {
    const answer = await fetch(`${form.dataset.articles.split("?")[0]}?${query}`, { signal: request.signal });
    if (answer.ok) found.innerHTML = await answer.text(); // our own fragment, escaped on the server
  } catch {
    // Slow or no network, or a newer question: what is shown stays, and the button searches all the same.
  }
}

function insert(quote) {
  const before = text.value.slice(0, text.selectionEnd).trimEnd();
  const after = text.value.slice(text.selectionEnd).trimStart();
  text.value = [before, quote, after].filter(Boolean).join("\n\n");
  text.focus();
  const end = [before, quote].filter(Boolean).join("\n\n").length;
  text.setSelectionRange(end, end);
}
