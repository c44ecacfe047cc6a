"""Gaps: the page for authors of what to write next, what they decide about it, and the same as a file."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.database import StoreUnavailable
from app.learning.gap_list import GapState, UnknownGap
from app.web.desk import DeskRoutes
from app.web.figures import BOM, harmless
from app.web.forms import PostedForm, read_form
from app.web.gaps_feed import feed, feed_address
from app.web.gaps_page import GapsPage, gaps_page, heads_of
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from app.desk.agent import Agent
    from app.learning.gap_list import GapList
    from app.web.pages import Parts

LARGEST = 2**31 - 1
"""Numbers of gaps end here; a greater one is no gap."""


def router(parts: Parts) -> APIRouter:
    """Return the routes of gaps."""
    gaps, routes = _Gaps(parts), APIRouter()
    guarded = DeskRoutes(parts, routes)

    async def decide(request: Request, agent: Agent) -> Response:
        return await run_in_threadpool(gaps.decide, request, agent, await read_form(request))

    guarded.add_route("/desk/gaps", gaps.page)
    guarded.add_route("/desk/gaps.csv", gaps.file)
    routes.add_route("/desk/gaps.xml", partial(feed, parts))
    guarded.add_route("/desk/gaps/{id}", decide, methods=("POST",))
    return routes


class _Gaps:
    """Answers the requests for gaps; it reads what was found last and computes nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def page(self, request: Request, agent: Agent) -> Response:
        """Show the gaps."""
        reader = self._parts.reader(request)
        return self._parts.show(request, self._made(request, agent), headers=PRIVATE, reader=reader)

    def file(self, request: Request, agent: Agent) -> Response:
        """Hand out the gaps that are open."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        heads = heads_of(self._parts.templates.words[self._parts.reader(request).lang])
        rows = (heads, *_rows(self._made(request, agent)))
        writer.writerows([harmless(cell) for cell in row] for row in rows)
        headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="wegweiser-gaps.csv"'}
        return Response(BOM + text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")

    def decide(self, request: Request, _agent: Agent, posted: PostedForm) -> Response:
        """Write down what was decided about a gap; doing it again, or taking it back, needs no more than another."""
        named, reader = request.path_params["id"], self._parts.reader(request)
        if not (named.isascii() and named.isdecimal()) or int(named[:11]) > LARGEST:
            raise HTTPException(404)
        if posted.one("state") not in set(GapState):
            raise HTTPException(400)
        try:
            self._list().decide(int(named), GapState(posted.one("state")))
        except UnknownGap:
            raise HTTPException(404) from None
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        return RedirectResponse(reader.url("/desk/gaps", changed=named), 303, PRIVATE)

    def _made(self, request: Request, agent: Agent) -> GapsPage:
        reader = self._parts.reader(request)
        try:
            found, address = self._list().every(), feed_address(self._parts, reader, agent)
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        words = self._parts.templates.words[reader.lang]
        page = gaps_page(agent, found, self._parts.internal.index, words, request.query_params.get("changed", ""))
        return replace(page, feed=address)

    def _list(self) -> GapList:
        if self._parts.gap_list is None:
            raise HTTPException(404)
        return self._parts.gap_list


def _rows(page: GapsPage) -> Iterator[tuple[str, ...]]:
    for row in page.open:
        nearest = ", ".join(one.title for one in row.nearest)
        yield (row.title, str(row.people), str(row.tickets), row.trend, nearest, " | ".join(row.others))
