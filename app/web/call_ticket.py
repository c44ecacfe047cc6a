"""Call ticket: the ticket that a contact becomes, with its trail: what was searched, opened and tried."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from app.desk.contact import EventKind
from app.tickets.store import KeyReused
from app.tickets.ticket import MAX_SUMMARY, check_summary, draft
from app.tickets.trail import MAX_ENTRIES, Opened, Searched, Trail, Tried
from app.web.ticket_form import UNSURE, categories
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.desk.agent import Agent
    from app.desk.contact import Contact, Event
    from app.tickets.ticket import Ticket, TicketDraft
    from app.tickets.trail import Entry
    from app.web.forms import PostedForm
    from app.web.pages import Parts
    from app.web.words import Words

KNOWN = 1_500
"""Characters of the notes that a summary begins with."""


def trail_of(parts: Parts, contact: Contact) -> Trail:
    """Return the contact's trail without repeats, the last entries where they are too many.

    The customer reads it too: internal articles are left out, and steps that were unticked again.
    """
    public = replace(contact, events=tuple(one for one in contact.events if not one.slug or _is_public(parts, one)))
    entries = list(dict.fromkeys(_entries(public)))
    return Trail(tuple(entries[-MAX_ENTRIES:]))


def ticked_of(contact: Contact) -> frozenset[tuple[str, int]]:
    """Return the steps that are ticked at the end, as slug and number."""
    ticked: set[tuple[str, int]] = set()
    for event in contact.events:
        if event.kind is EventKind.TICKED:
            ticked.add((event.slug, event.step))
        elif event.kind is EventKind.UNTICKED:
            ticked.discard((event.slug, event.step))
    return frozenset(ticked)


def summary_of(contact: Contact, words: Words) -> str:
    """Return a beginning of the summary for another level: what is known, what was tried, and room for the question."""
    say = words.gettext
    tried = [f"- {event.title}: {event.text}" for event in _tried(contact)] or [f"- {say(msg('nichts bekannt'))}"]
    titles = (say(msg("Bekannt:")), say(msg("Versucht:")), say(msg("Frage:")))
    known = contact.notes[:KNOWN].strip()
    story = "\n".join((f"{titles[0]} {known}", "", titles[1], *tried))
    return f"{story[: MAX_SUMMARY - 100]}\n\n{titles[2]} "


def category_of(parts: Parts, contact: Contact) -> str:
    """Return the category of the article that was used last; not to know is one as well."""
    known = {slug for slug, _ in categories(parts.searcher.index, parts.templates.words[contact.lang])}
    used = (event.slug for event in reversed(contact.events) if event.slug)
    found = (edition.article.category for slug in used if (edition := parts.internal.index.edition(slug, contact.lang)))
    return next((category for category in found if category in known), UNSURE)


def open_ticket(parts: Parts, agent: Agent, contact: Contact, posted: PostedForm) -> Ticket:
    """Return the contact's ticket, made once; escalated as well where a level is asked for.

    Raise Invalid, TooMany, WrongLevel and what the stores raise. A repeat goes on where the first try was stopped.
    """
    level = int(posted.one("level")) if posted.one("level") in {"2", "3"} else None
    summary = check_summary(posted.one("summary")) if level else ""
    key = parts.keys.of(f"ticket of {contact.id}")
    with suppress(KeyReused):  # the ticket is there: what was written since is in the contact
        parts.store.open_ticket(_draft(parts, contact, posted, key), called=True)
    ticket = _note_internal(parts, agent, contact, _ticket(parts, key))
    if level is None or ticket.level >= level:
        return ticket
    return parts.workplace.escalate(ticket.number, agent, level, summary, ticket.version)


def _ticket(parts: Parts, key: str) -> Ticket:
    known = parts.store.by_key(key)
    ticket = parts.store.by_number(known.number) if known else None
    assert ticket is not None  # noqa: S101 - it was opened just now, or before
    return ticket


def _note_internal(parts: Parts, agent: Agent, contact: Contact, ticket: Ticket) -> Ticket:
    """Tell staff alone which internal articles were used: the trail is read by the customer as well."""
    used = [event for event in contact.events if event.slug and not _is_public(parts, event)]
    if not used:
        return ticket
    words = parts.templates.words[contact.lang]
    lines = dict.fromkeys(f"- {event.title}" + (f": {event.text}" if event.text else "") for event in used)
    text = "\n".join((words.gettext(msg("Im Gespräch benutzt, nur intern:")), *lines))
    with suppress(KeyReused):
        return parts.workplace.note(ticket.number, agent, text, f"contact {contact.id}")
    return ticket


def _is_public(parts: Parts, event: Event) -> bool:
    return bool(parts.searcher.index.editions(event.slug))


def _draft(parts: Parts, contact: Contact, posted: PostedForm, key: str) -> TicketDraft:
    """Return the draft. Its sender is the contact: an agent may open more tickets in an hour than a neighbourhood."""
    fields = {
        "name": contact.caller, "email": contact.email, "description": posted.one("description"),
        "category": posted.one("category"), "urgency": posted.one("urgency"),
    }  # fmt: skip
    known = {slug for slug, _ in categories(parts.searcher.index, parts.templates.words[contact.lang])}
    return draft(fields, trail_of(parts, contact), None, key, f"contact {contact.id}", contact.lang, categories=known)


def _entries(contact: Contact) -> Iterator[Entry]:
    ticked = ticked_of(contact)
    for event in contact.events:
        if event.kind is EventKind.SEARCHED:
            yield Searched(event.text)
        elif event.kind is EventKind.OPENED:
            yield Opened(event.slug, event.title)
        elif event.kind is EventKind.TICKED and (event.slug, event.step) in ticked and event.text:
            yield Tried(event.slug, event.title, event.step, event.text)


def _tried(contact: Contact) -> Iterator[Event]:
    ticked = ticked_of(contact)
    events = {(event.slug, event.step): event for event in contact.events if event.kind is EventKind.TICKED}
    return (event for place, event in events.items() if place in ticked)
