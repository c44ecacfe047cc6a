"""Tickets: the form that starts one, the page that shows it, and the articles that make it needless."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.articles.article import LANGUAGES, Language
from app.database import StoreUnavailable
from app.tickets.state import IllegalStep
from app.tickets.store import KeyReused, UnknownTicket
from app.tickets.ticket import MAX_ATTACHMENT
from app.web.asked import note_ticket
from app.web.form_keys import TooFastError, UnusableKeyError
from app.web.forms import PostedForm, read_form
from app.web.pages import PRIVATE
from app.web.refusals import REFUSED, RETRY_SECONDS, refusal
from app.web.solution_form import asked_on_page
from app.web.suggestions import suggestions_page
from app.web.ticket_form import new_form, read_draft, returned_form
from app.web.ticket_page import Answer, KeptPage, TicketWish, new_answer, ticket_page, ticket_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from app.tickets.ticket import Ticket
    from app.web.pages import Page, Parts
    from app.web.reader import Reader

NONE: Mapping[str, str] = MappingProxyType({})
MESSAGE_KEY_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class SolvedPage:
    """Thanks: an article made the ticket needless, and nothing was sent."""

    template: ClassVar[str] = "solved.html"
    slug: str
    lang: Language


def router(parts: Parts) -> APIRouter:
    """Return the routes of tickets."""
    desk, routes = _Desk(parts), APIRouter()

    async def create(request: Request) -> Response:
        posted = await read_form(request, "attachment", MAX_ATTACHMENT)
        return await run_in_threadpool(desk.create, request, posted)

    async def answer(request: Request) -> Response:
        return await run_in_threadpool(desk.answer, request, await read_form(request))

    async def solve(request: Request) -> Response:
        return await run_in_threadpool(desk.solve_by_article, request, await read_form(request))

    routes.add_route("/tickets/new", desk.new)
    routes.add_route("/tickets/suggestions", desk.suggest)
    routes.add_route("/tickets", create, methods=["POST"])
    routes.add_route("/tickets/{key}", desk.show)
    routes.add_route("/tickets/{key}/messages", answer, methods=["POST"])
    routes.add_route("/solutions", solve, methods=["POST"])
    return routes


class _Desk:
    """Answers the requests about tickets."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def new(self, request: Request) -> Response:
        """Show the form."""
        self._parts.limiter.check("search", request)
        reader = self._parts.reader(request)
        return self._page(request, reader, new_form(self._parts, reader, request.query_params))

    def suggest(self, request: Request) -> Response:
        """Show the articles that fit what is being typed, as a fragment."""
        self._parts.limiter.check("search", request)
        reader, query = self._parts.reader(request), request.query_params
        page = suggestions_page(self._parts, reader, query.get("q", ""), query.getlist("read"))
        return self._page(request, reader, page)

    def create(self, request: Request, posted: PostedForm) -> Response:
        """Store a ticket and lead to its page; what cannot be taken comes back with all its text."""
        reader = self._parts.reader(request)
        try:
            draft = read_draft(self._parts, reader, posted, self._parts.limiter.sender(request))
            self._parts.limiter.check("ticket", request)
            ticket = self._parts.store.open_ticket(draft)
            note_ticket(self._parts, ticket.number, draft)
            if self._parts.wishes and posted.one("agree"):
                self._parts.wishes.set_ticket(ticket.number, wanted=True)
        except REFUSED as error:
            return self._return_form(request, reader, posted, error)
        return _redirect(reader.url(ticket_path(draft.key)))

    def show(self, request: Request) -> Response:
        """Show a ticket to whoever has its key."""
        key, reader = request.path_params["key"], self._parts.reader(request)
        return self._ticket(request, reader, self._find(key), new_answer())

    def answer(self, request: Request, posted: PostedForm) -> Response:
        """Store what the visitor adds, or that the problem is solved, and lead back to the ticket."""
        key, reader = request.path_params["key"], self._parts.reader(request)
        try:
            self._step(key, posted)
        except UnknownTicket:
            raise HTTPException(404) from None
        except REFUSED as error:
            return self._return_answer(request, reader, posted, error)
        return _redirect(reader.url(ticket_path(key), "messages"))

    def solve_by_article(self, request: Request, posted: PostedForm) -> Response:
        """Count an article that made a ticket needless; thanks are given even when nothing can be counted now."""
        self._parts.limiter.check("feedback", request)
        reader = self._parts.reader(request)
        read = self._parts.searcher.index.edition(posted.one("article"), _language(posted.one("lang"), reader.lang))
        if read is None:
            raise HTTPException(404)
        with suppress(StoreUnavailable):
            self._parts.journal.note_solved(read.article.slug, read.article.lang)
        return self._page(request, reader, SolvedPage(read.article.slug, read.article.lang))

    def _step(self, key: str, posted: PostedForm) -> None:
        if posted.one("solved"):
            with suppress(IllegalStep):  # a closed ticket is solved already
                self._parts.store.solve(key)
        else:
            self._parts.store.answer(key, posted.one("text"), _message_key(posted))

    def _return_form(self, request: Request, reader: Reader, posted: PostedForm, error: Exception) -> Response:
        ticket = self._parts.keys.open(posted.one("form_key")) if isinstance(error, KeyReused) else ""
        refused = refusal(error, self._parts.templates.words[reader.lang], ticket)
        page = returned_form(self._parts, reader, posted, refused, self._next_key(posted.one("form_key"), error))
        return self._page(request, replace(reader, here="/tickets/new"), page, refused.status, refused.headers)

    def _next_key(self, form_key: str, error: Exception) -> str:
        """Return the key the form comes back with: the same one, as long as it can still become a ticket."""
        if isinstance(error, KeyReused):
            return self._parts.keys.new()
        try:
            self._parts.keys.open(form_key)
        except TooFastError:
            return form_key
        except UnusableKeyError:
            return self._parts.keys.renew(form_key)
        return form_key

    def _return_answer(self, request: Request, reader: Reader, posted: PostedForm, error: Exception) -> Response:
        key = request.path_params["key"]
        refused = refusal(error, self._parts.templates.words[reader.lang])
        message_key = new_answer().key if isinstance(error, KeyReused) else _message_key(posted)
        answer = Answer(message_key, posted.one("text"), refused)
        here = replace(reader, here=ticket_path(key))
        try:
            ticket = self._parts.store.by_key(key)
        except StoreUnavailable:
            kept = KeptPage(ticket_path(key), message_key, answer.text, refused.alert)
            return self._page(request, here, kept, refused.status, refused.headers)
        return self._ticket(request, here, ticket, answer)

    def _find(self, key: str) -> Ticket | None:
        try:
            return self._parts.store.by_key(key)
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error

    def _ticket(self, request: Request, reader: Reader, ticket: Ticket | None, answer: Answer) -> Response:
        """Show a ticket; a key that opens none gets the page of every unknown address."""
        if ticket is None:
            raise HTTPException(404)
        key = request.path_params["key"]
        question = asked_on_page(ticket, self._parts.solutions.token_of(ticket), key)
        page = replace(ticket_page(ticket, key, reader, answer, question), wish=self._wish(ticket))
        refused = answer.refused
        return self._page(request, reader, page, refused.status if refused else 200, refused.headers if refused else {})

    def _wish(self, ticket: Ticket) -> TicketWish | None:
        """Return whether the customer waits for an article; None where nobody can, or that cannot be read now."""
        if self._parts.wishes is None:
            return None
        try:
            return TicketWish(self._parts.wishes.of_ticket(ticket.number), self._parts.wishes.keep.days)
        except StoreUnavailable:
            return None

    def _page(
        self, request: Request, reader: Reader, page: Page, status: int = 200, headers: Mapping[str, str] = NONE
    ) -> Response:
        return self._parts.show(request, page, status, {**PRIVATE, **headers}, reader)


def _redirect(address: str) -> Response:
    return RedirectResponse(address, 303, PRIVATE)


def _message_key(posted: PostedForm) -> str:
    """Return the key of a message, of a length that can be kept; a form without one has a new one."""
    return posted.one("message_key")[:MESSAGE_KEY_CHARACTERS] or new_answer().key


def _language(name: str, otherwise: Language) -> Language:
    return next((lang for lang in LANGUAGES if lang == name), otherwise)
