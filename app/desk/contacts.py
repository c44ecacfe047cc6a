"""Contacts: the conversations of one database. What a browser sends twice is stored once, and nothing is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, delete, false, func, insert, or_, select, update

from app.database import reading, writing
from app.desk.contact import Contact, Event, EventKind, Outcome, ended
from app.desk.tables import contact_events, contacts, flags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection, Row

    from app.desk.contact import ContactDraft

MOST_OPEN = 20
"""Open contacts that a page shows; nobody has that many callers."""
PAGE = 50  # contacts of a list
MOST_KIN = 5  # other contacts with the same person that a page shows
WRITTEN = ("lang", "caller", "email", "phone", "notes")
"""What an agent writes, and a stale page must not overwrite."""
FLAGGED = (EventKind.WRONG, EventKind.MISSING)


class UnknownContact(Exception):
    """No contact of this agent has this name."""


class StaleContact(Exception):
    """Another window has changed the contact since: `contact` is how it stands; nothing was stored."""

    def __init__(self, contact: Contact) -> None:
        super().__init__(f"Contact {contact.id} is at version {contact.version} by now. Take both texts, save again.")
        self.contact = contact


class ContactEnded(Exception):
    """The contact has ended, and what is new cannot be stored; `contact` is how it ended."""

    def __init__(self, contact: Contact) -> None:
        super().__init__(f"Contact {contact.id} has ended as {contact.outcome}. Begin a new one.")
        self.contact = contact


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contacts of one database. Each method raises StoreUnavailable when that cannot be used."""

    engine: Engine
    clock: Callable[[], datetime]

    def save(self, agent_id: int, draft: ContactDraft) -> Contact:
        """Store what is new in a contact, and the contact itself where it is; return how it stands.

        The same again changes nothing. Raise UnknownContact for another agent's, StaleContact and ContactEnded.
        """
        with writing(self.engine) as connection:
            row = _own(connection, agent_id, draft.id) or _begin(connection, agent_id, draft)
            _save(connection, row, draft)
            return _load(connection, row.id)

    def end(
        self, agent_id: int, draft: ContactDraft, outcome: Outcome, *,
        ticket: str | None = None, callback_at: datetime | None = None,
    ) -> Contact:  # fmt: skip
        """Store what is new, and end the contact, in one step; the same end again changes nothing.

        Raise what `save` does, and IllegalOutcome when it has ended another way.
        """
        with writing(self.engine) as connection:
            row = _own(connection, agent_id, draft.id) or _begin(connection, agent_id, draft)
            if row.outcome != outcome:
                new = ended(Outcome(row.outcome), outcome)
                _save(connection, row, draft)
                done = {"outcome": new, "ended_at": self.clock(), "ticket": ticket, "callback_at": callback_at}
                _set(connection, row.id, version=contacts.c.version + 1, **done)
            return _load(connection, row.id)

    def note_event(self, agent_id: int, name: str, event: Event) -> None:
        """Write down something that the portal itself did in a contact, once; raise UnknownContact."""
        with writing(self.engine) as connection:
            row = _own(connection, agent_id, name)
            if row is None:
                raise UnknownContact(name)
            _add_events(connection, row, [event])

    def open_of(self, agent_id: int) -> tuple[Contact, ...]:
        """Return the contacts of an agent that have not ended, oldest first."""
        with reading(self.engine) as connection:
            of_agent = (contacts.c.agent_id == agent_id) & (contacts.c.outcome == Outcome.OPEN)
            query = select(contacts).where(of_agent).order_by(contacts.c.started_at, contacts.c.id).limit(MOST_OPEN)
            return _contacts(connection, connection.execute(query).all())

    def of_agent(self, agent_id: int) -> tuple[Contact, ...]:
        """Return the last contacts of an agent, newest first."""
        with reading(self.engine) as connection:
            order = (contacts.c.started_at.desc(), contacts.c.id.desc())
            query = select(contacts).where(contacts.c.agent_id == agent_id).order_by(*order).limit(PAGE)
            return _contacts(connection, connection.execute(query).all())

    def by_name(self, agent_id: int, name: str) -> Contact:
        """Return an agent's contact; raise UnknownContact for another agent's, and where there is none."""
        return self._find(contacts.c.agent_id == agent_id, contacts.c.name == name)

    def of_ticket(self, agent_id: int, number: str) -> Contact:
        """Return the agent's contact that became a ticket; raise UnknownContact where there is none."""
        return self._find(contacts.c.agent_id == agent_id, contacts.c.ticket == number)

    def kin_of(self, contact: Contact) -> tuple[Contact, ...]:
        """Return the other contacts of the same agent with the same person or about the same ticket, newest first."""
        with reading(self.engine) as connection:
            others = (contacts.c.agent_id == contact.agent_id) & (contacts.c.name != contact.id) & _kin(contact)
            order = (contacts.c.started_at.desc(), contacts.c.id.desc())
            query = select(contacts).where(others).order_by(*order).limit(MOST_KIN)
            return _contacts(connection, connection.execute(query).all())

    def forget(self, before: datetime) -> int:
        """Delete the contacts that began before then, with their events; what they flagged stays, without a word."""
        old = select(contacts.c.id).where(contacts.c.started_at < before)
        said = (flags.c.at < before) & (flags.c.words + flags.c.note != "")
        with writing(self.engine) as connection:
            connection.execute(update(flags).where(said).values(words="", note=""))
            connection.execute(old.with_for_update()).all()
            connection.execute(update(flags).where(flags.c.contact_id.in_(old)).values(contact_id=None))
            connection.execute(delete(contact_events).where(contact_events.c.contact_id.in_(old)))
            return connection.execute(delete(contacts).where(contacts.c.started_at < before)).rowcount

    def _find(self, *where: ColumnElement[bool]) -> Contact:
        with reading(self.engine) as connection:
            rows = connection.execute(select(contacts).where(*where).limit(1)).all()
            if not rows:
                raise UnknownContact("No contact of this agent has this name or ticket.")
            return _contacts(connection, rows)[0]


