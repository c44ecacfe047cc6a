from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.database import StoreUnavailable
from app.tickets.delivery import LONGEST_WAIT, MAX_ATTEMPTS, Courier, wait_after
from app.tickets.helpdesk import Ambiguous, Failed, Refused
from app.tickets.ledger import LEASE
from app.tickets.outbox import Outbox
from app.tickets.parcel import DeliveryState, Parcel
from app.tickets.ticket import Attachment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.tickets.parcel import Lease, Report
    from app.tickets.store import TicketStore
    from app.tickets.ticket import TicketDraft
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]
    Rows = Callable[[str], list[dict[str, object]]]


@dataclass
class Desk:
    """A helpdesk that fails as often as it is told to, then takes everything."""

    failures: list[Exception] = field(default_factory=list)
    taken: list[Parcel] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    busy: threading.Event = field(default_factory=threading.Event)
    seconds: float = 0.0

    def deliver(self, parcel: Parcel) -> str:
        """Note the token of each try."""
        self.tokens.append(parcel.token)
        self.busy.set()
        time.sleep(self.seconds)
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(parcel)
        return "taken"


def courier_of(outbox: Outbox, desk: Desk, clock: Clock, wake: threading.Event | None = None) -> Courier[Parcel]:
    """Return a courier that waits for the full time after a failure."""
    return Courier(outbox, desk, clock, wake or threading.Event(), chance=lambda: 0.0)


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds, ten seconds at most."""
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    assert holds()


def test_what_is_due_is_delivered_once(store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock) -> None:
    """The second round finds nothing to do."""
    store.open_ticket(make_draft(key="a"))
    store.open_ticket(make_draft(key="b"))
    desk = Desk()
    courier = courier_of(outbox, desk, clock)
    assert (courier.run_once(), courier.run_once()) == (2, 0)
    assert [parcel.ticket.number for parcel in desk.taken] == ["W-2026-000001", "W-2026-000002"]


@pytest.mark.parametrize("error", [Failed("away"), Ambiguous("lost"), RuntimeError("bug"), StoreUnavailable("file")])
def test_what_failed_is_tried_again(
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock, error: Exception,
) -> None:  # fmt: skip
    """After half a minute, and under the same token."""
    store.open_ticket(make_draft())
    desk = Desk([error])
    courier = courier_of(outbox, desk, clock)
    assert (courier.run_once(), courier.run_once()) == (1, 0)
    clock.move(seconds=30)
    assert courier.run_once() == 1
    assert len(desk.taken) == 1
    assert desk.tokens[0] == desk.tokens[1]


def test_each_try_is_a_record(store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock, rows: Rows) -> None:
    """With its outcome and what was said."""
    store.open_ticket(make_draft())
    courier = courier_of(outbox, Desk([Failed("away"), Ambiguous("lost"), ValueError("bug")]), clock)
    for _ in range(4):
        courier.run_once()
        clock.move(minutes=5)
    assert rows("SELECT number, outcome, detail FROM attempts ORDER BY number") == [
        {"number": 1, "outcome": "failed", "detail": "away"},
        {"number": 2, "outcome": "ambiguous", "detail": "lost"},
        {"number": 3, "outcome": "failed", "detail": "ValueError: bug"},
        {"number": 4, "outcome": "delivered", "detail": "taken"},
    ]


def test_what_is_refused_is_not_tried_again(
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Someone is told, loudly."""
    store.open_ticket(make_draft())
    courier = courier_of(outbox, Desk([Refused("550 no such user")]), clock)
    courier.run_once()
    clock.move(days=9)
    assert courier.run_once() == 0
    assert outbox.counts()[DeliveryState.REFUSED] == 1
    assert [(record.levelno, "NOT DELIVERED" in record.message) for record in caplog.records] == [(logging.ERROR, True)]


