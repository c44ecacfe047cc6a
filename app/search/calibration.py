"""Calibration: what confidence means in one index, measured when it is built, from the knowledge base itself.

How near texts lie to each other differs from one knowledge base to the next, and so does what is near to strangers.
The *bar* of each language lies above what the built-in `strangers` reach, so that hardly any question about something
else passes it. The *offset* comes from the authors' questions, where there are enough of them: each is asked once
without itself, and once more with its article taken away; the offset makes the probabilities of both true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

import numpy as np
from pydantic import TypeAdapter

from app.articles.article import Language
from app.search.confidence import Judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.search.confidence import Signals
    from app.search.weights import Odds, Weights

ABOVE = 2.25
"""Standard deviations by which the bar lies above the mean of the strangers."""
ENOUGH = 40
"""Questions from which on an offset is trusted."""
FARTHEST = 6.0
"""An offset at most: beyond, the questions say something else than they should."""
GROWTH = 1.25
"""A calibration serves until there are so many times more passages, or fewer."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured of an index."""

    bars: Mapping[Language, float]
    """Log odds of *about* that a query must pass, by its language; none in a small index.

    One that is lower than the usual bar does not count: strangers to a language that nothing is written in are far off.
    """
    offset: float
    """What is added to the log odds of *right*."""
    passages: int
    """How many public passages there were."""

    def fits(self, passages: int) -> bool:
        """Whether it still serves for so many passages."""
        return passages <= self.passages * GROWTH and self.passages <= passages * GROWTH

    def judge(self, weights: Weights, lang: Language) -> Judge:
        """Return who tells how likely results answer a query in `lang`."""
        return Judge(weights, max(weights.bar, self.bars.get(lang, weights.bar)), self.offset)


NEUTRAL = Calibration({}, 0.0, 0)
CALIBRATION = TypeAdapter(Calibration)


def bar_of(strangers: Sequence[Signals], about: Odds) -> float:
    """Return the bar above what strangers reach."""
    told = [about.of(one) for one in strangers]
    return round(fmean(told) + ABOVE * pstdev(told), 4)


def offset_of(pairs: Sequence[tuple[Signals, Signals]], right: Odds) -> float:
    """Return what makes the probabilities true of questions with their answer there and taken away; 0 of a few."""
    if len(pairs) < ENOUGH:
        return 0.0
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - only building needs it

    signs = np.tile([1.0, -1.0], len(pairs))
    told = np.array([right.of(one) for pair in pairs for one in pair])
    found = minimize_scalar(
        lambda offset: np.logaddexp(0, -signs * (told + offset)).sum(), bounds=(-FARTHEST, FARTHEST), method="bounded"
    )
    return round(float(found.x), 4)
