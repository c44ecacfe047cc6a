"""Mentions: an address that stands in texts of others, such as the answer of a mail server or a reader's feedback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Engine, String, or_, select, update

from app.database import containing, metadata, purge_words, reading, writing
from app.person import Erased, Found, Person, without
from app.tickets.tables import ticket_words, tickets
from app.tickets.words import has_words, write_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Table

STAFF = frozenset({"agents"})
"""Tables whose addresses are accounts: a colleague who is a customer too goes on working."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """The texts of every table of one database, whoever made it; a Keeper."""

    engine: Engine

    def find(self, person: Person) -> Found:
        """Return where the address stands: table, column and text."""
        with reading(self.engine) as connection:
            return Found({"mentions": [row for table in _tables() for row in _mentions(connection, table, person)]})

    def erase(self, person: Person, *, open_too: bool) -> Erased:
        """Put dots in the place of the address; whoever wrote it keeps the rest of the text."""
        del open_too
        with writing(self.engine) as connection:
            named = _tickets_naming(connection, person)
            count = sum(_blank(connection, table, person) for table in _tables())
            if named:
                write_words(connection, named)
                purge_words(connection, ticket_words)
            return Erased({"mentions": count})


def _tables() -> Iterator[Table]:
    return (table for table in metadata.sorted_tables if table.name not in STAFF and _texts(table))


def _texts(table: Table) -> list[Column[str]]:
    return [column for column in table.columns if isinstance(column.type, String)]


def _naming(connection: Connection, column: Column[str], person: Person) -> ColumnElement[bool]:
    return or_(*(containing(connection, column, address) for address in sorted(person.addresses)))


def _tickets_naming(connection: Connection, person: Person) -> Sequence[int]:
    """Return the tickets among whose words the address may be: these are folded, and written anew."""
    has_address = or_(*(has_words(connection, address) for address in sorted(person.addresses)))
    return connection.scalars(select(tickets.c.id).where(has_address)).all()


def _mentions(connection: Connection, table: Table, person: Person) -> Iterator[dict[str, str]]:
    for column in _texts(table):
        for text in connection.scalars(select(column).where(_naming(connection, column, person))):
            if without(text, person) != text:
                yield {"table": table.name, "column": column.name, "text": text}


def _blank(connection: Connection, table: Table, person: Person) -> int:
    """Return how many texts of a table had the address in them."""
    key, count = list(table.primary_key.columns), 0
    for column in _texts(table):
        named = select(*key, column.label("said")).where(_naming(connection, column, person))
        for row in connection.execute(named).all():
            rest = without(row.said, person)
            if rest != row.said:
                same = [one == row._mapping[one.name] for one in key]  # noqa: SLF001 - its public name
                count += connection.execute(update(table).where(*same).values({column: rest})).rowcount
    return count
