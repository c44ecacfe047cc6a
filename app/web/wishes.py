"""Wishes: who found nothing can agree to hear when there is an article, confirms it, and takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.database import StoreUnavailable
from app.learning.asked import Asked, masked
from app.search.query import MAX_CHARACTERS, normalise
from app.tickets.ticket import Invalid, Problem, check_email
from app.tickets.wish_links import BadWishLink
from app.web.forms import PostedForm, read_form
from app.web.pages import PRIVATE
from app.web.refusals import REFUSED, RETRY_SECONDS, Alert, TrappedError, refusal
from app.web.searches import readable
from app.web.ticket_form import HONEYPOT
from app.web.ticket_page import ticket_path

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.tickets.wish_links import WishRef
    from app.tickets.wishes import Wishes
    from app.web.pages import Parts

NONE: Mapping[str, str] = MappingProxyType({})
SENT = "/wishes/sent"

Step = Literal["ask", "sent", "confirm", "confirmed", "late", "stop", "stopped"]


@dataclass(frozen=True, slots=True)
class WishPage:
    """A form of one field and one tick, or of one button; nothing that was asked is shown to who comes by a link."""

    template: ClassVar[str] = "wish.html"
    step: Step
    path: str
    """Where the form is sent."""
    days: int
    """How long a wish waits at most."""
    query: str = ""
    email: str = ""
    agreed: bool = False
    faults: Mapping[str, str] = field(default_factory=dict)
    alert: Alert | None = None


def router(parts: Parts) -> APIRouter:
    """Return the routes of wishes."""
    wishes, routes = _Wishes(parts), APIRouter()

    async def create(request: Request) -> Response:
        return await run_in_threadpool(wishes.create, request, await read_form(request))

    async def answer(request: Request) -> Response:
        await read_form(request)
        return await run_in_threadpool(wishes.answer, request)

    async def of_ticket(request: Request) -> Response:
        return await run_in_threadpool(wishes.of_ticket, request, await read_form(request))

    routes.add_route("/wishes/new", wishes.new)
    routes.add_route("/wishes", create, methods=["POST"])
    routes.add_route("/wishes/sent", wishes.sent)
    routes.add_route("/wishes/{token}", wishes.show)
    routes.add_route("/wishes/{token}", answer, methods=["POST"])
    routes.add_route("/tickets/{key}/wish", of_ticket, methods=["POST"])
    return routes


class _Wishes:
    """Answers the requests about wishes."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def new(self, request: Request) -> Response:
        """Show the form for a question; without one there is nothing to tell of."""
        query = normalise(request.query_params.get("q", ""))
        if not readable(query):
            return RedirectResponse(self._parts.reader(request).url("/search"), 303, PRIVATE)
        return self._page(request, WishPage("ask", "/wishes", self._known.keep.days, query))

    def create(self, request: Request, posted: PostedForm) -> Response:
        """Take the wish, and say the same whatever is known of the address; with a fault the form comes back."""
        try:
            self._ask(request, posted)
        except REFUSED as error:
            return self._return(request, posted, error)
        return RedirectResponse(self._parts.reader(request).url(SENT), 303, PRIVATE)

    def sent(self, request: Request) -> Response:
        """Say that a mail is on its way."""
        return self._page(request, WishPage("sent", "", self._known.keep.days))

    def show(self, request: Request) -> Response:
        """Ask for one press of a button; opening the page changes nothing: mail scanners do."""
        ref = self._opened(request)
        if ref is None:
            return self._page(request, WishPage("late", "", self._known.keep.days), 410)
        return self._page(request, WishPage(ref.kind, request.url.path, self._known.keep.days))

    def answer(self, request: Request) -> Response:
        """Let a wish count, or forget all of an address; again changes nothing."""
        ref = self._opened(request)
        try:
            if ref and ref.kind == "stop":
                self._known.stop(ref.name)
                return self._page(request, WishPage("stopped", "", self._known.keep.days))
            done = bool(ref and self._known.confirm(ref.name))
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        return self._page(
            request, WishPage("confirmed" if done else "late", "", self._known.keep.days), 200 if done else 410
        )

    def of_ticket(self, request: Request, posted: PostedForm) -> Response:
        """Note whether the customer of a ticket wants to hear, and lead back; without the tick nothing changes."""
        key, wanted = request.path_params["key"], posted.one("wanted") == "yes"
        try:
            ticket = self._parts.store.by_key(key)
            if ticket is None:
                raise HTTPException(404)
            if not wanted or posted.one("agree"):
                self._known.set_ticket(ticket.number, wanted=wanted)
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        return RedirectResponse(self._parts.reader(request).url(ticket_path(key), "wish"), 303, PRIVATE)

    @property
    def _known(self) -> Wishes:
        if self._parts.wishes is None:
            raise HTTPException(404)
        return self._parts.wishes

    def _ask(self, request: Request, posted: PostedForm) -> None:
        wanted, reader = self._known, self._parts.reader(request)
        question = _question(self._parts, posted, reader.lang)
        _check(posted)
        self._parts.limiter.check("wish", request)
        self._parts.limiter.check_all("wish of all")
        wanted.ask(posted.one("email"), question, reader.lang)

    def _return(self, request: Request, posted: PostedForm, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code != 429:  # noqa: PLR2004 - a status is its number
            raise error
        refused = refusal(error, self._parts.templates.words[self._parts.reader(request).lang])
        page = WishPage(
            "ask", "/wishes", self._known.keep.days, posted.one("q")[:MAX_CHARACTERS], posted.one("email"),
            bool(posted.one("agree")), refused.faults, refused.alert,
        )  # fmt: skip
        return self._page(request, page, refused.status, refused.headers)

    def _opened(self, request: Request) -> WishRef | None:
        """Return what a link is for; None where it is too old, or was not signed here."""
        try:
            return self._known.links.open(request.path_params["token"])
        except BadWishLink:
            return None

    def _page(self, request: Request, page: WishPage, status: int = 200, headers: Mapping[str, str] = NONE) -> Response:
        here = self._parts.reader(request)
        if request.method == "POST":
            here = here.at(here.url("/wishes/new", q=page.query) if page.query else request.url.path)
        return self._parts.show(request, page, status, {**PRIVATE, **headers}, here)


def _check(posted: PostedForm) -> None:
    """Name every fault at once."""
    faults = {} if posted.one("agree") else {"agree": Problem.MISSING}
    try:
        check_email(posted.one("email"))
    except Invalid as invalid:
        raise Invalid({**invalid.faults, **faults}) from None
    if faults:
        raise Invalid(faults)
    if posted.one(HONEYPOT).strip():
        raise TrappedError("The field that people do not see was filled in.")


def _question(parts: Parts, posted: PostedForm, lang: str) -> str:
    """Return what was searched, as gaps keep it; 422 for a form without it, which no page of ours sends."""
    query = normalise(posted.one("q"))
    if not readable(query):
        raise HTTPException(422)
    ours = parts.notepad.questions.ours if parts.notepad else ()
    return masked(Asked(query, lang, "search", parts.clock().date(), ""), ours)
