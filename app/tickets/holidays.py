"""Holidays: the public ones of a country or a part of it, by the calendar of the `holidays` package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

from app.tickets.times import BadHours

MOST_YEARS = 200  # kept in memory, a few hundred bytes each
FIRST_YEAR = 2000
"""Any year will do to see whether a place is known."""


@dataclass(frozen=True, slots=True)
class Holidays:
    """The days on which a place like Germany's North Rhine-Westphalia, DE-NW, does not work."""

    country: str
    part: str | None

    def __contains__(self, day: object) -> bool:
        """Tell whether the day is a holiday there."""
        return isinstance(day, date) and day in _of_year(self.country, self.part, day.year)


def read_holidays(text: str) -> Holidays | tuple[()]:
    """Return the holidays of a place like "DE-NW" or "AT"; none for an empty text; raise BadHours naming the value."""
    if not text.strip():
        return ()
    country, _, part = text.strip().upper().partition("-")
    try:
        _of_year(country, part or None, FIRST_YEAR)
    except NotImplementedError:
        raise BadHours(f'HOLIDAYS is "{text}", which is no place with known holidays. Write a country or a part of it '
                       'by its ISO code, like "DE-NW", "DE-BY" or "AT".') from None  # fmt: skip
    return Holidays(country, part or None)


@lru_cache(MOST_YEARS)
def _of_year(country: str, part: str | None, year: int) -> frozenset[date]:
    """Return the days of one year. The package's own calendar grows while it is asked: threads must not share it."""
    return frozenset(holidays.country_holidays(country, subdiv=part, years=year, expand=False))
