"""Contacts: saved while they are written, ended, made into tickets, and read again."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from app.database import StoreUnavailable
from app.desk.contact import BadContact, Event, EventKind, IllegalOutcome, Outcome, read_draft
from app.desk.contacts import ContactEnded, StaleContact, UnknownContact
from app.tickets.store import KeyReused, TooMany
from app.tickets.ticket import Invalid
from app.tickets.turn import Stale
from app.tickets.workplace import WrongLevel
from app.web.asked import note_contact
from app.web.call_answer import answer_of
from app.web.call_article import public_url
from app.web.call_page import contact_json, prefilled
from app.web.call_ticket import open_ticket
from app.web.contact_pages import OUTCOMES, contact_page, contacts_page
from app.web.desk import DeskRoutes
from app.web.forms import PostedForm, read_form
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS, refusal
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from starlette.requests import Request
    from starlette.responses import Response

    from app.articles.article import Language
    from app.desk.agent import Agent
    from app.desk.contact import Contact, ContactDraft
    from app.web.pages import Parts
    from app.web.words import Words

FARTHEST = timedelta(days=366)
"""How far ahead a call back can be promised."""
TICKET_FIELDS = frozenset({"category", "urgency", "level", "summary", "description"})
END_FIELDS = frozenset({"outcome", "callback"})
MAIL_FIELDS = frozenset({"slug", "sentence", "key", "article_lang"})
PLAIN_ENDS = frozenset({Outcome.SOLVED, Outcome.CALLBACK})
"""Ends that need nothing else; a ticket is made by its own route."""


class _Told(Exception):
    """Something is missing, and this is how it is said."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


CALLBACK = msg("Wann rufen Sie zurück? Wählen Sie einen Zeitpunkt, der noch kommt.")
ENDED = msg("Dieser Kontakt ist schon beendet. Ihr Text ist noch da: Kopieren Sie ihn in einen neuen Kontakt.")
STALE = msg("Dieser Kontakt wurde in einem anderen Fenster geändert.")
OTHER_AGENT = msg("In diesem Browser ist jetzt jemand anderes angemeldet. Ihr Text bleibt hier.")
WORDS: Mapping[type[Exception], tuple[int, str, str]] = MappingProxyType(
    {
        StaleContact: (409, "stale", STALE),
        ContactEnded: (409, "ended", ENDED),
        IllegalOutcome: (409, "ended", ENDED),
        Stale: (409, "again", msg("Das Ticket hat sich gerade geändert. Versuchen Sie es bitte noch einmal.")),
        KeyReused: (409, "again",
                    msg("Das wurde mit anderem Inhalt schon gesendet. Versuchen Sie es bitte noch einmal.")),
        WrongLevel: (409, "again", msg("Auf dieser Ebene ist das Ticket schon. Wählen Sie eine andere.")),
        TooMany: (429, "again",
                  msg("Das waren gerade sehr viele Tickets. Versuchen Sie es in ein paar Minuten wieder.")),
        StoreUnavailable: (503, "failed", msg("Wir können im Moment nichts speichern. Ihr Text ist noch da.")),
    }
)  # fmt: skip
"""What can stand in the way: status, what scripts call it, and what people read."""
REFUSED: tuple[type[Exception], ...] = (BadContact, Invalid, _Told, *WORDS)


def router(parts: Parts) -> APIRouter:
    """Return the routes of contacts."""
    contacts, routes = _Contacts(parts), APIRouter()
    guarded = DeskRoutes(parts, routes)

    def changing(step: Callable[[ContactDraft, Agent, PostedForm, Words], Any], extra: frozenset[str]) -> Any:
        async def change(request: Request, agent: Agent) -> Response:
            return await run_in_threadpool(contacts.change, request, agent, await read_form(request), step, extra)

        return change

    guarded.add_route("/desk/contacts", contacts.every)
    guarded.add_route("/desk/contacts/{id}", contacts.one)
    guarded.add_route("/desk/contacts/{id}", changing(contacts.save, frozenset()), methods=("POST",))
    guarded.add_route("/desk/contacts/{id}/end", changing(contacts.end, END_FIELDS), methods=("POST",))
    guarded.add_route("/desk/contacts/{id}/ticket", changing(contacts.ticket, TICKET_FIELDS), methods=("POST",))
    guarded.add_route("/desk/contacts/{id}/mail", changing(contacts.mail, MAIL_FIELDS), methods=("POST",))
    return routes


