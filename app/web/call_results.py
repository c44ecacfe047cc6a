"""Call results: what is found while a caller is still talking, with the best article opened beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.articles.article import Language
from app.search.query import normalise
from app.search.ranking import Segment
from app.web.call_article import CallArticle, call_article
from app.web.searches import readable
from app.web.shelf import find_category
from app.web.snippet import Snippet, snippet_of

if TYPE_CHECKING:
    from app.search.ranking import Findings, Result
    from app.web.pages import Parts
    from app.web.reader import Reader

MOST = 9
"""Results: as many as there are keys for them."""


@dataclass(frozen=True, slots=True)
class CallHit:
    """A result as the call page lists it."""

    slug: str
    lang: Language
    title: tuple[Segment, ...]
    category: str
    heading: str
    snippet: Snippet
    sentence: str
    internal: bool
    """Whether the article is for agents only."""
    hidden: bool
    """Whether only the passage is, in an article that customers read."""


@dataclass(frozen=True, slots=True)
class CallResultsPage:
    """Results and the article that is opened by itself."""

    template: ClassVar[str] = "call_results.html"
    query: str
    hits: tuple[CallHit, ...] = ()
    article: CallArticle | None = None
    by_words_only: bool = False


def results_page(parts: Parts, reader: Reader, raw: str, lang: Language, *, quick: bool) -> CallResultsPage:
    """Return what the caller's words find, in the caller's language; `quick` looks for the words alone."""
    query = normalise(raw)
    if not readable(query):
        return CallResultsPage(query)
    found = parts.internal.suggest(query, lang, MOST, quick=quick)
    hits = tuple(_hit(parts, reader, result) for result in found.results[:MOST])
    return CallResultsPage(query, hits, _best(parts, reader, found), found.by_words_only)


def _best(parts: Parts, reader: Reader, found: Findings) -> CallArticle | None:
    if not found.results:
        return None
    first, words = found.results[0], parts.templates.words[reader.lang]
    rendered = parts.internal.index.rendered.get((first.slug, first.lang))
    return call_article(parts, words, rendered, first.answer) if rendered else None


def _hit(parts: Parts, reader: Reader, result: Result) -> CallHit:
    category = find_category(parts.internal.index, result.category)
    return CallHit(
        slug=result.slug,
        lang=result.lang,
        title=result.title,
        category=category.title.get(reader.lang, "") if category else "",
        heading=result.heading,
        snippet=snippet_of(result),
        sentence=result.answer,
        internal=result.internal,
        hidden=not result.internal and not _is_public(parts, result),
    )


def _is_public(parts: Parts, result: Result) -> bool:
    public = parts.searcher.index.rendered.get((result.slug, result.lang))
    sections = public.sections if public else ()
    return any(result.answer in block.text for section in sections for block in section.blocks)
