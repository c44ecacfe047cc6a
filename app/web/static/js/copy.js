// Copy buttons: one on each piece of code, and one for the address of a search.
const SHOWN = 2000; // milliseconds for which "Kopiert" stands on the button

if (navigator.clipboard) {
  const { copy, copied } = document.querySelector("main").dataset;
  for (const code of document.querySelectorAll("[data-prose] pre")) addButton(code, copy, copied);
  for (const button of document.querySelectorAll("[data-copy-link]")) offerLink(button);
}

function addButton(pre, copy, copied) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "copy", textContent: copy });
  const frame = Object.assign(document.createElement("div"), { className: "code" });
  pre.replaceWith(frame);
  frame.append(pre, button);
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", () => put(pre.textContent.trimEnd(), button, copied));
}

function offerLink(button) {
  const label = button.querySelector("span");
  button.hidden = false;
  label.setAttribute("aria-live", "polite");
  button.addEventListener("click", () => put(location.href, label, button.dataset.copied));
}

async function put(text, label, done) {
  const before = label.textContent;
  if (before === done) return;
  await navigator.clipboard.writeText(text);
  label.textContent = done;
  setTimeout(() => { label.textContent = before; }, SHOWN);
}
