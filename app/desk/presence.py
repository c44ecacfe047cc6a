"""Presence: who has which ticket open now, and who is writing an answer to it. It is kept in memory and soon forgotten.

Open pages tell it every few seconds, and nothing is worth keeping: so no database is written to. With several processes
each knows only those who ask it; that of two answers the second is refused does not hang on this.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.desk.agent import Agent

FORGOTTEN_AFTER = 30.0  # seconds; open pages tell every 12


@dataclass(frozen=True, slots=True)
class Peer:
    """A colleague who has the same ticket open."""

    name: str
    is_writing: bool
    """Whether an answer has been begun there."""


@dataclass(frozen=True, slots=True)
class _Seen:
    peer: Peer
    until: float


class Presence:
    """Who is where. `steady` counts seconds evenly, whatever the clock on the wall does."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, int], _Seen] = {}

    def enter(self, number: str, agent: Agent, *, is_writing: bool) -> tuple[Peer, ...]:
        """Note that an agent has a ticket open, and return who else has, those who are writing first."""
        now = self._steady()
        with self._lock:
            self._seen = {place: seen for place, seen in self._seen.items() if seen.until > now}
            self._seen[number, agent.id] = _Seen(Peer(agent.name, is_writing), now + FORGOTTEN_AFTER)
            others = [seen.peer for (at, who), seen in self._seen.items() if at == number and who != agent.id]
        return tuple(sorted(others, key=lambda one: (not one.is_writing, one.name)))
