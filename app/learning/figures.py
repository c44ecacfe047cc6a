"""Figures: how well the desk and the portal do in a period, each by a formula that can be checked by hand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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

    def has(self, moment: datetime | None) -> bool:
        """Tell whether a moment lies in it."""
        return moment is not None and self.begins <= moment < self.ends


@dataclass(frozen=True, slots=True)
class Worked:
    """One ticket that was opened, answered first or solved."""

    opened_at: datetime
    answered_at: datetime | None
    solved_at: datetime | None
    category: str
    level: int


@dataclass(frozen=True, slots=True)
class Call:
    """One contact that has ended, and the role of its agent."""

    at: datetime
    outcome: str
    role: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What happened at a moment: `kind` is in, out, reopened, escalated, self, decided or taken."""

    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A rating from 1 to 5."""

    at: datetime
    score: int


@dataclass(frozen=True, slots=True)
class ArticleUse:
    """How often an article helped, failed, was flagged, and was used in contacts that were solved."""

    slug: str
    helped: int = 0
    failed: int = 0
    flagged: int = 0
    solved: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that figures are made of, of a period and the one before."""

    tickets: Sequence[Worked] = ()
    calls: Sequence[Call] = ()
    counted: Sequence[Counted] = ()
    scores: Sequence[Scored] = ()
    waiting_since: Sequence[datetime] = ()
    """When the tickets were opened that are open now."""
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


def figures_of(facts: Facts, period: Period) -> Figures:
    """Return the figures of a period."""
    answered = [one for one in facts.tickets if period.has(one.answered_at)]
    solved = [one for one in facts.tickets if period.has(one.solved_at)]
    calls = [one for one in facts.calls if period.has(one.at)]
    counts = Counter(one.kind for one in facts.counted if period.has(one.at))
    scores = Counter(one.score for one in facts.scores if period.has(one.at))
    rated = sum(scores.values())
    return Figures(
        first_contact=_solved_share(calls),
        calls_by_role={role: (len(some), _solved_share(some)) for role, some in _grouped(calls, lambda one: one.role)},
        answer=_answer(answered),
        solution=_solution(solved),
        by_level=_groups(answered, solved, lambda one: str(one.level)),
        by_category=_groups(answered, solved, lambda one: one.category),
        counts=counts,
        satisfaction=sum(score * count for score, count in scores.items()) / rated if rated else None,
        scores=scores,
        self_service=share(counts["self"], counts["self"] + counts["in"]),
        hit_rate=share(counts["taken"], counts["decided"]),
    )


def ages(facts: Facts, now: datetime) -> Spread:
    """Return how long the tickets that are open now have been so, in hours since they were opened."""
    return _spread((now - since).total_seconds() / HOUR for since in facts.waiting_since)


def flow(facts: Facts, period: Period) -> list[tuple[date, int, int]]:
    """Return how many tickets came in and went out, by day, or from Monday on by week in a long period."""
    came: Counter[tuple[str, date]] = Counter()
    weekly = period.days > DAILY
    for one in facts.counted:
        if one.kind in {"in", "out"} and period.has(one.at):
            came[one.kind, _bucket(one.at.astimezone(period.zone).date(), weekly=weekly)] += 1
    every = (_bucket(period.first + timedelta(days=day), weekly=weekly) for day in range(period.days))
    return [(day, came["in", day], came["out", day]) for day in dict.fromkeys(every)]


def most_used(articles: Iterable[ArticleUse]) -> list[ArticleUse]:
    """Return the articles that helped or solved most often, most first."""
    used = [one for one in articles if one.helped + one.solved]
    return sorted(used, key=lambda one: (-one.helped - one.solved, one.slug))[:MOST_ARTICLES]


def most_failing(articles: Iterable[ArticleUse]) -> list[ArticleUse]:
    """Return the articles that failed or were flagged most often, most first."""
    failing = [one for one in articles if one.failed + one.flagged]
    return sorted(failing, key=lambda one: (-one.failed - one.flagged, one.slug))[:MOST_ARTICLES]


@lru_cache(maxsize=64)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins, in UTC: tens of thousands of moments are compared with it."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _bucket(day: date, *, weekly: bool) -> date:
    return day - timedelta(days=day.weekday()) if weekly else day


def _solved_share(calls: Sequence[Call]) -> float | None:
    return share(sum(one.outcome == "solved" for one in calls), len(calls))


def _spread(hours: Iterable[float]) -> Spread:
    known = list(hours)
    return Spread(len(known), percentile(known, 50), percentile(known, 90))


def _answer(tickets: Iterable[Worked]) -> Spread:
    return _spread((one.answered_at - one.opened_at).total_seconds() / HOUR for one in tickets if one.answered_at)


def _solution(tickets: Iterable[Worked]) -> Spread:
    return _spread((one.solved_at - one.opened_at).total_seconds() / HOUR for one in tickets if one.solved_at)


def _groups(answered: Sequence[Worked], solved: Sequence[Worked], name: Callable[[Worked], str]) -> list[Group]:
    some, others = dict(_grouped(answered, name)), dict(_grouped(solved, name))
    return [Group(one, _answer(some.get(one, ())), _solution(others.get(one, ()))) for one in sorted({*some, *others})]


def _grouped(values: Iterable[_T], name: Callable[[_T], str]) -> list[tuple[str, list[_T]]]:
    groups: dict[str, list[_T]] = {}
    for value in values:
        groups.setdefault(name(value), []).append(value)
    return sorted(groups.items())
