"""The times of a ticket as they are stored, through everything that happens to it, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.tickets.queue import QueueName
from app.tickets.schedule import Climb, Rule, Schedule, Target
from app.tickets.ticket import Times, Urgency
from tests.tickets.colleagues import ANNA, BOSS

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.tickets.store import TicketStore
    from app.tickets.ticket import TicketDraft
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # ten o'clock in Berlin, where the office is open from 8 to 20
RULES = {"email": Rule((Climb(4 * HOUR, 2),), {Urgency.HIGH: Target(1 * HOUR, 4 * HOUR)})}


@pytest.fixture
def clock(clock: Clock) -> Clock:
    """Give a clock that stands at ten o'clock on a Monday."""
    clock.now = MONDAY
    return clock


@pytest.fixture
def schedule() -> Schedule:
    return Schedule(rules=RULES)


@pytest.fixture
def store(store: TicketStore, schedule: Schedule) -> TicketStore:
    return replace(store, schedule=schedule)


@pytest.fixture
def workplace(workplace: Workplace, schedule: Schedule) -> Workplace:
    return replace(workplace, schedule=schedule)


@pytest.fixture
def number(store: TicketStore, make_draft: Draft) -> str:
    """Give the number of an urgent ticket: 2 h to an answer, 8 h to a solution."""
    return store.open_ticket(make_draft()).number


def times(store: TicketStore, number: str) -> Times:
    """Return the times of a ticket as staff see them."""
    ticket = store.by_number(number)
    assert ticket
    return ticket.times


def test_a_new_ticket_is_due(store: TicketStore, number: str) -> None:
    """The answer first; in the last quarter of its time it is due soon."""
    found = times(store, number)
    assert (found.respond_by, found.solve_by) == (MONDAY + 2 * HOUR, MONDAY + 8 * HOUR)
    assert (found.due_by, found.warn_at) == (MONDAY + 2 * HOUR, MONDAY + 1.5 * HOUR)
    assert (found.answered_at, found.waiting_since, found.climb_at) == (None, None, None)


def test_a_customer_reads_what_was_promised_and_no_more(store: TicketStore, number: str) -> None:
    """How soon we want to solve it is our own aim."""
    visible = store.by_key("key-1")
    assert visible
    assert visible.times == Times(respond_by=times(store, number).respond_by)


