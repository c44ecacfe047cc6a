"""Delivery: a thread that hands over everything due, at least once, and gives up loudly."""

from __future__ import annotations

import logging
import random
import threading
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from app.database import StoreUnavailable
from app.job import Job
from app.tickets.helpdesk import Undelivered
from app.tickets.parcel import DeliveryState, Outcome, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.tickets.parcel import Lease

FIRST_WAIT = timedelta(seconds=30)  # after the first try that failed; then twice as long each time
LONGEST_WAIT = timedelta(hours=1)
MAX_DOUBLINGS = 20  # enough for the longest wait, and no overflow
MAX_ATTEMPTS = 80  # about three days: a mail server that broke on Friday is back on Monday
JITTER = 0.5  # a wait is shortened by up to this part, so that deliveries that failed together do not come together
BATCH = 20  # parcels that are leased together, and written down together
BATCH_SECONDS = 2.0  # then what was tried is written down and the rest given back: little comes twice after a crash
GATHER_SECONDS = 0.25  # between two batches, so that one ticket after the other does not cost a batch each
POLL_SECONDS = 15.0  # how often to look for what is due when nobody wakes the courier
RECORD_TRIES = 5  # how often to write down how a try ended when the database cannot be used
RECORD_PAUSE_SECONDS = 2.0

log = logging.getLogger(__name__)

_Packed = TypeVar("_Packed")
_Packed_co = TypeVar("_Packed_co", covariant=True)
_Packed_contra = TypeVar("_Packed_contra", contravariant=True)


class Source(Protocol[_Packed_co]):
    """Where a courier finds what is due: the outbox of tickets, or the bag of mails."""

    def lease(self, most: int = 1) -> list[Lease]:
        """Lease what has been due longest, at most so much, and write down that a try of each begins."""

    def pack(self, lease: Lease) -> _Packed_co:
        """Return what is to be handed over."""

    def record(self, ends: Sequence[tuple[Lease, Report]], untried: Sequence[Lease] = ()) -> None:
        """Write down how tries ended, and give back what was not tried, together."""

    def revive(self) -> int:
        """Let what was given up be tried once more."""


class Receiver(Protocol[_Packed_contra]):
    """To whom a courier brings it: a helpdesk, or the postman."""

    def deliver(self, parcel: _Packed_contra, /) -> str:
        """Take it and return what it is called there; raise Refused, Failed or Ambiguous."""


class Courier(Job, Generic[_Packed]):
    """Delivers between `start` and `stop`; `wake` is set when a ticket was committed.

    At the start also what was given up before: whoever starts the portal may have mended what was wrong.
    """

    def __init__(
        self,
        outbox: Source[_Packed],
        helpdesk: Receiver[_Packed],
        clock: Callable[[], datetime],
        wake: threading.Event | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__("courier")
        self._outbox = outbox
        self._helpdesk = helpdesk
        self._clock = clock
        self._wake = wake or threading.Event()
        self._chance = chance

    def stop(self) -> None:
        """Finish the try that goes on and end the thread."""
        self._stopping.set()
        self._wake.set()
        super().stop()

    def run_once(self, pause_seconds: float = 0.0) -> int:
        """Try each delivery that is due, in batches, and return how many these were; raise StoreUnavailable."""
        tried = 0
        while not self._stopping.is_set() and (leases := self._outbox.lease(BATCH)):
            tried += self._deliver(leases)
            self._stopping.wait(pause_seconds)
        return tried

    def _work(self) -> None:
        self._survive(self._revive)
        while not self._stopping.is_set():
            self._wake.clear()  # before looking: a ticket committed from now on wakes again
            self._survive(lambda: self.run_once(GATHER_SECONDS))
            self._wake.wait(POLL_SECONDS)

    def _revive(self) -> None:
        if count := self._outbox.revive():
            log.warning("%s deliveries that had been given up are tried once more", count)

    def _survive(self, work: Callable[[], object]) -> None:
        try:
            work()
        except StoreUnavailable as error:
            log.warning("No delivery now, the next look is in %s seconds: %s", POLL_SECONDS, error)
        except Exception:
            log.exception("The courier stumbled and goes on.")

    def _deliver(self, leases: Sequence[Lease]) -> int:
        """Try one after the other until all are tried, time is up or the courier stops; return how many were tried."""
        ends: list[tuple[Lease, Report]] = []
        end = time.monotonic() + BATCH_SECONDS
        for lease in leases:
            ends.append((lease, self._try(lease)))
            if self._stopping.is_set() or time.monotonic() >= end:
                break
        self._record(ends, leases[len(ends) :])
        return len(ends)

    def _try(self, lease: Lease) -> Report:
        try:
            remote = self._helpdesk.deliver(self._outbox.pack(lease))
        except Undelivered as error:
            return self._missed(lease, error.outcome, str(error))
        except Exception as error:  # noqa: BLE001 - one parcel that cannot be written must not stop all others
            return self._missed(lease, Outcome.FAILED, f"{type(error).__name__}: {error}")
        log.info("%s of %s delivered in try %s", lease.kind, lease.number, lease.attempt)
        return Report(Outcome.DELIVERED, remote, DeliveryState.DELIVERED)

    def _missed(self, lease: Lease, outcome: Outcome, detail: str) -> Report:
        if outcome is Outcome.REFUSED:
            return self._given_up(lease, outcome, detail, DeliveryState.REFUSED)
        if lease.attempt >= MAX_ATTEMPTS:
            return self._given_up(lease, outcome, detail, DeliveryState.DEAD)
        next_try = self._clock() + wait_after(lease.attempt, self._chance())
        log.warning("%s of %s %s in try %s: %s", lease.kind, lease.number, outcome, lease.attempt, detail)
        return Report(outcome, detail, DeliveryState.PENDING, next_try)

    def _given_up(self, lease: Lease, outcome: Outcome, detail: str, state: DeliveryState) -> Report:
        log.error("%s of %s NOT DELIVERED, %s after try %s: %s", lease.kind, lease.number, state, lease.attempt, detail)
        return Report(outcome, detail, state)

    def _record(self, ends: Sequence[tuple[Lease, Report]], untried: Sequence[Lease]) -> None:
        """Insist: what is not written down is delivered once more when the lease ends."""
        for _ in range(RECORD_TRIES - 1):
            try:
                return self._outbox.record(ends, untried)
            except StoreUnavailable as error:
                told = ", ".join(f"{lease.number} {report.outcome}" for lease, report in ends)
                log.warning("These tries are not written down yet: %s. %s", told, error)
                self._stopping.wait(RECORD_PAUSE_SECONDS)
        return self._outbox.record(ends, untried)


def wait_after(attempt: int, chance: float) -> timedelta:
    """Return how long to wait after this try (from 1); `chance` is between 0 and 1."""
    wait = min(FIRST_WAIT * (1 << min(attempt - 1, MAX_DOUBLINGS)), LONGEST_WAIT)
    return wait * (1 - JITTER * chance)
