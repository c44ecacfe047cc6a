"""The promise: until which day somebody answers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.tickets.ticket import Author, Ticket, Urgency
from app.web.words import ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKDAYS: Mapping[Urgency, int] = MappingProxyType({Urgency.HIGH: 1, Urgency.NORMAL: 2, Urgency.LOW: 4})
"""Working days, Monday to Friday, between a message and our answer; the words of the ticket form say the same."""
SATURDAY = 5


def answer_by(ticket: Ticket) -> date:
    """Return the last day on which our answer is in time, counted from what has waited longest."""
    day = waiting_since(ticket).astimezone(ZoneInfo(ZONE)).date()
    for _ in range(WORKDAYS[ticket.urgency]):
        day = _next_workday(day)
    return day


def waiting_since(ticket: Ticket) -> datetime:
    """Return when the visitor wrote what nobody has answered; a second message does not put the first one off."""
    since: datetime | None = None
    for message in ticket.messages:
        since = (since or message.at) if message.author == Author.VISITOR else None
    return since or ticket.changed_at


def _next_workday(day: date) -> date:
    day += timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day
