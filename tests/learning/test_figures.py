"""Figures by hand: formulas, percentiles, borders of a period in its time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.learning.figures import (
    ArticleUse,
    Calls,
    Facts,
    Happened,
    Period,
    Took,
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
DAY = NOON.date()
HOUR = 3600


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
    """And the one before ends where it begins."""
    first, last = datetime(2026, 11, 15, 23, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert (WEEK.begins, WEEK.ends) == (first, last)
    assert (WEEK.before.first, WEEK.before.last, WEEK.before.days) == (date(2026, 11, 9), date(2026, 11, 15), 7)
    assert WEEK.before.ends == WEEK.begins


def test_a_day_with_a_change_of_the_clock_is_whole() -> None:
    """It has 25 hours."""
    day = Period(date(2026, 10, 25), date(2026, 10, 25), ZONE)
    begins, ends = day.bounds(day.first)
    assert ends - begins == timedelta(hours=25)


def test_figures_by_hand() -> None:
    """Each formula on a handful of facts."""
    counts = {"in": 3, "self": 1, "decided": 2, "taken": 1, "out": 1}
    facts = Happened(
        answers=[Took(HOUR, 1, "wlan"), Took(3 * HOUR, 2, "mail")],
        solutions=[Took(10 * HOUR, 1, "wlan"), Took(60 * 24 * HOUR, 1, "wlan")],
        calls=[Calls("first", "solved", 1), Calls("first", "ticket", 1), Calls("second", "solved", 1)],
        counts={(DAY, kind): count for kind, count in counts.items()} | {(DAY + timedelta(days=1), "out"): 4},
        scores={5: 1, 2: 1},
    )  # fmt: skip
    figures = figures_of(facts)
    assert figures.first_contact == pytest.approx(2 / 3)
    assert figures.calls_by_role == {"first": (2, 0.5), "second": (1, 1.0)}
    assert (figures.answer.count, figures.answer.median) == (2, 2)
    assert figures.answer.ninth == pytest.approx(2.8)
    assert (figures.solution.count, figures.solution.median) == (2, (10 + 60 * 24) / 2)
    assert (figures.satisfaction, figures.scores) == (3.5, {5: 1, 2: 1})
    assert (figures.self_service, figures.hit_rate, figures.counts["out"]) == (0.25, 0.5, 5)
    assert [(one.name, one.answer.count, one.solution.count) for one in figures.by_category] == [
        ("mail", 1, 0), ("wlan", 1, 2),
    ]  # fmt: skip
    assert [one.name for one in figures.by_level] == ["1", "2"]
    assert not figures.is_empty


def test_an_empty_period_has_no_figures() -> None:
    """And nothing is divided by nothing."""
    figures = figures_of(Happened())
    assert figures.is_empty
    assert (figures.first_contact, figures.answer.median, figures.satisfaction, figures.hit_rate) == (None,) * 4


def test_days_without_tickets_are_shown() -> None:
    """A long period goes by weeks from Monday on."""
    late, noon = date(2026, 11, 19), date(2026, 11, 18)
    found = flow(Happened(counts={(late, "in"): 1, (noon, "out"): 1, (noon, "self"): 1}), WEEK)
    assert [row[1:] for row in found] == [(0, 0), (0, 0), (0, 1), (1, 0), (0, 0), (0, 0), (0, 0)]
    weeks = flow(
        Happened(counts={(late, "in"): 1, (noon, "in"): 2}), Period(date(2026, 9, 1), date(2026, 11, 22), ZONE)
    )
    assert weeks[0][0] == date(2026, 8, 31)
    assert weeks[-1] == (date(2026, 11, 16), 3, 0)


def test_the_backlog_has_an_age() -> None:
    """In hours since the tickets were opened."""
    opened = [NOON.timestamp(), NOON.timestamp() + 2 * HOUR]
    assert ages(Facts(waiting_since=opened), NOON + timedelta(hours=4)).median == 3


def test_articles_are_ranked_by_what_was_said_of_them() -> None:
    """Those of which nothing was said are in neither list."""
    every = [ArticleUse("a", helped=1), ArticleUse("b", helped=1, solved=1), ArticleUse("c", failed=1, flagged=2)]
    assert [one.slug for one in most_used(every)] == ["b", "a"]
    assert [one.slug for one in most_failing(every)] == ["c"]
