"""Due: how far away a due time is, in words; what is late says so without any colour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from app.web.words import msg

if TYPE_CHECKING:
    from datetime import timedelta

    from app.tickets.ticket import Times
    from app.web.words import Words

MINUTE, HOUR, DAY = 60, 3600, 86400  # seconds
MOST_MINUTES, MOST_HOURS = 60, 48  # from here on the next larger unit says enough


@dataclass(frozen=True, slots=True)
class Mark:
    """A due time in a list: the moment, how far away it is, and how pressing that makes it."""

    at: datetime
    text: str
    kind: Literal["late", "soon", "later"]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The due times of a ticket's page; None where there is none."""

    respond: Mark | None
    solve: Mark | None
    resting: bool
    """Whether time stands still, because the ticket waits for the customer."""


def mark_of(at: datetime | None, warn: datetime | None, now: datetime, words: Words) -> Mark | None:
    """Return a due time as it is shown at `now`; from `warn` on it is soon."""
    if at is None:
        return None
    if at <= now:
        return Mark(at, words.gettext(msg("seit %(time)s überfällig")) % {"time": length(now - at, words)}, "late")
    told = words.gettext(msg("fällig in %(time)s")) % {"time": length(at - now, words)}
    return Mark(at, told, "soon" if warn is not None and warn <= now else "later")


def deadlines_of(times: Times, now: datetime, words: Words) -> Deadlines:
    """Return the due times of a ticket; while it waits for the customer, or is solved, nothing is due."""
    if times.waiting_since is not None:
        return Deadlines(None, None, resting=True)
    respond, solve = (
        mark_of(at, times.warn_at if at == times.due_by else None, now, words)
        for at in (times.respond_by, times.solve_by)
    )
    return Deadlines(respond, solve, resting=False)


def length(duration: timedelta, words: Words) -> str:
    """Return a duration in its largest unit that says enough, rounded down; at least a minute."""
    seconds = duration.total_seconds()
    if seconds < MOST_MINUTES * MINUTE:
        return words.gettext(msg("%(n)s Min.")) % {"n": max(1, int(seconds // MINUTE))}
    if seconds < MOST_HOURS * HOUR:
        return words.gettext(msg("%(n)s Std.")) % {"n": int(seconds // HOUR)}
    return words.gettext(msg("%(n)s Tagen")) % {"n": words.number(int(seconds // DAY))}
