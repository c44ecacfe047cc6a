// The list of tickets by keyboard. Where the focus is, is where one is: on the link of a row.
import { listen } from "./desk-keys.js";

const rows = [...document.querySelectorAll("tr[data-row]")];
const link = (row) => row?.querySelector("a");

listen({
  j: () => move(1),
  k: () => move(-1),
  x: () => current()?.querySelector("input").click(),
  Enter: () => (current() ? false : rows.length > 0 && link(rows[0]).click()), // on a link the browser opens it
  "/": () => document.querySelector("#find").focus(),
});

// Back from a ticket, one is where one was; browsers do it too, but some only after a key.
if (location.hash) document.getElementById(location.hash.slice(1))?.focus();

function current() {
  return document.activeElement.closest("tr[data-row]");
}

function move(by) {
  const here = rows.indexOf(current());
  const next = here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + by));
  link(rows[next])?.focus();
}
