"""The queues of tickets: what waits for whom, in which order, and what is found among all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, case, cast, func, literal, or_, select, true

from app.text import clean_line
from app.tickets.state import TicketState
from app.tickets.tables import messages, numbers, tickets
from app.tickets.ticket import Author, Urgency
from app.tickets.words import has_words

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Select

    from app.tickets.turn import Agent

PAGE = 50  # tickets
MAX_PAGE = 100_000  # beyond it nothing is looked for
MAX_FOUND = 50  # tickets
MAX_SUBJECT = 100  # characters
SUBJECT_START = 400  # characters of the first message that are read for its subject

ASKED = (TicketState.NEW, TicketState.OPEN)
"""States of a ticket that waits for us."""
ALIVE = (*ASKED, TicketState.WAITING)

_NUMBER = re.compile(r"(?:W-)?(?:(\d{4})-)?(\d{1,9})", re.ASCII | re.IGNORECASE)


class QueueName(StrEnum):
    """What a queue is called."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    LEVEL_1 = "level-1"
    LEVEL_2 = "level-2"
    LEVEL_3 = "level-3"
    DUE_SOON = "due-soon"
    OVERDUE = "overdue"
    WAITING = "waiting"
    SOLVED = "solved"
    ALL = "all"


class UnknownQueue(ValueError):
    """There is no queue of this name."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A ticket as a list of tickets shows it."""

    number: str
    subject: str
    """How the first message begins, on one line."""
    state: TicketState
    level: int
    category: str
    urgency: Urgency
    assignee: str | None
    """Id of the agent who has it."""
    opened_at: datetime
    changed_at: datetime
    last_author: Author
    """Who wrote the last message that the customer can read."""
    version: int
    due_by: datetime | None = None
    """Until when it is answered or solved; None while it waits for the customer, or is solved."""
    warn_at: datetime | None = None
    """From when on that is soon."""


def queue_named(name: str) -> QueueName:
    """Return the queue of this name; raise UnknownQueue."""
    try:
        return QueueName(name)
    except ValueError:
        raise UnknownQueue(f"{name!r:.40} is no queue. Choose one of {', '.join(QueueName)}.") from None


def queue_rows(
    connection: Connection, name: QueueName, agent: Agent, page: int, now: datetime,
) -> tuple[QueueRow, ...]:  # fmt: skip
    """Return a page of the queue, counted from 1, in one query."""
    start = (max(1, min(page, MAX_PAGE)) - 1) * PAGE
    chosen = select(tickets).where(_queues(agent, now)[name]).order_by(*_order(name)).limit(PAGE).offset(start)
    return _rows(connection, chosen, _order(name))


def count_queues(connection: Connection, agent: Agent, now: datetime) -> dict[QueueName, int]:
    """Return how many tickets are in each queue, in one query."""
    queues = _queues(agent, now)
    counted = connection.execute(select(*(func.count().filter(where) for where in queues.values()))).one()
    return dict(zip(queues, counted, strict=True))


def find_rows(connection: Connection, text: str) -> tuple[QueueRow, ...]:
    """Return the tickets with this number, then those with all of these words, newest change first, at most 50.

    A word may stand in a message, also an internal one, in the name, the e-mail address or the tags, and need not be
    whole: "drucker" finds "Druckertreiber".
    """
    asked = clean_line(text)
    found = _NUMBER.fullmatch(asked)
    if found is None:
        return rows_where(connection, has_words(connection, asked))
    number = _has_number(found)
    where = number if found[1] else or_(number, has_words(connection, asked))
    order = (case((number, 0), else_=1), *_order(QueueName.ALL))
    return _rows(connection, select(tickets).where(where).order_by(*order).limit(MAX_FOUND), order)


def queue_where(name: QueueName, agent: Agent, now: datetime) -> ColumnElement[bool]:
    """Return the condition for a ticket to be in a queue."""
    return _queues(agent, now)[name]


