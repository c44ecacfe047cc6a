"""Translations: the page for authors of what to translate next, by use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException

from app.articles.article import LANGUAGES
from app.database import StoreUnavailable
from app.web.desk import DeskRoutes
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS
from app.web.translations_page import DAYS, Behind, Missing, TranslationsPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from app.articles.lags import Edition, Lag
    from app.desk.agent import Agent
    from app.search.index import Index
    from app.web.pages import Parts

    Uses = Mapping[tuple[str, str], int]


def router(parts: Parts) -> APIRouter:
    """Return the route of translations."""
    routes = APIRouter()

    def page(request: Request, agent: Agent) -> Response:
        reader, index = parts.reader(request), parts.internal.index
        try:
            uses = parts.tally.uses(reader.now - timedelta(days=DAYS))
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        behind = tuple(sorted(_behind(lags_of(parts, index), uses), key=_by_use))
        missing = tuple(sorted(_missing(index, uses), key=_by_use))
        made = TranslationsPage(agent, behind, missing, parts.past_reader is not None)
        return parts.show(request, made, headers=PRIVATE, reader=reader)

    DeskRoutes(parts, routes).add_route("/desk/translations", page)
    return routes


def lags_of(parts: Parts, index: Index) -> Mapping[Edition, Lag]:
    """Return which translations fell behind, for agents; the first to ask for a version waits for git."""
    if parts.past_reader is None:
        return {}
    return parts.past_reader.lags.find(index.version, (row.article for row in index.rendered.values()), internal=True)


def _behind(lags: Mapping[Edition, Lag], uses: Uses) -> Iterator[Behind]:
    for (slug, lang), lag in lags.items():
        query = urlencode({"lang": lag.original.lang, "from": lag.since})
        yield Behind(
            slug=slug, title=lag.original.title, lang=lag.original.lang, into=lang, uses=_used(uses, slug),
            changed=lag.changed, paragraphs=lag.paragraphs, more=max(0, lag.count - len(lag.paragraphs)),
            url=f"/desk/articles/{slug}/compare?{query}",
        )  # fmt: skip


def _missing(index: Index, uses: Uses) -> Iterator[Missing]:
    for slug in {slug for slug, _ in index.rendered}:
        editions = index.editions(slug)
        spoken = {row.article.lang for row in editions}
        first = editions[0].article
        yield from (
            Missing(slug, first.title, first.lang, lang, _used(uses, slug), first.visibility == "internal")
            for lang in LANGUAGES if lang not in spoken
        )  # fmt: skip


def _used(uses: Uses, slug: str) -> int:
    return sum(uses.get((slug, lang), 0) for lang in LANGUAGES)


def _by_use(row: Behind | Missing) -> tuple[int, str, str]:
    return -row.uses, row.title.casefold(), row.slug
