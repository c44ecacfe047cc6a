"""The states of a ticket and every step between them, as one table."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class TicketState(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    SOLVED = "solved"
    CLOSED = "closed"


class Step(StrEnum):
    """What can happen to a ticket: an agent takes it or asks back, the visitor answers, someone solves or closes it."""

    TAKE = "take"
    ASK = "ask"
    ANSWER = "answer"
    SOLVE = "solve"
    CLOSE = "close"


TRANSITIONS: Mapping[tuple[TicketState, Step], TicketState] = {
    (TicketState.NEW, Step.TAKE): TicketState.OPEN,
    (TicketState.NEW, Step.ASK): TicketState.WAITING,
    (TicketState.NEW, Step.ANSWER): TicketState.NEW,
    (TicketState.NEW, Step.SOLVE): TicketState.SOLVED,
    (TicketState.OPEN, Step.ASK): TicketState.WAITING,
    (TicketState.OPEN, Step.ANSWER): TicketState.OPEN,
    (TicketState.OPEN, Step.SOLVE): TicketState.SOLVED,
    (TicketState.WAITING, Step.TAKE): TicketState.OPEN,
    (TicketState.WAITING, Step.ANSWER): TicketState.OPEN,
    (TicketState.WAITING, Step.SOLVE): TicketState.SOLVED,
    (TicketState.SOLVED, Step.ANSWER): TicketState.OPEN,
    (TicketState.SOLVED, Step.SOLVE): TicketState.SOLVED,
    (TicketState.SOLVED, Step.CLOSE): TicketState.CLOSED,
    (TicketState.CLOSED, Step.ANSWER): TicketState.OPEN,
}


class IllegalStep(Exception):
    """The table has no such step; nothing has changed."""


def after(state: TicketState, step: Step) -> TicketState:
    """Return the state that follows; raise IllegalStep where TRANSITIONS has none."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        allowed = ", ".join(known for at, known in TRANSITIONS if at == state)
        raise IllegalStep(f'A ticket that is "{state}" cannot "{step}". It can {allowed}.') from None
