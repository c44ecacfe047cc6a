// The article beside the call: the passage that answers is marked, its steps are ticked, its links stay on this screen.

const PIECES = "p, li, tr, pre, dt, dd, h2, h3, h4";

export class ArticleView {
  constructor(main, contacts, saver, texts) {
    Object.assign(this, { contacts, saver, texts });
    this.box = main.querySelector("[data-article]");
    this.empty = this.box.innerHTML;
    this.count = main.querySelector("[data-step-count]");
    this.box.addEventListener("change", ({ target }) => target.matches("input[name=step]") && this.noteStep(target));
    this.box.addEventListener("click", (event) => this.follow(event));
  }

  get shown() {
    return this.box.querySelector("article")?.dataset;
  }

  get reference() {
    return this.shown && { slug: this.shown.slug, lang: this.shown.lang, title: this.shown.title };
  }

  get steps() {
    return [...this.box.querySelectorAll("li.step input[name=step]")];
  }

  focus() {
    this.box.focus({ preventScroll: true });
  }

  clear() {
    this.loading = {}; // what is still on its way belongs to another contact
    this.box.innerHTML = this.empty; // our own template
    this.tell();
  }

  show(article) {
    const { shown } = this;
    if (shown && ["slug", "lang", "sentence"].every((name) => shown[name] === article.dataset[name])) return;
    this.box.replaceChildren(article);
    this.box.scrollTop = 0;
    this.mark(article);
    const ticked = new Set(this.contacts.current.ticked);
    for (const box of this.steps) box.checked = ticked.has(`${article.dataset.slug} ${box.value}`);
    this.tell();
  }

  async load({ slug, lang, sentence }) {
    const mine = (this.loading = {});
    const query = new URLSearchParams({ slug, in: lang, sentence, lang: this.contacts.lang });
    const answer = await fetch(`/desk/call/article?${query}`, { redirect: "manual" }).catch(() => undefined);
    if (!answer?.ok) return false;
    const template = document.createElement("template");
    template.innerHTML = await answer.text(); // our own fragment, escaped on the server
    if (mine === this.loading) this.show(template.content.querySelector("article"));
    return true;
  }

  // The innermost piece of the article in which the sentence stands.
  mark(article) {
    const { sentence } = article.dataset;
    const pieces = [...article.querySelectorAll("[data-prose] :is(" + PIECES + ")")];
    const found = pieces.findLast((piece) => sentence !== "" && textOf(piece).includes(sentence));
    found?.classList.add("is-answer");
  }

  tick() {
    if (!this.shown) return this.texts.noArticle;
    if (this.steps.length === 0) return this.texts.noSteps;
    const next = this.steps.find((box) => !box.checked);
    if (!next) return this.texts.noStep;
    next.click();
    this.steps.find((box) => !box.checked)?.closest("li").scrollIntoView({ block: "center" });
    return this.texts.ticked.replace("{n}", next.value);
  }

  noteStep(box) {
    const { current } = this.contacts;
    const place = `${this.shown.slug} ${box.value}`;
    current.ticked = current.ticked.filter((one) => one !== place).concat(box.checked ? [place] : []);
    const fields = { ...this.reference, step: Number(box.value), text: box.dataset.text ?? "" };
    this.contacts.note(box.checked ? "ticked" : "unticked", fields);
    this.saver.touch(current);
    this.tell();
  }

  tell() {
    const done = this.steps.filter((box) => box.checked).length;
    this.count.textContent = this.steps.length ? `${done}/${this.steps.length}` : "";
    const next = this.steps.find((box) => !box.checked);
    for (const box of this.steps) box.closest("li").classList.toggle("is-current", box === next);
  }

  // A link to another article opens it here, also an internal one, which has no page of its own.
  follow(event) {
    const link = event.target.closest("[data-prose] a");
    const slug = link && link.origin === location.origin && link.pathname.match(/^\/articles\/([^/]+)$/)?.[1];
    if (!slug || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.load({ slug: decodeURIComponent(slug), lang: this.shown.lang, sentence: "" });
  }
}

// Cells are parted as the search reads them; all white space is one space.
function textOf(piece) {
  const text = piece.cells ? [...piece.cells].map((cell) => cell.textContent.trim()).join(" · ") : piece.textContent;
  return text.replace(/\s+/g, " ");
}
