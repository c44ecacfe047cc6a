"""Traces: what contacts and flags tell of a person, and how it is taken out while the figures stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, func, or_, select, update

from app.database import reading, writing
from app.desk.contact import Outcome
from app.desk.tables import contact_events, contacts, flags
from app.person import Erased, Found, Person, StillOpen

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Select

BLANK = {"caller": "", "email": "", "phone": "", "notes": ""}
SECRET = frozenset({"name", "tab", "turn", "version"})
"""Columns that say nothing of the person: they are not handed out."""


@dataclass(frozen=True, slots=True)
class ContactTraces:
    """What the contacts of one database tell of persons; a Keeper. It finds by ticket too, so it comes before these."""

    engine: Engine

    def find(self, person: Person) -> Found:
        """Return contacts with what happened in them, and what was flagged there."""
        with reading(self.engine) as connection:
            rows = connection.execute(_contacts_of(person)).all()
            told = [_told(connection, row) for row in rows]
        unfinished = tuple(f"contact of {row.started_at:%Y-%m-%d %H:%M} UTC" for row in rows if _is_open(row))
        return Found({"contacts": told}, unfinished)

    def erase(self, person: Person, *, open_too: bool) -> Erased:
        """Make the contacts anonymous: when, how long, how it ended and which articles were used stays."""
        with writing(self.engine) as connection:
            rows = connection.execute(_contacts_of(person).with_for_update()).all()
            if not open_too and (names := [str(row.id) for row in rows if _is_open(row)]):
                raise StillOpen(names)
            return Erased({"contacts": sum(_erase(connection, row) for row in rows)})


def _contacts_of(person: Person) -> Select[Any]:
    """Match the contacts of the address, and those that became the person's tickets."""
    named = func.lower(contacts.c.email).in_(sorted(person.addresses))
    return select(contacts).where(or_(named, contacts.c.ticket.in_(person.tickets))).order_by(contacts.c.id)


def _is_open(row: Row[Any]) -> bool:
    return bool(row.outcome == Outcome.OPEN)


def _told(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    parts = {"events": contact_events, "flags": flags}
    below = {
        name: [_handed_out(one) for one in connection.execute(select(table).where(table.c.contact_id == row.id))]
        for name, table in parts.items()
    }
    return _handed_out(row) | below


def _handed_out(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name not in SECRET}  # noqa: SLF001 - its public name


def _erase(connection: Connection, row: Row[Any]) -> int:
    """Return 1, or 0 where nothing was left to be taken out."""
    of_contact = contact_events.c.contact_id == row.id
    said = of_contact & (contact_events.c.text + contact_events.c.words + contact_events.c.title != "")
    gone = {"text": "", "words": "", "title": ""}
    counts = connection.execute(update(contact_events).where(said).values(**gone)).rowcount
    noted = (flags.c.contact_id == row.id) & (flags.c.words + flags.c.note != "")
    counts += connection.execute(update(flags).where(noted).values(words="", note="")).rowcount
    if any(row._mapping[name] for name in BLANK):  # noqa: SLF001 - its public name
        blank = update(contacts).where(contacts.c.id == row.id).values(**BLANK, version=contacts.c.version + 1)
        counts += connection.execute(blank).rowcount
    return int(counts > 0)
