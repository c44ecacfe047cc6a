// What needs one more key, or a few words: how a contact ended, a ticket, a flag. A panel opens when it is asked for only.

const DRAFT = ["description", "category", "urgency", "level", "summary"];

export class Panels {
  constructor(main, contacts, saver, article, { say, closed, settle }) {
    Object.assign(this, { main, contacts, saver, article, say, closed, settle });
    this.texts = contacts.texts;
    this.all = [...main.querySelectorAll("[data-panel]")];
    this.ticket = this.panel("ticket");
    main.addEventListener("click", ({ target }) => this.choose(target.closest("[data-choice]")));
    this.ticket.addEventListener("input", () => this.keepDraft());
    this.ticket.addEventListener("submit", (event) => this.sendTicket(event));
    this.panel("callback").addEventListener("submit", (event) => this.sendCallback(event));
  }

  panel(name) {
    return this.all.find((one) => one.dataset.panel === name);
  }

  get shown() {
    return this.all.find((one) => !one.hidden);
  }

  open(name) {
    const before = this.shown ? this.before : document.activeElement;
    this.close(false);
    this.settle(); // what follows is about what was searched and read
    this.before = before;
    const panel = this.panel(name);
    panel.hidden = false;
    panel.scrollIntoView({ block: "nearest" });
    (panel.querySelector(".call-choices button") ?? panel.querySelector("input, textarea, select")).focus();
  }

  // Returns whether something was there to be closed.
  close(back = true) {
    const { shown } = this;
    if (!shown) return false;
    shown.hidden = true;
    if (back) (this.before?.isConnected ? this.before : this.article.box).focus();
    return true;
  }

  key(key) {
    const button = this.shown && [...this.shown.querySelectorAll("[data-choice]")].find((one) => one.dataset.choice === key);
    button?.click();
    return Boolean(button);
  }

  choose(button) {
    if (!button) return;
    const { panel } = button.closest("[data-panel]").dataset;
    const { choice } = button.dataset;
    if (choice === "Escape") this.close();
    else if (panel === "flag") this.flag(choice);
    else ({ s: () => this.end({ outcome: "solved" }), t: () => this.openTicket(false), e: () => this.openTicket(true), r: () => this.openCallback() })[choice]();
  }

  flag(choice) {
    const box = this.main.querySelector("#flag-note");
    const words = this.contacts.current.query.trim();
    const { reference } = this.article;
    if (choice === "w" && !reference) return this.say(this.texts.noArticle);
    if (choice === "w") this.contacts.note("wrong", { ...reference, text: box.value, words });
    else this.contacts.note("missing", { text: box.value, words });
    box.value = "";
    this.saver.touch();
    this.close();
    return this.say(this.texts.flagged);
  }

  openCallback() {
    const soon = new Date(Date.now() + 3600_000 - new Date().getTimezoneOffset() * 60_000);
    this.main.querySelector("#callback").value = soon.toISOString().slice(0, 16);
    this.open("callback");
  }

  // The boxes begin with what the contact holds; what was already written in them stays.
  async openTicket(higher) {
    for (const one of this.ticket.querySelectorAll("[data-escalate]")) one.hidden = !higher;
    for (const one of this.ticket.querySelectorAll("[data-ticket]")) one.hidden = higher;
    this.higher = higher;
    this.settle();
    this.fail(this.ticket, "");
    const { current } = this.contacts;
    this.fill(current.draft ?? { description: current.notes, urgency: "normal" });
    this.open("ticket");
    if (current.draft?.summary) return;
    const { ok, data } = await this.saver.post(current, "");
    if (ok && current === this.contacts.current && !current.draft) this.fill({ category: data.category, summary: data.summary });
  }

  fill(values) {
    for (const name of DRAFT) if (values[name] !== undefined) this.ticket.elements[name].value = values[name];
  }

  keepDraft() {
    const { current } = this.contacts;
    current.draft = Object.fromEntries(DRAFT.map((name) => [name, this.ticket.elements[name].value]));
    this.contacts.keep(current);
  }

  async sendTicket(event) {
    event.preventDefault();
    const { level, summary, ...plain } = Object.fromEntries(DRAFT.map((name) => [name, this.ticket.elements[name].value]));
    await this.send(this.ticket, "/ticket", this.higher ? { ...plain, level, summary } : plain);
  }

  sendCallback(event) {
    event.preventDefault();
    const due = new Date(this.main.querySelector("#callback").value); // as the clock of this browser has it
    return this.end({ outcome: "callback", callback: Number.isNaN(due.valueOf()) ? "" : due.toISOString() });
  }

  end(fields) {
    return this.send(this.shown, "/end", fields);
  }

  async send(panel, step, fields) {
    const { current } = this.contacts;
    if (this.sending) return;
    this.sending = true;
    const { ok, data } = await this.saver.post(current, step, fields).finally(() => { this.sending = false; });
    if (ok) this.closed(current, data);
    else this.fail(panel, Object.values(data?.faults ?? {}).join(" ") || (data?.text ?? this.texts.notDone), data?.faults);
  }

  fail(panel, text, faults = {}) {
    const line = panel.querySelector("[data-error]");
    if (line) line.textContent = text;
    else this.say(text);
    const field = Object.keys(faults)[0];
    if (field) this.main.querySelector(`#${{ name: "caller" }[field] ?? field}`)?.focus();
  }
}
