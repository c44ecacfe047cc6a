"""Figures: how well the desk and the portal do in a period, each by a formula that can be checked by hand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MOST_DAYS = 366
DAILY = 45  # days; a longer period is shown by weeks
_T = TypeVar("_T")
HOUR = 3600.0  # seconds
MOST_ARTICLES = 10


@dataclass(frozen=True, slots=True)
class Period:
    """Some whole days, the first and the last one included, as they begin and end in a time zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def days(self) -> int:
        """How many days these are; ValueError is raised before it could be none."""
        return (self.last - self.first).days + 1

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return _midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The first moment that does not belong to it."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def before(self) -> Period:
        """As many days, right before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1), self.zone)

    def __iter__(self) -> Iterator[date]:
        """Yield its days."""
        return (self.first + timedelta(days=day) for day in range(self.days))

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """Return when a day begins, and when the next one does."""
        return _midnight(day, self.zone), _midnight(day + timedelta(days=1), self.zone)


class Took(NamedTuple):
    """How long one ticket took; there are tens of thousands of these, so it is no more than a row."""

    seconds: float
    """Around the clock, since the ticket was opened."""
    level: int
    category: str


@dataclass(frozen=True, slots=True)
class Calls:
    """How many contacts of agents with one role ended in one way."""

    role: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class ArticleUse:
    """How often an article helped, failed, was flagged, and was used in contacts that were solved."""

    slug: str
    helped: int = 0
    failed: int = 0
    flagged: int = 0
    solved: int = 0


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened in a period, counted as far as figures allow it."""

    answers: Sequence[Took] = ()
    """Of the tickets that were answered for the first time."""
    solutions: Sequence[Took] = ()
    """Of the tickets that were solved, until the last solution."""
    calls: Sequence[Calls] = ()
    """The contacts that ended."""
    counts: Mapping[tuple[date, str], int] = field(default_factory=dict)
    """By day and kind, which is in, out, reopened, escalated, self, decided or taken."""
    scores: Mapping[int, int] = field(default_factory=dict)
    """How often each rating from 1 to 5 was given."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that figures are made of."""

    now: Happened = Happened()
    before: Happened = Happened()
    """In the period before."""
    waiting_since: Sequence[float] = ()
    """When the tickets were opened that are open now, in seconds since 1970."""
    articles: Sequence[ArticleUse] = ()
    """Of the period alone."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations in hours, around the clock: how many, their median and 90th percentile."""

    count: int
    median: float | None
    ninth: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """The times of one level or category."""

    name: str
    answer: Spread
    solution: Spread


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one period; None where there is nothing to divide by."""

    first_contact: float | None
    calls_by_role: Mapping[str, tuple[int, float | None]]
    answer: Spread
    solution: Spread
    by_level: Sequence[Group]
    by_category: Sequence[Group]
    counts: Mapping[str, int]
    satisfaction: float | None
    scores: Mapping[int, int]
    self_service: float | None
    hit_rate: float | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened."""
        return not (self.counts or self.scores or self.calls_by_role or self.answer.count or self.solution.count)


def share(part: int, whole: int) -> float | None:
    """Return a part of the whole, 0 to 1; None where the whole is nothing."""
    return part / whole if whole else None


def percentile(values: Iterable[float], percent: float) -> float | None:
    """Return the value that `percent` of all do not exceed, between two neighbours in proportion; None of nothing.

    The definition 7 of Hyndman and Fan (1996), as spreadsheets use it.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    place = (len(ordered) - 1) * percent / 100
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


def figures_of(facts: Happened) -> Figures:
    """Return the figures of a period."""
    counts = Counter[str]()
    for (_, kind), count in facts.counts.items():
        counts[kind] += count
    rated = sum(facts.scores.values())
    return Figures(
        first_contact=_solved_share(facts.calls),
        calls_by_role={
            role: (sum(one.count for one in some), _solved_share(some))
            for role, some in _grouped(facts.calls, lambda one: one.role)
        },
        answer=_spread(facts.answers),
        solution=_spread(facts.solutions),
        by_level=_groups(facts, lambda one: str(one.level)),
        by_category=_groups(facts, lambda one: one.category),
        counts=counts,
        satisfaction=sum(score * count for score, count in facts.scores.items()) / rated if rated else None,
        scores=facts.scores,
        self_service=share(counts["self"], counts["self"] + counts["in"]),
        hit_rate=share(counts["taken"], counts["decided"]),
    )


def ages(facts: Facts, now: datetime) -> Spread:
    """Return how long the tickets that are open now have been so, in hours since they were opened."""
    return _spread_of([now.timestamp() - since for since in facts.waiting_since])


def flow(facts: Happened, period: Period) -> list[tuple[date, int, int]]:
    """Return how many tickets came in and went out, by day, or from Monday on by week in a long period."""
    came: Counter[tuple[str, date]] = Counter()
    weekly = period.days > DAILY
    for (day, kind), count in facts.counts.items():
        came[kind, _bucket(day, weekly=weekly)] += count
    every = (_bucket(day, weekly=weekly) for day in period)
    return [(day, came["in", day], came["out", day]) for day in dict.fromkeys(every)]


def most_used(articles: Iterable[ArticleUse]) -> list[ArticleUse]:
    """Return the articles that helped or solved most often, most first."""
    used = [one for one in articles if one.helped + one.solved]
    return sorted(used, key=lambda one: (-one.helped - one.solved, one.slug))[:MOST_ARTICLES]


def most_failing(articles: Iterable[ArticleUse]) -> list[ArticleUse]:
    """Return the articles that failed or were flagged most often, most first."""
    failing = [one for one in articles if one.failed + one.flagged]
    return sorted(failing, key=lambda one: (-one.failed - one.flagged, one.slug))[:MOST_ARTICLES]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _bucket(day: date, *, weekly: bool) -> date:
    return day - timedelta(days=day.weekday()) if weekly else day


def _solved_share(calls: Sequence[Calls]) -> float | None:
    return share(sum(one.count for one in calls if one.outcome == "solved"), sum(one.count for one in calls))


def _spread(took: Sequence[Took]) -> Spread:
    return _spread_of([one.seconds for one in took])


def _spread_of(seconds: list[float]) -> Spread:
    ordered = sorted(seconds)
    return Spread(len(ordered), *(_hours(percentile(ordered, percent)) for percent in (50, 90)))


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / HOUR


def _groups(facts: Happened, name: Callable[[Took], str]) -> list[Group]:
    some, others = dict(_grouped(facts.answers, name)), dict(_grouped(facts.solutions, name))
    return [Group(one, _spread(some.get(one, ())), _spread(others.get(one, ()))) for one in sorted({*some, *others})]


def _grouped(values: Iterable[_T], name: Callable[[_T], str]) -> list[tuple[str, list[_T]]]:
    groups: dict[str, list[_T]] = {}
    for value in values:
        groups.setdefault(name(value), []).append(value)
    return sorted(groups.items())
