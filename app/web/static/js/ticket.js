// The ticket forms: a draft survives a reload or an expired session, a second click sends nothing twice.
// Without this file the forms work the same, only without these comforts.
import { draft, forgetDraft, keepDraft } from "./draft.js";

const NEAR = 0.1; // share of the allowed length that is left when the counter shows
const form = document.querySelector("form[data-draft]");
const { page, fresh } = document.querySelector("main[data-page]")?.dataset ?? {};

if (page === "solved" || fresh !== undefined) forgetDraft("ticket");
if (form) startForm(form.dataset.draft);
document.querySelector("[data-error-summary]")?.focus();
for (const button of document.querySelectorAll("button[data-copy]")) offerCopy(button);

function startForm(name) {
  if (isSent(draft(name).text)) forgetDraft(name);
  if (!("posted" in form.dataset)) restore(draft(name));
  form.addEventListener("input", ({ target }) => {
    if (target.matches("[data-keep]")) keepDraft(name, { ...draft(name), [target.name]: target.value });
    if (target.matches("textarea[data-most]")) count(target);
  });
  form.addEventListener("submit", sendOnce);
  window.addEventListener("pageshow", allowSending);
  form.querySelectorAll("textarea[data-most]").forEach(count);
}

function restore(fields) {
  for (const [name, value] of Object.entries(fields)) {
    if (form.elements[name]) form.elements[name].value = value;
  }
}

// A message that stands on the page has arrived: only then its draft may go.
function isSent(text) {
  const plain = (words) => words.replace(/\s+/g, " ").trim();
  return [...document.querySelectorAll(".message-text")].some((shown) => text && plain(shown.textContent) === plain(text));
}

function sendOnce(event) {
  if (event.defaultPrevented) return;
  if ("sending" in form.dataset) event.preventDefault();
  showSending(true);
}

function allowSending() {
  showSending(false);
}

function showSending(sending) {
  form.toggleAttribute("data-sending", sending);
  form.querySelector("button[data-send]").setAttribute("aria-disabled", String(sending));
  form.querySelector("[data-send-note]").hidden = !sending;
}

function count(field) {
  const most = Number(field.dataset.most);
  const left = most - [...field.value].length;
  const note = document.getElementById(`${field.id}-count`);
  const text = left < 0 ? field.dataset.over : field.dataset.left;
  note.hidden = left > most * NEAR;
  note.textContent = text.replace("{n}", Math.abs(left).toLocaleString(document.documentElement.lang));
  note.classList.toggle("is-over", left < 0);
}

function offerCopy(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const address = document.getElementById("address");
    address.select();
    if (navigator.clipboard) await navigator.clipboard.writeText(address.value);
    else document.execCommand("copy"); // over plain HTTP there is no other way
    button.textContent = button.dataset.copy;
  });
}
