"""Desk tickets: the queues, and a ticket with what its customer tried on top; agents take it, note, and hand it on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.database import StoreUnavailable
from app.desk.agent import Agent
from app.desk.contacts import UnknownContact
from app.tickets.links import CannotJoin, Hindrance
from app.tickets.queue import QueueName, UnknownQueue, queue_named
from app.tickets.state import IllegalStep
from app.tickets.store import KeyReused, UnknownTicket
from app.tickets.ticket import Invalid, Problem, Urgency
from app.tickets.trail import Searched
from app.tickets.turn import Stale, Taken
from app.tickets.workplace import WrongLevel
from app.web.desk import DeskRoutes
from app.web.desk_marked import Mark, Outcome, change_all, marks_of
from app.web.desk_presence import company_of
from app.web.desk_queue import found_page, queue_page
from app.web.desk_ticket import Beside, Draft, desk_ticket_page, news_lines
from app.web.desk_way import Way, beside, page_of, way_of
from app.web.draft_page import NOTHING_BEGUN, begun
from app.web.forms import PostedForm, read_form
from app.web.pages import PRIVATE
from app.web.proposals import offers_of
from app.web.quotes import QuotesPage, quotes, with_quote
from app.web.refusals import RETRY_SECONDS, Alert
from app.web.ticket_form import categories
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from app.tickets.ticket import Ticket
    from app.web.pages import Parts
    from app.web.quotes import Quote
    from app.web.reader import Reader
    from app.web.words import Words

KEY_BYTES = 24
MAX_VERSION = 9  # digits
REASONS: Mapping[type[Exception], str] = MappingProxyType(
    {
        Taken: msg("%(name)s hat dieses Ticket schon übernommen."),
        Stale: msg(
            "Inzwischen hat sich das Ticket geändert. Lesen Sie, was neu ist, und senden Sie dann noch einmal: "
            "Ihr Text ist noch da."
        ),
        Invalid: msg("Bitte schreiben Sie einen Text; höchstens 20.000 Zeichen, zum Weitergeben 4.000."),
        KeyReused: msg(
            "Die erste Fassung steht schon im Ticket. Senden Sie noch einmal, wenn die geänderte dazu soll."
        ),
        IllegalStep: msg("Das geht bei diesem Stand nicht mehr. Laden Sie die Seite neu."),
        UnknownTicket: msg("Ein Ticket mit dieser Nummer gibt es nicht. Sie sieht so aus: W-2026-000123"),
        CannotJoin: msg("Ein Ticket kann nicht mit sich selbst verbunden werden."),
        WrongLevel: msg("Auf dieser Ebene ist das Ticket schon. Wählen Sie eine andere."),
        StoreUnavailable: msg(
            "Wir können im Moment nichts speichern. "
            "Ihr Text ist noch da: Senden Sie ihn bitte in ein paar Minuten noch einmal."
        ),
    }
)
"""All that a change of an agent can fail with; what was written comes back each time."""
INVALID: Mapping[str, str] = MappingProxyType(
    {
        "tags": msg(
            "Diese Schlagwörter gehen so nicht: nur Buchstaben, Ziffern, Punkt und Bindestrich, höchstens 100 Zeichen."
        ),
        "category": msg("Dieses Thema gibt es nicht mehr. Wählen Sie eines aus der Liste."),
        "urgency": msg("Diese Dringlichkeit gibt es nicht. Wählen Sie eine aus der Liste."),
        "agent": msg("Diesen Namen gibt es nicht mehr. Wählen Sie einen aus der Liste."),
    }
)
"""What is wrong with a field that is no text."""
HINDRANCES: Mapping[Hindrance, str] = MappingProxyType(
    {
        Hindrance.ITSELF: msg("Ein Ticket kann nicht mit sich selbst verbunden werden."),
        Hindrance.OTHER_CUSTOMER: msg(
            "Das andere Ticket ist von einer anderen Adresse. Zusammenführen geht nur bei demselben Kunden; "
            "verknüpfen Sie die beiden stattdessen."
        ),
        Hindrance.MERGED_ALREADY: msg(
            "Eines der beiden ist schon zusammengeführt. Wählen Sie das Ticket, das weitergeht."
        ),
    }
)
REFUSED = tuple(REASONS)


def router(parts: Parts) -> APIRouter:
    """Return the routes of the ticket desk."""
    desk, routes = _Tickets(parts), APIRouter()
    guarded = DeskRoutes(parts, routes)

    async def change(request: Request, agent: Agent) -> Response:
        return await run_in_threadpool(desk.change, request, agent, await read_form(request))

    async def draft(request: Request, agent: Agent) -> Response:
        return await run_in_threadpool(desk.draft, request, agent, await read_form(request))

    async def marked(request: Request, agent: Agent) -> Response:
        return await run_in_threadpool(desk.marked, request, agent, await read_form(request))

    guarded.add_route("/desk/tickets", desk.queue)
    guarded.add_route("/desk/tickets/marked", marked, methods=("POST",))
    guarded.add_route("/desk/tickets/{number}", desk.show)
    guarded.add_route("/desk/tickets/{number}/articles", desk.articles)
    guarded.add_route("/desk/tickets/{number}/draft", draft, methods=("POST",))
    for step in desk.steps:
        guarded.add_route(f"/desk/tickets/{{number}}/{step}", change, methods=("POST",))
    return routes


@dataclass(frozen=True, slots=True)
class _Change:
    """What an agent wants to change, and where it was seen."""

    number: str
    agent: Agent
    posted: PostedForm

    @property
    def text(self) -> str:
        """What is written."""
        return self.posted.one("text")

    @property
    def key(self) -> str:
        """What tells a repeat from a second message."""
        return self.posted.one("key")[:100] or _new_key()

    @property
    def version(self) -> int:
        """Which version of the ticket the page showed; 0, which nothing has, where that cannot be read."""
        told = self.posted.one("version")
        return int(told) if told.isascii() and told.isdigit() and len(told) <= MAX_VERSION else 0

    @property
    def other(self) -> str:
        """Number of another ticket."""
        return self.posted.one("other")[:40].strip().upper()

    @property
    def mail(self) -> int:
        """Which mail is to be sent again; 0, which there is not, where that cannot be read."""
        told = self.posted.one("mail")
        return int(told) if told.isascii() and told.isdigit() and len(told) <= MAX_VERSION else 0

    @property
    def level(self) -> int:
        """Which level is to have it; 0, which there is not, where that cannot be read."""
        told = self.posted.one("level")
        return int(told) if told in {"1", "2", "3"} else 0


class _Tickets:
    """Answers the requests about tickets at the desk."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._work = parts.workplace
        self.steps: dict[str, Callable[[_Change], Ticket]] = {
            "replies": self._reply,
            "notes": lambda one: self._work.note(one.number, one.agent, one.text, one.key),
            "take": lambda one: self._work.take(one.number, one.agent, one.version),
            "release": lambda one: self._work.release(one.number, one.agent, one.version),
            "assignee": self._assign,
            "merge": lambda one: self._work.merge(one.number, one.other, one.agent, one.version),
            "part": lambda one: self._work.part(one.number, one.agent, one.version),
            "link": lambda one: self._work.link(one.number, one.other, one.agent),
            "unlink": lambda one: self._work.unlink(one.number, one.other, one.agent),
            "reopen": lambda one: self._work.reopen(one.number, one.agent, one.version),
            "level": self._hand_over,
            "category": self._set_category,
            "urgency": self._set_urgency,
            "mails": self._send_again,
            "tags": lambda one: self._work.set_tags(one.number, one.agent, one.posted.one("tags"), one.version),
        }

    def queue(self, request: Request, agent: Agent) -> Response:
        """Show a queue, or what was found."""
        done = page_of({"page": request.query_params.get("done", "")}) if "done" in request.query_params else 0
        return self._queue(request, agent, Outcome(done) if done else None)

    def marked(self, request: Request, agent: Agent, posted: PostedForm) -> Response:
        """Change every marked ticket, and lead back to the list; what was refused is told on it."""
        reader = self._parts.reader(request)
        marks = marks_of(posted.every("ticket"))
        change = self._change_of(agent, posted)
        outcome = change_all(marks, change, self._parts.templates.words[reader.lang])
        if outcome.refused:
            return self._queue(request, agent, outcome, 409)
        way = way_of(request.query_params)
        return RedirectResponse(reader.url("/desk/tickets", "", **way.query, done=outcome.done), 303, PRIVATE)

    def _change_of(self, agent: Agent, posted: PostedForm) -> Callable[[Mark], Ticket]:
        """Return what the pressed button does with one ticket; 422 for what no button asks for."""
        work = self._work
        match posted.one("do"):
            case "take":
                return lambda mark: work.take(mark.number, agent, mark.version)
            case "assign":
                return lambda mark: work.assign(mark.number, self._colleague(posted), agent, mark.version)
            case "category":
                chosen, known = posted.one("category"), self._known_topics()
                return lambda mark: work.set_category(mark.number, agent, chosen, mark.version, known)
        raise HTTPException(422)

    def _queue(self, request: Request, agent: Agent, outcome: Outcome | None, status: int = 200) -> Response:
        reader, query = self._parts.reader(request), request.query_params
        words = self._parts.templates.words[reader.lang]
        asked = query.get("find", "").strip()
        page = page_of(query)
        try:
            name = queue_named(query.get("queue", QueueName.MINE))
            rows = self._work.find(asked) if asked else self._work.queue(name, agent, page)
            counts, names = self._work.counts(agent), self._parts.accounts.names()
            colleagues = self._parts.accounts.answering()
        except UnknownQueue:
            raise HTTPException(404) from None
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        shown = (
            found_page(agent, asked, rows, counts, names, words, reader.now)
            if asked
            else queue_page(agent, name, page, rows, counts, names, words, reader.now)
        )
        way = Way("" if asked else name, way_of(query).find, page)
        topics = categories(self._parts.searcher.index, words)
        shown = replace(shown, way=way, agents=colleagues, topics=tuple(topics), loaded_at=reader.now, outcome=outcome)
        here = reader.at(reader.url("/desk/tickets", "", **way.query)) if outcome else reader
        return self._parts.show(request, shown, status, PRIVATE, here)

    def show(self, request: Request, agent: Agent) -> Response:
        """Show a ticket as staff see it."""
        return self._ticket(request, agent, Draft(_new_key()))

    def change(self, request: Request, agent: Agent, posted: PostedForm) -> Response:
        """Do what was asked, and lead back to the ticket; what cannot be done brings the text back, and says why."""
        number, step = request.path_params["number"], request.url.path.rsplit("/", 1)[-1]
        reader = self._parts.reader(request)
        try:
            self.steps[step](_Change(number, agent, posted))
        except REFUSED as error:
            words = self._parts.templates.words[reader.lang]
            note, reply = ("", posted.one("text")) if step == "replies" else (posted.one("text"), "")
            kept = Draft(
                _new_key() if isinstance(error, KeyReused) else posted.one("key") or _new_key(),
                note, posted.one("summary"), alert_of(error, words), reply, posted.one("find"),
                news_lines(error.messages, error.changes, words) if isinstance(error, Stale) else (),
                posted.one("tags"), posted.one("category"), posted.one("urgency"),
            )  # fmt: skip
            return self._ticket(request, agent, kept, 503 if isinstance(error, StoreUnavailable) else 409)
        way = way_of(request.query_params)
        return RedirectResponse(reader.url(f"/desk/tickets/{number}", "", **way.query), 303, PRIVATE)

    def draft(self, request: Request, agent: Agent, posted: PostedForm) -> Response:
        """Give the answer back with a quote, or with articles that were looked for: for browsers without scripts."""
        reply = with_quote(posted.one("text"), posted.one("insert"))
        find = "" if posted.one("insert") else posted.one("find")
        return self._ticket(request, agent, Draft(posted.one("key") or _new_key(), reply=reply, find=find))

    def articles(self, request: Request, _agent: Agent) -> Response:
        """Show the articles that fit what an agent looks for, as a fragment."""
        reader, asked = self._parts.reader(request), request.query_params.get("q", "")
        ticket = self._parts.store.by_number(request.path_params["number"])
        if ticket is None:
            raise HTTPException(404)
        draft = reader.url(f"/desk/tickets/{ticket.number}/draft")
        page = QuotesPage(quotes(self._parts, reader, ticket.lang, asked), asked, draft)
        return self._parts.show(request, page, headers=PRIVATE, reader=reader)

    def _reply(self, one: _Change) -> Ticket:
        said = (one.number, one.agent, one.text, one.key, one.version)
        match one.posted.one("then"):
            case "open" | "waiting" as then:
                return self._work.reply(*said, waits=then == "waiting")
            case "solved":
                return self._work.solve(*said)
        raise HTTPException(422)  # nothing is sent that no button asked for

    def _hand_over(self, one: _Change) -> Ticket:
        summary, ticket = one.posted.one("summary"), self._parts.store.by_number(one.number)
        if ticket is None:
            raise UnknownTicket(one.number)
        hand = self._work.escalate if one.level > ticket.level else self._work.hand_back
        return hand(one.number, one.agent, one.level, summary, one.version)

    def _send_again(self, one: _Change) -> Ticket:
        """Let a mail that did not arrive be tried once more; a second press finds it on its way."""
        self._parts.post.send_again(one.number, one.mail)
        ticket = self._parts.store.by_number(one.number)
        if ticket is None:
            raise UnknownTicket(one.number)
        return ticket

    def _set_category(self, one: _Change) -> Ticket:
        known = self._known_topics()
        chosen, offered = one.posted.one("category"), one.posted.one("suggested")
        return self._work.set_category(
            one.number, one.agent, chosen, one.version, known, suggested=offered if offered in known else "",
        )  # fmt: skip

    def _known_topics(self) -> frozenset[str]:
        return frozenset(slug for slug, _ in categories(self._parts.searcher.index, self._parts.templates.words["de"]))

    def _assign(self, one: _Change) -> Ticket:
        return self._work.assign(one.number, self._colleague(one.posted), one.agent, one.version)

    def _colleague(self, posted: PostedForm) -> Agent:
        """Return the agent who was chosen; raise Invalid for one who has left, or never answered."""
        chosen = posted.one("agent")
        found = next((one for one in self._parts.accounts.answering() if str(one.id) == chosen), None)
        if found is None:
            raise Invalid({"agent": Problem.UNKNOWN})
        return found

    def _set_urgency(self, one: _Change) -> Ticket:
        chosen, offered = one.posted.one("urgency"), one.posted.one("suggested")
        if chosen not in set(Urgency):
            raise Invalid({"urgency": Problem.UNKNOWN})
        return self._work.set_urgency(
            one.number, one.agent, Urgency(chosen), one.version, suggested=offered if offered in set(Urgency) else "",
        )  # fmt: skip

    def _ticket(self, request: Request, agent: Agent, draft: Draft, status: int = 200) -> Response:
        number, reader = request.path_params["number"], self._parts.reader(request)
        try:
            ticket = self._parts.store.by_number(number)
            names, colleagues = self._parts.accounts.names(), self._parts.accounts.answering()
            way = self._way(request, agent, number)
            relations = self._work.relations(number) if ticket else None
            unsent, contact = self._parts.post.unsent(number), self._contact(agent, number)
            articles = begun(self._parts, ticket, agent, reader.lang) if ticket else NOTHING_BEGUN
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        if ticket is None:
            raise HTTPException(404)
        here = reader.at(reader.url(f"/desk/tickets/{number}", "", **way.query))
        found = quotes(self._parts, here, ticket.lang, draft.find) if draft.find else ()
        words = self._parts.templates.words[reader.lang]
        topics = dict(categories(self._parts.searcher.index, words))
        beside = Beside(
            names, topics.get(ticket.category, ticket.category), self._suggestions(ticket, here),
            topics=topics, offers=offers_of(self._parts, here, ticket, topics), now=here.now, found=found,
            way=way, agents=colleagues, relations=relations,
            unsent=unsent, contact=contact, begun=articles,
            company=company_of(self._parts.presence.enter(ticket.number, agent, is_writing=bool(draft.reply)), words),
        )  # fmt: skip
        page = desk_ticket_page(ticket, agent, beside, draft, words)
        return self._parts.show(request, page, status, PRIVATE, here)

    def _way(self, request: Request, agent: Agent, number: str) -> Way:
        """Return the list from which the agent came, with the tickets beside this one."""
        way = way_of(request.query_params)
        if not way.known:
            return way
        rows = self._work.find(way.find) if way.find else self._work.queue(way.queue, agent, way.page)
        return beside(way, rows, number)

    def _contact(self, agent: Agent, number: str) -> str:
        """Return the name of the agent's contact that became the ticket; empty for none, and for a colleague's."""
        try:
            return self._parts.contacts.of_ticket(agent.id, number).id
        except UnknownContact:
            return ""

    def _suggestions(self, ticket: Ticket, reader: Reader) -> tuple[Quote, ...]:
        """Return articles that fit what the customer wrote first, never one that the trail shows as read."""
        read = frozenset(entry.slug for entry in ticket.trail.entries if not isinstance(entry, Searched))
        return quotes(self._parts, reader, ticket.lang, ticket.messages[0].text, read)


def alert_of(error: Exception, words: Words) -> Alert:
    """Return in words what stood in the way; nothing was stored, and the text is still there."""
    if isinstance(error, Invalid) and (wrong := next((INVALID[one] for one in error.faults if one in INVALID), "")):
        return Alert(words.gettext(msg("Noch nicht gespeichert")), words.gettext(wrong))
    if isinstance(error, CannotJoin):
        return Alert(words.gettext(msg("Noch nicht gespeichert")), words.gettext(HINDRANCES[error.hindrance]))
    reason = words.gettext(next(text for kind, text in REASONS.items() if isinstance(error, kind)))
    told = reason % {"name": error.holder} if isinstance(error, Taken) else reason
    return Alert(words.gettext(msg("Noch nicht gespeichert")), told)


def _new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)
