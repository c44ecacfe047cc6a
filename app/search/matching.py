"""Matching: how well a passage answers a query, token by token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.search.encoder import Ends, Matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.search.codebook import Codebook, Compressed
    from app.search.passage import Passage


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A passage compared with a query."""

    score: float
    """Mean over the query's tokens of the cosine with the nearest token of the passage."""
    nearness: Matrix
    """Cosine of each token of the passage with each of the query: shape (tokens, query tokens)."""
    ends: Ends
    """Where each token ends in what the encoder read, in characters."""

    def within(self, passage: Passage) -> Callable[[int, int], float]:
        """Return a function that tells how well the part of the passage's text between two characters answers."""
        places = self.ends.astype(int) - (len(passage.meaning) - len(passage.text))
        return lambda start, end: strength(self.nearness[(places > start) & (places <= end)])


def matches(asked: Matrix, passages: Sequence[Compressed], codebook: Codebook) -> list[Match]:
    """Compare the tokens of a query, shape (query tokens, dimension), with those of passages; none matches nothing."""
    if not passages:
        return []
    nearness = codebook.restore(np.concatenate([passage.codes for passage in passages])) @ asked.T
    parts = np.split(nearness, np.cumsum([len(passage.ends) for passage in passages])[:-1])
    return [Match(strength(part), part, one.ends) for part, one in zip(parts, passages, strict=True)]


def strength(nearness: Matrix) -> float:
    """Return how well tokens answer a query: the mean of what is best for each of its tokens."""
    return float(nearness.max(axis=0).mean()) if nearness.size else 0.0
