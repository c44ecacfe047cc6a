// Keeps the trail on every page. The page says what it is on <main>: data-page, data-query, data-slug, data-title.
import { drop, entries, forget, keep } from "./journey.js";

const { page, query, slug, title, fresh } = document.querySelector("main[data-page]")?.dataset ?? {};

if (page === "solved" || fresh !== undefined) forget();
if (query?.trim()) keep({ kind: "searched", text: query.trim() });
if (page === "article" && slug) watchArticle();

function watchArticle() {
  keep({ kind: "opened", slug, title });
  restoreSteps();
  document.addEventListener("change", noteStep);
  document.addEventListener("submit", noteVote);
}

// Coming back to an article shows the steps as they were left.
function restoreSteps() {
  const tried = entries().filter((entry) => entry.kind === "tried" && entry.slug === slug).map((entry) => entry.step);
  for (const box of document.querySelectorAll("li.step input[name=step]:not(:checked)")) {
    if (!tried.includes(Number(box.value))) continue;
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function noteStep({ target }) {
  if (!target.matches("li.step input[name=step]")) return;
  const text = (target.dataset.text ?? target.closest("li.step").textContent).replace(/\s+/g, " ").trim();
  const entry = { kind: "tried", slug, title, step: Number(target.value), text };
  (target.checked ? keep : drop)(entry);
}

function noteVote({ target }) {
  const vote = target.matches("form[data-feedback]") && new FormData(target).get("helpful");
  if (vote) keep({ kind: "rated", slug, title, helpful: vote === "yes" });
}
