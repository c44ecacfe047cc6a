// The open contacts: what is written, what happened, and which one is on the screen.
import { drop, keep, kept } from "./call-buffer.js";

const MOST = 9; // contacts: as many as there are keys for them
const LONGEST = 300; // characters of a text of an event; the server cuts longer ones
const FIELDS = ["caller", "phone", "email", "lang", "notes"];

export class Contacts {
  constructor(main, texts) {
    const { agent, lang, contacts } = main.dataset;
    Object.assign(this, { agent, lang, texts, form: main.querySelector("[data-contact]") });
    this.list = main.querySelector("[data-contact-list]");
    this.all = joined(JSON.parse(contacts).map((one) => this.fromServer(one)), kept(agent));
    if (this.all.length === 0) this.all = [this.fresh()];
    this.list.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.onChoose(button.dataset.id);
    });
    setInterval(() => this.tellTime(), 1000);
  }

  get isFull() {
    return this.all.length >= MOST;
  }

  at(number) {
    return this.all[number - 1];
  }

  // 24 random letters: they name a contact, an event or a window, and nobody guesses them.
  newName() {
    const bytes = crypto.getRandomValues(new Uint8Array(18));
    return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
  }

  fresh() {
    const empty = { caller: "", phone: "", email: "", notes: "", query: "", slug: "", slugLang: "", ticked: [], events: [] };
    return { ...empty, id: this.newName(), lang: this.lang, version: 0, tab: this.newName(), turn: 0, begun: Date.now() };
  }

  fromServer({ age, ...known }) {
    return { ...known, searched: known.query, events: [], tab: this.newName(), turn: 0, begun: Date.now() - age * 1000 };
  }

  begin() {
    this.all.push(this.fresh());
    this.choose(this.all.at(-1).id);
  }

  choose(id) {
    this.current = this.all.find((one) => one.id === id) ?? this.all[0];
    for (const name of FIELDS) this.form.elements[name].value = this.current[name];
    this.render();
  }

  remove(contact) {
    drop(this.agent, contact);
    this.all = this.all.filter((one) => one !== contact);
    if (this.all.length === 0) this.all = [this.fresh()];
    this.choose(this.all[0].id);
  }

  read() {
    for (const name of FIELDS) this.current[name] = this.form.elements[name].value;
    this.render();
  }

  note(kind, fields) {
    const short = Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? value.slice(0, LONGEST) : value]);
    this.current.events.push({ key: this.newName(), kind, at: Date.now(), ...Object.fromEntries(short) });
  }

  keep(contact) {
    keep(this.agent, contact);
  }

  settled(contact) {
    if (contact.dirty || contact.draft) keep(this.agent, contact);
    else drop(this.agent, contact);
  }

  render() {
    const buttons = this.all.map((one, index) => this.button(one, index));
    this.list.replaceChildren(...buttons.map((button) => wrap(button)));
    this.tellTime();
  }

  button(contact, index) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "call-chip" });
    button.dataset.id = contact.id;
    if (contact === this.current) button.setAttribute("aria-current", "true");
    button.append(element("kbd", index < MOST ? `Alt ${index + 1}` : ""), element("span", this.title(contact)), element("time", ""));
    return button;
  }

  title(contact) {
    return contact.caller.trim() || contact.notes.trim().split("\n")[0] || contact.query || this.texts.fresh;
  }

  tellTime() {
    const times = this.list.querySelectorAll("time");
    this.all.forEach((one, index) => { times[index].textContent = clock(Date.now() - one.begun); });
  }
}

// What this browser had not sent yet is newer than what the server knows.
function joined(known, unsent) {
  const bySelf = new Map(unsent.map((one) => [one.id, one]));
  const merged = known.map((one) => newer(one, bySelf.get(one.id)));
  const ids = new Set(known.map((one) => one.id));
  return [...merged, ...unsent.filter((one) => one.dirty && !ids.has(one.id))].sort((a, b) => a.begun - b.begun);
}

function newer(known, unsent) {
  if (!unsent) return known;
  return unsent.dirty ? unsent : { ...known, draft: unsent.draft };
}

function wrap(button) {
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function element(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}

function clock(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const end = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${end}` : `${minutes}:${end}`;
}
