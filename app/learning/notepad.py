"""Notepad: takes down what was asked while the page is on its way, and lets a thread of its own store it."""

from __future__ import annotations

import logging
import threading
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING

from app.database import StoreUnavailable

if TYPE_CHECKING:
    from app.learning.asked import Asked
    from app.learning.questions import Questions

MOST_WAITING = 2_000  # questions in memory
BATCH = 200  # questions in one transaction
ROUND_SECONDS = 1.0
STOP_SECONDS = 10.0

log = logging.getLogger(__name__)


class Notepad:
    """Stores questions between `start` and `stop`; what cannot be stored is dropped, with a line in the log."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self._waiting: Queue[Asked] = Queue(MOST_WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="notepad", daemon=True)

    def note(self, *every: Asked) -> None:
        """Take questions down; it neither waits nor fails."""
        try:
            for one in every:
                self._waiting.put_nowait(one)
        except Full:
            log.warning("More questions are asked than can be written down: some are left out of the gaps.")

    def start(self) -> None:
        """Begin to store."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, with everything stored that was taken down."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

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
