"""Presence: who else has a ticket open, and for how long that is believed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from app.desk.agent import Agent, Role
from app.desk.presence import FORGOTTEN_AFTER, Peer, Presence

NUMBER = "W-2026-000001"
MIA, DENIZ, BEN = (
    Agent(at, name, f"{name}@example.org", Role.FIRST, active=True) for at, name in enumerate(("Mia", "Deniz", "Ben"))
)


@dataclass
class Seconds:
    """Seconds that pass when a test says so."""

    now: float = 100.0
    presence: Presence = field(init=False)

    def __post_init__(self) -> None:
        self.presence = Presence(lambda: self.now)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_agents_learn_of_each_other_and_not_of_themselves(seconds: Seconds) -> None:
    """Who writes is told first."""
    enter = seconds.presence.enter
    assert enter(NUMBER, MIA, is_writing=True) == ()
    assert enter(NUMBER, BEN, is_writing=False) == (Peer("Mia", is_writing=True),)
    assert enter(NUMBER, DENIZ, is_writing=False) == (Peer("Mia", is_writing=True), Peer("Ben", is_writing=False))


def test_what_was_told_last_counts(seconds: Seconds) -> None:
    """Whoever has sent or emptied an answer writes none any more."""
    for writing in (True, False):
        seconds.presence.enter(NUMBER, MIA, is_writing=writing)
    assert seconds.presence.enter(NUMBER, BEN, is_writing=False) == (Peer("Mia", is_writing=False),)


def test_who_is_at_another_ticket_is_not_here(seconds: Seconds) -> None:
    """Each ticket has its own."""
    seconds.presence.enter("W-2026-000002", MIA, is_writing=True)
    assert seconds.presence.enter(NUMBER, BEN, is_writing=False) == ()


def test_who_does_not_ask_any_more_is_forgotten(seconds: Seconds) -> None:
    """After half a minute, without saying so."""
    seconds.presence.enter(NUMBER, MIA, is_writing=True)
    seconds.now += FORGOTTEN_AFTER - 1
    assert seconds.presence.enter(NUMBER, BEN, is_writing=False)
    seconds.now += 1
    assert seconds.presence.enter(NUMBER, BEN, is_writing=False) == ()