def _kin(contact: Contact) -> ColumnElement[bool]:
    """Match contacts with the same address, telephone number or ticket; what is empty is nobody's."""
    same = [
        func.lower(contacts.c.email) == contact.email.lower() if contact.email else None,
        func.replace(contacts.c.phone, " ", "") == contact.phone.replace(" ", "") if contact.phone else None,
        contacts.c.ticket == contact.ticket if contact.ticket else None,
    ]
    return or_(false(), *(one for one in same if one is not None))


def _own(connection: Connection, agent_id: int, name: str) -> Row[Any] | None:
    """Return the locked row of a contact, or None where it is new; raise UnknownContact for another agent's."""
    row = connection.execute(select(contacts).where(contacts.c.name == name).with_for_update()).one_or_none()
    if row is not None and row.agent_id != agent_id:
        raise UnknownContact("No contact of this agent has this name.")
    return row


def _begin(connection: Connection, agent_id: int, draft: ContactDraft) -> Row[Any]:
    written = {name: getattr(draft, name) for name in WRITTEN}
    row = {"name": draft.id, "agent_id": agent_id, "started_at": draft.started_at, "outcome": Outcome.OPEN}
    window = {"version": 1, "tab": draft.tab, "turn": draft.turn}
    key = connection.execute(insert(contacts).values(**row, **written, **window)).inserted_primary_key
    return connection.execute(select(contacts).where(contacts.c.id == (key and key[0]))).one()


def _save(connection: Connection, row: Row[Any], draft: ContactDraft) -> None:
    """Store what is new; a version that was seen, or the window that wrote last, may change what is written."""
    written = {name: getattr(draft, name) for name in WRITTEN}
    changed = any(row._mapping[name] != value for name, value in written.items())  # noqa: SLF001 - its public name
    new = _new_events(connection, row, draft.events)
    if row.outcome != Outcome.OPEN and (changed or new):
        raise ContactEnded(_load(connection, row.id))
    if changed:
        goes_on = row.tab == draft.tab and draft.turn > row.turn
        if draft.version != row.version and not goes_on:
            raise StaleContact(_load(connection, row.id))
        _set(connection, row.id, version=contacts.c.version + 1, tab=draft.tab, turn=draft.turn, **written)
    _add_events(connection, row, new)


def _set(connection: Connection, contact_id: int, **values: object) -> None:
    connection.execute(update(contacts).where(contacts.c.id == contact_id).values(**values))


def _new_events(connection: Connection, row: Row[Any], events: Iterable[Event]) -> list[Event]:
    by_key = {event.key: event for event in events}
    known = (contact_events.c.contact_id == row.id) & contact_events.c.key.in_(by_key)
    there = set(connection.scalars(select(contact_events.c.key).where(known)))
    return [event for key, event in by_key.items() if key not in there]


def _add_events(connection: Connection, row: Row[Any], events: Iterable[Event]) -> None:
    for event in _new_events(connection, row, events):
        told = {"slug": event.slug, "lang": event.lang, "words": event.words, "at": event.at, "kind": event.kind}
        own = {"key": event.key, "title": event.title, "step": event.step, "text": event.text}
        connection.execute(insert(contact_events).values(contact_id=row.id, **told, **own))
        if event.kind in FLAGGED:
            whose = {"agent_id": row.agent_id, "contact_id": row.id, "note": event.text}
            connection.execute(insert(flags).values(**told, **whose))


def _load(connection: Connection, contact_id: int) -> Contact:
    return _contacts(connection, connection.execute(select(contacts).where(contacts.c.id == contact_id)).all())[0]


def _contacts(connection: Connection, rows: Iterable[Row[Any]]) -> tuple[Contact, ...]:
    """Return contacts with their events, in one more query."""
    found = list(rows)
    of_these = contact_events.c.contact_id.in_([row.id for row in found])
    events: dict[int, list[Event]] = defaultdict(list)
    for row in connection.execute(select(contact_events).where(of_these).order_by(contact_events.c.id)):
        told = (row.slug, row.lang, row.title, row.step, row.text, row.words)
        events[row.contact_id].append(Event(row.key, EventKind(row.kind), row.at, *told))
    return tuple(_contact(row, tuple(events[row.id])) for row in found)


def _contact(row: Row[Any], events: tuple[Event, ...]) -> Contact:
    return Contact(
        id=row.name,
        agent_id=row.agent_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=Outcome(row.outcome),
        lang="en" if row.lang == "en" else "de",
        caller=row.caller,
        email=row.email,
        phone=row.phone,
        notes=row.notes,
        ticket=row.ticket,
        callback_at=row.callback_at,
        version=row.version,
        events=events,
    )
