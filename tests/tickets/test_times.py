"""Office hours: when something is due, walked through every edge of a week, a year and a clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tickets.holidays import read_holidays
from app.tickets.times import BadHours, OfficeHours, read_hours

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = "Mo-Fr 08:00-20:00, Sa 09:00-16:00"
OFFICE = read_hours(WEEK, "Europe/Berlin", read_holidays("DE-NW"))
ALWAYS = read_hours("Mo-So 00:00-24:00", "Europe/Berlin")
NIGHT = read_hours("Mo-So 01:00-04:00", "Europe/Berlin")
INSIDE = read_hours("Mo-So 02:15-02:45", "Europe/Berlin")


def at(text: str) -> datetime:
    """Return a moment of 2026, as the clock in Berlin shows it."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BERLIN)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("start", "work", "due"),
    [
        ("11-23 08:00", 2, "11-23 10:00"),  # Monday, as the office opens
        ("11-23 07:59", 2, "11-23 10:00"),
        ("11-23 00:00", 2, "11-23 10:00"),
        ("11-23 19:00", 1, "11-23 20:00"),  # due as it closes, not as it opens again
        ("11-23 19:00", 2, "11-24 09:00"),
        ("11-23 20:00", 2, "11-24 10:00"),  # as it closes
        ("11-24 23:59", 2, "11-25 10:00"),
        ("11-25 12:00", 8, "11-25 20:00"),
        ("11-26 12:00", 9, "11-27 09:00"),
        ("11-27 19:00", 2, "11-28 10:00"),  # Friday to Saturday, which opens later
        ("11-28 15:00", 2, "11-30 09:00"),  # Saturday to Monday
        ("11-28 16:00", 1, "11-30 09:00"),
        ("11-29 12:00", 1, "11-30 09:00"),  # Sunday
        ("11-23 08:00", 12, "11-23 20:00"),  # a whole day
        ("11-23 08:00", 67, "11-28 16:00"),  # a whole week
        ("11-23 08:00", 68, "11-30 09:00"),
        ("11-23 08:00", 0, "11-23 08:00"),
        ("11-29 12:00", 0, "11-29 12:00"),  # nothing to do is done, also on a Sunday
        ("12-24 18:00", 4, "12-28 10:00"),  # Christmas and a Sunday
        ("06-03 19:00", 2, "06-05 09:00"),  # Corpus Christi, of some Länder only
        ("12-25 12:00", 1, "12-28 09:00"),  # begins on a holiday
        ("12-31 19:00", 2, "01-02 10:00+1"),  # New Year, then a Saturday
        ("03-28 15:00", 2, "03-30 09:00"),  # the clocks go forward on the Sunday between
        ("10-24 15:00", 2, "10-26 09:00"),  # and back
    ],
)
def test_when_it_is_due(start: str, work: float, due: str) -> None:
    """Only office hours count, and each end of a day stands where the clock on the wall shows it."""
    day, later, years = due.partition("+")
    expected = at(day).replace(year=2026 + int(years)) if later else at(day)
    assert OFFICE.due(at(start), hours(work)) == expected
    assert OFFICE.between(at(start), expected) == hours(work)


@pytest.mark.parametrize(
    ("office", "start", "work", "due"),
    [
        (ALWAYS, "03-28T12:00:00+01:00", 24, "03-29T11:00:00+00:00"),  # 13 o'clock: a night without 2 to 3
        (ALWAYS, "10-24T12:00:00+02:00", 24, "10-25T10:00:00+00:00"),  # 11 o'clock: 2 to 3 twice
        (NIGHT, "03-29T00:00:00+01:00", 2, "03-29T02:00:00+00:00"),  # 1 to 4 has two hours
        (NIGHT, "03-29T00:00:00+01:00", 3, "03-30T00:00:00+00:00"),
        (NIGHT, "10-25T00:00:00+02:00", 4, "10-25T03:00:00+00:00"),  # 1 to 4 has four hours
        (INSIDE, "03-29T00:00:00+01:00", 0.5, "03-29T01:45:00+00:00"),  # 2:15, which there is not, is 3:15
        (INSIDE, "10-25T00:00:00+02:00", 0.5, "10-25T00:45:00+00:00"),  # what comes twice counts once
    ],
)
def test_when_it_is_due_in_a_night_in_which_the_clocks_change(
    office: OfficeHours, start: str, work: float, due: str
) -> None:
    """Hours that pass count, not those that the clock shows."""
    begun, expected = datetime.fromisoformat(f"2026-{start}"), datetime.fromisoformat(f"2026-{due}")
    assert office.due(begun, hours(work)) == expected
    assert office.between(begun, expected) == hours(work)


