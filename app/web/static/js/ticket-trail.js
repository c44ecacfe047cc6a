// Fills "Das schicken wir mit" from the trail of this tab. An unticked entry is not sent, and stays in the list.
import { entries, hold, keep } from "./journey.js";

const list = document.querySelector("[data-trail]");

if (list) {
  for (const box of list.querySelectorAll("input[name=trail]")) keep(JSON.parse(box.value));
  if (entries().length > 0) showEntries();
  list.addEventListener("change", ({ target }) => hold(JSON.parse(target.value), !target.checked));
}

function showEntries() {
  list.replaceChildren(...entries().map((entry, index, all) => asItem(entry, all[index - 1])));
  list.hidden = false;
  document.querySelector("[data-trail-empty]")?.remove();
  document.querySelector("[data-trail-hint]")?.removeAttribute("hidden");
}

function asItem({ held, ...entry }, last) {
  const item = document.querySelector("template[data-trail-item]").content.cloneNode(true);
  const box = item.querySelector("input");
  box.value = JSON.stringify(entry);
  box.checked = !held;
  item.querySelector("[data-kind]").textContent = list.dataset[entry.kind === "rated" ? `rated${entry.helpful ? "Up" : "Down"}` : entry.kind];
  item.querySelector("[data-text]").textContent = wording(entry, last);
  return item;
}

// A step names its article only where the line before is of another one.
function wording({ kind, slug, text, title, step }, last) {
  if (kind === "searched") return text;
  if (kind !== "tried") return title;
  return `${last?.slug === slug ? "" : `${title}, `}${list.dataset.step.replace("{n}", step)}: ${text}`;
}
