// Searches while an agent types what the caller says: words alone with every key, meaning when typing pauses.

const QUICK = 40; // milliseconds of silence before asking for words alone
const PAUSE = 300; // milliseconds of silence before asking for what is meant
const SETTLED = 1500; // milliseconds after which a search was meant, and an article was read
const SHORTEST = 2; // characters

export class Search {
  constructor(main, contacts, saver, article, texts) {
    Object.assign(this, { contacts, saver, article, texts, timers: [] });
    this.form = main.querySelector("[data-call-search]");
    this.input = this.form.elements.q;
    this.list = main.querySelector("[data-list]");
    this.empty = this.list.innerHTML;
    this.status = main.querySelector("[data-search-status]");
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.arrows(event));
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.settle(); this.article.focus(); });
    this.list.addEventListener("click", ({ target }) => this.open(target.closest("[data-hit]")));
    main.querySelector("#contact-lang").addEventListener("change", () => this.typed());
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  leave(target) {
    if (target !== this.input) return false;
    this.article.focus();
    return true;
  }

  typed() {
    this.stop();
    this.chosen = undefined;
    this.contacts.current.query = this.input.value;
    if (this.input.value.trim().length < SHORTEST) return this.list.innerHTML = this.empty;
    this.timers = [setTimeout(() => this.ask(true), QUICK), setTimeout(() => this.ask(false), PAUSE), setTimeout(() => this.settle(), SETTLED)];
  }

  // Shows what a contact searched last, and the article that was open.
  resume() {
    this.stop();
    const { query, slug, slugLang } = this.contacts.current;
    this.input.value = query;
    this.list.innerHTML = this.empty; // our own template
    this.chosen = slug || undefined;
    if (slug) this.article.load({ slug, lang: slugLang, sentence: "" });
    if (query.trim().length >= SHORTEST) this.ask(false);
  }

  stop() {
    this.timers.forEach(clearTimeout);
    this.request?.abort(); // an answer to an older question is dropped
  }

  async ask(quick) {
    this.request?.abort();
    const mine = (this.request = new AbortController());
    const query = new URLSearchParams({ q: this.input.value, in: this.contacts.current.lang, lang: this.contacts.lang });
    if (quick) query.set("quick", "1");
    try {
      const answer = await fetch(`/desk/call/results?${query}`, { signal: mine.signal, redirect: "manual" });
      this.saver.told(answer.type !== "opaqueredirect");
      if (!answer.ok) throw new Error(answer.status);
      const html = await answer.text();
      if (mine === this.request && !mine.signal.aborted) this.show(html, quick);
    } catch {
      if (!mine.signal.aborted) this.status.textContent = this.texts.searchFailed;
    }
  }

  show(html, quick) {
    const template = document.createElement("template");
    template.innerHTML = html; // our own fragment, escaped on the server
    const results = template.content.querySelector("[data-results]");
    const best = template.content.querySelector("article");
    const found = results.querySelectorAll("[data-hit]").length;
    this.list.replaceChildren(found ? results : Object.assign(document.createElement("p"), { className: "call-empty", textContent: this.texts.nothing }));
    if (best && !this.chosen) this.article.show(best);
    this.point();
    if (!quick) this.status.textContent = `${results.dataset.status}. ${best ? this.texts.opened.replace("{title}", best.dataset.title) : ""}`;
  }

  get hits() {
    return [...this.list.querySelectorAll("[data-hit]")];
  }

  openNumber(number) {
    this.open(this.hits[number - 1]);
  }

  open(hit) {
    if (!hit) return;
    const { slug, lang, sentence } = hit.dataset;
    this.chosen = slug;
    this.article.load({ slug, lang, sentence }).then(() => { this.point(); this.settle(); });
  }

  arrows(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey || this.hits.length === 0) return;
    event.preventDefault();
    const at = this.hits.findIndex((hit) => hit.dataset.slug === this.article.shown?.slug);
    this.open(this.hits[Math.min(this.hits.length - 1, Math.max(0, at + step))]);
  }

  point() {
    for (const hit of this.hits) {
      if (hit.dataset.slug === this.article.shown?.slug) hit.setAttribute("aria-current", "true");
      else hit.removeAttribute("aria-current");
    }
  }

  // Half a word was never searched, and an article that flashed by was never opened: only what stood still counts.
  settle() {
    const { current } = this.contacts;
    if (!current) return;
    const text = current.query.trim();
    if (text.length >= SHORTEST && text !== current.searched) this.note(current, "searched", { text }, { searched: text });
    const { reference } = this.article;
    if (reference && reference.slug !== current.slug) {
      this.note(current, "opened", reference, { slug: reference.slug, slugLang: reference.lang });
    }
  }

  note(current, kind, fields, known) {
    Object.assign(current, known);
    this.contacts.note(kind, fields);
    this.saver.touch(current);
  }
}