class _Contacts:
    """Answers the requests about contacts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def every(self, request: Request, agent: Agent) -> Response:
        """Show the agent's contacts."""
        reader = self._parts.reader(request)
        try:
            found = self._parts.contacts.of_agent(agent.id)
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        page = contacts_page(agent, found, reader.now, self._parts.templates.words[reader.lang])
        return self._parts.show(request, page, headers=PRIVATE, reader=reader)

    def one(self, request: Request, agent: Agent) -> Response:
        """Show one contact; another agent's is as unknown as one that never was."""
        reader = self._parts.reader(request)
        try:
            found = self._parts.contacts.by_name(agent.id, request.path_params["id"])
            kin = self._parts.contacts.kin_of(found)
        except UnknownContact:
            raise HTTPException(404) from None
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        page = contact_page(agent, found, kin, reader.now, self._parts.templates.words[reader.lang])
        return self._parts.show(request, page, headers=PRIVATE, reader=reader)

    def change(
        self, request: Request, agent: Agent, posted: PostedForm,
        step: Callable[[ContactDraft, Agent, PostedForm, Words], Any], extra: frozenset[str],
    ) -> Response:  # fmt: skip
        """Store what was sent and do what was asked; say in JSON what became of it, or what stands in the way."""
        words = self._parts.templates.words[self._parts.reader(request).lang]
        if posted.one("agent") != str(agent.id):
            return _answer(409, {"error": "agent", "text": words.gettext(OTHER_AGENT)})
        own = [(name, text) for name, text in posted.fields if name not in extra]
        try:
            draft = read_draft(request.path_params["id"], own, self._parts.clock())
            return _answer(200, step(draft, agent, posted, words))
        except UnknownContact:
            raise HTTPException(404) from None
        except REFUSED as error:
            return self._refusal(error, words)

    def save(self, draft: ContactDraft, agent: Agent, _posted: PostedForm, words: Words) -> dict[str, Any]:
        """Store what is new, and tell what a ticket of it would begin with."""
        contact = self._parts.contacts.save(agent.id, draft)
        return {"version": contact.version, **prefilled(self._parts, words, contact)}

    def end(self, draft: ContactDraft, agent: Agent, posted: PostedForm, words: Words) -> dict[str, Any]:
        """End the contact as solved, or with a call back."""
        wanted = posted.one("outcome")
        if wanted not in PLAIN_ENDS:
            raise BadContact("outcome", f"{wanted!r:.40} is no end of a contact.")
        due = _callback(posted.one("callback"), self._parts.clock(), words.zone) if wanted == Outcome.CALLBACK else None
        contact = self._parts.contacts.end(agent.id, draft, Outcome(wanted), callback_at=due)
        note_contact(self._parts, contact)
        return _end(contact, words)

    def ticket(self, draft: ContactDraft, agent: Agent, posted: PostedForm, words: Words) -> dict[str, Any]:
        """Make the ticket, and end the contact with its number; a repeat finds both."""
        contact = self._parts.contacts.save(agent.id, draft)
        if contact.outcome is not Outcome.OPEN:
            return _end(contact, words)
        ticket = open_ticket(self._parts, agent, contact, posted)
        outcome = Outcome.ESCALATED if posted.one("level") else Outcome.TICKET
        ended = self._parts.contacts.end(agent.id, draft, outcome, ticket=ticket.number)
        note_contact(self._parts, ended, posted.one("description"))
        return _end(ended, words)

    def mail(self, draft: ContactDraft, agent: Agent, posted: PostedForm, _words: Words) -> dict[str, Any]:
        """Mail the public answer of an article to the caller, and write that down."""
        contact, mailer = self._parts.contacts.save(agent.id, draft), self._parts.article_mailer
        slug = posted.one("slug")
        lang: Language = "en" if posted.one("article_lang") == "en" else "de"
        public = self._parts.searcher.index.rendered.get((slug, lang))
        if mailer is None or public is None:
            raise _Told("mail", msg("Diesen Artikel können wir nicht mailen: Er ist nur intern."))
        answer = answer_of(public, public, posted.one("sentence"))
        title, url = public.article.title, public_url(self._parts, public)
        event = Event(_key(posted), EventKind.MAILED, self._parts.clock(), slug, lang, title, text=contact.email)
        try:
            mailer.mail_article(contact.email, public.article.lang, title, answer.passage, url, event.key)
        except (Invalid, ValueError):
            raise _Told(
                "mail", msg("Bitte prüfen Sie die E-Mail-Adresse. Sie sieht so aus: name@beispiel.de")
            ) from None
        self._parts.contacts.note_event(agent.id, contact.id, event)
        return {"version": contact.version, "mailed": contact.email}

    def _refusal(self, error: Exception, words: Words) -> Response:
        now = self._parts.clock()
        if isinstance(error, BadContact):
            return _answer(422, {"error": error.field, "text": str(error)})
        if isinstance(error, _Told):
            return _answer(422, {"error": error.code, "text": words.gettext(str(error))})
        if isinstance(error, Invalid):
            return _answer(422, {"error": "ticket", "faults": _faults(error, words)})
        status, code, text = next(told for kind, told in WORDS.items() if isinstance(error, kind))
        known = {"contact": contact_json(error.contact, now)} if isinstance(error, StaleContact) else {}
        return _answer(status, {"error": code, "text": words.gettext(text), **known})


def _faults(error: Invalid, words: Words) -> dict[str, str]:
    faults = dict(refusal(error, words).faults)
    if "summary" in error.faults:
        faults["summary"] = words.gettext(
            msg("Schreiben Sie, was bekannt ist, was versucht wurde und was die Frage ist.")
        )
    return faults


def _end(contact: Contact, words: Words) -> dict[str, Any]:
    return {
        "version": contact.version, "outcome": contact.outcome, "number": contact.ticket,
        "said": words.gettext(OUTCOMES[contact.outcome]),
    }  # fmt: skip


def _callback(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Return the moment that a form names, in the portal's time zone where it names none itself."""
    try:
        named = datetime.fromisoformat(text)
        due = named if named.tzinfo else named.replace(tzinfo=zone)
    except ValueError:
        raise _Told("callback", CALLBACK) from None
    if not now < due < now + FARTHEST:
        raise _Told("callback", CALLBACK)
    return due


def _key(posted: PostedForm) -> str:
    key = posted.one("key")
    if not 16 <= len(key) <= 40 or not key.replace("-", "").replace("_", "").isalnum():  # noqa: PLR2004 - characters
        raise BadContact("key", f"{key!r:.60} is no key.")
    return key


def _answer(status: int, told: dict[str, Any]) -> Response:
    return JSONResponse(told, status, dict(PRIVATE))
