// The panel below the search box: a listbox that the box controls (ARIA combobox pattern). The focus stays in the box.

// Where an option leads, without the place on the page.
const target = (option) => option && option.pathname + option.search;

export class Panel {
  constructor(form) {
    this.input = form.elements.q;
    this.box = form.querySelector(".search-panel");
    this.status = form.querySelector("[data-search-status]");
    this.at = -1;
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-controls": this.box.id, "aria-expanded": "false" };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
  }

  get options() {
    return [...this.box.querySelectorAll("[role=option]")];
  }

  // A quiet list is not announced: the next one comes as soon as typing pauses.
  show(html, quiet = false) {
    if (html !== this.html) this.replace(html);
    this.open(this.options.length > 0);
    if (!quiet) this.announce(this.box.querySelector("[data-status]")?.dataset.status ?? "");
  }

  // What was chosen stays chosen, wherever it now stands.
  replace(html) {
    const chosen = target(this.options[this.at]);
    const { scrollTop } = this.box;
    this.box.innerHTML = this.html = html; // our own fragment, escaped on the server
    this.box.scrollTop = scrollTop;
    this.select(this.options.findIndex((option) => target(option) === chosen));
  }

  // A listbox holds options only, so a message is no list: the role rests while one is shown.
  say(text) {
    this.box.replaceChildren(Object.assign(document.createElement("p"), { textContent: text }));
    this.html = undefined;
    this.announce(text);
    this.select(-1);
    this.open(true);
  }

  announce(text) {
    if (this.status.textContent !== text) this.status.textContent = text; // the same text would be read out again
  }

  open(visible) {
    this.box.setAttribute("role", this.options.length > 0 ? "listbox" : "presentation");
    this.box.hidden = !visible;
    this.input.setAttribute("aria-expanded", String(visible && this.options.length > 0));
  }

  close() {
    this.select(-1);
    this.open(false);
    this.announce("");
  }

  reopen() {
    if (this.options.length > 0 && this.input.value.trim()) this.open(true);
  }

  select(index) {
    this.at = index;
    this.options.forEach((option, number) => option.setAttribute("aria-selected", String(number === index)));
    const chosen = this.options[index];
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.isComposing) return;
    const { length } = this.options;
    const open = !this.box.hidden;
    const next = { ArrowDown: this.at + 1, ArrowUp: this.at < 0 ? length - 1 : this.at - 1 }[event.key];
    if (next !== undefined && length > 0) {
      event.preventDefault();
      this.open(true);
      this.select(next >= length ? -1 : next);
    } else if (event.key === "Enter" && open && this.at >= 0) {
      event.preventDefault();
      this.options[this.at].click();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      this.close();
    }
  }
}
