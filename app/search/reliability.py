"""Reliability: how well probabilities tell right from wrong, and how true they are."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Probabilities that lie close together: how many, what they say, and how many of them were right."""

    count: int
    said: float
    right: float


def area(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Return the area under the ROC curve: how often a right one is given more than a wrong one, ties half."""
    wins = sum((one > other) + (one == other) / 2 for one in right for other in wrong)
    return wins / (len(right) * len(wrong)) if right and wrong else 0.0


def bins_of(right: Sequence[float], wrong: Sequence[float]) -> list[Bin]:
    """Return the probabilities in tenths; empty ones are left out."""
    told = [(one, 1) for one in right] + [(one, 0) for one in wrong]
    groups = ([pair for pair in told if min(BINS - 1, int(pair[0] * BINS)) == number] for number in range(BINS))
    return [Bin(len(one), fmean(said for said, _ in one), fmean(label for _, label in one)) for one in groups if one]


def calibration_error(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Return the expected calibration error: by how much probabilities are off on average."""
    bins = bins_of(right, wrong)
    return sum(one.count * abs(one.said - one.right) for one in bins) / max(1, sum(one.count for one in bins))
