"""History: what an article said before, for everybody who may read it now, and could then."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException

from app.articles.article import Rendered
from app.articles.comparison import compare, paragraphs_of, stretches
from app.articles.directory import directory_of
from app.articles.past import Past
from app.articles.past_reader import PastBusy
from app.articles.rendering import render_one
from app.search.index import Index
from app.web.body import article_body
from app.web.desk import DeskRoutes
from app.web.history_page import (
    ComparePage,
    HistoryPage,
    OldVersionPage,
    Side,
    Told,
    is_live,
    restoring,
    rows_of,
)
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS
from app.web.shelf import in_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from app.articles.article import Article
    from app.articles.past import Version
    from app.articles.past_reader import PastReader
    from app.desk.agent import Agent
    from app.web.pages import Parts
    from app.web.reader import Reader

KEPT = 32
"""Rendered old versions that are kept in memory."""
RENDERERS = 2
"""Old versions that are rendered at the same time."""
PATIENCE_SECONDS = 5.0
HIDDEN: Mapping[str, str] = {"X-Robots-Tag": "noindex"}
"""On every page of the past: whoever searches should find what is true today."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """The past of an article, opened for one reader."""

    told: Told
    live: Rendered
    past: Past
    index: Index


def router(parts: Parts) -> APIRouter:
    """Return the routes of the past: for customers, and below the desk for agents."""
    history, routes = _History(parts), APIRouter()
    guarded = DeskRoutes(parts, routes)
    routes.add_route("/articles/{slug}/history", history.versions)
    routes.add_route("/articles/{slug}/history/{commit}", history.version)
    routes.add_route("/articles/{slug}/compare", history.compare)
    guarded.add_route("/desk/articles/{slug}/history", history.versions)
    guarded.add_route("/desk/articles/{slug}/history/{commit}", history.version)
    guarded.add_route("/desk/articles/{slug}/compare", history.compare)
    return routes


class _History:
    """Answers the requests; without an agent only what customers may and could read is known to it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._free = threading.BoundedSemaphore(RENDERERS)
        self._rendered = lru_cache(KEPT)(self._render)

    def versions(self, request: Request, agent: Agent | None = None) -> Response:
        """Show all versions."""
        reader, opened = self._open(request, agent)
        rows = rows_of(opened.past, opened.live.article, agent)
        return self._show(request, HistoryPage(opened.told, rows, opened.past.whole), reader)

    def version(self, request: Request, agent: Agent | None = None) -> Response:
        """Show one version as it was."""
        reader, opened = self._open(request, agent)
        version, live = self._find(opened, request.path_params["commit"]), opened.live.article
        rendered = self._old(opened, version)
        page = OldVersionPage(
            told=opened.told, commit=version.short, at=version.at, title=rendered.article.title,
            body=article_body(rendered, self._parts.templates.words[reader.lang]),
            is_live=bool(opened.past.versions) and is_live(opened.past, version, live),
            restore=restoring(version, live, self._past_reader().prefix()) if agent else (),
        )  # fmt: skip
        return self._show(request, page, reader)

    def compare(self, request: Request, agent: Agent | None = None) -> Response:
        """Show what changed between two versions; no newer one stands for what is on line."""
        reader, opened = self._open(request, agent)
        older = self._find(opened, request.query_params.get("from", ""))
        named = request.query_params.get("to", "")
        newer = self._find(opened, named) if named else None
        rows = compare(
            paragraphs_of(self._old(opened, older)), paragraphs_of(self._old(opened, newer) if newer else opened.live)
        )
        page = ComparePage(
            opened.told, _side(older), _side(newer), tuple(_side(one) for one in opened.past.versions),
            stretches(rows), all(row.change == "same" for row in rows),
        )  # fmt: skip
        return self._show(request, page, reader)

    def _open(self, request: Request, agent: Agent | None) -> tuple[Reader, _Opened]:
        self._parts.limiter.check("history", request)
        reader, slug = self._parts.reader(request), request.path_params["slug"]
        index = (self._parts.internal if agent else self._parts.searcher).index
        editions = index.editions(slug)
        if not editions:
            raise HTTPException(404)
        live = in_language(editions, reader.lang)
        past = self._past(live.article, index, agent)
        return reader, _Opened(_told(live.article, agent), live, past.up_to(live.article), index)

    def _past(self, article: Article, index: Index, agent: Agent | None, commit: str = "") -> Past:
        reader = self._past_reader()
        try:
            found = reader.older(article, index.version, commit) if commit else reader.past(article, index.version)
        except PastBusy:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from None
        return found if agent else found.for_customers()

    def _past_reader(self) -> PastReader:
        if self._parts.past_reader is None:
            raise HTTPException(404)
        return self._parts.past_reader

    def _find(self, opened: _Opened, commit: str) -> Version:
        """Return the version of a commit, also one that is too old to be listed; 404 for any other."""
        found = opened.past.version(commit)
        if found is None and commit and not opened.past.whole:
            found = self._past(opened.live.article, opened.index, opened.told.agent, commit).version(commit)
        if found is None:
            raise HTTPException(404)
        return found

    def _old(self, opened: _Opened, version: Version) -> Rendered:
        rendered = self._rendered(version.article, opened.index.version, bool(opened.told.agent))
        if rendered is None:
            raise HTTPException(404)
        return rendered

    def _render(self, article: Article, _version: str, internal: bool) -> Rendered | None:  # noqa: FBT001 - a key
        """Render an old text with the links of today; None when it cannot be rendered."""
        index = (self._parts.internal if internal else self._parts.searcher).index
        directory = directory_of((row.article for row in index.rendered.values()), frozenset(index.media))
        with self._turn():
            found = render_one(article, directory)
        return found if isinstance(found, Rendered) else None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._free.acquire(timeout=PATIENCE_SECONDS):
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)})
        try:
            yield
        finally:
            self._free.release()

    def _show(self, request: Request, page: HistoryPage | OldVersionPage | ComparePage, reader: Reader) -> Response:
        headers = PRIVATE if page.told.agent else HIDDEN
        return self._parts.show(request, page, headers=headers, reader=reader)


def _told(article: Article, agent: Agent | None) -> Told:
    place = f"{'/desk' if agent else ''}/articles/{article.slug}"
    return Told(article.slug, article.lang, article.title, f"{place}/history", f"{place}/compare", agent)


def _side(version: Version | None) -> Side:
    return Side(version.short, version.at) if version else Side("", None)
