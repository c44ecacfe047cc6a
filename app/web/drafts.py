"""Drafts: from a solved ticket or a gap to an article file on a branch of its own, or in the author's hands."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, replace
from itertools import chain, count, islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.articles.address import slugify
from app.articles.branches import BranchTaken, CannotWrite, NewFile, Person, Reason
from app.articles.manuscript import parse
from app.database import StoreUnavailable
from app.desk.access import may
from app.learning.drafts import make_draft, masks_in
from app.text import clean_text
from app.web.desk import DeskRoutes
from app.web.draft_page import DONE, DraftPage
from app.web.draft_sources import Source, gap_source, ticket_source, tickets_in
from app.web.forms import PostedForm, read_form
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS, Alert
from app.web.ticket_form import categories
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from starlette.requests import Request

    from app.articles.manuscript import Manuscript
    from app.desk.agent import Agent
    from app.tickets.article_drafts import ArticleDraft, ArticleDrafts
    from app.web.pages import Parts
    from app.web.words import Words

log = logging.getLogger(__name__)

KEY_BYTES = 24
MAX_KEY = 100  # characters
MAX_SLUG = 80  # characters of a slug that is made of a title
MOST_NAMES = 50  # slugs that are tried until one is free
TICKET_PAGE = "/desk/tickets/{number}"
REFUSED: Mapping[type[Exception], str] = MappingProxyType(
    {
        CannotWrite: msg("Der Entwurf konnte nicht in das Git-Archiv geschrieben werden. Ihr Text ist noch da: "
                         "Laden Sie ihn herunter, oder versuchen Sie es noch einmal."),
        BranchTaken: msg("Entwürfe mit diesem Titel gibt es schon zu viele. Ändern Sie den Titel."),
        StoreUnavailable: msg("Wir können im Moment nichts speichern. Ihr Text ist noch da: Senden Sie ihn bitte in "
                              "ein paar Minuten noch einmal."),
    }
)  # fmt: skip
NOT_PUSHED = msg(
    "Das Git-Archiv der Artikel hat den Zweig nicht angenommen, darum gibt es ihn nicht. Ihr Text ist noch da: "
    "Laden Sie ihn herunter, oder versuchen Sie es noch einmal. Was Git gesagt hat, steht im Protokoll."
)
INVALID = msg("So wäre das kein Artikel. Ihr Text ist noch da: Ändern Sie, was unten steht.")


def router(parts: Parts) -> APIRouter:
    """Return the routes on which articles are begun."""
    drafts, routes = _Drafts(parts), APIRouter()
    guarded = DeskRoutes(parts, routes)
    sources: dict[str, Callable[[Request], Source]] = {
        "/desk/tickets/{number}/article": drafts.of_ticket, "/desk/gaps/{id}/article": drafts.of_gap,
    }  # fmt: skip
    for path, source in sources.items():
        guarded.add_route(path, drafts.showing(source))

        async def begin(request: Request, agent: Agent, source: Callable[[Request], Source] = source) -> Response:
            posted = await read_form(request)
            return await run_in_threadpool(drafts.begin, request, agent, source, posted)

        guarded.add_route(path, begin, methods=("POST",))
    return routes


@dataclass(frozen=True, slots=True)
class _Written:
    """What an author has written, masked once more, and where it is to go."""

    source: Source
    text: str
    category: str
    key: str

    def file(self, slug: str, suffix: str, title: str) -> NewFile:
        """Return the file under a slug."""
        path = f"public/{self.category}/{slug}{suffix}.md"
        return NewFile(slug, path, self.text, f"Draft: {title}\n\nBegun from {self.source.origin}.\n")


class _Drafts:
    """Answers the requests on which articles are begun."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def of_ticket(self, request: Request) -> Source:
        """Return the ticket of the address; 404 for one that there is not, or that is not solved."""
        ticket = self._parts.store.by_number(request.path_params["number"])
        if ticket is None or ticket.state not in DONE:
            raise HTTPException(404)
        return ticket_source(self._parts, ticket)

    def of_gap(self, request: Request) -> Source:
        """Return the gap of the address; 404 for one that there is not."""
        listed = self._parts.gap_list.every() if self._parts.gap_list else ()
        gap = next((one for one in listed if str(one.id) == request.path_params["id"] and one.words), None)
        if gap is None:
            raise HTTPException(404)
        return gap_source(self._parts, gap)

    def showing(self, find: Callable[[Request], Source]) -> Callable[[Request, Agent], Response]:
        """Return what shows the draft of a source."""

        def show(request: Request, agent: Agent) -> Response:
            try:
                source = find(request)
                made = self._store.by_key(request.query_params.get("made", "")[:MAX_KEY])
            except StoreUnavailable as error:
                raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
            text = make_draft(source.known, source.persons).text
            written = _Written(source, text, source.known.category, secrets.token_urlsafe(KEY_BYTES))
            return self._show(request, agent, written, 200, made=made)

        return show

    def begin(
        self, request: Request, agent: Agent, find: Callable[[Request], Source], posted: PostedForm,
    ) -> Response:  # fmt: skip
        """Write the draft onto its branch, or hand it out; what cannot be done brings the text back, and says why."""
        try:
            source = find(request)
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        text = clean_text(source.persons.mask(posted.one("text"))) + "\n"
        written = _Written(source, text, posted.one("category"), posted.one("key")[:MAX_KEY])
        read = self._read(written)
        if read.article is None:
            return self._show(
                request, agent, written, 422, reason=INVALID, faults=tuple(str(fault) for fault in read.faults)
            )
        if posted.one("do") == "download":
            return _handed_out(text, slugify(read.article.title) or "article")
        try:
            made = self._made(written, read.article.title, agent)
        except tuple(REFUSED) as error:
            reason = _reason(error)
            return self._show(request, agent, written, 503, reason=reason)
        here = self._parts.reader(request).url(request.url.path, made=written.key)
        return RedirectResponse(here, 303, PRIVATE) if made else self._show(request, agent, written, 409)

    def _made(self, written: _Written, title: str, agent: Agent) -> ArticleDraft | None:
        """Begin the article under the first slug that is free; a form that comes again has begun it already."""
        branches = self._parts.branches
        known = self._store.by_key(written.key)
        if known or branches is None or not written.key:
            return known
        suffix = "" if written.source.lang == self._parts.default_language else f".{written.source.lang}"
        for slug in self._slugs(title):
            try:
                branch = branches.add(written.file(slug, suffix, title), Person(agent.name, agent.email))
            except BranchTaken:
                continue
            others = tickets_in(self._parts, written.source)
            return self._store.note(written.source.number, agent.name, slug, branch, written.key, others)
        raise BranchTaken(title)

    def _slugs(self, title: str) -> Iterator[str]:
        """Yield slugs of a title that no article has, nor had before it was called differently."""
        index, slug = self._parts.internal.index, slugify(title)[:MAX_SLUG].strip("-") or "article"
        every = chain([slug], (f"{slug}-{place}" for place in count(2)))
        return islice((one for one in every if not index.editions(one) and one not in index.redirects), MOST_NAMES)

    def _read(self, written: _Written) -> Manuscript:
        known = {category.slug for category in self._parts.internal.index.categories}
        category = written.category if written.category in known else "?"
        return parse(f"public/{category}/draft.{written.source.lang}.md", written.text)

    @property
    def _store(self) -> ArticleDrafts:
        if self._parts.article_drafts is None:
            raise HTTPException(404)
        return self._parts.article_drafts

    def _show(  # noqa: PLR0913 - one page
        self, request: Request, agent: Agent, written: _Written, status: int, *, reason: str = "",
        faults: tuple[str, ...] = (), made: ArticleDraft | None = None,
    ) -> Response:  # fmt: skip
        reader = self._parts.reader(request)
        words = self._parts.templates.words[reader.lang]
        back = written.source.path if may(agent.role, TICKET_PAGE) or not written.source.number else "/desk/gaps"
        branches = self._parts.branches
        hindrance = branches.hindrance() if branches else Reason.NO_REPOSITORY
        page = DraftPage(
            agent, request.url.path, back, written.source.number, written.text, written.category,
            tuple(categories(self._parts.internal.index, words)), written.key, masks_in(written.text), hindrance or "",
        )  # fmt: skip
        pushed = bool(branches and branches.remote)
        page = replace(page, alert=_alert(reason, words), faults=faults, made=made, pushed=pushed)
        return self._parts.show(request, page, status, PRIVATE, reader)


def _reason(error: Exception) -> str:
    if isinstance(error, CannotWrite) and error.reason is Reason.NOT_PUSHED:
        log.warning("%s", error)
        return NOT_PUSHED
    return next(text for kind, text in REFUSED.items() if isinstance(error, kind))


def _alert(reason: str, words: Words) -> Alert | None:
    return Alert(words.gettext(msg("Noch nicht angelegt")), words.gettext(reason)) if reason else None


def _handed_out(text: str, slug: str) -> Response:
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{slug[:MAX_SLUG]}.md"'}
    return Response(text, headers=headers, media_type="text/markdown; charset=utf-8")
