// The call page: puts its parts together. A first-level agent with a caller on the line never leaves the keyboard.
import { ArticleView } from "./call-article.js";
import { copy } from "./call-clipboard.js";
import { Contacts } from "./call-contacts.js";
import { listen } from "./call-keys.js";
import { Panels } from "./call-panels.js";
import { Saver } from "./call-save.js";
import { Search } from "./call-search.js";

const main = document.querySelector("main[data-page=call]");
const texts = JSON.parse(main.dataset.texts);
const one = (selector) => main.querySelector(selector);

const contacts = new Contacts(main, texts);
const saver = new Saver(main, contacts, texts);
const article = new ArticleView(main, contacts, saver, texts);
const search = new Search(main, contacts, saver, article, texts);
const panels = new Panels(main, contacts, saver, article, { say, closed, settle: () => search.settle() });

const actions = {
  search: () => search.focus(),
  notes: () => one("#notes").focus(),
  fresh: () => (contacts.isFull ? say(texts.full) : change(() => contacts.begin(), () => search.focus())),
  tick: () => say(article.tick()),
  copy: copyAnswer,
  mail: mailAnswer,
  flag: () => panels.open("flag"),
  ticket: () => panels.openTicket(false),
  escalate: () => panels.openTicket(true),
  end: () => panels.open("end"),
  help: () => one("[data-help]").showModal(),
  mergeBoth: () => saver.settleStale(true),
  takeTheirs: () => saver.settleStale(false),
};

main.addEventListener("click", ({ target }) => actions[target.closest("[data-do]")?.dataset.do]?.());
contacts.onChoose = (id) => change(() => contacts.choose(id));
listen({
  actions,
  open: (number) => search.openNumber(number),
  contact: (number) => contacts.at(number) && change(() => contacts.choose(contacts.at(number).id)),
  panel: (key) => panels.key(key),
  leave: (target) => panels.close() || search.leave(target) || target.blur(),
});
change(() => contacts.choose(contacts.at(1)?.id));
search.focus();

// What was searched and shown belongs to its contact: it is kept before another one takes the screen.
function change(step, then) {
  search.settle();
  panels.close();
  step();
  saver.show();
  article.clear();
  search.resume();
  say("");
  then?.();
}

function say(text, link) {
  const line = one("[data-said]");
  line.replaceChildren(text ?? "");
  if (link) line.append(" ", Object.assign(document.createElement("a"), { href: link, textContent: link.split("/").at(-1) }));
}

async function copyAnswer() {
  if (!article.shown) return say(texts.noArticle);
  const { clipping } = article.shown;
  if (!clipping) return say(texts.nothingToCopy);
  search.settle();
  if (!(await copy(clipping))) return say(texts.notCopied);
  contacts.note("copied", article.reference);
  saver.touch();
  return say(texts.copied);
}

async function mailAnswer() {
  if (!one("[data-do=mail]")) return;
  if (!article.shown) return say(texts.noArticle);
  if (!article.shown.url) return say(texts.nothingToCopy);
  const { email } = contacts.current;
  if (!email.trim()) return one("#email").focus(), say(texts.noAddress);
  search.settle();
  const { slug, lang, sentence } = article.shown;
  const extra = { slug, sentence, article_lang: lang, key: contacts.newName() };
  const { ok, data } = await saver.post(contacts.current, "/mail", extra);
  return say(ok ? texts.mailed.replace("{address}", data.mailed) : (data?.text ?? texts.notDone));
}

// A contact has ended: its place is taken by the next one, or by a new one, and the search waits for the next caller.
function closed(contact, { said, number }) {
  change(() => contacts.remove(contact), () => search.focus());
  say(texts.closed.replace("{outcome}", said), number && `/desk/tickets/${number}`);
}
