"""Questions: what was asked and may lack an article, masked before it is stored, and forgotten like all texts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Date,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    table,
)

from app.database import Moment, alone, metadata, reading, writing
from app.learning.asked import Askers, masked
from app.person import Erased, Found, Person

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from app.learning.asked import Asked

LOCK = 0x57656702  # any number that no other program takes for an advisory lock
MOST_A_DAY = 30
"""Questions of one asker that are written down in a day: nobody has more, a program has."""

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(10), nullable=False),  # open, done or ignored
    Column("decided_at", Moment),
    Column("people", Integer, nullable=False),
    Column("tickets", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("weeks", String(100), nullable=False),  # askers by week, oldest first
    Column("nearest", String(610), nullable=False),  # slugs
    Column("answered", Integer, nullable=False),  # 1: an article answers it by now
    Column("made_at", Moment, nullable=False),
    Column("answered_at", Moment),  # since when an article answers it; empty while none does
)
questions = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("lang", String(5), nullable=False),
    Column("source", String(10), nullable=False),
    Column("text", String(300), nullable=False),  # masked
    Column("asker", String(24), nullable=False),
    Column("nearest", String(610), nullable=False),  # slugs, at that time
    Column("confidence", Float),
    Column("gap_id", ForeignKey("gaps.id"), index=True),
    Column("place", Integer),  # in its gap, the most central one first
    Column("answer", String(200)),  # slug of the article that answers it today
    Index(None, "asker", "day"),
)
# Learning finds the contacts of a person by their address, and knows no more of them.
contacts = table("contacts", column("name", String), column("email", String), column("ticket", String))


@dataclass(frozen=True, slots=True)
class Kept:
    """A question as it is kept."""

    id: int
    day: date
    lang: str
    source: str
    text: str
    asker: str
    gap_id: int | None = None


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of one database; a Keeper. Each method raises StoreUnavailable."""

    engine: Engine
    askers: Askers
    ours: Collection[str] = field(default=())
    """Telephone numbers and addresses of the provider, which may stay."""

    def add(self, every: Sequence[Asked]) -> int:
        """Write down questions, each once for an asker and a day, and return how many were new."""
        rows = [row for one in every if (row := _row(one, self.ours))["text"]]
        with writing(self.engine) as connection:
            alone(connection, LOCK)
            return sum(_add(connection, row) for row in rows)

    def since(self, day: date, most: int) -> list[Kept]:
        """Return the last questions from a day on, newest first."""
        wanted = (questions.c[name] for name in Kept.__dataclass_fields__)
        query = select(*wanted).where(questions.c.day >= day).order_by(questions.c.id.desc()).limit(most)
        with reading(self.engine) as connection:
            return [Kept(*row) for row in connection.execute(query)]

    def last(self) -> int:
        """Return the number of the newest question, 0 where there is none."""
        with reading(self.engine) as connection:
            return connection.scalar(select(func.max(questions.c.id))) or 0

    def forget(self, before: datetime) -> int:
        """Delete the questions that were asked before then, and gaps without any; return how many questions."""
        with writing(self.engine) as connection:
            return _delete(connection, questions.c.day < before.date())

    def find(self, person: Person) -> Found:
        """Return what came from the tickets and contacts of a person."""
        with reading(self.engine) as connection:
            asked = select(questions).where(self._of(connection, person)).order_by(questions.c.id)
            names = ("day", "lang", "source", "text")
            rows = connection.execute(asked).mappings()
            return Found({"questions": [{name: str(row[name]) for name in names} for row in rows]})

    def erase(self, person: Person, *, open_too: bool) -> Erased:
        """Delete the same; how many asked is counted anew."""
        del open_too
        with writing(self.engine) as connection:
            return Erased({"questions": _delete(connection, self._of(connection, person))})

    def _of(self, connection: Connection, person: Person) -> ColumnElement[bool]:
        named = func.lower(contacts.c.email).in_(sorted(person.addresses))
        theirs = select(contacts.c.name).where(or_(named, contacts.c.ticket.in_(sorted(person.tickets))))
        calls = [self.askers.contact(name) for name in connection.scalars(theirs)]
        return questions.c.asker.in_([*calls, *map(self.askers.ticket, sorted(person.tickets))])


def _row(asked: Asked, ours: Collection[str]) -> dict[str, Any]:
    return {
        "day": asked.day, "lang": asked.lang, "source": asked.source, "text": masked(asked, ours),
        "asker": asked.asker, "nearest": " ".join(asked.nearest[:3]), "confidence": asked.confidence,
    }  # fmt: skip


def _add(connection: Connection, row: dict[str, Any]) -> int:
    same = select(questions.c.text).where(questions.c.asker == row["asker"], questions.c.day == row["day"])
    known = {text.casefold() for text in connection.scalars(same)}
    if row["text"].casefold() in known or len(known) >= MOST_A_DAY:
        return 0
    connection.execute(insert(questions).values(**row))
    return 1


def _delete(connection: Connection, which: ColumnElement[bool]) -> int:
    done = connection.execute(delete(questions).where(which)).rowcount
    held = select(questions.c.gap_id).where(questions.c.gap_id.is_not(None))
    connection.execute(delete(gaps).where(gaps.c.id.not_in(held)))
    return done
