"""Searches: the answer to a question, while it is typed and when it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, Literal

from fastapi import APIRouter

from app.articles.article import Language
from app.search.query import MAX_CHARACTERS, normalise
from app.search.ranking import Segment
from app.web.asked import note_search
from app.web.fragment import text_fragment
from app.web.passages import Line, Remedy, passage_lines, remedy_of
from app.web.shelf import CategoryLink, category_link, category_links, find_category
from app.web.snippet import Snippet, snippet_of
from app.web.wordings import OFFERS, Wording, completions, correction, wordings

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from app.articles.article import Rendered
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
    snippet: Snippet


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
    by_words_only: bool = False
    meant: str = ""
    """The question as it was searched, where mistyped words were put right."""
    as_typed: str = ""
    """Address of the search for the words as they were typed."""
    offers: tuple[Wording, ...] = ()
    """The question with a known code in place of an unknown one."""
    wish_days: int = 0
    """For how many days somebody can wait for an article; 0 where nobody can."""


@dataclass(frozen=True, slots=True)
class SuggestPage:
    """The panel below the search box."""

    template: ClassVar[str] = "suggest.html"
    query: str
    hits: tuple[Hit, ...] = ()
    completions: tuple[Wording, ...] = ()
    correction: Wording | None = None


def router(parts: Parts) -> APIRouter:
    """Return the routes of the search."""
    routes = APIRouter()

    def search(request: Request) -> Response:
        parts.limiter.check("search", request)
        reader, asked = parts.reader(request), request.query_params
        exact = asked.get("exact") == "1"
        page = search_page(parts, reader, asked.get("q", ""), exact=exact, heard=partial(note_search, parts, request))
        return parts.show(request, page, reader=reader)

    def suggest(request: Request) -> Response:
        quick = request.query_params.get("quick") == "1"
        parts.limiter.check("typing" if quick else "search", request)
        reader = parts.reader(request)
        page = suggest_page(parts, reader, request.query_params.get("q", ""), quick=quick)
        return parts.show(request, page, reader=reader)

    routes.add_route("/search", search)
    routes.add_route("/suggest", suggest)
    return routes


def search_page(
    parts: Parts, reader: Reader, raw: str, *, exact: bool = False, heard: Callable[[Findings], None] | None = None
) -> SearchPage:
    """Return what was found for a raw question; a question without any letter or digit is not searched.

    `exact` takes the words as they were typed; `heard` is told what was found.
    """
    index, query = parts.searcher.index, normalise(raw)
    if not readable(query):
        outcome: Outcome = "unreadable" if raw.strip() else "empty"
        return SearchPage("", False, outcome, None, (), None, (), category_links(index, reader.lang))  # noqa: FBT003
    found = parts.searcher.search(query, reader.lang, exact=exact)
    if heard:
        heard(found)
    hits = _shown_hits(index, reader, found)
    answer = hits[0] if found.state == "answer" else None
    passage = passage_lines(index, found.results[0], found.meant or query) if answer else ()
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
        meant=found.meant,
        as_typed=reader.url("/search", q=query, exact=1),
        offers=wordings(reader, found.offers, OFFERS),
        wish_days=parts.wishes.keep.days if parts.wishes else 0,
    )


def suggest_page(parts: Parts, reader: Reader, raw: str, *, quick: bool = False) -> SuggestPage:
    """Return the panel for a question that is not finished yet; `quick` looks for its words alone."""
    searcher, query = parts.searcher, normalise(raw)
    if not readable(query):
        return SuggestPage(query)
    found = searcher.suggest(query, reader.lang, SUGGESTIONS, quick=quick)
    return SuggestPage(
        query=query,
        hits=_hits(searcher.index, reader, found)[:SUGGESTIONS],
        completions=completions(searcher, reader, query),
        correction=correction(searcher.index, reader, query),
    )


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


def answer_url(index: Index, reader: Reader, result: Result, query: str) -> str:
    """Return the same, opened at the sentence that answers by browsers that can."""
    edition = index.rendered.get((result.slug, result.lang))
    place = text_fragment(result.answer, _text(edition)) if edition else ""
    url = result_url(index, reader, result, query)
    return url + place if result.anchor or not place else f"{url}#{place}"


def _text(edition: Rendered) -> str:
    """Return what an article's page says, one line a paragraph."""
    lines = ((*section.headings, *(block.text for block in section.blocks)) for section in edition.sections)
    return "\n".join((edition.article.title, *chain.from_iterable(lines)))


def _shown_hits(index: Index, reader: Reader, found: Findings) -> tuple[Hit, ...]:
    most = {"answer": 1 + OTHERS, "perhaps": ALTERNATIVES, "nothing": 0}[found.state]
    return _hits(index, reader, found)[:most]


def _hits(index: Index, reader: Reader, found: Findings) -> tuple[Hit, ...]:
    return tuple(_hit(index, reader, result, found.query) for result in found.results)


def _hit(index: Index, reader: Reader, result: Result, query: str) -> Hit:
    category = find_category(index, result.category)
    return Hit(
        url=answer_url(index, reader, result, query),
        lang=result.lang,
        category=category.title[reader.lang] if category else "",
        title=result.title,
        heading=result.heading,
        snippet=snippet_of(result),
    )
