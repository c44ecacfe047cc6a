"""Reviewing: owners are told once a week of what is overdue, over every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from app.database import StoreUnavailable
from app.tickets.review_mail import MOST, Overdue, by_address, compose_review_mail, read_addresses
from app.tickets.reviewing import Reviewing

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from tests.conftest import Clock

LATE = Overdue("Das WLAN ist langsam", "Netz", date(2026, 10, 1), "public/wlan/langsam.md")
ADDRESSES = {"netz": "netz@firma.example", "*": "redaktion@firma.example"}


def test_owners_are_told_once_a_week(
    engine: Engine, clock: Clock, rows: Callable[[str], list[dict[str, object]]]
) -> None:
    """A restart or a second process tells nobody again; the next week does."""
    made = [Reviewing(engine, clock, lambda: [LATE, replace(LATE, owner="")], ADDRESSES) for _ in range(2)]
    assert [one.remind() for one in made] == [2, 0]
    clock.move(days=7)
    assert made[1].remind() == 2
    mails = rows("SELECT recipient, kind, text FROM mails ORDER BY id")
    assert [one["recipient"] for one in mails[:2]] == ["netz@firma.example", "redaktion@firma.example"]
    assert "public/wlan/langsam.md" in str(mails[0]["text"])


def test_without_an_address_nobody_is_told(engine: Engine, clock: Clock) -> None:
    """And nothing is looked for."""

    def never() -> list[Overdue]:
        raise AssertionError("Nobody is to be told.")

    assert Reviewing(engine, clock, never, {}).remind() == 0


def test_it_looks_by_itself(engine: Engine, clock: Clock, rows: Callable[[str], list[dict[str, object]]]) -> None:
    """Right after the start, and ends when it is told to."""
    job = Reviewing(engine, clock, lambda: [LATE], ADDRESSES)
    job.start()
    job.stop()
    assert len(rows("SELECT id FROM mails")) == 1


def test_a_stumble_stops_nothing(engine: Engine, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and goes on in an hour."""

    def broken() -> list[Overdue]:
        raise ZeroDivisionError

    job = Reviewing(engine, clock, broken, ADDRESSES)
    job.start()
    job.stop()
    assert "stumbled" in caplog.text


def test_addresses_are_read_by_owner() -> None:
    """In any case, with room around them."""
    assert dict(read_addresses(" Netz = netz@firma.example, *=redaktion@firma.example,")) == ADDRESSES
    assert dict(read_addresses("")) == {}


@pytest.mark.parametrize("text", ["netz", "=a@b.example", "netz=kein", "netz=a@b.example\r\nBcc: x@y.example"])
def test_a_bad_address_names_the_way_out(text: str) -> None:
    """At the start, not when the mail is due."""
    with pytest.raises(ValueError, match="owner=address"):
        read_addresses(text)


def test_an_owner_without_an_address_is_nobody() -> None:
    """Unless somebody takes the rest."""
    assert by_address([LATE], {"mail": "mail@firma.example"}) == {}
    assert by_address([LATE], {"*": "redaktion@firma.example"}) == {"redaktion@firma.example": (LATE,)}


def test_a_mail_names_no_more_than_can_be_read() -> None:
    """What is left is counted."""
    text = compose_review_mail([LATE] * (MOST + 3)).text
    assert text.count("langsam.md") == 2 * MOST
    assert "und 3 weitere." in text
    assert "and 3 more." in text
    assert "fällig seit 1. Oktober 2026" in text


def test_without_a_database_it_waits(engine: Engine, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """It is said why; the next round tells."""

    def away() -> list[Overdue]:
        raise StoreUnavailable("away")

    job = Reviewing(engine, clock, away, ADDRESSES)
    job.start()
    job.stop()
    assert "in an hour again" in caplog.text
