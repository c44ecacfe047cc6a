"""Due times in words, and the promise of the form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.main import WEB
from app.tickets.schedule import Rule, Schedule, Target
from app.tickets.ticket import Urgency
from app.web.due import mark_of
from app.web.promise import promises
from app.web.words import read_words

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORDS = read_words(WEB / "locale")


@pytest.mark.parametrize(
    ("seconds", "german", "english"),
    [
        (1, "fällig in 1 Min.", "due in 1 min"),
        (3599, "fällig in 59 Min.", "due in 59 min"),
        (3600, "fällig in 1 Std.", "due in 1 h"),
        (172_799, "fällig in 47 Std.", "due in 47 h"),
        (172_800, "fällig in 2 Tagen", "due in 2 days"),
        (0, "seit 1 Min. überfällig", "1 min overdue"),
        (-7_200, "seit 2 Std. überfällig", "2 h overdue"),
        (-864_000, "seit 10 Tagen überfällig", "10 days overdue"),
    ],
)
def test_how_far_away_it_is(seconds: int, german: str, english: str) -> None:
    """In the unit that says enough, in both languages."""
    at = NOW + timedelta(seconds=seconds)
    found = [mark_of(at, None, NOW, words) for words in WORDS.values()]
    assert [mark and mark.text for mark in found] == [german, english]


def test_what_is_not_due_has_no_mark() -> None:
    """It waits for the customer, or is solved."""
    assert mark_of(None, None, NOW, WORDS["de"]) is None


@pytest.mark.parametrize(
    ("hours", "german", "english"),
    [
        (2, "heute, 12:00 Uhr", "today, 12:00"),
        (14, "morgen, 00:00 Uhr", "tomorrow, 00:00"),
        (38, "Mittwoch, 25. November, 00:00 Uhr", "Wednesday, 25 November, 00:00"),
        (-24, "Sonntag, 22. November, 10:00 Uhr", "Sunday, 22 November, 10:00"),
    ],
)
def test_until_when_in_friendly_words(hours: int, german: str, english: str) -> None:
    """By the clock on the wall of the provider."""
    at = NOW + timedelta(hours=hours)
    assert [words.until(at, NOW) for words in WORDS.values()] == [german, english]


@pytest.mark.parametrize(
    ("hours", "german", "english"),
    [
        (1, "heute, 09:00 Uhr", "today, 09:00"),
        (24, "gestern, 10:00 Uhr", "yesterday, 10:00"),
        (48, "21.11.", "21 Nov"),
        (24 * 365, "23. November 2025", "23 November 2025"),
    ],
)
def test_since_when_in_little_room(hours: int, german: str, english: str) -> None:
    """With the time while it is fresh, and with the year when it is another one."""
    at = NOW - timedelta(hours=hours)
    assert [words.since(at, NOW) for words in WORDS.values()] == [german, english]


def test_times_are_those_of_the_zone_that_is_set() -> None:
    """A provider in Lisbon is an hour behind."""
    lisbon = read_words(WEB / "locale", "Europe/Lisbon")["de"]
    assert lisbon.since(NOW, NOW) == "heute, 09:00 Uhr"
    assert lisbon.until(NOW, NOW) == "heute, 09:00 Uhr"
    assert lisbon.moment(NOW) == "23. November 2026, 09:00 Uhr"


def test_the_form_promises_what_is_kept_for_every_category() -> None:
    """It does not know which one will be chosen: one with more time counts, one with less does not."""
    slow = Target(timedelta(hours=5), timedelta(hours=9))
    quick = Target(timedelta(hours=1), timedelta(hours=9))
    rules = {"a": Rule(targets={Urgency.HIGH: slow}), "b": Rule(targets={Urgency.HIGH: quick})}
    found = promises(Schedule(rules=rules), NOW)
    assert found[Urgency.HIGH] == NOW + timedelta(hours=5)
    assert found[Urgency.NORMAL] == NOW + timedelta(hours=8)
