"""Deadline: the stored times of a ticket, made anew from what has happened to it.

They follow from its rows alone, so it does no harm to make them twice; only the time it stood still is counted up.
Whoever changes a ticket's state, messages, category or urgency calls `settle` in the same transaction.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, false, func, select, update

from app.tickets.loading import ticket_by
from app.tickets.record import FIRST_LEVEL
from app.tickets.state import TicketState
from app.tickets.tables import changes, messages, tickets
from app.tickets.ticket import Author, Urgency

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from app.tickets.schedule import Climb, Schedule, Target

PORTAL = "Wegweiser"
"""Who does what a rule says, as the history names it."""
RUNNING = (TicketState.NEW, TicketState.OPEN)
"""States in which time runs: in all others the ticket waits for the customer, or for nobody."""
MOST_SECONDS = 2**31 - 1
"""What the column of the pause can hold: 68 years."""


_OF_TICKET = messages.c.ticket_id == bindparam("this")
_PUBLIC = _OF_TICKET & (messages.c.internal == false())
_ANSWERS = _PUBLIC & (messages.c.author == Author.AGENT)
_LAST_ANSWER = select(func.coalesce(func.max(messages.c.id), 0)).where(_ANSWERS).scalar_subquery()
_ASKED = select(func.min(messages.c.at)).where(
    _PUBLIC, messages.c.author == Author.VISITOR, messages.c.id > _LAST_ANSWER
)
_ANSWERED = select(func.min(messages.c.at)).where(_ANSWERS)
_SETTLE = update(tickets).where(tickets.c.id == bindparam("this"))
"""These statements are made once: to make one anew costs more than the query."""


def first_times(category: str, urgency: Urgency, schedule: Schedule, now: datetime) -> dict[str, datetime | None]:
    """Return until when a ticket is due that is opened now: what `settle` would store of it."""
    climbs = [one for one in schedule.climbs(category) if one.level > FIRST_LEVEL]
    return _dues(schedule, schedule.target(category, urgency), now, timedelta(0), now, climbs[0] if climbs else None)


def settle(connection: Connection, ticket_id: int, schedule: Schedule, now: datetime) -> None:
    """Store until when the ticket is due, as it stands now."""
    row = connection.execute(ticket_by(tickets.c.id), {"this": ticket_id}).one()
    pause = _pause(row, schedule, now)
    answered = connection.scalar(_ANSWERED, {"this": ticket_id})
    values = {**pause, "answered_at": answered, **_dues_of(connection, row, schedule, int(pause["paused"]))}
    connection.execute(_SETTLE, {"this": ticket_id, **values})


def asked_at(connection: Connection, row: Row[Any]) -> datetime | None:
    """Return since when the customer waits for an answer; None when nobody does. A second message changes nothing."""
    if row.state not in RUNNING:
        return None
    asked: datetime | None = connection.scalar(_ASKED, {"this": row.id})
    return asked


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


def _dues_of(
    connection: Connection, row: Row[Any], schedule: Schedule, paused: int,
) -> dict[str, datetime | None]:  # fmt: skip
    target = schedule.target(row.category, Urgency(row.urgency))
    asked = asked_at(connection, row)
    climb = next_climb(connection, row, asked, schedule) if asked else None
    dues = _dues(schedule, target, row.opened_at, timedelta(seconds=paused), asked, climb)
    return dues if row.state in RUNNING else {**dues, "due_by": None, "warn_at": None}


def _dues(  # noqa: PLR0913, PLR0917 - all that the times follow from
    schedule: Schedule, target: Target, opened: datetime, paused: timedelta, asked: datetime | None,
    climb: Climb | None,
) -> dict[str, datetime | None]:  # fmt: skip
    solve = schedule.due(opened, target.solve, paused)
    respond = schedule.due(asked, target.respond) if asked else None
    first = min((one for one in (respond, solve) if one), key=lambda one: one.at)
    return {
        "respond_by": respond.at if respond else None, "solve_by": solve.at,
        "climb_at": schedule.hours.due(asked, climb.after) if asked and climb else None,
        "due_by": first.at, "warn_at": first.warn,
    }  # fmt: skip
