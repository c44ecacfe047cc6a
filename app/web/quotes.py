"""Quotes: articles that an agent can put into an answer, each as title, passage and public address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from app.web.suggestions import Suggestion, suggestions_page

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.tickets.ticket import Language
    from app.web.pages import Parts
    from app.web.reader import Reader

TEXT_FRAGMENT = ":~:"
"""What only some browsers understand of an address, and no reader of a mail."""


@dataclass(frozen=True, slots=True)
class Quote:
    """An article with the passage that fits, and what goes into the answer."""

    suggestion: Suggestion
    text: str


@dataclass(frozen=True, slots=True)
class QuotesPage:
    """What was found for an answer."""

    template: ClassVar[str] = "desk_quotes.html"
    quotes: tuple[Quote, ...]
    asked: str
    draft: str
    """Where the buttons send the answer without scripts, to have the quote put in."""


def quotes(parts: Parts, reader: Reader, lang: Language, text: str, read: Collection[str] = ()) -> tuple[Quote, ...]:
    """Return what fits a text of the public articles, for a customer who reads `lang`, without those in `read`.

    The searcher of the pages opens the public index alone: nothing internal can get into an answer this way.
    """
    customer = replace(reader, lang=lang, explicit=False)
    found = suggestions_page(parts, customer, text, read).suggestions
    return tuple(Quote(one, _quoted(parts.site.base_url, one)) for one in found)


def with_quote(text: str, quote: str) -> str:
    """Return the answer with a quote below what is written."""
    return "\n\n".join(part for part in (text.rstrip(), quote.strip()) if part)


def _quoted(base_url: str, one: Suggestion) -> str:
    title = "".join(part.text for part in one.title)
    snippet = (*one.snippet.before, *one.snippet.answer, *one.snippet.after)
    passage = "".join(part.text for part in snippet)
    address = base_url + one.url.partition(TEXT_FRAGMENT)[0].rstrip("#")
    return f"{title}\n{passage}\n{address}"
