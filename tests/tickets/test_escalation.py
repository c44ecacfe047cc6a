"""Escalation by rule: once, in time, by one process, and not because a clock is wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.database import StoreUnavailable
from app.tickets.escalation import Climbing, Escalation
from app.tickets.schedule import Climb, Rule, Schedule
from app.tickets.state import TicketState
from tests.tickets.colleagues import ANNA, CARLA

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from app.tickets.store import TicketStore
    from app.tickets.ticket import Ticket, TicketDraft
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SCHEDULE = Schedule(rules={"email": Rule((Climb(2 * HOUR, 2), Climb(4 * HOUR, 3)))})


@pytest.fixture
def clock(clock: Clock) -> Clock:
    clock.now = MONDAY
    return clock


@pytest.fixture
def store(store: TicketStore) -> TicketStore:
    return replace(store, schedule=SCHEDULE)


@pytest.fixture
def workplace(workplace: Workplace) -> Workplace:
    return replace(workplace, schedule=SCHEDULE)


@pytest.fixture
def climbing(engine: Engine, clock: Clock) -> Climbing:
    return Climbing(engine, clock, SCHEDULE)


@pytest.fixture
def number(store: TicketStore, make_draft: Draft) -> str:
    return store.open_ticket(make_draft(category="email")).number


def read(store: TicketStore, number: str) -> Ticket:
    ticket = store.by_number(number)
    assert ticket
    return ticket


def test_a_ticket_that_nobody_answers_climbs(
    climbing: Climbing, store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """When its time has come and not before; the history and the summary say by which rule, and nobody has it then."""
    workplace.take(number, ANNA, 1)
    clock.move(hours=1.99)
    assert climbing.climb() == 0
    clock.move(minutes=1)
    assert climbing.climb() == 1
    found = read(store, number)
    assert (found.level, found.assignee, found.version) == (2, None, 3)
    assert [(one.who, one.what, one.was, one.became) for one in found.changes[-3:]] == [
        ("Wegweiser", "rule", "", "email: 2 h"),
        ("Wegweiser", "level", "1", "2"),
        ("Wegweiser", "assignee", "Anna Albers", ""),
    ]
    assert (
        found.summary == "Seit 2 h Arbeitszeit ohne Antwort. Nach der Regel für das Thema „email“ an Ebene 2 gegeben."
    )
    assert (found.messages[-1].who, found.messages[-1].internal) == ("Wegweiser", True)


def test_each_climb_is_made_once(
    climbing: Climbing, store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """Also when the ticket was handed back without an answer; then the next one is made in its time."""
    clock.move(hours=3)
    assert [climbing.climb(), climbing.climb()] == [1, 0]
    workplace.hand_back(number, CARLA, 1, "Bitte erst nachfragen", 2)
    assert climbing.climb() == 0
    assert read(store, number).level == 1
    clock.move(hours=1)
    assert climbing.climb() == 1
    found = read(store, number)
    assert (found.level, found.summary, found.times.climb_at) == (3, "Bitte erst nachfragen", None)


def test_after_a_long_silence_it_climbs_step_by_step(
    climbing: Climbing, store: TicketStore, number: str, clock: Clock
) -> None:
    """The portal was off for a day: no level is left out."""
    clock.move(days=1)
    assert [climbing.climb(), climbing.climb(), climbing.climb()] == [1, 1, 0]
    assert read(store, number).level == 3


@pytest.mark.parametrize(
    "act",
    [
        lambda work, _store, number: work.reply(number, ANNA, "Guten Tag", "k", 1),
        lambda work, _store, number: work.reply(number, ANNA, "Welche?", "k", 1, waits=True),
        lambda _work, store, _number: store.solve("key-1"),
        lambda work, _store, number: work.set_category(number, ANNA, "router-wlan", 1),
        lambda work, _store, number: work.escalate(number, ANNA, 3, "Bitte", 1),
    ],
)
def test_what_was_answered_in_time_does_not_climb(  # noqa: PLR0913, PLR0917 - all of it takes part
    climbing: Climbing, store: TicketStore, workplace: Workplace, number: str, clock: Clock,
    act: Callable[[Workplace, TicketStore, str], object],
) -> None:  # fmt: skip
    """Nor what was solved, was put elsewhere, or is above already."""
    act(workplace, store, number)
    before = read(store, number)
    clock.move(days=2)
    assert climbing.climb() == 0
    assert read(store, number) == before


def test_a_new_question_climbs_anew(
    climbing: Climbing, store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """What the customer asks after an answer is not forgotten because there was a climb before."""
    clock.move(hours=2)
    climbing.climb()
    clock.move(minutes=10)
    workplace.hand_back(number, CARLA, 1, "Das weiß ich", 2)
    workplace.reply(number, ANNA, "Bitte neu starten", "k", 3)
    clock.move(minutes=10)
    store.answer("key-1", "Hilft nicht", "a")
    clock.move(hours=2)
    assert climbing.climb() == 1
    assert read(store, number).level == 2


def test_two_processes_make_it_once(climbing: Climbing, store: TicketStore, number: str, clock: Clock) -> None:
    """The row is locked: who comes second finds it done."""
    clock.move(hours=2)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: climbing.climb(), range(8))) == 1
    assert [one.what for one in read(store, number).changes].count("level") == 1


def test_a_rule_that_was_taken_away_does_nothing(engine: Engine, store: TicketStore, number: str, clock: Clock) -> None:
    """Its stored time is put right."""
    clock.move(hours=3)
    assert Climbing(engine, clock, Schedule()).climb() == 0
    assert read(store, number).times.climb_at is None
    assert read(store, number).level == 1


def test_an_english_customer_does_not_change_who_reads(
    climbing: Climbing, store: TicketStore, make_draft: Draft, clock: Clock
) -> None:
    """The reason is in the language of the ticket; minutes stay minutes."""
    ninety = replace(climbing, schedule=Schedule(rules={"email": Rule((Climb(1.5 * HOUR, 2),))}))
    opened = replace(store, schedule=ninety.schedule).open_ticket(make_draft(category="email", lang="en"))
    clock.move(hours=2)
    ninety.climb()
    assert read(store, opened.number).summary == (
        "No answer for 90 min of working time. Handed to level 2 by the rule for the topic “email”."
    )


def test_tickets_from_before_get_their_times(  # noqa: PLR0913, PLR0917 - all of it takes part
    climbing: Climbing, engine: Engine, store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """As if these had been there from the start; one that waits has waited since its last change."""
    workplace.reply(number, ANNA, "Welche?", "k", 1, waits=True)
    whole = read(store, number)
    with engine.begin() as connection:
        connection.execute(text("UPDATE tickets SET solve_by = NULL, waiting_since = NULL, answered_at = NULL"))
    clock.move(days=3)
    assert [climbing.complete(), climbing.complete()] == [1, 0]
    assert read(store, number) == whole
    assert whole.state == TicketState.WAITING


class Steady:
    """A stopwatch that the test moves."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_clock_that_jumps_hands_nothing_on(
    climbing: Climbing, store: TicketStore, number: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Before it has run evenly for ten minutes; when it is put right by then, nothing has happened."""
    steady = Steady()
    job = Escalation(climbing, steady)
    job.run_once()
    clock.move(days=30)
    job.run_once()
    assert "The clock jumped by 30 days" in caplog.text
    assert read(store, number).level == 1
    for passed in (300, 299):
        steady.seconds += passed
        clock.move(seconds=passed)
        job.run_once()
    assert read(store, number).level == 1
    steady.seconds += 1
    clock.move(seconds=1)
    job.run_once()
    assert read(store, number).level == 2


def test_the_job_works_in_a_thread(climbing: Climbing, store: TicketStore, number: str, clock: Clock) -> None:
    """Right after the start; it can be stopped, also when it was never started."""
    Escalation(climbing).stop()
    clock.move(hours=2)
    job = Escalation(climbing)
    job.start()
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while read(store, number).level == 1 and datetime.now(UTC) < deadline:
        pass
    job.stop()
    assert read(store, number).level == 2


@pytest.mark.parametrize(
    ("error", "said"), [(StoreUnavailable("gone"), "cannot be handed on by rule now"), (KeyError("x"), "stumbled")]
)
def test_what_fails_is_logged_and_the_job_goes_on(
    climbing: Climbing, caplog: pytest.LogCaptureFixture, error: Exception, said: str
) -> None:
    """The next round may work again."""

    class Broken(Climbing):
        def climb(self) -> int:
            raise error

    Escalation(Broken(climbing.engine, climbing.clock)).run_once()
    assert said in caplog.text
