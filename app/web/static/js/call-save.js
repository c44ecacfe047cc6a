// Saves contacts while they are written: a pause after each key, one request at a time, again and again until it is done.

const PAUSE = 500; // milliseconds without a key
const AGAIN = 3000; // milliseconds until the next try
const MOST_EVENTS = 100; // in one request; the server takes no more
const ASIDE = "\n\n— — —\n\n"; // between the texts of two windows

export class Saver {
  constructor(main, contacts, texts) {
    Object.assign(this, { contacts, texts, timers: new Map(), turns: new Map() });
    this.line = main.querySelector("[data-save]");
    this.stale = main.querySelector("[data-stale]");
    this.signIn = main.querySelector("[data-signin]");
    main.querySelector("[data-contact]").addEventListener("input", () => { contacts.read(); this.touch(); });
    main.querySelector("[data-contact]").addEventListener("submit", (event) => event.preventDefault());
    for (const name of ["online", "focus"]) window.addEventListener(name, () => this.retry());
    contacts.all.filter((one) => one.dirty).forEach((one) => this.plan(one, 0));
  }

  // Something of a contact is new: it is in this browser at once, and on the server soon.
  touch(contact = this.contacts.current) {
    contact.dirty = (contact.dirty ?? 0) + 1;
    this.contacts.keep(contact);
    if (contact.state !== "stale") this.mark(contact, ["saved", undefined].includes(contact.state) ? "unsaved" : contact.state);
    this.plan(contact, PAUSE);
  }

  plan(contact, pause) {
    clearTimeout(this.timers.get(contact.id));
    this.timers.set(contact.id, setTimeout(() => this.save(contact), pause));
  }

  retry() {
    this.contacts.all.filter((one) => one.dirty && one.state !== "stale").forEach((one) => this.plan(one, 0));
  }

  async save(contact) {
    if (!contact.dirty || contact.state === "stale") return undefined;
    const answer = await this.post(contact, "");
    if (!answer.ok && !contact.final && contact.state !== "stale") this.plan(contact, AGAIN);
    return answer.data;
  }

  // Sends all of a contact, and what is wanted besides. Requests of one contact go one after the other.
  post(contact, step, extra = {}) {
    const turn = (this.turns.get(contact.id) ?? Promise.resolve()).then(() => this.send(contact, step, extra));
    this.turns.set(contact.id, turn);
    return turn;
  }

  async send(contact, step, extra) {
    const written = contact.dirty ?? 0;
    const events = contact.events.slice(0, MOST_EVENTS);
    contact.turn += 1;
    try {
      const body = this.form(contact, events, extra);
      const answer = await fetch(`/desk/contacts/${contact.id}${step}?lang=${this.contacts.lang}`, { method: "POST", body });
      const data = answer.headers.get("content-type")?.includes("json") ? await answer.json() : undefined;
      if (answer.ok) this.saved(contact, written, events, data);
      else this.refused(contact, answer.status, data);
      return { ok: answer.ok, status: answer.status, data };
    } catch {
      this.mark(contact, "offline");
      this.contacts.keep(contact);
      return { ok: false, status: 0 };
    }
  }

  form(contact, events, extra) {
    const seconds = (since) => String(Math.max(0, Math.round((Date.now() - since) / 1000)));
    const { version, tab, turn, lang, caller, email, phone, notes } = contact;
    const fields = { agent: this.contacts.agent, version, tab, turn, ago: seconds(contact.begun), lang, caller, email, phone, notes, ...extra };
    const form = new URLSearchParams(fields);
    for (const { at, ...event } of events) form.append("event", JSON.stringify({ ...event, ago: seconds(at) }));
    return form;
  }

  saved(contact, written, events, data) {
    contact.version = data.version;
    contact.events = contact.events.filter((event) => !events.includes(event));
    const done = (contact.dirty ?? 0) === written && contact.events.length === 0;
    if (done) contact.dirty = 0;
    else this.plan(contact, PAUSE);
    this.mark(contact, done ? "saved" : "unsaved");
    this.contacts.settled(contact);
  }

  refused(contact, status, data) {
    if (data?.error === "stale") contact.theirs = data.contact;
    contact.final = ["ended", "agent"].includes(data?.error) || status === 404;
    if (data?.error === "ticket" || ["callback", "mail", "again"].includes(data?.error)) this.mark(contact, "saved");
    else if (data?.error === "stale") this.mark(contact, "stale");
    else if (data?.error === "notes" || status === 413) this.mark(contact, "tooLong");
    else if (status === 401) this.mark(contact, "signedOut");
    else this.mark(contact, status >= 500 ? "failed" : "refused", status === 409 ? data?.text : undefined);
    if (contact.dirty) this.contacts.keep(contact);
  }

  // The other window's text is never overwritten unseen: both are kept, or theirs is taken.
  settleStale(both) {
    const { current } = this.contacts;
    const { theirs } = current;
    if (!theirs) return;
    const mine = current.notes.trim();
    const notes = both && mine && !theirs.notes.includes(mine) ? `${theirs.notes}${ASIDE}${current.notes}` : theirs.notes;
    const fields = both ? { notes } : { notes, caller: theirs.caller, email: theirs.email, phone: theirs.phone, lang: theirs.lang };
    Object.assign(current, fields, { version: theirs.version, theirs: undefined, state: "unsaved" });
    this.contacts.choose(current.id);
    this.touch(current);
  }

  // A search is redirected to the sign-in when the session has ended, and finds again after it.
  told(signedIn) {
    const { current } = this.contacts;
    if (!signedIn) this.mark(current, "signedOut");
    else if (current.state === "signedOut") current.dirty ? this.plan(current, 0) : this.mark(current, "saved");
  }

  mark(contact, state, text = this.texts[state]) {
    Object.assign(contact, { state, said: text });
    this.show();
  }

  show() {
    const { state = "", said = "" } = this.contacts.current;
    this.stale.hidden = state !== "stale";
    this.signIn.hidden = state !== "signedOut";
    this.line.dataset.state = state;
    if (this.line.textContent !== said) this.line.textContent = said;
  }
}
