"""Reminding: agents are told before a target passes, once, whatever pauses and clocks do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.tickets.delivery import Courier
from app.tickets.escalation import CALM, Climbing, Escalation
from app.tickets.mailbag import Mailbag
from app.tickets.reminding import Reminding
from app.tickets.ticket import Urgency
from tests.tickets.colleagues import ANNA, CARLA

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from app.tickets.mail import Mail
    from app.tickets.store import TicketStore
    from app.tickets.ticket import TicketDraft
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # ten o'clock in Berlin; answered by 12:00 there, solved by 18:00
HALF_HOUR = timedelta(minutes=30)


def whom(assignee: str | None, level: int) -> tuple[str, ...]:
    """Name the agent who has it, or two of its level."""
    return (f"agent-{assignee}@desk.example",) if assignee else tuple(f"{level}{one}@desk.example" for one in "ab")


class Bag:
    """Takes every mail."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.mails: list[Mail] = []
        self._courier = Courier(Mailbag(engine, clock), self, clock)

    def deliver(self, mail: Mail) -> str:
        """Keep it."""
        self.mails.append(mail)
        return "kept"

    def told(self) -> list[str]:
        """Return who was told since the last time."""
        self.mails.clear()
        self._courier.run_once()
        return [mail.recipient for mail in self.mails]


@pytest.fixture
def clock(clock: Clock) -> Clock:
    clock.now = MONDAY
    return clock


@pytest.fixture
def bag(engine: Engine, clock: Clock) -> Bag:
    return Bag(engine, clock)


@pytest.fixture
def reminding(engine: Engine, clock: Clock) -> Reminding:
    return Reminding(engine, clock, HALF_HOUR, whom, "https://hilfe.example")


@pytest.fixture
def number(store: TicketStore, make_draft: Draft) -> str:
    return store.open_ticket(make_draft(description="Mein Geheimnis steht hier")).number


def test_a_level_is_told_before_an_answer_is_due(reminding: Reminding, number: str, clock: Clock, bag: Bag) -> None:
    """When half an hour is left and not before, once, and after it has passed no more."""
    clock.move(minutes=89)
    assert reminding.remind() == 0
    clock.move(minutes=1)
    assert [reminding.remind(), reminding.remind()] == [1, 0]
    assert bag.told() == ["1a@desk.example", "1b@desk.example"]
    clock.move(hours=1)
    assert (reminding.remind(), number) == (0, number)


def test_the_mail_says_what_is_due_when_and_no_word_of_the_customer(
    reminding: Reminding, number: str, clock: Clock, bag: Bag
) -> None:
    """In both languages; it belongs to no ticket, so an answer to it reaches no customer."""
    clock.move(minutes=90)
    reminding.remind()
    bag.told()
    mail = bag.mails[0]
    assert mail.subject == f"[{number}] Bald fällig: Antwort / answer due soon"
    assert f"{number} wartet auf eine Antwort bis Montag, 23. November 2026, 12:00" in mail.text
    assert f"until Monday, 23 November 2026, 12:00.\nhttps://hilfe.example/desk/tickets/{number}?lang=en" in mail.text
    assert not any(word in mail.text + mail.subject for word in ("Geheimnis", "Erika", "erika"))
    assert mail.number == ""


def test_who_has_the_ticket_is_told_alone_and_of_the_solution_too(
    reminding: Reminding, workplace: Workplace, number: str, clock: Clock, bag: Bag
) -> None:
    """Another agent who gets it later is not told of the same target again."""
    workplace.take(number, ANNA, 1)
    clock.move(hours=7.5)
    assert (reminding.remind(), bag.told()) == (1, ["agent-1@desk.example"])
    assert "Bald fällig: Lösung" in bag.mails[0].subject
    workplace.assign(number, CARLA, ANNA, 2)
    assert reminding.remind() == 0


