"""Alike: tickets that are not done and may be about the same as another one, with what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from app.tickets.classification import likenesses
from app.tickets.past import MOST_CHARACTERS, MOST_READ
from app.tickets.queue import ALIVE, QueueRow, rows_where
from app.tickets.tables import messages, tickets
from app.tickets.words import has_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import ColumnElement, Connection, Row

MOST_ALIKE = 3
LEAST_ALIKE = 0.3  # of the weight of all words of two texts; below it two troubles only sound alike


@dataclass(frozen=True, slots=True)
class Alike:
    """A ticket that may be about the same."""

    row: QueueRow
    same_address: bool
    """Whether the same customer wrote it: only then can the two be merged."""
    same_words: bool


def alike_tickets(connection: Connection, row: Row[Any], known: Collection[int]) -> tuple[Alike, ...]:
    """Return up to three tickets that are not done, are not `known` to belong to the row, and may be about the same.

    Those of the same address first, and of these the ones with the same words; texts of the newest 500 are compared.
    """
    near = _near(connection, row, tickets.c.state.in_(ALIVE) & tickets.c.id.not_in([*known, row.id]))
    best = sorted(near, key=lambda one: (-one[1], -one[2], -one[0].id))[:MOST_ALIKE]
    if not best:
        return ()
    shown = {one.number: one for one in rows_where(connection, tickets.c.id.in_([found.id for found, _, _ in best]))}
    return tuple(Alike(shown[one.number], same, score >= LEAST_ALIKE) for one, same, score in best)


def _near(connection: Connection, row: Row[Any], free: ColumnElement[bool]) -> Iterable[tuple[Row[Any], bool, float]]:
    """Yield the tickets that are near, each with whether its address is the same, and how alike its text is."""
    said = _first_words(connection, tickets.c.id == row.id)
    newest = select(tickets.c.id).where(free).order_by(tickets.c.id.desc()).limit(MOST_READ)
    same = has_words(connection, row.email) & (func.lower(tickets.c.email) == row.email.lower())
    others = _first_words(connection, free & or_(tickets.c.id.in_(newest), same))
    scores = likenesses(said[0].text, [one.text for one in others])
    for other, score in zip(others, scores, strict=True):
        is_same = bool(row.email) and other.email.lower() == row.email.lower()
        if is_same or score >= LEAST_ALIKE:
            yield other, is_same, score


def _first_words(connection: Connection, which: ColumnElement[bool]) -> list[Row[Any]]:
    ids = select(tickets.c.id).where(which)
    first = select(func.min(messages.c.id)).where(messages.c.ticket_id.in_(ids)).group_by(messages.c.ticket_id)
    text = func.substr(messages.c.text, 1, MOST_CHARACTERS).label("text")
    chosen = select(tickets.c.id, tickets.c.number, tickets.c.email, text).join(messages)
    return list(connection.execute(chosen.where(messages.c.id.in_(first))))
