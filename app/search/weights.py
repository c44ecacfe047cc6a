"""Weights: the few numbers of ranking and confidence, fitted by `scripts/fit` and stored with every index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

FITTED = Path(__file__).with_name("fitted.json")


@dataclass(frozen=True, slots=True)
class Odds:
    """How signals become a probability: a logistic function of them, and of their products where there are pairs."""

    signals: Mapping[str, float]
    """Log odds for each signal, by its name."""
    bias: float
    """Log odds when all signals are 0."""
    pairs: tuple[tuple[str, str, float], ...] = ()
    """Log odds for the product of two signals, or of one with itself."""

    def of(self, told: Mapping[str, float]) -> float:
        """Return the log odds that signals speak for."""
        single = sum(weight * told[name] for name, weight in self.signals.items())
        return self.bias + single + sum(weight * told[one] * told[other] for one, other, weight in self.pairs)


@dataclass(frozen=True, slots=True)
class Weights:
    """What each piece of evidence counts."""

    words: float
    """Ranking: the share of the query's words, in standard deviations of meaning."""
    titles: float
    """Ranking: nearness in meaning of the best of title and author's questions."""
    match: float
    """Ranking: how the tokens of the best section match."""
    asked: float
    """Ranking: how the tokens of the best of title and author's questions match."""
    about: Odds
    """Confidence: that the knowledge base is about what is asked."""
    right: Odds
    """Confidence: that the first result is the right one, if it is."""
    by_words: Odds
    """Confidence while there is no model."""
    bar: float
    """Log odds of `about` that a query must pass where an index has no bars of its own (`calibration`)."""
    answer: float
    """Least confidence that is shown as an answer."""
    perhaps: float
    """Least confidence that is shown as perhaps."""

    def of_match(self, section: float, question: float) -> float:
        """Return what the matches of an article's section and question count in ranking."""
        return self.match * section + self.asked * question


WEIGHTS = TypeAdapter(Weights)


@cache
def fitted() -> Weights:
    """Return the weights as they were last fitted to the development sets."""
    return WEIGHTS.validate_json(FITTED.read_bytes())
