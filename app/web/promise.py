"""The promise: until when somebody answers what is asked now. It is the ticket's own due time, `respond_by`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.tickets.ticket import Urgency

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from app.tickets.schedule import Schedule


def promises(schedule: Schedule, now: datetime) -> Mapping[Urgency, datetime]:
    """Return for each urgency until when a ticket that is sent now is answered, whatever its category."""
    return {urgency: schedule.hours.due(now, slowest(schedule, urgency)) for urgency in Urgency}


def slowest(schedule: Schedule, urgency: Urgency) -> timedelta:
    """Return the longest time to an answer: the form cannot know which category will be chosen, nor promise more."""
    return max(schedule.target(category, urgency).respond for category in ("", *schedule.rules))
