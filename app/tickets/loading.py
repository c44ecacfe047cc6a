"""Loading: a ticket as it is read back from its rows.

The statements are made once: to make one anew costs more than the query. What is internal is filtered in the query: for
a visitor an internal text is not even loaded.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, false, select

from app.tickets.rating import Rating
from app.tickets.record import STATE
from app.tickets.state import TicketState
from app.tickets.tables import attachments, changes, messages, ratings, ticket_links, tickets, trail_entries
from app.tickets.ticket import Author, Change, KeptFile, Message, Ticket, Times, Urgency
from app.tickets.trail import Trail, read_entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import BindParameter, Column, ColumnElement, Connection, Row, Select

_THIS: BindParameter[Any] = bindparam("this")
_FILES = select(attachments).join(messages).order_by(attachments.c.id)
_SAID = select(messages).order_by(messages.c.id)
_DONE = select(changes).order_by(changes.c.id)
_RATINGS = select(ratings).where(ratings.c.ticket_id == _THIS).order_by(ratings.c.solution_id)
_TRAIL = select(trail_entries.c.entry).where(trail_entries.c.ticket_id == _THIS).order_by(trail_entries.c.position)
_SUCCESSOR = (
    select(tickets.c.number)
    .join(ticket_links, ticket_links.c.other_id == tickets.c.id)
    .where(ticket_links.c.ticket_id == _THIS, ticket_links.c.kind == "merged")
)


@cache
def ticket_by(column: Column[Any]) -> Select[Any]:
    """Return the query for the row of the ticket that has `this` in a column whose values are unique."""
    return select(tickets).where(column == _THIS)


def load_ticket(connection: Connection, column: Column[Any], this: object, *, internal: bool = False) -> Ticket | None:
    """Return the ticket that has this in the column, or None; what is internal only when that is asked for."""
    row = connection.execute(ticket_by(column), {"this": this}).one_or_none()
    if row is None:
        return None
    return _for_staff(connection, row) if internal else _for_visitor(connection, row)


def reload_ticket(connection: Connection, ticket_id: int) -> Ticket:
    """Return, as its visitor may see it, a ticket that must be there: a row of this transaction leads to it."""
    ticket = load_ticket(connection, tickets.c.id, ticket_id)
    assert ticket is not None  # noqa: S101 - foreign keys see to it
    return ticket


def read_times(row: Row[Any]) -> Times:
    """Return until when the ticket of a row is due."""
    return Times(**{one.name: row._mapping[one.name] for one in fields(Times)})  # noqa: SLF001 - its public name


def load_messages(connection: Connection, where: ColumnElement[bool]) -> tuple[Message, ...]:
    """Return the messages for which the condition holds, oldest first, with their files, in two queries."""
    files = connection.execute(_FILES.where(where))
    return _messages(files, connection.execute(_SAID.where(where)))


def load_message(connection: Connection, message_id: int) -> Message:
    """Return a message that must be there, with its files."""
    (message,) = _load_messages(connection, messages.c.id, message_id, internal=True)
    return message


def load_changes(connection: Connection, where: ColumnElement[bool]) -> tuple[Change, ...]:
    """Return the changes for which the condition holds, oldest first."""
    return _changes(connection.execute(_DONE.where(where)))


def load_ratings(connection: Connection, ticket_id: int) -> tuple[Rating, ...]:
    """Return what the customer said of the solutions of a ticket, in the order of these."""
    rows = connection.execute(_RATINGS, {"this": ticket_id})
    return tuple(Rating(row.solution_id, row.at, row.score, row.comment) for row in rows)


def load_file(connection: Connection, number: str, file_id: int) -> KeptFile | None:
    """Return a file of the ticket with this number; None when it has none with this id."""
    of_ticket = (tickets.c.number == number) & (attachments.c.id == file_id)
    joined = select(attachments).join(messages, messages.c.id == attachments.c.message_id)
    row = connection.execute(joined.join(tickets, tickets.c.id == messages.c.ticket_id).where(of_ticket)).one_or_none()
    return KeptFile(row.name, row.media_type, row.size, row.sha256, row.id) if row else None


def _for_visitor(connection: Connection, row: Row[Any]) -> Ticket:
    """Return the ticket as its visitor may see it; also the time of the last change is that of one he can see."""
    written = _load_messages(connection, messages.c.ticket_id, row.id, internal=False)
    steps = _changes(connection.execute(_changes_of(internal=False), {"this": row.id}))
    return replace(
        _ticket(connection, row),
        changed_at=max([*(message.at for message in written), *(step.at for step in steps)]),
        messages=written,
        changes=tuple(replace(step, who=step.who if step.who == Author.VISITOR else Author.AGENT) for step in steps),
        times=Times(respond_by=row.respond_by),
    )


def _for_staff(connection: Connection, row: Row[Any]) -> Ticket:
    return replace(
        _ticket(connection, row),
        messages=_load_messages(connection, messages.c.ticket_id, row.id, internal=True),
        changes=_changes(connection.execute(_changes_of(internal=True), {"this": row.id})),
        version=row.version,
        assignee=row.assignee,
        summary=row.summary,
        tags=tuple(row.tags.split()),
        times=read_times(row),
    )


def _ticket(connection: Connection, row: Row[Any]) -> Ticket:
    """Return what everybody may see of a ticket, still without messages and history."""
    trail = connection.scalars(_TRAIL, {"this": row.id})
    return Ticket(
        number=row.number,
        state=TicketState(row.state),
        level=row.level,
        lang="en" if row.lang == "en" else "de",
        name=row.name,
        email=row.email,
        category=row.category,
        urgency=Urgency(row.urgency),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        trail=Trail(tuple(read_entry(entry) for entry in trail)),
        messages=(),
        changes=(),
        solution=row.solution_id,
        ratings=load_ratings(connection, row.id),
        successor=connection.scalar(_SUCCESSOR, {"this": row.id}) or "",
    )


def _load_messages(
    connection: Connection, column: Column[Any], this: int, *, internal: bool,
) -> tuple[Message, ...]:  # fmt: skip
    files, said = _messages_by(column, internal=internal)
    return _messages(connection.execute(files, {"this": this}), connection.execute(said, {"this": this}))


@cache
def _messages_by(column: Column[Any], *, internal: bool) -> tuple[Select[Any], Select[Any]]:
    where = column == _THIS if internal else (column == _THIS) & (messages.c.internal == false())
    return _FILES.where(where), _SAID.where(where)


@cache
def _changes_of(*, internal: bool) -> Select[Any]:
    of_ticket = _DONE.where(changes.c.ticket_id == _THIS)
    return of_ticket if internal else of_ticket.where(changes.c.what == STATE)


def _messages(files: Iterable[Row[Any]], rows: Iterable[Row[Any]]) -> tuple[Message, ...]:
    with_them: dict[int, list[KeptFile]] = defaultdict(list)
    for file in files:
        with_them[file.message_id].append(KeptFile(file.name, file.media_type, file.size, file.sha256, file.id))
    return tuple(
        Message(
            Author(row.author), row.text, row.at, row.internal, tuple(with_them[row.id]), row.who, row.shown, row.sender
        )
        for row in rows
    )


def _changes(rows: Iterable[Row[Any]]) -> tuple[Change, ...]:
    return tuple(Change(row.at, row.who, row.what, row.was, row.became) for row in rows)