@pytest.mark.parametrize(
    ("start", "end", "work"),
    [
        ("11-27 19:00", "11-30 09:00", 1 + 7 + 1),  # a pause over the weekend
        ("11-28 16:00", "11-30 08:00", 0),
        ("11-29 00:00", "11-29 23:00", 0),
        ("12-24 20:00", "12-28 08:00", 0),  # Christmas
        ("11-23 12:00", "11-23 12:00", 0),
        ("11-23 12:00", "11-20 12:00", 0),  # the clock jumped back
        ("11-23 07:00", "11-23 21:00", 12),
    ],
)
def test_how_much_working_time_has_passed(start: str, end: str, work: float) -> None:
    """None of it outside of office hours, and never less than nothing."""
    assert OFFICE.between(at(start), at(end)) == hours(work)


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - it is given
EDGES = read_hours("Fr-Mo 00:00-02:30, Mo-So 02:30-05:00", "America/New_York")
OVERLAPS = read_hours("Mo 08:00-09:00, Mo 08:30-10:00", "Pacific/Apia")
OFFICES = st.sampled_from([OFFICE, ALWAYS, NIGHT, INSIDE, EDGES, OVERLAPS])


@given(OFFICES, MOMENTS, st.timedeltas(timedelta(0), timedelta(hours=60)))
def test_the_working_time_until_it_is_due_is_what_was_given(
    office: OfficeHours, start: datetime, work: timedelta
) -> None:
    """In any week of any year, over holidays and changes of the clock."""
    assert office.between(start, office.due(start, work)) == work


@given(OFFICES, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9)), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_working_time_adds_up(office: OfficeHours, start: datetime, one: timedelta, other: timedelta) -> None:
    """Wherever a time is cut in two."""
    middle, end = start + one, start + one + other
    assert office.between(start, middle) + office.between(middle, end) == office.between(start, end)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", '"" cannot be read'),
        ("Mo-Fr", '"mo-fr" cannot be read'),
        ("Mo-Fr 08:00-20:00, Xy 09:00-16:00", '"xy" is no weekday'),
        ("Mo 20:00-08:00", '"mo 20:00-08:00" ends before it begins'),
        ("Mo 08:00-08:00", "ends before it begins"),
        ("Mo 08:60-09:00", '"08:60" is no time of day'),
        ("Mo 08:00-24:01", '"24:01" is no time of day'),
    ],
)
def test_hours_that_cannot_be_read_are_named(text: str, named: str) -> None:
    """With the setting, the value and the way out."""
    with pytest.raises(BadHours, match=r"^OFFICE_HOURS: .*(Write days and hours like|Over midnight)") as error:
        read_hours(text, "Europe/Berlin")
    assert named in str(error.value)


@pytest.mark.parametrize("name", ["", "Berlin", "Europe", "../etc/passwd", "\0"])
def test_a_time_zone_that_there_is_not_is_named(name: str) -> None:
    """With the way out."""
    with pytest.raises(BadHours, match=r"TIME_ZONE is .*Write one like"):
        read_hours(WEEK, name)


@pytest.mark.parametrize("name", ["XX", "DE-ZZ", "Deutschland"])
def test_holidays_of_a_place_that_there_is_not_are_named(name: str) -> None:
    """With the way out."""
    with pytest.raises(BadHours, match=rf'HOLIDAYS is "{name}".*DE-NW'):
        read_holidays(name)


def test_an_office_that_never_opens_is_an_error() -> None:
    """Not an endless search."""

    class Every:
        def __contains__(self, day: object) -> bool:
            return isinstance(day, date)

    office = read_hours(WEEK, "Europe/Berlin", Every())
    for ask in (
        lambda: office.due(at("11-23 08:00"), hours(1)),
        lambda: office.between(at("01-01 00:00"), at("01-01 00:00").replace(year=2028)),
    ):
        with pytest.raises(BadHours, match="The office is closed for 400 days from 2026"):
            ask()


def test_days_have_german_and_english_names() -> None:
    """In any case, with any dash, over the end of a week."""
    assert (
        read_hours("sat–MON 8:00-12:00", "UTC").week
        == read_hours("So 08:00-12:00, Mo 08:00-12:00, Sa 08:00-12:00", "UTC").week
    )


def test_holidays_are_those_of_the_land() -> None:
    """Corpus Christi is one in Cologne and none in Berlin; without a place there is none."""
    day = date(2026, 6, 4)
    assert day in read_holidays("de-nw")
    assert day not in read_holidays("DE-BE")
    assert date(2026, 12, 25) in read_holidays("AT")
    assert day not in read_holidays("")
    assert "no day" not in read_holidays("DE")
