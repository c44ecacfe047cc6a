"""The words of tickets, folded and kept beside them so that a search reads one index and not every message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, false, insert, select

from app.database import keys_with_words, purge_words
from app.text import folded_words
from app.tickets.tables import messages, ticket_words, tickets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection

MOST_CHARACTERS = 200_000  # of the words of one ticket, the first ones: PostgreSQL indexes no more than 1 MB
AT_ONCE = 500  # tickets of one statement
MAX_WORDS = 8  # further words of a search are left out


def write_first_words(connection: Connection, ticket_id: int, texts: Iterable[str]) -> None:
    """Write the words of a new ticket, which says these texts."""
    if words := _joined(texts):
        connection.execute(insert(ticket_words), {"ticket_id": ticket_id, "words": words})


def write_words(connection: Connection, ticket_ids: Sequence[int]) -> None:
    """Write the words of some tickets anew from what they say now; none are kept of a ticket that says nothing."""
    connection.execute(delete(ticket_words).where(ticket_words.c.ticket_id.in_(ticket_ids)))
    joined = ((ticket_id, _joined(texts)) for ticket_id, texts in _texts(connection, ticket_ids).items())
    if rows := [{"ticket_id": ticket_id, "words": words} for ticket_id, words in joined if words]:
        connection.execute(insert(ticket_words), rows)


def write_all_words(connection: Connection) -> None:
    """Write the words of every ticket: for those that came in another way than one by one."""
    every = connection.scalars(select(tickets.c.id).order_by(tickets.c.id)).all()
    for start in range(0, len(every), AT_ONCE):
        write_words(connection, every[start : start + AT_ONCE])


def delete_words(connection: Connection, where: ColumnElement[bool]) -> None:
    """Delete the words of some tickets, so that no file of the database has them either."""
    if connection.execute(delete(ticket_words).where(where)).rowcount:
        purge_words(connection, ticket_words)


def has_words(connection: Connection, text: str) -> ColumnElement[bool]:
    """Match the tickets that have words which begin like each word of a text, at most 8; none without any word."""
    beginnings = list(dict.fromkeys(folded_words(text)))[:MAX_WORDS]
    if not beginnings:
        return false()
    return tickets.c.id.in_(keys_with_words(connection, ticket_words.c.words, beginnings))


def _texts(connection: Connection, ticket_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return what is searched of each ticket; a number is found by itself."""
    own = select(tickets.c.id, tickets.c.name, tickets.c.email, tickets.c.tags).where(tickets.c.id.in_(ticket_ids))
    said = select(messages.c.ticket_id, messages.c.text).where(messages.c.ticket_id.in_(ticket_ids))
    texts = {ticket_id: list(fields) for ticket_id, *fields in connection.execute(own)}
    for ticket_id, text in connection.execute(said.order_by(messages.c.id)):
        texts[ticket_id].append(text)
    return texts


def _joined(texts: Iterable[str]) -> str:
    """Return every word once, in the order in which they come."""
    words = " ".join(dict.fromkeys(word for text in texts for word in folded_words(text)))
    return words if len(words) <= MOST_CHARACTERS else words[:MOST_CHARACTERS].rpartition(" ")[0]
