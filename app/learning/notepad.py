"""Notepad: takes down what was asked while the page is on its way, and lets a thread of its own store it."""

from __future__ import annotations

import logging
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING

from app.database import StoreUnavailable
from app.job import Job

if TYPE_CHECKING:
    from app.learning.asked import Asked
    from app.learning.questions import Questions

MOST_WAITING = 2_000  # questions in memory
BATCH = 200  # questions in one transaction
ROUND_SECONDS = 1.0

log = logging.getLogger(__name__)


class Notepad(Job):
    """Stores questions between `start` and `stop`; what cannot be stored is dropped, with a line in the log."""

    def __init__(self, questions: Questions) -> None:
        super().__init__("notepad")
        self.questions = questions
        self._waiting: Queue[Asked] = Queue(MOST_WAITING)

    def note(self, *every: Asked) -> None:
        """Take questions down; it neither waits nor fails."""
        try:
            for one in every:
                self._waiting.put_nowait(one)
        except Full:
            log.warning("More questions are asked than can be written down: some are left out of the gaps.")

    def store(self) -> int:
        """Store what waits, and return how many questions were new."""
        new = 0
        while batch := self._taken():
            try:
                new += self.questions.add(batch)
            except StoreUnavailable as error:
                log.warning("%s questions are left out of the gaps: %s", len(batch), error)
            except Exception:
                log.exception("%s questions could not be written down and are left out of the gaps.", len(batch))
        return new

    def _taken(self) -> list[Asked]:
        batch: list[Asked] = []
        try:
            while len(batch) < BATCH:
                batch.append(self._waiting.get_nowait())
        except Empty:
            pass
        return batch

    def _work(self) -> None:
        while not self._stopping.wait(ROUND_SECONDS):
            self.store()
        self.store()
