"""The tally reads from real tickets, on both databases, what figures are made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from app.database import StoreUnavailable, connect
from app.desk.accounts import Accounts
from app.desk.agent import Role
from app.desk.contact import ContactDraft, Event, EventKind, Outcome
from app.desk.contacts import Contacts
from app.learning.figures import MOST_DAYS, ArticleUse, Facts, Happened, Period, figures_of
from app.learning.journal import Journal
from app.learning.tally import Tally
from app.tickets.solution_links import SolutionLinks
from app.tickets.solutions import Solutions
from app.tickets.store import TicketStore
from app.tickets.ticket import Urgency, draft
from app.tickets.trail import Trail
from app.tickets.workplace import Workplace
from tests.tickets.colleagues import ANNA

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.conftest import Clock

FIELDS = {"name": "E", "email": "e@example.org", "description": "x", "category": "wlan", "urgency": "low"}


@pytest.fixture
def period(clock: Clock) -> Period:
    """Give the day of the clock."""
    return Period(clock().date(), clock().date(), ZoneInfo("Europe/Berlin"))


def test_what_happened_is_counted(engine: Engine, clock: Clock, tmp_path: Path, period: Period) -> None:
    """A ticket that climbs, is solved, reopened and solved again; a contact; readers who vote."""
    store, workplace = TicketStore(engine, tmp_path, clock), Workplace(engine, clock)
    number = store.open_ticket(draft(FIELDS, Trail(), None, "key-1", "s", "de")).number
    workplace.set_urgency(number, ANNA, Urgency.HIGH, 1, suggested="high")
    workplace.escalate(number, ANNA, 2, "Weiter", 2)
    clock.move(hours=1)
    workplace.solve(number, ANNA, "So", "a", 3)
    workplace.reopen(number, ANNA, 4)
    clock.move(hours=1)
    ticket = workplace.solve(number, ANNA, "Oder so", "b", 5)
    solutions = Solutions(store, SolutionLinks("secret", clock))
    solutions.accept(solutions.token_of(ticket), 4, "")
    store.open_ticket(draft(FIELDS, Trail(), None, "key-2", "s", "de"))
    agent = Accounts(engine, clock).add("Mia", "m@example.org", Role.FIRST, "zwölf Zeichen lang").id
    events = tuple(Event(f"event-{n}", EventKind.OPENED, clock(), "wlan", "de", "W") for n in range(2))
    flag = Event("event-9", EventKind.WRONG, clock(), "mail", "de", "M")
    call = ContactDraft("contact-1", 0, "w", 1, clock(), "de", "", "", "", "", (*events, flag))
    Contacts(engine, clock).end(agent, call, Outcome.SOLVED)
    journal = Journal(engine, clock)
    journal.note_solved("wlan", "de")
    journal.note_feedback("wlan", "de", helpful=True)
    journal.note_feedback("mail", "de", helpful=False)

    facts = Tally(engine).facts(period)
    figures = figures_of(facts.now)
    assert dict(figures.counts) == {
        "in": 2, "out": 2, "reopened": 1, "escalated": 1, "self": 1, "decided": 1, "taken": 1,
    }  # fmt: skip
    assert (figures.answer.median, figures.solution.median, figures.satisfaction) == (1, 2, 4)
    assert [group.name for group in figures.by_level] == ["2"]
    assert figures.calls_by_role == {"first": (1, 1.0)}
    assert facts.articles == [ArticleUse("mail", failed=1, flagged=1), ArticleUse("wlan", helped=1, solved=1)]
    assert len(facts.waiting_since) == 1


def test_nothing_is_counted_outside_of_the_period(engine: Engine, clock: Clock, period: Period) -> None:
    """A vote of two days later."""
    clock.move(days=2)
    Journal(engine, clock).note_solved("wlan", "de")
    assert Tally(engine).facts(period) == Facts(Happened([], [], []), Happened([], [], []), [], [])


def test_a_moment_belongs_to_the_day_of_the_zone(engine: Engine, clock: Clock) -> None:
    """In Berlin a day begins two hours earlier than in UTC, and after the change of the clock one hour."""
    journal, zone = Journal(engine, clock), ZoneInfo("Europe/Berlin")
    for moment in (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 22, 59, tzinfo=UTC),
                   datetime(2026, 10, 25, 23, tzinfo=UTC), datetime(2026, 10, 24, 21, 59, tzinfo=UTC)):  # fmt: skip
        clock.now = moment
        journal.note_solved("wlan", "de")
    facts = Tally(engine).facts(Period(date(2026, 10, 25), date(2026, 10, 26), zone))
    assert facts.now.counts == {(date(2026, 10, 25), "self"): 2, (date(2026, 10, 26), "self"): 1}
    assert facts.before.counts == {(date(2026, 10, 24), "self"): 1}


def test_the_longest_period_can_be_counted(engine: Engine, clock: Clock) -> None:
    """Every day of it is a row of the question."""
    Journal(engine, clock).note_solved("wlan", "de")
    last = clock().date()
    facts = Tally(engine).facts(Period(last - timedelta(days=MOST_DAYS - 1), last, ZoneInfo("Europe/Berlin")))
    assert facts.now.counts == {(last, "self"): 1}


def test_without_a_database_it_says_so(tmp_path: Path, period: Period) -> None:
    """As everything that reads does."""
    engine = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StoreUnavailable):
        Tally(engine).facts(period)
    engine.dispose()
    assert timedelta(days=period.days) == timedelta(days=1)
