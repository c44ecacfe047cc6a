// The trail of this tab: what was searched, opened, tried and rated, oldest first, kept in sessionStorage only.
// Nothing of it leaves the browser before somebody presses "Ticket absenden", and a page without storage still works.

const KEY = "wegweiser.trail";
const MOST = 50; // entries; the server reads no more
const LONGEST = 300; // characters of one text; the server refuses longer ones

export function entries() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

export function keep(whole) {
  const entry = shorten(whole);
  if (entries().some((other) => same(other, entry))) return;
  const others = entries().filter((other) => !replaces(entry, other));
  store([...others, entry].slice(-MOST));
}

export function drop(entry) {
  store(entries().filter((other) => !same(other, entry)));
}

// An entry that was unticked in the ticket form stays in the list, so that it can be ticked again.
export function hold(entry, held) {
  store(entries().map((other) => (same(other, entry) ? { ...other, held } : other)));
}

export function forget() {
  store([]);
}

export function same(one, other) {
  return ["kind", "slug", "step", "helpful"].every((name) => one[name] === other[name])
    && (one.kind !== "searched" || one.text === other.text);
}

// A second vote on an article takes the place of the first.
function replaces(entry, other) {
  return entry.kind === "rated" && other.kind === "rated" && entry.slug === other.slug;
}

function shorten(entry) {
  const cut = (value) => (typeof value === "string" ? [...value].slice(0, LONGEST).join("") : value);
  return Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, cut(value)]));
}

function store(list) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(list));
  } catch {
    // Full or forbidden storage: the form then holds only what its address says.
  }
}
