"""Times: when we work, and what that makes of hours: when something is due, and how much working time has passed.

Every moment has a time zone and is compared in UTC. Only the opening and the end of a day are read from the clock on
the wall: on the day the clocks go forward an office open from 0 to 24 has 23 hours, on the day they go back 25.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DAYS = 7
DAY_MINUTES = 24 * 60
MOST_CLOSED_DAYS = 400  # an office that is closed for longer never opens
NOTHING = timedelta(0)
_WAY_OUT = 'Write days and hours like "Mo-Fr 08:00-20:00, Sa 09:00-16:00"; around the clock is "Mo-So 00:00-24:00".'
_NAMES = (("mo", "mon"), ("di", "tu", "tue"), ("mi", "we", "wed"), ("do", "th", "thu"), ("fr", "fri"), ("sa", "sat"),
          ("so", "su", "sun"))  # fmt: skip
_WEEKDAY = {name: number for number, names in enumerate(_NAMES) for name in names}
_PART = re.compile(r"([a-z]+)(?:\s*-\s*([a-z]+))?\s+(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")


class BadHours(ValueError):
    """Hours cannot be read, or never come; the message names what was given and the way out."""


@dataclass(frozen=True, slots=True)
class Span:
    """Open from one minute of a day to another, as the clock on the wall shows them."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When we work: the spans of each weekday from Monday, in a time zone, on every day that is no holiday."""

    week: tuple[tuple[Span, ...], ...]
    zone: ZoneInfo
    holidays: Container[date] = ()

    def due(self, start: datetime, work: timedelta) -> datetime:
        """Return the first moment until which there is that much working time; raise BadHours if that never comes."""
        if work <= NOTHING:
            return start
        for opens, closes in self._open(start):
            if work <= closes - opens:
                return opens + work
            work -= closes - opens
        raise AssertionError("_open ends with an error")  # pragma: no cover

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time between two moments; none where the clock went backwards."""
        total = NOTHING
        if end <= start:
            return total
        for opens, closes in self._open(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def _open(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield from when to when we work from `start` on, in UTC; no two overlap, whatever the clock does."""
        last, day, closed = start.astimezone(UTC), start.astimezone(self.zone).date() - timedelta(days=1), 0
        while closed < MOST_CLOSED_DAYS:
            closed += 1
            for opens, closes in self._of_day(day):
                if closes > last:
                    yield max(opens, last), closes
                    last, closed = closes, 0
            day += timedelta(days=1)
        raise BadHours(f"The office is closed for {MOST_CLOSED_DAYS} days from {start.date()} on. {_WAY_OUT}")

    def _of_day(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day not in self.holidays:
            for span in self.week[day.weekday()]:
                yield self._moment(day, span.opens), self._moment(day, span.closes)

    def _moment(self, day: date, minute: int) -> datetime:
        """Return when the clock on the wall shows this; an hour later where it is put forward over it (RFC 5545)."""
        days, rest = divmod(minute, DAY_MINUTES)
        return datetime.combine(day + timedelta(days=days), time(*divmod(rest, 60)), self.zone).astimezone(UTC)


def read_hours(text: str, zone: str, holidays: Container[date] = (), place: str = "OFFICE_HOURS") -> OfficeHours:
    """Return the office hours of a text like "Mo-Fr 08:00-20:00, Sa 09:00-16:00"; raise BadHours naming the place."""
    week: list[list[Span]] = [[] for _ in range(DAYS)]
    for part in text.lower().replace("\u2013", "-").split(","):
        days, span = _read_part(part.strip(), place)
        for day in days:
            week[day].append(span)
    ordered = tuple(tuple(sorted(spans, key=lambda span: span.opens)) for spans in week)
    return OfficeHours(ordered, read_zone(zone), holidays)


def read_zone(name: str, place: str = "TIME_ZONE") -> ZoneInfo:
    """Return the time zone of this name; raise BadHours naming the place."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found, no name at all, a folder of the database
        raise BadHours(f'{place} is "{name}", which is no time zone. Write one like "Europe/Berlin".') from None


def _read_part(part: str, place: str) -> tuple[Sequence[int], Span]:
    found = _PART.fullmatch(part)
    if found is None:
        raise BadHours(f'{place}: "{part}" cannot be read. {_WAY_OUT}')
    first, last = _weekday(found[1], place), _weekday(found[2] or found[1], place)
    opens, closes = (_minute(found[at], found[at + 1], place) for at in (3, 5))
    if opens >= closes:
        raise BadHours(f'{place}: "{part}" ends before it begins. Over midnight write two: until 24:00, from 00:00.')
    return [(first + day) % DAYS for day in range((last - first) % DAYS + 1)], Span(opens, closes)


def _weekday(name: str, place: str) -> int:
    if name not in _WEEKDAY:
        raise BadHours(f'{place}: "{name}" is no weekday. {_WAY_OUT}')
    return _WEEKDAY[name]


def _minute(hour: str, minute: str, place: str) -> int:
    told = int(hour) * 60 + int(minute)
    if told > DAY_MINUTES or int(minute) >= 60:  # noqa: PLR2004 - an hour has sixty minutes
        raise BadHours(f'{place}: "{hour}:{minute}" is no time of day. {_WAY_OUT}')
    return told
