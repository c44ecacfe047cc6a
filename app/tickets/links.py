"""Links: tickets that are about the same. A duplicate is merged into another ticket, related ones only know each other.

Nothing is moved: the duplicate keeps its messages, trail and files, and its customer's link shows them as before. Staff
read them on the page of the ticket that goes on. So no merge can show one customer what another one wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from app.text import clean_line
from app.tickets.alike import Alike, alike_tickets
from app.tickets.loading import load_ticket
from app.tickets.queue import QueueRow, rows_where
from app.tickets.record import add_change, begin_change
from app.tickets.state import Step, TicketState
from app.tickets.store import UnknownTicket
from app.tickets.tables import ticket_links, tickets
from app.tickets.ticket import Change, Ticket

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

    from app.tickets.turn import Turn

_LINKS = select(ticket_links).where(
    or_(ticket_links.c.ticket_id == bindparam("this"), ticket_links.c.other_id == bindparam("this"))
)
MERGED = "merged"
LINKED = "linked"
"""What a link is, and what the history calls it."""


class Hindrance(StrEnum):
    """Why two tickets cannot be joined. These are ids; the page has the words."""

    ITSELF = "itself"
    OTHER_CUSTOMER = "other_customer"
    MERGED_ALREADY = "merged_already"


class CannotJoin(Exception):
    """Two tickets cannot be merged or linked: `hindrance` says why; nothing was stored."""

    def __init__(self, number: str, other: str, hindrance: Hindrance) -> None:
        super().__init__(f"{number} cannot be joined with {other}: {hindrance}. Link them, or choose another number.")
        self.hindrance = hindrance


@dataclass(frozen=True, slots=True)
class Relations:
    """What belongs to a ticket."""

    successor: str
    """Number of the ticket that it was merged into; empty for none."""
    merged: tuple[Ticket, ...]
    """Duplicates that were merged into it, as staff see them."""
    linked: tuple[QueueRow, ...]
    candidates: tuple[Alike, ...]
    """Others that may be about the same, and are not done."""


def lock_other(connection: Connection, number: str, other: str) -> Row[Any]:
    """Lock both tickets, always in the same order, and return the row of the other; raise UnknownTicket."""
    both = {clean_line(number), clean_line(other)}
    found = select(tickets).where(tickets.c.number.in_(both)).order_by(tickets.c.id).with_for_update()
    row = next((one for one in connection.execute(found) if one.number == clean_line(other)), None)
    if row is None:
        raise UnknownTicket(f"No ticket has the number {other!r:.40}. Numbers look like W-2026-000123.")
    return row


def merge(turn: Turn, other: Row[Any], version: int) -> None:
    """Close the ticket of the turn, whose successor is the other; what was merged into it goes along."""
    connection, row = turn.connection, turn.row
    _refuse_itself(turn, other)
    if row.email.lower() != other.email.lower():
        raise CannotJoin(row.number, other.number, Hindrance.OTHER_CUSTOMER)
    if successor_of(connection, other.id) or successor_of(connection, row.id):
        raise CannotJoin(row.number, other.number, Hindrance.MERGED_ALREADY)
    turn.begin(version)
    turn.step(Step.MERGE)
    _forget_link(connection, row.id, other.id)
    connection.execute(update(ticket_links).where(_into(row.id)).values(other_id=other.id))
    _tell_both(turn, other, MERGED, "", other.number)
    connection.execute(insert(ticket_links).values(ticket_id=row.id, other_id=other.id, kind=MERGED))


def part(turn: Turn, version: int) -> None:
    """Undo a merge: the ticket stands on its own, and is open again."""
    connection, row = turn.connection, turn.row
    successor = successor_of(connection, row.id)
    if successor is None:
        return
    turn.begin(version)
    connection.execute(delete(ticket_links).where(ticket_links.c.ticket_id == row.id, ticket_links.c.kind == MERGED))
    if row.state == TicketState.CLOSED:
        turn.step(Step.REOPEN)
    _tell_both(turn, successor, MERGED, successor.number, "")


def link(turn: Turn, other: Row[Any]) -> None:
    """Let both tickets know each other; to link them twice changes nothing."""
    _refuse_itself(turn, other)
    one, two = sorted((turn.row.id, other.id))
    if turn.connection.execute(select(ticket_links).where(_pair(one, two))).first() is None:
        turn.begin()
        turn.connection.execute(insert(ticket_links).values(ticket_id=one, other_id=two, kind=LINKED))
        _tell_both(turn, other, LINKED, "", other.number)


def unlink(turn: Turn, other: Row[Any]) -> None:
    """Let the two tickets not know each other any more."""
    if _forget_link(turn.connection, turn.row.id, other.id):
        turn.begin()
        _tell_both(turn, other, LINKED, other.number, "")


def successor_of(connection: Connection, ticket_id: int) -> Row[Any] | None:
    """Return the row of the ticket that this one was merged into."""
    merged = (ticket_links.c.ticket_id == ticket_id) & (ticket_links.c.kind == MERGED)
    joined = select(tickets).join(ticket_links, ticket_links.c.other_id == tickets.c.id)
    return connection.execute(joined.where(merged)).one_or_none()


def relations_of(connection: Connection, number: str) -> Relations:
    """Return what belongs to the ticket with this number; raise UnknownTicket."""
    row = lock_free(connection, number)
    links = connection.execute(_LINKS, {"this": row.id}).all()
    successor = successor_of(connection, row.id) if links else None
    duplicates = sorted(one.ticket_id for one in links if one.kind == MERGED and one.other_id == row.id)
    merged = tuple(load_ticket(connection, tickets.c.id, one, internal=True) for one in duplicates)
    near = [one.ticket_id + one.other_id - row.id for one in links if one.kind == LINKED]
    return Relations(
        successor.number if successor else "", tuple(one for one in merged if one),
        rows_where(connection, tickets.c.id.in_(near)) if near else (),
        () if successor else alike_tickets(connection, row, near),
    )  # fmt: skip


def lock_free(connection: Connection, number: str) -> Row[Any]:
    """Return the row of a ticket, to be read only; raise UnknownTicket."""
    row = connection.execute(select(tickets).where(tickets.c.number == clean_line(number))).one_or_none()
    if row is None:
        raise UnknownTicket(f"No ticket has the number {number!r:.40}. Numbers look like W-2026-000123.")
    return row


def _refuse_itself(turn: Turn, other: Row[Any]) -> None:
    if turn.row.id == other.id:
        raise CannotJoin(turn.row.number, other.number, Hindrance.ITSELF)


def _tell_both(turn: Turn, other: Row[Any], what: str, was: str, became: str) -> None:
    """Write it into both histories, so that whoever has the other page open is told."""
    add_change(turn.connection, turn.row.id, Change(turn.now, turn.agent.name, what, was, became))
    begin_change(turn.connection, other.id, turn.now)
    there = [turn.row.number if number else "" for number in (was, became)]
    add_change(turn.connection, other.id, Change(turn.now, turn.agent.name, what, *there))


def _forget_link(connection: Connection, one: int, two: int) -> bool:
    gone = delete(ticket_links).where(_pair(*sorted((one, two))), ticket_links.c.kind == LINKED)
    return connection.execute(gone).rowcount > 0


def _pair(one: int, two: int) -> ColumnElement[bool]:
    ends = {one, two}
    return ticket_links.c.ticket_id.in_(ends) & ticket_links.c.other_id.in_(ends)


def _into(ticket_id: int) -> ColumnElement[bool]:
    return (ticket_links.c.other_id == ticket_id) & (ticket_links.c.kind == MERGED)
