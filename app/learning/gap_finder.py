"""The gap finder: a thread that asks all open questions again and gathers anew what no article answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from app.database import StoreUnavailable
from app.job import Job
from app.learning.gaps import Question, gaps_of

if TYPE_CHECKING:
    from datetime import datetime

    from app.learning.gap_list import GapList
    from app.learning.questions import Kept, Questions

    Matrix = np.ndarray[Any, np.dtype[np.float32]]

LEAST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
REST = 20
"""How many times as long as it worked the finder rests: few questions are gathered at once, many now and then."""
KEEP = timedelta(days=90)  # how far back questions count
MOST = 2_000  # questions that are gathered: the last ones
PAUSE_SECONDS = 0.02  # between two questions, for those who are searching

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the articles of today say to a question."""

    about: float
    answered: bool
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of the search, which learning does not know."""

    replay: Callable[[str, str], Replayed]
    """Searches a text in a language."""
    vectors: Callable[[Sequence[str]], Matrix]
    """Returns texts as rows of unit length: shape (texts, dimension)."""
    version: Callable[[], str]
    """Names the articles that are searched."""


class GapFinder(Job):
    """Refreshes the list between `start` and `stop`: soon after something changed, with long rests."""

    def __init__(self, questions: Questions, found: GapList, search: Search, clock: Callable[[], datetime]) -> None:
        super().__init__("gaps")
        self._questions, self._list, self._search, self._clock = questions, found, search, clock
        self._state: tuple[int, str, str] | None = None
        self._replayed: dict[tuple[str, str], Replayed] = {}
        self._vectors: dict[str, Matrix] = {}
        self._version = ""

    def refresh(self) -> bool:
        """Make the list anew where a question, an article or the day is new; return whether it was made."""
        now = self._clock()
        state = (self._questions.last(), self._search.version(), now.date().isoformat())
        if state == self._state:
            return False
        kept = self._questions.since((now - KEEP).date(), MOST)
        self._forget_old(kept)
        asked = [self._asked(one) for one in kept]
        if self._stopping.is_set():
            return False
        self._list.store(gaps_of(asked, self._read(kept), now.date()))
        self._state = state
        return True

    def _forget_old(self, kept: Sequence[Kept]) -> None:
        """Drop what was computed for questions that are gone, and what older articles said."""
        if self._version != self._search.version():
            self._version, self._replayed = self._search.version(), {}
        texts = {one.text for one in kept}
        self._vectors = {text: row for text, row in self._vectors.items() if text in texts}
        self._replayed = {key: one for key, one in self._replayed.items() if key[0] in texts}

    def _asked(self, one: Kept) -> Question:
        key = (one.text, one.lang)
        if key not in self._replayed and not self._stopping.is_set():
            self._replayed[key] = self._search.replay(*key)
            self._stopping.wait(PAUSE_SECONDS)
        said = self._replayed.get(key) or Replayed(0.0, answered=False, nearest=())
        is_ticket = one.asker.startswith("t")
        return Question(
            one.id, one.text, one.day, one.asker, is_ticket, said.about, said.answered, said.nearest, one.gap_id
        )

    def _read(self, kept: Sequence[Kept]) -> Matrix:
        missing = list(dict.fromkeys(one.text for one in kept if one.text not in self._vectors))
        for text in missing:
            self._vectors[text] = self._search.vectors([text])[0]
            self._stopping.wait(PAUSE_SECONDS)
        return np.stack([self._vectors[one.text] for one in kept]) if kept else np.zeros((0, 1), np.float32)

    def _work(self) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                self.refresh()
            except StoreUnavailable as error:
                log.warning("The gaps are as they were found last: %s", error)
            except Exception:
                log.exception("Finding gaps stumbled and is tried again.")
            self._stopping.wait(rest_after(time.monotonic() - started))


def rest_after(worked: float) -> float:
    """Return how long to rest after so many seconds of work."""
    return min(max(REST * worked, LEAST_REST.total_seconds()), LONGEST_REST.total_seconds())
