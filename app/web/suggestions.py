"""Suggestions: at most three passages that may make a ticket needless, never from an article already read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.articles.article import Language
from app.search.query import normalise
from app.search.ranking import Segment
from app.web.searches import answer_url, readable
from app.web.snippet import Snippet, snippet_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.search.ranking import Result
    from app.web.pages import Parts
    from app.web.reader import Reader

MOST = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article with the passage that fits."""

    slug: str
    lang: Language
    url: str
    title: tuple[Segment, ...]
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class SuggestionsPage:
    """What stands beside the description; nothing where nothing fits."""

    template: ClassVar[str] = "suggestions.html"
    suggestions: tuple[Suggestion, ...] = ()


def suggestions_page(parts: Parts, reader: Reader, raw: str, read: Collection[str]) -> SuggestionsPage:
    """Return the passages that fit a text, without the articles in `read`."""
    query = normalise(raw)
    if not readable(query):
        return SuggestionsPage()
    found = parts.searcher.passages(query, reader.lang, frozenset(read), MOST)
    results = found.results[:MOST] if found.state != "nothing" else ()
    return SuggestionsPage(tuple(_suggestion(parts, reader, result) for result in results))


def _suggestion(parts: Parts, reader: Reader, result: Result) -> Suggestion:
    url = answer_url(parts.searcher.index, reader, result, "")
    return Suggestion(result.slug, result.lang, url, result.title, snippet_of(result))
