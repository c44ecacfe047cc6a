"""Traces: what tickets and mails tell of a person, and how it is taken out while the figures stay."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import idna
from sqlalchemy import Engine, delete, func, insert, or_, select, update

from app.database import alone, purge_words, reading, writing
from app.person import Erased, Found, Person, StillOpen
from app.text import clean_line
from app.tickets.address import check_address
from app.tickets.deadline import PORTAL
from app.tickets.files import Files
from app.tickets.record import DONE, STATE, add_change, kept_files
from app.tickets.state import TicketState
from app.tickets.store import OPENING_LOCK, hash_key
from app.tickets.tables import (
    attachments,
    attempts,
    changes,
    deliveries,
    erasures,
    mail_attempts,
    mails,
    messages,
    ratings,
    ticket_words,
    tickets,
    trail_entries,
)
from app.tickets.ticket import Change
from app.tickets.trail import Opened, Rated, Searched, Tried, read_entry, write_entry
from app.tickets.words import write_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection, Row, Table

    from app.tickets.trail import Entry

SECRET = frozenset({"key_hash", "digest", "token", "leased_until"})
"""Columns that open something, or say nothing of the person: they are not handed out."""
BLANK_TICKET = {"name": "", "email": "", "digest": "", "sender_hash": "", "summary": None, "tags": "",
                "solution_id": None}  # fmt: skip
"""Without the id of the solution, the link in an old mail opens nothing any more."""
NO_TIMES = dict.fromkeys(("respond_by", "solve_by", "due_by", "warn_at", "climb_at"))
WORDLESS = "…"


@dataclass(frozen=True, slots=True)
class TicketTraces:
    """What the tickets and mails of one database tell of persons; a Keeper."""

    engine: Engine
    files: Path
    """Folder of the attachments."""
    clock: Callable[[], datetime]

    def identify(self, address: str) -> Person:
        """Return whom an address means, in capitals or not, with the numbers of the tickets; ValueError for none."""
        travels = check_address(address).lower()
        local, _, domain = travels.rpartition("@")
        spellings = frozenset({travels, f"{local}@{idna.decode(domain)}", clean_line(address).lower()})
        with reading(self.engine) as connection:
            numbers = connection.scalars(select(tickets.c.number).where(_has(tickets.c.email, spellings)))
            return Person(spellings, frozenset(numbers))

    def find(self, person: Person) -> Found:
        """Return tickets with all that belongs to them, and mails without a ticket."""
        with reading(self.engine) as connection:
            rows = connection.execute(_tickets_of(person)).all()
            without_ticket = or_(mails.c.ticket_id.is_(None), mails.c.ticket_id.not_in([row.id for row in rows]))
            lone = connection.execute(select(mails).where(_lone(person), without_ticket).order_by(mails.c.id)).all()
            told = [_told(connection, row) for row in rows]
        unfinished = tuple(row.number for row in rows if row.state not in DONE)
        files = tuple((one["file"], one["sha256"]) for ticket in told for one in ticket["attachments"])
        return Found({"tickets": told, "mails": [_handed_out(row) for row in lone]}, unfinished, files)

    def erase(self, person: Person, *, open_too: bool) -> Erased:
        """Make each ticket anonymous in a transaction of its own, then delete lone mails and files nobody has."""
        done, outside = Counter[str](), list[str]()
        with reading(self.engine) as connection:
            ids = [row.id for row in connection.execute(_tickets_of(person))]
        for ticket_id in ids:
            with writing(self.engine) as connection:
                hashes = self._erase_ticket(connection, ticket_id, person, done, outside, open_too=open_too)
            done["files"] += self._remove(hashes)
        with writing(self.engine) as connection:
            done["mails"] += _delete_mails(connection, _lone(person), outside)
            purge_words(connection, ticket_words)
        return Erased(done, tuple(outside))

    def write_down(self, counts: Mapping[str, int]) -> None:
        """Keep when something was erased and how much, and nothing of whom."""
        row = {kind: counts.get(kind, 0) for kind in ("tickets", "contacts", "mails", "files", "mentions")}
        with writing(self.engine) as connection:
            connection.execute(insert(erasures).values(at=self.clock(), **row))

    def _erase_ticket(  # noqa: PLR0913 - what is counted, and what others have received, is gathered on the way
        self, connection: Connection, ticket_id: int, person: Person, done: Counter[str], outside: list[str],
        *, open_too: bool,
    ) -> frozenset[str]:  # fmt: skip
        """Return the files that it had."""
        locked = select(tickets).where(tickets.c.id == ticket_id, _has(tickets.c.email, person.addresses))
        row = connection.execute(locked.with_for_update()).one_or_none()
        if row is None:
            return frozenset()  # somebody else has erased it meanwhile
        if row.state not in DONE:
            if not open_too:
                raise StillOpen((row.number,))
            _end(connection, row, self.clock())
        done["tickets"] += 1
        _delete_deliveries(connection, ticket_id, outside)
        done["mails"] += _delete_mails(connection, mails.c.ticket_id == ticket_id, outside)
        hashes = _delete_attachments(connection, ticket_id)
        _blank_texts(connection, ticket_id)
        closed = {"key_hash": hash_key(secrets.token_urlsafe()), "version": tickets.c.version + 1}
        connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(**BLANK_TICKET, **closed))
        write_words(connection, [ticket_id])
        return hashes

    def _remove(self, hashes: frozenset[str]) -> int:
        """Remove files under the lock of opening: another ticket may just be getting one with the same bytes."""
        if not hashes:
            return 0
        with writing(self.engine) as connection:
            alone(connection, OPENING_LOCK)
            spare = hashes - kept_files(connection)
            Files(self.files).remove(spare)
        return len(spare)


def _has(column: ColumnElement[str], addresses: frozenset[str]) -> ColumnElement[bool]:
    return func.lower(column).in_(sorted(addresses))


def _tickets_of(person: Person) -> Any:
    return select(tickets).where(_has(tickets.c.email, person.addresses)).order_by(tickets.c.id)


def _lone(person: Person) -> ColumnElement[bool]:
    """Match mails to the person, also those that came with somebody else's ticket."""
    return _has(mails.c.recipient, person.addresses)


