"""Matching: how well a passage answers a query, token by token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.search.encoder import Ends, Matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.search.codebook import Codebook, Compressed
    from app.search.highlight import Parts
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

    def within(self, passage: Passage) -> Callable[[Parts], Sequence[float]]:
        """Return a function that tells how well each part of the passage's text answers."""
        places = self.ends.astype(int) - (len(passage.meaning) - len(passage.text))

        def near(parts: Parts) -> Sequence[float]:
            bounds = np.searchsorted(places, np.array(parts, int).reshape(-1, 2), side="right")
            return strengths(self.nearness, bounds)

        return near


def matches(asked: Matrix, passages: Sequence[Compressed], codebook: Codebook) -> list[Match]:
    """Compare the tokens of a query, shape (query tokens, dimension), with those of passages; none matches nothing."""
    if not passages:
        return []
    nearness = codebook.restore(np.concatenate([passage.codes for passage in passages])) @ asked.T
    ends = np.cumsum([len(passage.ends) for passage in passages])
    bounds = np.stack([ends - [len(passage.ends) for passage in passages], ends], axis=1)
    found = zip(strengths(nearness, bounds), bounds, passages, strict=True)
    return [Match(strength, nearness[start:end], one.ends) for strength, (start, end), one in found]


def strengths(nearness: Matrix, bounds: np.ndarray[Any, np.dtype[np.int64]]) -> list[float]:
    """Return how well runs of tokens answer a query: for each the mean of what is best for each token of the query.

    `bounds` says where the runs begin and end: shape (runs, 2), in order; an empty one answers nothing.
    """
    found = np.zeros(len(bounds))
    full = bounds[:, 0] < bounds[:, 1]
    if full.any() and nearness.size:
        best = np.maximum.reduceat(
            nearness, bounds[full].ravel()[: None if bounds[full][-1, 1] < len(nearness) else -1]
        )
        found[full] = best[::2].mean(axis=1)
    return [float(one) for one in found]