def rows_where(connection: Connection, where: ColumnElement[bool], most: int = MAX_FOUND) -> tuple[QueueRow, ...]:
    """Return the tickets for which the condition holds, newest change first."""
    order = _order(QueueName.ALL)
    return _rows(connection, select(tickets).where(where).order_by(*order).limit(most), order)


def _queues(agent: Agent, now: datetime) -> dict[QueueName, ColumnElement[bool]]:
    asked = tickets.c.state.in_(ASKED)
    of_level = true() if agent.level is None else tickets.c.level == agent.level
    return {
        QueueName.MINE: (tickets.c.assignee == str(agent.id)) & tickets.c.state.in_(ALIVE),
        QueueName.UNASSIGNED: tickets.c.assignee.is_(None) & asked & of_level,
        QueueName.LEVEL_1: asked & (tickets.c.level == 1),
        QueueName.LEVEL_2: asked & (tickets.c.level == 2),  # noqa: PLR2004 - the level's name is its number
        QueueName.LEVEL_3: asked & (tickets.c.level == 3),  # noqa: PLR2004 - same
        QueueName.DUE_SOON: (tickets.c.warn_at <= now) & (tickets.c.due_by > now),
        QueueName.OVERDUE: tickets.c.due_by <= now,
        QueueName.WAITING: tickets.c.state == TicketState.WAITING,
        QueueName.SOLVED: tickets.c.state == TicketState.SOLVED,
        QueueName.ALL: true(),
    }


def _order(name: QueueName) -> tuple[ColumnElement[Any], ...]:
    """Put first what is due next where tickets wait for us, who waits longest of customers, else what changed last."""
    match name:
        case QueueName.SOLVED | QueueName.ALL | QueueName.MINE:
            return tickets.c.changed_at.desc(), tickets.c.id.desc()
        case QueueName.WAITING:
            return tickets.c.changed_at.asc(), tickets.c.id.asc()
    return tickets.c.due_by.is_(None), tickets.c.due_by.asc(), tickets.c.opened_at.asc(), tickets.c.id.asc()


def _rows(connection: Connection, chosen: Select[Any], order: tuple[ColumnElement[Any], ...]) -> tuple[QueueRow, ...]:
    """Read messages only of the chosen tickets: these are few, whatever stands in the database."""
    few = tickets.c.id.in_(select(chosen.with_only_columns(tickets.c.id).subquery().c.id))
    first = _of_message(func.substr(messages.c.text, 1, SUBJECT_START), messages.c.id.asc())
    last = _of_message(messages.c.author, messages.c.id.desc())
    found = select(tickets, first.label("first"), last.label("last")).where(few).order_by(*order)
    return tuple(_row(row) for row in connection.execute(found))


def _of_message(column: ColumnElement[Any], order: ColumnElement[Any]) -> ScalarSelect[Any]:
    public = (messages.c.ticket_id == tickets.c.id) & ~messages.c.internal
    return select(column).where(public).order_by(order).limit(1).correlate(tickets).scalar_subquery()


def _row(row: Row[Any]) -> QueueRow:
    return QueueRow(
        number=row.number,
        subject=_subject(row.first),
        state=TicketState(row.state),
        level=row.level,
        category=row.category,
        urgency=Urgency(row.urgency),
        assignee=row.assignee,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        last_author=Author(row.last),
        version=row.version,
        due_by=row.due_by,
        warn_at=row.warn_at,
    )


def _subject(text: str) -> str:
    line = clean_line(text)
    return line if len(line) <= MAX_SUBJECT else line[: MAX_SUBJECT - 1].rstrip() + "…"


def _has_number(found: re.Match[str]) -> ColumnElement[bool]:
    """Match a number by its digits: 123, 2026-123 and W-2026-000123 are the same; without a year that of each year."""
    year, count = found[1] or numbers.c.year, f"-{int(found[2]):06d}"
    return tickets.c.number.in_(select(literal("W-").concat(cast(year, String)).concat(count)))
