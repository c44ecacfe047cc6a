"""Deadline: the stored times of a ticket, made anew from what has happened to it.

They follow from its rows alone, so it does no harm to make them twice; only the time it stood still is counted up.
Whoever changes a ticket's state, messages, category or urgency calls `settle` in the same transaction.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from app.tickets.state import TicketState
from app.tickets.tables import changes, messages, tickets
from app.tickets.ticket import Author, Urgency

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

    from app.tickets.schedule import Climb, Due, Schedule

PORTAL = "Wegweiser"
"""Who does what a rule says, as the history names it."""
RUNNING = (TicketState.NEW, TicketState.OPEN)
"""States in which time runs: in all others the ticket waits for the customer, or for nobody."""
MOST_SECONDS = 2**31 - 1
"""What the column of the pause can hold: 68 years."""


def settle(connection: Connection, ticket_id: int, schedule: Schedule, now: datetime) -> None:
    """Store until when the ticket is due, as it stands now."""
    row = connection.execute(select(tickets).where(tickets.c.id == ticket_id)).one()
    pause = _pause(row, schedule, now)
    answered = _spoken(connection, ticket_id, func.min(messages.c.at), Author.AGENT)
    values = {**pause, "answered_at": answered, **_dues(connection, row, schedule, int(pause["paused"]))}
    connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(**values))


def asked_at(connection: Connection, row: Row[Any]) -> datetime | None:
    """Return since when the customer waits for an answer; None when nobody does. A second message changes nothing."""
    if row.state not in RUNNING:
        return None
    last = func.coalesce(_last_answer(row.id), 0)
    return _spoken(connection, row.id, func.min(messages.c.at), Author.VISITOR, messages.c.id > last)


def next_climb(connection: Connection, row: Row[Any], asked: datetime, schedule: Schedule) -> Climb | None:
    """Return the climb that is next for a ticket nobody answers; each is made once for what was asked."""
    higher = [one for one in schedule.climbs(row.category) if one.level > row.level]
    if not higher:
        return None
    made = (changes.c.ticket_id == row.id) & (changes.c.who == PORTAL) & (changes.c.what == "level")
    done = connection.scalars(select(changes.c.became).where(made & (changes.c.at >= asked))).all()
    return next((one for one in higher if str(one.level) not in done), None)


def _pause(row: Row[Any], schedule: Schedule, now: datetime) -> dict[str, Any]:
    """Return since when it stands still, and for how long it did before."""
    if row.state not in RUNNING:
        return {"waiting_since": row.waiting_since or now, "paused": row.paused}
    stood = schedule.hours.between(row.waiting_since, now) if row.waiting_since else timedelta(0)
    return {"waiting_since": None, "paused": min(row.paused + round(stood.total_seconds()), MOST_SECONDS)}


def _dues(connection: Connection, row: Row[Any], schedule: Schedule, paused: int) -> dict[str, datetime | None]:
    target = schedule.target(row.category, Urgency(row.urgency))
    solve = schedule.due(row.opened_at, target.solve, timedelta(seconds=paused))
    asked = asked_at(connection, row)
    respond = schedule.due(asked, target.respond) if asked else None
    climb = asked and next_climb(connection, row, asked, schedule)
    return {
        "respond_by": respond.at if respond else None, "solve_by": solve.at,
        "climb_at": schedule.hours.due(asked, climb.after) if asked and climb else None,
        **_sooner(respond, solve, runs=row.state in RUNNING),
    }  # fmt: skip


def _sooner(respond: Due | None, solve: Due, *, runs: bool) -> dict[str, datetime | None]:
    if not runs:
        return {"due_by": None, "warn_at": None}
    first = min((one for one in (respond, solve) if one), key=lambda one: one.at)
    return {"due_by": first.at, "warn_at": first.warn}


def _last_answer(ticket_id: int) -> Any:
    public = (messages.c.ticket_id == ticket_id) & ~messages.c.internal & (messages.c.author == Author.AGENT)
    return select(func.max(messages.c.id)).where(public).scalar_subquery()


def _spoken(
    connection: Connection, ticket_id: int, what: ColumnElement[Any], author: Author, *where: ColumnElement[bool],
) -> datetime | None:  # fmt: skip
    """Return a moment of the messages that someone wrote and the customer can read."""
    public = (messages.c.ticket_id == ticket_id) & ~messages.c.internal & (messages.c.author == author)
    found: datetime | None = connection.scalar(select(what).where(public, *where))
    return found
