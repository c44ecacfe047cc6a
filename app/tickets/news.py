"""News: what has happened to a ticket that its customer is told by mail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Received:
    """The ticket has come in."""

    called: bool = False
    """Whether an agent wrote it down for somebody on the phone, who has never seen its page."""


@dataclass(frozen=True, slots=True)
class Replied:
    """An agent has answered."""

    text: str
    waits: bool = False
    """Whether the ticket waits for what the customer says."""


@dataclass(frozen=True, slots=True)
class Solved:
    """An agent has answered with what solves the problem."""

    text: str
    solution: int
    """Id of the message, for which the link in the mail is signed."""


class Changed(StrEnum):
    """The state has changed without a word of an agent."""

    IN_PROGRESS = "in_progress"
    REOPENED = "reopened"
    CLOSED = "closed"


News = Received | Replied | Solved | Changed