def test_the_first_answer_is_kept_and_then_the_solution_is_due(
    store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """A note is no answer, and a second answer is not the first."""
    clock.move(hours=1)
    workplace.note(number, ANNA, "Notiz", "n")
    assert times(store, number).answered_at is None
    workplace.reply(number, ANNA, "Guten Tag", "a", 2)
    found = times(store, number)
    assert (found.answered_at, found.respond_by) == (clock.now, None)
    assert (found.due_by, found.warn_at) == (MONDAY + 8 * HOUR, MONDAY + 6 * HOUR)
    clock.move(hours=1)
    workplace.reply(number, ANNA, "Noch etwas", "b", 3)
    assert times(store, number).answered_at == MONDAY + HOUR


def test_what_the_customer_writes_then_is_to_be_answered_too(
    store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """From the first message that waits: another one does not put it off."""
    workplace.reply(number, ANNA, "Guten Tag", "a", 1)
    clock.move(hours=1)
    store.answer("key-1", "Und jetzt?", "b")
    clock.move(hours=1)
    store.answer("key-1", "Hallo?", "c")
    assert times(store, number).respond_by == MONDAY + 3 * HOUR


def test_time_stands_still_while_the_customer_is_asked(
    store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """Meanwhile nothing is due; twelve hours later, which is a working day, it has twelve hours more."""
    clock.move(hours=4)
    workplace.reply(number, ANNA, "Welcher Drucker?", "a", 1, waits=True)
    found = times(store, number)
    assert (found.due_by, found.warn_at, found.waiting_since) == (None, None, clock.now)
    clock.move(days=1)
    store.answer("key-1", "Der graue", "b")
    found = times(store, number)
    assert found.waiting_since is None
    assert found.solve_by == MONDAY + timedelta(days=1) + 8 * HOUR
    assert found.respond_by == clock.now + 2 * HOUR


def test_a_pause_over_a_weekend_costs_working_time_only(
    store: TicketStore, workplace: Workplace, make_draft: Draft, clock: Clock
) -> None:
    """Asked on Friday at 18, answered on Monday at 10: two hours, a Saturday of seven, and two hours."""
    clock.now = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)  # 17 o'clock
    number = store.open_ticket(make_draft(key="friday")).number
    clock.move(hours=1)
    workplace.reply(number, ANNA, "Welcher Drucker?", "a", 1, waits=True)
    clock.now = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    store.answer("friday", "Der graue", "b")
    assert times(store, number).solve_by == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # seven of eight hours are left


def test_a_solved_ticket_is_not_due_and_goes_on_where_it_stood(
    store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """Nobody waits for an answer while it is solved, and the time in between is not counted."""
    clock.move(hours=1)
    store.solve("key-1")
    found = times(store, number)
    assert (found.due_by, found.respond_by, found.answered_at) == (None, None, None)
    clock.move(hours=3)
    workplace.reopen(number, ANNA, 2)
    assert times(store, number).solve_by == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # Tuesday at nine


def test_a_clock_that_jumps_back_adds_nothing(
    store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """Nor does it take anything away."""
    workplace.reply(number, ANNA, "Welcher Drucker?", "a", 1, waits=True)
    clock.move(hours=-5)
    store.answer("key-1", "Der graue", "b")
    assert times(store, number).solve_by == MONDAY + 8 * HOUR


def test_urgency_and_category_make_the_times_anew(
    store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """From when it was opened and asked, not from now; a category may have its own targets, and a rule."""
    clock.move(hours=1)
    workplace.set_urgency(number, ANNA, Urgency.NORMAL, 1)
    assert times(store, number).respond_by == MONDAY + 8 * HOUR
    workplace.set_urgency(number, ANNA, Urgency.HIGH, 2)
    workplace.set_category(number, ANNA, "email", 3)
    found = times(store, number)
    assert (found.respond_by, found.solve_by) == (MONDAY + HOUR, MONDAY + 4 * HOUR)
    assert found.climb_at == MONDAY + 4 * HOUR


def test_what_is_due_is_in_its_queue_what_is_due_next_first(
    store: TicketStore, workplace: Workplace, make_draft: Draft, clock: Clock
) -> None:
    """Soon in the last quarter, overdue from the due time on, and in neither while the customer is asked."""
    slow, quick, asked = (
        store.open_ticket(make_draft(key=urgency, urgency=urgency)).number for urgency in ("normal", "high", "low")
    )
    workplace.reply(asked, BOSS, "Was?", "k", 1, waits=True)

    def queues() -> tuple[list[str], list[str]]:
        soon, over = ([row.number for row in workplace.queue(name, BOSS)] for name in ("due-soon", "overdue"))
        assert (len(soon), len(over)) == (
            workplace.counts(BOSS)[QueueName.DUE_SOON],
            workplace.counts(BOSS)[QueueName.OVERDUE],
        )
        return soon, over

    assert queues() == ([], [])
    assert [row.number for row in workplace.queue("unassigned", BOSS)] == [quick, slow]
    clock.move(hours=1.5)
    assert queues() == ([quick], [])
    clock.move(hours=0.5)
    assert queues() == ([], [quick])
    clock.move(hours=6)
    assert queues() == ([], [quick, slow])
    row = workplace.queue("overdue", BOSS)[0]
    assert (row.due_by, row.warn_at) == (MONDAY + 2 * HOUR, MONDAY + 1.5 * HOUR)


def test_decisions_are_counted_once_for_each_ticket_and_field(
    store: TicketStore, workplace: Workplace, make_draft: Draft, number: str
) -> None:
    """The last one counts; one without a suggestion does not, nor does one from before."""
    other = store.open_ticket(make_draft(key="other")).number
    workplace.set_category(number, ANNA, "email", 1, suggested="email")
    workplace.set_category(number, ANNA, "email", 2, suggested="email")
    workplace.set_category(other, ANNA, "router-wlan", 1, suggested="email")
    workplace.set_urgency(other, ANNA, Urgency.LOW, 1, suggested="")
    rate = workplace.hit_rate(MONDAY)["category"]
    assert (rate.decided, rate.taken, rate.share) == (2, 1, 0.5)
    assert "urgency" not in workplace.hit_rate(MONDAY)
    workplace.set_category(other, ANNA, "email", 2, suggested="email")
    assert workplace.hit_rate(MONDAY)["category"].taken == 2
    assert workplace.hit_rate(MONDAY + HOUR) == {}


def test_a_count_stays_when_its_ticket_goes(
    store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """It says nothing of a person."""
    workplace.set_category(number, ANNA, "email", 1, suggested="email")
    store.solve("key-1")
    clock.move(days=400)
    assert store.forget(clock.now - timedelta(days=365)) == 1
    assert workplace.hit_rate(MONDAY)["category"].decided == 1


def test_past_tickets_are_those_that_someone_has_worked_on(
    store: TicketStore, workplace: Workplace, make_draft: Draft, number: str
) -> None:
    """What nobody has touched, or nobody could place, has no vote, nor has the ticket itself."""
    text = "Das WLAN geht nicht.\nAlle Lampen leuchten."
    unsure = store.open_ticket(make_draft(key="unsure", category="sonstiges")).number
    workplace.take(unsure, ANNA, 1)
    assert workplace.similar("W-2026-999999", text) == ()
    workplace.take(number, ANNA, 1)
    (one,) = workplace.similar("W-2026-999999", text)
    assert (one.category, one.urgency, one.likeness) == ("router-wlan", Urgency.HIGH, 1.0)
    assert workplace.similar(number, text) == ()