def test_what_fails_for_days_is_dead(  # noqa: PLR0913, PLR0917 - a test with its fixtures
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """After the last try someone is told, loudly, with number and reason, but nothing of what was written."""
    monkeypatch.setattr("app.tickets.delivery.MAX_ATTEMPTS", 3)
    store.open_ticket(make_draft())
    courier = courier_of(outbox, Desk([Failed("away")] * 3), clock)
    for _ in range(3):
        assert courier.run_once() == 1
        clock.move(hours=1)
    assert courier.run_once() == 0
    assert outbox.counts()[DeliveryState.DEAD] == 1
    assert "W-2026-000001 NOT DELIVERED, dead after try 3: away" in caplog.text
    assert "erika" not in caplog.text.lower()


def test_one_bad_parcel_does_not_stop_the_others(
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock,
) -> None:  # fmt: skip
    """Its file is gone; the next ticket is delivered."""
    store.open_ticket(make_draft(key="a", attachment=Attachment("a.log", "text/plain", b"x")))
    store.open_ticket(make_draft(key="b"))
    for file in store.files.iterdir():
        file.unlink()
    desk = Desk()
    assert courier_of(outbox, desk, clock).run_once() == 2
    assert [parcel.ticket.number for parcel in desk.taken] == ["W-2026-000002"]


@pytest.mark.parametrize("error", [Failed("away"), Ambiguous("lost"), Refused("550"), RuntimeError("bug")])
def test_a_try_that_fails_does_not_hold_back_its_batch(
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock, error: Exception,
) -> None:  # fmt: skip
    """The others are delivered in the same round."""
    for key in "abc":
        store.open_ticket(make_draft(key=key))
    desk = Desk([error])
    assert courier_of(outbox, desk, clock).run_once() == 3
    assert [parcel.ticket.number for parcel in desk.taken] == ["W-2026-000002", "W-2026-000003"]


def test_the_messages_of_a_ticket_stay_in_order(
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock,
) -> None:  # fmt: skip
    """Also when the first try of the first one fails and everything else is due."""
    for key in "ab":
        store.open_ticket(make_draft(key=key))
        for number in "12":
            store.answer(key, f"Antwort {number}", f"m{number}")
    desk = Desk([Failed("away")])
    courier = courier_of(outbox, desk, clock)
    assert courier.run_once() == 4
    clock.move(seconds=30)
    assert courier.run_once() == 3
    said = [(parcel.ticket.number[-1], parcel.message.text[:9]) for parcel in desk.taken]
    expected = ["Das WLAN ", "Antwort 1", "Antwort 2"]
    assert said == [*(("2", text) for text in expected), *(("1", text) for text in expected)]


def test_more_than_a_batch_is_delivered_in_one_round(
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Batch after batch, each parcel once."""
    monkeypatch.setattr("app.tickets.delivery.BATCH", 2)
    for key in "abcde":
        store.open_ticket(make_draft(key=key))
    desk = Desk()
    assert courier_of(outbox, desk, clock).run_once() == 5
    assert len(set(desk.tokens)) == len(desk.tokens) == 5


def test_a_slow_batch_is_written_down_in_parts(  # noqa: PLR0913, PLR0917 - a test with its fixtures
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock, monkeypatch: pytest.MonkeyPatch, rows: Rows,
) -> None:  # fmt: skip
    """When its time is up the rest is given back, and tried in the next one for the first time."""
    monkeypatch.setattr("app.tickets.delivery.BATCH_SECONDS", 0.0)
    for key in "abc":
        store.open_ticket(make_draft(key=key))
    desk = Desk()
    assert courier_of(outbox, desk, clock).run_once() == 3
    assert len(desk.tokens) == 3
    assert rows("SELECT number, outcome FROM attempts") == [{"number": 1, "outcome": "delivered"}] * 3


class Killed(BaseException):
    """What ends a courier without a word, as `kill -9` does."""


def test_a_courier_that_dies_in_a_batch_loses_nothing(
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock,
) -> None:  # fmt: skip
    """When the leases have ended, what it tried and what it did not is tried by the next one, under the same token."""

    class Dying(Desk):
        def deliver(self, parcel: Parcel) -> str:
            if len(self.taken) == 1:
                raise Killed
            return super().deliver(parcel)

    for key in "abc":
        store.open_ticket(make_draft(key=key))
    dying, desk = Dying(), Desk()
    with pytest.raises(Killed):
        courier_of(outbox, dying, clock).run_once()
    assert courier_of(outbox, desk, clock).run_once() == 0
    clock.now += LEASE
    assert courier_of(outbox, desk, clock).run_once() == 3
    assert dying.tokens == desk.tokens[:1]
    assert outbox.counts()[DeliveryState.DELIVERED] == 3


@dataclass
class Forgetful:
    """An outbox that cannot write down how a try ended, a number of times."""

    outbox: Outbox
    times: int

    def lease(self, most: int) -> list[Lease]:
        """As ever."""
        return self.outbox.lease(most)

    def pack(self, lease: Lease) -> Parcel:
        """As ever."""
        return self.outbox.pack(lease)

    def record(self, ends: Sequence[tuple[Lease, Report]], untried: Sequence[Lease]) -> None:
        """Fail, or write down."""
        self.times -= 1
        if self.times >= 0:
            raise StoreUnavailable("disk full")
        self.outbox.record(ends, untried)


@pytest.mark.parametrize(("times", "delivered"), [(4, 1), (5, 0)])
def test_the_courier_insists_on_writing_down(  # noqa: PLR0913, PLR0917 - an example with its fixtures
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock, monkeypatch: pytest.MonkeyPatch,
    times: int, delivered: int,
) -> None:  # fmt: skip
    """A moment without database does not make it deliver twice; a long one is an error."""
    monkeypatch.setattr("app.tickets.delivery.RECORD_PAUSE_SECONDS", 0.0)
    store.open_ticket(make_draft())
    courier = courier_of(Forgetful(outbox, times), Desk(), clock)  # type: ignore[arg-type]
    if delivered:
        courier.run_once()
    else:
        with pytest.raises(StoreUnavailable):
            courier.run_once()
    assert outbox.counts()[DeliveryState.DELIVERED] == delivered


def test_a_commit_wakes_the_courier(store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock) -> None:
    """It does not wait for its next look."""
    from dataclasses import replace

    wake, desk = threading.Event(), Desk()
    store = replace(store, announce=wake.set)
    courier = courier_of(outbox, desk, clock, wake)
    courier.start()
    time.sleep(0.2)  # it has looked, and sleeps now
    store.open_ticket(make_draft())
    until(lambda: desk.taken)
    courier.stop()


def test_the_courier_sleeps_when_there_is_nothing_to_do(clock: Clock) -> None:
    """Once woken it looks once, not for ever."""

    class Empty:
        looks = 0

        def revive(self) -> int:
            return 0

        def lease(self, _most: int) -> None:
            self.looks += 1

    wake, empty = threading.Event(), Empty()
    courier = courier_of(empty, Desk(), clock, wake)  # type: ignore[arg-type]
    courier.start()
    until(lambda: empty.looks == 1)
    wake.set()
    until(lambda: empty.looks == 2)
    time.sleep(0.2)
    courier.stop()
    assert empty.looks == 2


def test_the_courier_survives_a_database_that_is_away(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """And anything else: it looks again."""

    class Away:
        looks = 0

        def revive(self) -> int:
            raise StoreUnavailable("away")

        def lease(self, _most: int) -> None:
            self.looks += 1
            raise StoreUnavailable("away") if self.looks < 3 else RuntimeError("bug")

    monkeypatch.setattr("app.tickets.delivery.POLL_SECONDS", 0.01)
    away = Away()
    courier = courier_of(away, Desk(), clock)  # type: ignore[arg-type]
    courier.start()
    until(lambda: away.looks > 5)
    courier.stop()


def test_a_start_tries_again_what_was_given_up(
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """The log says how many; the next start finds nothing given up, and says nothing."""
    store.open_ticket(make_draft())
    courier_of(outbox, Desk([Refused("550 no such user")]), clock).run_once()
    desk = Desk()
    courier = courier_of(outbox, desk, clock)
    courier.start()
    until(lambda: outbox.counts()[DeliveryState.DELIVERED])
    courier.stop()
    second = courier_of(outbox, desk, clock)
    second.start()
    second.stop()
    assert len(desk.taken) == 1
    assert caplog.text.count("1 deliveries that had been given up are tried once more") == 1


def test_stopping_ends_what_goes_on(store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock) -> None:
    """It is written down; the next one is left for the next start."""
    store.open_ticket(make_draft(key="a"))
    store.open_ticket(make_draft(key="b"))
    desk = Desk(seconds=0.3)
    courier = courier_of(outbox, desk, clock)
    courier.start()
    desk.busy.wait(10)
    courier.stop()
    assert outbox.counts() == {"pending": 1, "delivered": 1, "refused": 0, "dead": 0}
    assert [lease.attempt for lease in outbox.lease()] == [1]
    assert not [thread for thread in threading.enumerate() if thread.name == "courier"]


def test_a_courier_that_never_started_can_be_stopped(outbox: Outbox, clock: Clock) -> None:
    """A start that failed elsewhere stops everything."""
    courier_of(outbox, Desk(), clock).stop()


def test_two_couriers_do_not_deliver_twice(store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock) -> None:
    """Two processes on one database share the work."""
    from dataclasses import replace

    from app.tickets.store import Limits

    store = replace(store, limits=Limits(tickets_per_sender=10))
    for i in range(10):
        store.open_ticket(make_draft(key=f"k{i}"))
    desk = Desk(seconds=0.01)
    couriers = [courier_of(outbox, desk, clock) for _ in range(2)]
    for courier in couriers:
        courier.start()
    until(lambda: outbox.counts()[DeliveryState.DELIVERED] == 10)
    for courier in couriers:
        courier.stop()
    assert len(set(desk.tokens)) == len(desk.tokens) == 10


def test_waits_grow_up_to_an_hour() -> None:
    """Twice as long each time; the last try of all is after about three days."""
    seconds = [wait_after(attempt, 0).total_seconds() for attempt in (1, 2, 3, 7, 8, 80, 5_000)]
    assert seconds == [30, 60, 120, 1920, 3600, 3600, 3600]
    total = sum((wait_after(attempt, 0) for attempt in range(1, MAX_ATTEMPTS)), timedelta())
    assert timedelta(days=3) <= total <= timedelta(days=4)


def test_waits_are_shortened_by_chance() -> None:
    """By half at most, so that deliveries that failed together do not come together."""
    assert wait_after(99, 0.0) == LONGEST_WAIT
    assert wait_after(99, 0.5) == LONGEST_WAIT * 0.75
    assert wait_after(99, 1.0) == LONGEST_WAIT * 0.5
