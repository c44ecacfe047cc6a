"""A rating: how satisfied a customer is with a solution."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SCORES = (1, 2, 3, 4, 5)
"""From not at all to very satisfied."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What the customer said of one solution; said again, it takes the place of what was there."""

    solution: int
    """Id of the message that solved the ticket."""
    at: datetime
    score: int | None
    """One of SCORES; none where only a comment was left."""
    comment: str
