// The keys of the ticket desk: one letter, never while something is typed; Ctrl+Enter sends the form one is in.
import { isField } from "./keys.js";

// `actions` by key; Escape leaves a field first. Each page's "?" shows its overlay.
export function listen(actions) {
  const help = document.querySelector("[data-help]");
  const known = { "?": () => help.showModal(), ...actions };
  for (const button of document.querySelectorAll("[data-do=help]")) {
    button.hidden = false;
    button.addEventListener("click", known["?"]);
  }
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || help.open) return; // the browser closes a dialog
    if (did(event, known)) event.preventDefault();
  });
}

function did(event, actions) {
  const { key, target } = event;
  if (event.altKey) return false;
  if (event.ctrlKey || event.metaKey) return key === "Enter" && !event.repeat && send(target);
  if (key === "Escape" && isField(target)) return target.blur(), true;
  if (isField(target) || (event.repeat && !"jk".includes(key))) return false;
  const act = actions[key.length === 1 ? key.toLowerCase() : key];
  return Boolean(act) && act() !== false;
}

function send(target) {
  const form = isField(target) && target.form;
  if (!form || form.method !== "post") return false;
  const button = form.querySelector("[data-send]") ?? form.querySelector("button[name=then]");
  form.requestSubmit(button ?? undefined);
  return true;
}
