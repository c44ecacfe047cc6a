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
    """What can happen to a ticket.

    An agent takes it or lets it go, is assigned it, replies or asks back, hands it to another level; the visitor
    answers; someone solves, closes, reopens or merges it. Which agent has it, and the level, are no states.
    """

    TAKE = "take"
    ASSIGN = "assign"
    RELEASE = "release"
    ASK = "ask"
    REPLY = "reply"
    ANSWER = "answer"
    ESCALATE = "escalate"
    RETURN = "return"
    SOLVE = "solve"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"


TRANSITIONS: Mapping[tuple[TicketState, Step], TicketState] = {
    (TicketState.NEW, Step.TAKE): TicketState.OPEN,
    (TicketState.NEW, Step.ASSIGN): TicketState.OPEN,
    (TicketState.NEW, Step.ASK): TicketState.WAITING,
    (TicketState.NEW, Step.REPLY): TicketState.OPEN,
    (TicketState.NEW, Step.ANSWER): TicketState.NEW,
    (TicketState.NEW, Step.ESCALATE): TicketState.NEW,
    (TicketState.NEW, Step.RETURN): TicketState.NEW,
    (TicketState.NEW, Step.SOLVE): TicketState.SOLVED,
    (TicketState.OPEN, Step.TAKE): TicketState.OPEN,
    (TicketState.OPEN, Step.ASSIGN): TicketState.OPEN,
    (TicketState.OPEN, Step.RELEASE): TicketState.OPEN,
    (TicketState.OPEN, Step.ASK): TicketState.WAITING,
    (TicketState.OPEN, Step.REPLY): TicketState.OPEN,
    (TicketState.OPEN, Step.ANSWER): TicketState.OPEN,
    (TicketState.OPEN, Step.ESCALATE): TicketState.OPEN,
    (TicketState.OPEN, Step.RETURN): TicketState.OPEN,
    (TicketState.OPEN, Step.SOLVE): TicketState.SOLVED,
    (TicketState.WAITING, Step.TAKE): TicketState.OPEN,
    (TicketState.WAITING, Step.ASSIGN): TicketState.WAITING,
    (TicketState.WAITING, Step.RELEASE): TicketState.WAITING,
    (TicketState.WAITING, Step.ASK): TicketState.WAITING,
    (TicketState.WAITING, Step.REPLY): TicketState.OPEN,
    (TicketState.WAITING, Step.ANSWER): TicketState.OPEN,
    # From here on another level is asked, not the customer: the ticket must stand in the queue of that level.
    (TicketState.WAITING, Step.ESCALATE): TicketState.OPEN,
    (TicketState.WAITING, Step.RETURN): TicketState.OPEN,
    (TicketState.WAITING, Step.SOLVE): TicketState.SOLVED,
    (TicketState.SOLVED, Step.ANSWER): TicketState.OPEN,
    (TicketState.SOLVED, Step.SOLVE): TicketState.SOLVED,
    (TicketState.SOLVED, Step.CLOSE): TicketState.CLOSED,
    (TicketState.SOLVED, Step.REOPEN): TicketState.OPEN,
    # A duplicate is closed, and its successor goes on.
    (TicketState.NEW, Step.MERGE): TicketState.CLOSED,
    (TicketState.OPEN, Step.MERGE): TicketState.CLOSED,
    (TicketState.WAITING, Step.MERGE): TicketState.CLOSED,
    (TicketState.SOLVED, Step.MERGE): TicketState.CLOSED,
    (TicketState.CLOSED, Step.ANSWER): TicketState.OPEN,
    (TicketState.CLOSED, Step.REOPEN): TicketState.OPEN,
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
