"""Desk news: tells an open page what others have done meanwhile; an unchanged one is told nothing, with 204."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from starlette.responses import JSONResponse, Response

from app.database import StoreUnavailable
from app.tickets.queue import UnknownQueue
from app.tickets.store import UnknownTicket
from app.web.desk import DeskRoutes
from app.web.desk_presence import company_of
from app.web.desk_ticket import news_lines
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.desk.agent import Agent
    from app.web.pages import Parts

MAX_VERSION = 9  # digits


def router(parts: Parts) -> APIRouter:
    """Return the routes that open pages of the desk ask every few seconds."""
    news, routes = _News(parts), APIRouter()
    guarded = DeskRoutes(parts, routes)
    guarded.add_route("/desk/news", news.queue)
    guarded.add_route("/desk/tickets/{number}/news", news.ticket)
    return routes


class _News:
    """Answers what is new."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def ticket(self, request: Request, agent: Agent) -> Response:
        """Tell who did what since the version that a page shows, and who else is there; note that the agent is."""
        told, number = request.query_params.get("version", ""), request.path_params["number"]
        seen = int(told) if told.isascii() and told.isdigit() and len(told) <= MAX_VERSION else 0
        try:
            found = self._parts.workplace.since(number, seen)
        except UnknownTicket:
            raise HTTPException(404) from None
        except StoreUnavailable as error:
            raise _unavailable() from error
        writes = request.query_params.get("writing") == "1"
        peers = self._parts.presence.enter(number, agent, is_writing=writes)
        if found is None and not peers:
            return Response(status_code=204, headers=PRIVATE)
        words = self._parts.templates.words[self._parts.reader(request).lang]
        lines = news_lines(found.messages, found.changes, words) if found else ()
        company = company_of(peers, words)
        answer = {"lines": lines, "writing": company.writing, "looking": company.looking}
        return JSONResponse(answer, headers=PRIVATE)

    def queue(self, request: Request, agent: Agent) -> Response:
        """Tell how many tickets of a queue have come or changed since a page was loaded."""
        query = request.query_params
        try:
            count = self._parts.workplace.changed(query.get("queue", ""), agent, _moment(query.get("since", "")))
        except UnknownQueue:
            raise HTTPException(404) from None
        except StoreUnavailable as error:
            raise _unavailable() from error
        if not count:
            return Response(status_code=204, headers=PRIVATE)
        words = self._parts.templates.words[self._parts.reader(request).lang]
        text = words.ngettext("1 Ticket ist neu oder geändert.", "%(num)s Tickets sind neu oder geändert.", count)
        return JSONResponse({"lines": [text % {"num": count}]}, headers=PRIVATE)


def _moment(text: str) -> datetime:
    """Return the moment that an address tells; 422 for what is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise HTTPException(422) from None


def _unavailable() -> HTTPException:
    return HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)})
