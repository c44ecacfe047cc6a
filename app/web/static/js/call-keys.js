// The keys of the call page. Alone they work outside of fields; with Alt while something is typed, too.
import { isField } from "./keys.js";

const LETTERS = { s: "tick", c: "copy", m: "mail", f: "flag", n: "notes", t: "ticket", e: "escalate", x: "end" };
const SIGNS = { "/": "search", "?": "help" };

export function listen({ actions, open, contact, panel, leave }) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || !event.code || event.getModifierState("AltGraph")) return;
    if (document.querySelector("dialog[open]")) return; // the browser closes it
    const done = event.altKey ? withAlt(event) : alone(event);
    if (done) event.preventDefault();
  });

  // By its place on the keyboard: with Alt, some systems make other signs of the letters.
  function withAlt({ code, repeat }) {
    if (repeat) return false;
    const digit = code.match(/^Digit(\d)$/)?.[1];
    if (digit === "0") return did(actions.fresh());
    if (digit) return did(contact(Number(digit)));
    const letter = code.match(/^Key([A-Z])$/)?.[1].toLowerCase();
    return Boolean(letter) && (panel(letter) || act(LETTERS[letter]));
  }

  function alone({ key, target, repeat }) {
    if (key === "Escape") return did(leave(target));
    if (repeat || isField(target)) return false;
    const name = key.length === 1 ? key.toLowerCase() : key;
    if (panel(name)) return true;
    if (/^[1-9]$/.test(name)) return did(open(Number(name)));
    return act(LETTERS[name] ?? SIGNS[name]);
  }

  function act(name) {
    if (!name) return false;
    return did(actions[name]());
  }
}

function did() {
  return true;
}