def _told(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    """Return a ticket with everything below it, as it is handed out."""
    parts = (("messages", messages), ("trail", trail_entries), ("history", changes), ("deliveries", deliveries),
             ("mails", mails), ("ratings", ratings))  # fmt: skip
    told = {name: _below(connection, table, row.id) for name, table in parts}
    joined = select(attachments).join(messages, messages.c.id == attachments.c.message_id)
    files = connection.execute(joined.where(messages.c.ticket_id == row.id).order_by(attachments.c.id))
    kept = [_handed_out(file) | {"file": f"attachments/{file.id}-{file.name}"} for file in files]
    return _handed_out(row) | told | {"attachments": kept}


def _below(connection: Connection, table: Table, ticket_id: int) -> list[dict[str, Any]]:
    of_ticket = select(table).where(table.c.ticket_id == ticket_id).order_by(*table.primary_key.columns)
    return [_handed_out(row) for row in connection.execute(of_ticket)]


def _handed_out(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name not in SECRET}  # noqa: SLF001 - its public name


def _end(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Close a ticket that nobody can answer any more. No person does this, so the table of steps has none for it."""
    values = {"state": TicketState.CLOSED, "assignee": None, "changed_at": now, "waiting_since": now, **NO_TIMES}
    connection.execute(update(tickets).where(tickets.c.id == row.id).values(**values))
    add_change(connection, row.id, Change(now, PORTAL, STATE, row.state, TicketState.CLOSED))


def _delete_deliveries(connection: Connection, ticket_id: int, outside: list[str]) -> None:
    """End every delivery: a try that goes on finds nothing to write down, and nothing is tried again."""
    of_ticket = deliveries.c.ticket_id == ticket_id
    rows = connection.execute(select(deliveries.c.id, deliveries.c.remote).where(of_ticket).with_for_update()).all()
    connection.execute(delete(attempts).where(attempts.c.delivery_id.in_([row.id for row in rows])))
    connection.execute(delete(deliveries).where(of_ticket))
    outside += [row.remote for row in rows if row.remote]


def _delete_mails(connection: Connection, where: ColumnElement[bool], outside: list[str]) -> int:
    rows = connection.execute(select(mails.c.id, mails.c.remote).where(where).with_for_update()).all()
    ids = [row.id for row in rows]
    connection.execute(delete(mail_attempts).where(mail_attempts.c.mail_id.in_(ids)))
    connection.execute(delete(mails).where(mails.c.id.in_(ids)))
    outside += [row.remote for row in rows if row.remote]
    return len(rows)


def _delete_attachments(connection: Connection, ticket_id: int) -> frozenset[str]:
    written = attachments.c.message_id.in_(select(messages.c.id).where(messages.c.ticket_id == ticket_id))
    hashes = frozenset(connection.scalars(select(attachments.c.sha256).where(written)))
    connection.execute(delete(attachments).where(written))
    return hashes


def _blank_texts(connection: Connection, ticket_id: int) -> None:
    """Take the words out; who wrote when, what was read, and scores stay for the figures."""
    connection.execute(
        update(messages).where(messages.c.ticket_id == ticket_id).values(text="", sender=None, shown=None)
    )
    connection.execute(update(ratings).where(ratings.c.ticket_id == ticket_id).values(comment=""))
    tagged = (changes.c.ticket_id == ticket_id) & (changes.c.what == "tags")
    connection.execute(update(changes).where(tagged).values(was="", became=""))
    for row in connection.execute(select(trail_entries).where(trail_entries.c.ticket_id == ticket_id)).all():
        _blank_entry(connection, row)


def _blank_entry(connection: Connection, row: Row[Any]) -> None:
    """Keep which article it was; titles and steps are as the browser sent them, and a search is all words."""
    this = (trail_entries.c.ticket_id == row.ticket_id) & (trail_entries.c.position == row.position)
    entry = _wordless(read_entry(row.entry))
    if entry is None:
        connection.execute(delete(trail_entries).where(this))
    else:
        connection.execute(update(trail_entries).where(this).values(entry=write_entry(entry)))


def _wordless(entry: Entry) -> Entry | None:
    match entry:
        case Searched():
            return None
        case Opened(slug):
            return Opened(slug, WORDLESS)
        case Tried(slug, _, step):
            return Tried(slug, WORDLESS, step, WORDLESS)
        case Rated(slug, _, helpful):
            return Rated(slug, WORDLESS, helpful=helpful)
