"""Call article: one article beside the call, with what to say, what to ask back, and its steps to tick."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING, ClassVar

from markupsafe import Markup

from app.articles.article import Language
from app.articles.asking import questions_of
from app.articles.due_reviews import overdue_since
from app.web.body import article_body
from app.web.call_answer import Answer, answer_of
from app.web.shelf import find_category
from app.web.words import msg

if TYPE_CHECKING:
    from app.articles.article import Rendered
    from app.web.pages import Parts
    from app.web.words import Words

MEDIA = "/desk/call/media/"
_PICTURE = re.compile(r'(<img\b[^>]*? src=")/media/')
_INTERN = '<aside class="intern">'


@dataclass(frozen=True, slots=True)
class CallArticle:
    """An article as an agent reads it."""

    slug: str
    lang: Language
    title: str
    category: str
    internal: bool
    """Whether all of it is for agents only."""
    sentence: str
    """What was found in it, to be marked."""
    answer: Answer
    url: str
    """Its public address; empty where customers cannot read it."""
    clipping: str
    """What is copied: title, passage and address; empty where nothing may be."""
    questions: tuple[str, ...]
    body: Markup
    steps: int
    overdue: date | None = None
    """The day by which it was to be reviewed, when that has passed."""
    confirmed: datetime | None = None
    """When it last helped to solve something."""
    history: str = ""
    """Address of its past; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class CallArticlePage:
    """The article alone, for the column beside the results."""

    template: ClassVar[str] = "call_article.html"
    article: CallArticle


def call_article(parts: Parts, words: Words, found: Rendered, sentence: str) -> CallArticle:
    """Return an article of the internal index, opened at a sentence."""
    article = found.article
    public = parts.searcher.index.rendered.get((article.slug, article.lang))
    url = public_url(parts, public)
    answer = answer_of(found, public, sentence)
    category = find_category(parts.internal.index, article.category)
    return CallArticle(
        slug=article.slug,
        lang=article.lang,
        title=article.title,
        category=category.title.get(words.lang, "") if category else "",
        internal=article.visibility == "internal",
        sentence=sentence,
        answer=answer,
        url=url,
        clipping=clipping(public, answer, url),
        questions=questions_of(article),
        body=for_agents(article_body(found, words), words),
        steps=len(found.steps),
        overdue=overdue_since(article, parts.clock().date()),
        confirmed=parts.confirmed.last(article.slug) if parts.confirmed else None,
        history=f"/desk/articles/{article.slug}/history?lang={article.lang}" if parts.past_reader else "",
    )


def public_url(parts: Parts, public: Rendered | None) -> str:
    """Return the address of a public edition; empty where there is none."""
    if public is None:
        return ""
    return f"{parts.site.base_url}/articles/{public.article.slug}?lang={public.article.lang}"


def clipping(public: Rendered | None, answer: Answer, url: str) -> str:
    """Return what is copied for a customer: an internal article does not even give its title away."""
    parts = (public.article.title if public else "", answer.passage, url)
    return "\n\n".join(part for part in parts if part)


def for_agents(body: Markup, words: Words) -> Markup:
    """Mark what only agents read, and let pictures be asked for behind the session: internal ones are not public.

    In sanitised HTML no attribute and no text holds a "<", so what is looked for here is always a tag.
    """
    mark = f'<p class="call-intern-mark" lang="{words.lang}">{escape(words.gettext(msg("Intern")))}</p>'
    html = _PICTURE.sub(rf"\1{MEDIA}", str(body)).replace(_INTERN, _INTERN + mark)
    return Markup(html)  # noqa: S704 - sanitised before; what is added is our own
