"""Figures by hand: formulas, percentiles, borders of a period in its time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.learning.figures import (
    ArticleUse,
    Call,
    Counted,
    Facts,
    Period,
    Scored,
    Worked,
    ages,
    figures_of,
    flow,
    most_failing,
    most_used,
    percentile,
    share,
)

ZONE = ZoneInfo("Europe/Berlin")
WEEK = Period(date(2026, 11, 16), date(2026, 11, 22), ZONE)
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=60)


def hours(count: float) -> datetime:
    """Return a moment so many hours after noon."""
    return NOON + timedelta(hours=count)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 50, None), ([3], 90, 3), ([4, 1], 50, 2.5), ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90, 9.1), ([2, 1, 9], 50, 2)],
)
def test_a_percentile_lies_between_its_neighbours(values: list[float], percent: float, expected: float | None) -> None:
    """As spreadsheets compute it."""
    assert percentile(values, percent) == (None if expected is None else pytest.approx(expected))


def test_a_share_of_nothing_is_none() -> None:
    """It is not 0 %."""
    assert (share(1, 4), share(0, 0)) == (0.25, None)


def test_a_period_begins_and_ends_at_midnight_of_its_zone() -> None:
    """The last second of a day belongs to it, the next does not."""
    first, last = datetime(2026, 11, 15, 23, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert [WEEK.has(one) for one in (first - second, first, last - second, last, None)] == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert (WEEK.before.first, WEEK.before.last, WEEK.before.days) == (date(2026, 11, 9), date(2026, 11, 15), 7)
    assert WEEK.before.ends == WEEK.begins


def test_a_day_with_a_change_of_the_clock_is_whole() -> None:
    """It has 25 hours."""
    day = Period(date(2026, 10, 25), date(2026, 10, 25), ZONE)
    assert day.ends.astimezone(UTC) - day.begins.astimezone(UTC) == timedelta(hours=25)


def test_figures_by_hand() -> None:
    """Each formula on a handful of facts; what lies before the period counts for nothing."""
    facts = Facts(
        tickets=[Worked(NOON, hours(1), hours(10), "wlan", 1), Worked(NOON, hours(3), None, "mail", 2),
                 Worked(LONG_AGO, LONG_AGO, hours(0), "wlan", 1)],
        calls=[Call(NOON, "solved", "first"), Call(NOON, "ticket", "first"), Call(NOON, "solved", "second"),
               Call(LONG_AGO, "solved", "first")],
        counted=[Counted(NOON, kind) for kind in ("in", "in", "in", "self", "decided", "decided", "taken", "out")],
        scores=[Scored(NOON, 5), Scored(NOON, 2), Scored(LONG_AGO, 1)],
    )  # fmt: skip
    figures = figures_of(facts, WEEK)
    assert figures.first_contact == pytest.approx(2 / 3)
    assert figures.calls_by_role == {"first": (2, 0.5), "second": (1, 1.0)}
    assert (figures.answer.count, figures.answer.median) == (2, 2)
    assert figures.answer.ninth == pytest.approx(2.8)
    assert (figures.solution.count, figures.solution.median) == (2, (10 + 60 * 24) / 2)
    assert (figures.satisfaction, figures.scores) == (3.5, {5: 1, 2: 1})
    assert (figures.self_service, figures.hit_rate) == (0.25, 0.5)
    assert [(one.name, one.answer.count, one.solution.count) for one in figures.by_category] == [
        ("mail", 1, 0), ("wlan", 1, 2),
    ]  # fmt: skip
    assert [one.name for one in figures.by_level] == ["1", "2"]
    assert not figures.is_empty


def test_an_empty_period_has_no_figures() -> None:
    """And nothing is divided by nothing."""
    figures = figures_of(Facts(), WEEK)
    assert figures.is_empty
    assert (figures.first_contact, figures.answer.median, figures.satisfaction, figures.hit_rate) == (None,) * 4


def test_days_without_tickets_are_shown() -> None:
    """A long period goes by weeks from Monday on."""
    late = Counted(datetime(2026, 11, 18, 23, 30, tzinfo=UTC), "in")
    found = flow(Facts(counted=[late, Counted(NOON, "out"), Counted(NOON, "self")]), WEEK)
    assert [row[1:] for row in found] == [(0, 0), (0, 0), (0, 1), (1, 0), (0, 0), (0, 0), (0, 0)]
    weeks = flow(Facts(counted=[late]), Period(date(2026, 9, 1), date(2026, 11, 22), ZONE))
    assert weeks[0][0] == date(2026, 8, 31)
    assert weeks[-1] == (date(2026, 11, 16), 1, 0)


def test_the_backlog_has_an_age() -> None:
    """In hours since the tickets were opened."""
    assert ages(Facts(waiting_since=[NOON, hours(2)]), hours(4)).median == 3


def test_articles_are_ranked_by_what_was_said_of_them() -> None:
    """Those of which nothing was said are in neither list."""
    every = [ArticleUse("a", helped=1), ArticleUse("b", helped=1, solved=1), ArticleUse("c", failed=1, flagged=2)]
    assert [one.slug for one in most_used(every)] == ["b", "a"]
    assert [one.slug for one in most_failing(every)] == ["c"]
