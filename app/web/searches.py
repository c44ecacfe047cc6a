"""Searches: the answer to a question, while it is typed and when it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from fastapi import APIRouter

from app.articles.article import Language
from app.search.query import MAX_CHARACTERS, normalise
from app.search.ranking import Segment
from app.web.passages import Line, Remedy, passage_lines, remedy_of
from app.web.shelf import CategoryLink, category_link, category_links, find_category

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.search.index import Index
    from app.search.ranking import Findings, Result
    from app.web.pages import Parts
    from app.web.reader import Reader

ALTERNATIVES = 3
"""Results offered with "Meinen Sie …?"."""
OTHERS = 4
"""Further results in one line each below an answer."""
SUGGESTIONS = 5
NEAREST = 3
"""Categories offered when nothing fits."""

Outcome = Literal["empty", "unreadable", "answer", "perhaps", "nothing"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A result as a page shows it."""

    url: str
    lang: Language
    category: str
    title: tuple[Segment, ...]
    heading: str
    snippet: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One answer opened on its passage, or alternatives, or the plain word that nothing fits."""

    template: ClassVar[str] = "search.html"
    query: str
    shortened: bool
    """True when the question was longer than we search with."""
    outcome: Outcome
    answer: Hit | None
    passage: tuple[Line, ...]
    remedy: Remedy | None
    hits: tuple[Hit, ...]
    categories: tuple[CategoryLink, ...]
    by_words_only: bool


@dataclass(frozen=True, slots=True)
class SuggestPage:
    """The panel below the search box."""

    template: ClassVar[str] = "suggest.html"
    query: str
    hits: tuple[Hit, ...]


def router(parts: Parts) -> APIRouter:
    """Return the routes of the search."""
    routes = APIRouter()

    def search(request: Request) -> Response:
        parts.limiter.check("search", request)
        reader = parts.reader(request)
        return parts.show(request, search_page(parts, reader, request.query_params.get("q", "")), reader=reader)

    def suggest(request: Request) -> Response:
        parts.limiter.check("search", request)
        reader = parts.reader(request)
        return parts.show(request, suggest_page(parts, reader, request.query_params.get("q", "")), reader=reader)

    routes.add_route("/search", search)
    routes.add_route("/suggest", suggest)
    return routes


def search_page(parts: Parts, reader: Reader, raw: str) -> SearchPage:
    """Return what was found for a raw question; a question without any letter or digit is not searched."""
    index, query = parts.searcher.index, normalise(raw)
    if not readable(query):
        outcome: Outcome = "unreadable" if raw.strip() else "empty"
        return SearchPage("", False, outcome, None, (), None, (), category_links(index, reader.lang), False)  # noqa: FBT003
    found = parts.searcher.search(query, reader.lang)
    hits = _shown_hits(index, reader, found)
    answer = hits[0] if found.state == "answer" else None
    passage = passage_lines(index, found.results[0], query) if answer else ()
    return SearchPage(
        query=query,
        shortened=len(raw.strip()) > MAX_CHARACTERS,
        outcome=found.state,
        answer=answer,
        passage=passage,
        remedy=remedy_of(index, found.results[0], passage) if answer else None,
        hits=hits[1:] if answer else hits,
        categories=nearest_categories(index, found, reader.lang) if found.state == "nothing" else (),
        by_words_only=found.by_words_only,
    )


def suggest_page(parts: Parts, reader: Reader, raw: str) -> SuggestPage:
    """Return the panel for a question that is not finished yet."""
    query = normalise(raw)
    if not readable(query):
        return SuggestPage(query, ())
    found = parts.searcher.suggest(query, reader.lang, SUGGESTIONS)
    return SuggestPage(query, _hits(parts.searcher.index, reader, found)[:SUGGESTIONS])


def readable(query: str) -> bool:
    """Return whether there is anything to look for: signs and emoji alone are not."""
    return any(sign.isalnum() for sign in query)


def nearest_categories(index: Index, found: Findings, lang: Language) -> tuple[CategoryLink, ...]:
    """Return the categories nearest to a question nothing answers, or all when not even that is known."""
    slugs = dict.fromkeys(result.category for result in found.results)
    categories = [category for slug in slugs if (category := find_category(index, slug))][:NEAREST]
    return tuple(category_link(index, category, lang) for category in categories) or category_links(index, lang)


def result_url(index: Index, reader: Reader, result: Result, query: str) -> str:
    """Return the address of a result's passage; the language is named where the reader would get another edition."""
    editions = {edition.article.lang for edition in index.editions(result.slug)}
    lang = result.lang if reader.lang in editions and result.lang != reader.lang else None
    chosen = {"lang": lang} if lang else {}
    return reader.url(f"/articles/{result.slug}", result.anchor, q=query, **chosen)


def _shown_hits(index: Index, reader: Reader, found: Findings) -> tuple[Hit, ...]:
    most = {"answer": 1 + OTHERS, "perhaps": ALTERNATIVES, "nothing": 0}[found.state]
    return _hits(index, reader, found)[:most]


def _hits(index: Index, reader: Reader, found: Findings) -> tuple[Hit, ...]:
    return tuple(_hit(index, reader, result, found.query) for result in found.results)


def _hit(index: Index, reader: Reader, result: Result, query: str) -> Hit:
    category = find_category(index, result.category)
    return Hit(
        url=result_url(index, reader, result, query),
        lang=result.lang,
        category=category.title[reader.lang] if category else "",
        title=result.title,
        heading=result.heading,
        snippet=result.snippet,
    )
