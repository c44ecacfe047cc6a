"""Retention: a thread that forgets once a day what was promised to be kept no longer."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from app.database import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    Forget = Callable[[datetime], int]

ROUND = timedelta(days=1)
STOP_SECONDS = 10.0  # how long to wait for a round that goes on; what is left of it is done after the next start

log = logging.getLogger(__name__)


class Retention:
    """Forgets in a thread of its own between `start` and `stop`: right after the start, then once a day.

    `forgetters` are named after what they forget: each is called with a moment, and forgets what is older.
    """

    def __init__(self, forgetters: Mapping[str, Forget], keep: timedelta, clock: Callable[[], datetime]) -> None:
        self._forgetters = forgetters
        self._keep = keep
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="retention", daemon=True)

    def start(self) -> None:
        """Begin to forget."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def run_once(self) -> None:
        """Forget everything that is too old; where that fails, the others are forgotten all the same."""
        before = self._clock() - self._keep
        for name, forget in self._forgetters.items():
            self._survive(name, forget, before)

    def _work(self) -> None:
        while not self._stopping.is_set():
            self.run_once()
            self._stopping.wait(ROUND.total_seconds())

    def _survive(self, name: str, forget: Forget, before: datetime) -> None:
        try:
            if count := forget(before):
                log.info("forgot %s %s from before %s", count, name, before.date())
        except StoreUnavailable as error:
            log.warning("Not all %s from before %s are forgotten, tomorrow again: %s", name, before.date(), error)
        except Exception:
            log.exception("Forgetting %s stumbled and goes on tomorrow.", name)
