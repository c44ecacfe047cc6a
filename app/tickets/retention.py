"""Retention: a thread that forgets once a day what was promised to be kept no longer."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from app.database import StoreUnavailable
from app.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    Forget = Callable[[datetime], int]

ROUND = timedelta(days=1)

log = logging.getLogger(__name__)


class Retention(Job):
    """Forgets in a thread of its own between `start` and `stop`: right after the start, then once a day.

    `forgetters` are named after what they forget: each is called with a moment, and forgets what is older.
    """

    def __init__(self, forgetters: Mapping[str, Forget], keep: timedelta, clock: Callable[[], datetime]) -> None:
        super().__init__("retention")
        self._forgetters = forgetters
        self._keep = keep
        self._clock = clock

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