def test_a_pause_puts_it_off_and_repeats_nothing(
    reminding: Reminding, store: TicketStore, workplace: Workplace, number: str, clock: Clock
) -> None:
    """While we wait for the customer nobody is told; what is asked anew is a target of its own."""
    clock.move(minutes=90)
    assert reminding.remind() == 1
    workplace.reply(number, ANNA, "Welche Lampe?", "k", 1, waits=True)
    clock.move(hours=6)
    assert reminding.remind() == 0
    store.answer("key-1", "Die rote", "a")
    assert reminding.remind() == 0
    clock.move(hours=1.5)  # two hours of work for the new question, of which half an hour is left
    assert reminding.remind() == 1
    assert reminding.remind() == 0


def test_a_target_that_moves_is_told_of_once(
    reminding: Reminding, workplace: Workplace, number: str, clock: Clock
) -> None:
    """Less urgent by now, it comes near for the second time."""
    clock.move(minutes=90)
    assert reminding.remind() == 1
    workplace.set_urgency(number, ANNA, Urgency.NORMAL, 1)
    clock.move(hours=6)
    assert reminding.remind() == 0


def test_only_working_time_counts(reminding: Reminding, store: TicketStore, make_draft: Draft, clock: Clock) -> None:
    """What is due ten minutes after the office opens is told in the evening before."""
    clock.move(hours=8, minutes=10)  # 18:10 in Berlin; the office closes at 20:00
    store.open_ticket(make_draft())
    clock.move(minutes=80)
    assert reminding.remind() == 0
    clock.move(minutes=11)
    assert reminding.remind() == 1


@pytest.mark.parametrize("act", [
    lambda work, number: work.reply(number, ANNA, "Bitte neu starten.", "k", 1),
    lambda work, number: work.solve(number, ANNA, "Gelöst.", "k", 1),
])  # fmt: skip
def test_what_was_done_in_time_is_not_told(
    reminding: Reminding, workplace: Workplace, number: str, clock: Clock, act: Callable[[Workplace, str], object]
) -> None:
    """Nobody waits for an answer any more."""
    act(workplace, number)
    clock.move(minutes=90)
    assert reminding.remind() == 0


def test_without_a_time_nobody_is_told(reminding: Reminding, number: str, clock: Clock, bag: Bag) -> None:
    """As the settings have it by default; the receipts are not counted here."""
    clock.move(minutes=90)
    assert replace(reminding, before=timedelta(0)).remind() == 0
    assert (bag.told(), number) == ([], number)


def test_where_nobody_is_there_nobody_has_been_told(reminding: Reminding, number: str, clock: Clock, bag: Bag) -> None:
    """As soon as somebody answers the level it is told."""
    clock.move(minutes=90)
    assert replace(reminding, whom=lambda *_: ()).remind() == 0
    assert (reminding.remind(), len(bag.told()), number) == (1, 2, number)


def test_of_two_processes_one_tells(reminding: Reminding, number: str, clock: Clock, bag: Bag) -> None:
    """Both look at the same time."""
    clock.move(minutes=90)
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: reminding.remind(), range(2)))
    assert (sum(counts), len(bag.told()), number) == (1, 2, number)


@pytest.mark.parametrize("jump", [timedelta(minutes=90), timedelta(days=-400), timedelta(days=400)])
def test_after_a_jump_of_the_clock_nobody_is_told_until_it_is_believed(  # noqa: PLR0913, PLR0917 - all of it takes part
    engine: Engine, reminding: Reminding, number: str, clock: Clock, bag: Bag, jump: timedelta,
) -> None:  # fmt: skip
    """A clock that is put right in time has told nobody; then all goes on as if nothing had been."""
    seconds = [0.0]
    escalation = Escalation(Climbing(engine, clock), lambda: seconds[0], reminding)
    escalation.run_once()
    clock.now += jump
    escalation.run_once()
    clock.now -= jump
    escalation.run_once()
    assert bag.told() == []
    for minutes in (CALM.total_seconds() / 60, 80 - 1, 1):
        for _ in range(int(minutes)):
            seconds[0] += 60
            clock.move(minutes=1)
            escalation.run_once()
    assert (bag.told(), number) == (["1a@desk.example", "1b@desk.example"], number)
