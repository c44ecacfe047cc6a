"""Contact pages: the agent's contacts in a list, and one of them as it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from app.desk.agent import Agent
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from app.desk.contact import Contact, Event
    from app.web.words import Words

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "open": msg("Offen"),
        "solved": msg("Gelöst"),
        "ticket": msg("Ticket"),
        "escalated": msg("Eskaliert"),
        "callback": msg("Rückruf"),
    }
)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "searched": msg("gesucht"),
        "opened": msg("geöffnet"),
        "ticked": msg("abgehakt"),
        "unticked": msg("Haken entfernt"),
        "copied": msg("kopiert"),
        "mailed": msg("gemailt"),
        "wrong": msg("als falsch gemeldet"),
        "missing": msg("als fehlend gemeldet"),
    }
)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact in a list."""

    id: str
    started_at: datetime
    lasted: str
    outcome: str
    caller: str
    subject: str
    ticket: str


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """The agent's contacts: today's, and the last ones before."""

    template: ClassVar[str] = "contacts.html"
    agent: Agent
    today: tuple[ContactRow, ...]
    earlier: tuple[ContactRow, ...]


@dataclass(frozen=True, slots=True)
class EventLine:
    """Something that happened, ready to be read."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ContactPage:
    """A contact as it went; nothing can be changed here."""

    template: ClassVar[str] = "contact.html"
    agent: Agent
    row: ContactRow
    email: str
    phone: str
    notes: str
    callback_at: datetime | None
    events: tuple[EventLine, ...]
    kin: tuple[ContactRow, ...]
    """Other contacts with the same person: what a call back follows, and what followed."""


def contacts_page(agent: Agent, contacts: tuple[Contact, ...], now: datetime, words: Words) -> ContactsPage:
    """Return the list."""
    day = now.astimezone(words.zone).date()
    of_today = [one.started_at.astimezone(words.zone).date() == day for one in contacts]
    rows = [contact_row(one, now, words) for one in contacts]
    today, earlier = (
        [row for row, is_today in zip(rows, of_today, strict=True) if is_today is wanted] for wanted in (True, False)
    )
    return ContactsPage(agent, tuple(today), tuple(earlier))


def contact_page(agent: Agent, contact: Contact, kin: tuple[Contact, ...], now: datetime, words: Words) -> ContactPage:
    """Return one contact."""
    return ContactPage(
        agent=agent,
        row=contact_row(contact, now, words),
        email=contact.email,
        phone=contact.phone,
        notes=contact.notes,
        callback_at=contact.callback_at,
        events=tuple(
            EventLine(one.at, words.gettext(KINDS[one.kind]), event_text(one, words)) for one in contact.events
        ),
        kin=tuple(contact_row(one, now, words) for one in kin),
    )


def contact_row(contact: Contact, now: datetime, words: Words) -> ContactRow:
    """Return one contact as a list shows it."""
    return ContactRow(
        id=contact.id,
        started_at=contact.started_at,
        lasted=clock_of(contact.lasted(now)),
        outcome=words.gettext(OUTCOMES[contact.outcome]),
        caller=contact.caller,
        subject=contact.subject,
        ticket=contact.ticket or "",
    )


def clock_of(duration: timedelta) -> str:
    """Return a duration as a clock shows it: minutes and seconds, hours where there are any."""
    minutes, seconds = divmod(max(0, int(duration.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def event_text(event: Event, words: Words) -> str:
    """Return what an event is about in one line."""
    step = f"{words.gettext(msg('Schritt'))} {event.step}" if event.step else ""
    return " · ".join(part for part in (event.title, step, event.text, event.words) if part)
