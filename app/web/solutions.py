"""Solutions: the page that the link in a solution's mail opens. To open it changes nothing: mail scanners do."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.database import StoreUnavailable
from app.tickets.rating import SCORES
from app.tickets.solutions import Outdated, Solution
from app.tickets.state import TicketState
from app.tickets.store import KeyReused, UnknownTicket
from app.web.forms import PostedForm, read_form
from app.web.pages import PRIVATE
from app.web.refusals import REFUSED, RETRY_SECONDS, Alert, refusal
from app.web.solution_form import SolutionForm, new_form_key, solution_path
from app.web.ticket_page import ticket_path
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from app.web.pages import Parts
    from app.web.refusals import Refusal

KEY_CHARACTERS = 100
NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SolutionPage:
    """The number of a ticket and the question, and nothing that was written."""

    template: ClassVar[str] = "solution.html"
    number: str
    closed: bool
    form: SolutionForm | None
    """None where the ticket is open again."""
    alert: Alert | None
    lost: str
    """A text that could not be taken: to copy it."""


def router(parts: Parts) -> APIRouter:
    """Return the routes of solutions."""
    desk, routes = _Solutions(parts), APIRouter()

    async def answer(request: Request) -> Response:
        return await run_in_threadpool(desk.answer, request, await read_form(request))

    routes.add_route("/solutions/{token}", desk.show)
    routes.add_route("/solutions/{token}", answer, methods=["POST"])
    return routes


class _Solutions:
    """Answers the requests about solutions."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def show(self, request: Request) -> Response:
        """Ask, or say that the ticket is open again."""
        solution = self._find(request)
        form = self._form(request, solution) if solution.holds else None
        return self._page(request, SolutionPage(solution.number, _is_closed(solution), form, None, ""))

    def answer(self, request: Request, posted: PostedForm) -> Response:
        """Take yes or no and lead back; what cannot be taken comes back with its text."""
        try:
            self._take(request, posted)
        except UnknownTicket:
            raise HTTPException(404) from None
        except Outdated:
            return self._too_late(request, posted)
        except REFUSED as error:
            return self._return(request, posted, error)
        return RedirectResponse(self._next(request, posted), 303, PRIVATE)

    def _take(self, request: Request, posted: PostedForm) -> None:
        token, score, text = request.path_params["token"], _score(posted), posted.one("text")
        self._parts.limiter.check("feedback", request)
        match posted.one("answer"):
            case "yes":
                self._parts.solutions.accept(token, score, text)
            case "no":
                self._parts.solutions.reject(token, score, text, _key(posted))
            case _:
                raise HTTPException(422)

    def _next(self, request: Request, posted: PostedForm) -> str:
        """Return the page that the form stood on; a key that opens no ticket leads nowhere new."""
        reader, back = self._parts.reader(request), posted.one("ticket")
        if back and self._parts.store.by_key(back):
            return reader.url(ticket_path(back), "now-title")
        return reader.url(solution_path(request.path_params["token"]))

    def _too_late(self, request: Request, posted: PostedForm) -> Response:
        solution, words = self._find(request), self._parts.templates.words[self._parts.reader(request).lang]
        alert = Alert(
            words.gettext(msg("Ihr Ticket ist schon wieder offen")),
            words.gettext(
                msg(
                    "Ihre Antwort gehört zu einer früheren Lösung, darum haben wir sie nicht gespeichert. "
                    "Was Sie geschrieben haben, steht noch hier: Schreiben Sie es bitte auf die Seite Ihres Tickets."
                )
            ),
        )
        page = SolutionPage(solution.number, closed=False, form=None, alert=alert, lost=posted.one("text"))
        return self._page(request, page, 409)

    def _return(self, request: Request, posted: PostedForm, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code != 429:  # noqa: PLR2004 - a status is its number
            raise error
        refused = refusal(error, self._parts.templates.words[self._parts.reader(request).lang])
        try:
            solution = self._find(request)
        except HTTPException:
            number = self._parts.solutions.links.open(request.path_params["token"]).number
            solution = Solution(number, TicketState.SOLVED, None)
        key = new_form_key() if isinstance(error, KeyReused) else _key(posted)
        form = self._form(request, solution, posted, key, refused)
        page = SolutionPage(solution.number, _is_closed(solution), form, refused.alert, "")
        return self._page(request, page, refused.status, refused.headers)

    def _form(
        self, request: Request, solution: Solution, posted: PostedForm | None = None, key: str = "",
        refused: Refusal | None = None,
    ) -> SolutionForm:  # fmt: skip
        path, rated = solution_path(request.path_params["token"]), solution.rating is not None
        fresh = SolutionForm(path, key or new_form_key(), _is_closed(solution), rated)
        if posted is None or refused is None:
            return fresh
        return SolutionForm(
            path, fresh.key, fresh.confirmed, rated, _score(posted), posted.one("text"),
            refused.faults.get("text", ""), posted.one("ticket"),
        )  # fmt: skip

    def _find(self, request: Request) -> Solution:
        try:
            return self._parts.solutions.find(request.path_params["token"])
        except UnknownTicket:
            raise HTTPException(404) from None
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error

    def _page(
        self, request: Request, page: SolutionPage, status: int = 200, headers: Mapping[str, str] = NONE
    ) -> Response:
        here = self._parts.reader(request)
        here = here.at(here.url(solution_path(request.path_params["token"])))
        return self._parts.show(request, page, status, {**PRIVATE, **headers}, here)


def _is_closed(solution: Solution) -> bool:
    return solution.state == TicketState.CLOSED


def _score(posted: PostedForm) -> int | None:
    """Return the score, or None where none was chosen, or none that there is."""
    return next((score for score in SCORES if str(score) == posted.one("score")), None)


def _key(posted: PostedForm) -> str:
    return posted.one("key")[:KEY_CHARACTERS] or new_form_key()
