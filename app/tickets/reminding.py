"""Reminding: agents are told once, by mail, before a target passes; who has the ticket, or else who answers its level.

What was told stands in the bag of mails, under a name that follows from the ticket and the target: for an answer the
question that waits for it, for the solution the ticket. So no pause, other urgency or second process repeats anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, and_, or_, select

from app.database import reading, writing
from app.tickets.deadline import RUNNING, asked_at
from app.tickets.post import add_mail
from app.tickets.reminder import Aim, compose_reminder
from app.tickets.schedule import Schedule
from app.tickets.tables import mails, tickets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Row

MOST_A_ROUND = 50  # targets of which agents are told
MOST_TOLD = 20  # agents of a level
DUE = {Aim.RESPOND: tickets.c.respond_by, Aim.SOLVE: tickets.c.solve_by}


@dataclass(frozen=True, slots=True)
class Reminding:
    """Who is told of which tickets of one database; each method raises StoreUnavailable."""

    engine: Engine
    clock: Callable[[], datetime]
    before: timedelta
    """Working time that is left when agents are told; with none nobody is."""
    whom: Callable[[str | None, int], Sequence[str]]
    """Return the addresses for an assignee, if any, and a level."""
    base_url: str
    schedule: Schedule = field(default_factory=Schedule)
    announce: Callable[[], None] = lambda: None
    """Called after a commit that has put mails into the bag."""

    def remind(self) -> int:
        """Tell of every target that passes soon and was not told of, and return how many these were."""
        if self.before <= timedelta(0):
            return 0
        now = self.clock()
        until = self.schedule.hours.due(now, self.before)
        with reading(self.engine) as connection:
            found = list(self._untold(connection, now, until))[:MOST_A_ROUND]
        count = sum(self._tell(ticket_id, aim, now, until) for ticket_id, aim in found)
        if count:
            self.announce()
        return count

    def _untold(self, connection: Connection, now: datetime, until: datetime) -> Iterator[tuple[int, Aim]]:
        """Yield what is due soon and was not told of, the soonest first."""
        soon = or_(*(_is_soon(aim, now, until) for aim in Aim))
        for row in connection.execute(select(tickets).where(soon).order_by(tickets.c.due_by, tickets.c.id)):
            for aim in Aim:
                due = row._mapping[DUE[aim]]  # noqa: SLF001 - its public name
                if due and now < due <= until and not _is_told(connection, _target(connection, row, aim)):
                    yield row.id, aim

    def _tell(self, ticket_id: int, aim: Aim, now: datetime, until: datetime) -> bool:
        """Put the mails into the bag, if it is still so and nobody else has by now."""
        with writing(self.engine) as connection:
            found = select(tickets).where(tickets.c.id == ticket_id, _is_soon(aim, now, until)).with_for_update()
            row = connection.execute(found).one_or_none()
            if row is None or _is_told(connection, target := _target(connection, row, aim)):
                return False
            due = row._mapping[DUE[aim]].astimezone(self.schedule.hours.zone)  # noqa: SLF001 - its public name
            composed = compose_reminder(row.number, aim, due, self.base_url)
            told = self.whom(row.assignee, row.level)[:MOST_TOLD]
            for place, recipient in enumerate(told):
                add_mail(connection, composed, recipient, "de", now, _token(target, place))
            return bool(told)


def _is_soon(aim: Aim, now: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(tickets.c.state.in_(RUNNING), DUE[aim] > now, DUE[aim] <= until)


def _target(connection: Connection, row: Row[Any], aim: Aim) -> str:
    """Return what names a target, however often its time is made anew."""
    asked = asked_at(connection, row) if aim is Aim.RESPOND else None
    return f"{row.number} {aim} {asked.isoformat() if asked else ''}"


def _is_told(connection: Connection, target: str) -> bool:
    return connection.scalar(select(mails.c.id).where(mails.c.token == _token(target, 0))) is not None


def _token(target: str, place: int) -> str:
    return hashlib.sha256(f"reminder {target} {place}".encode()).hexdigest()
