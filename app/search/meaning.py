"""Meaning: how the encoder understood passages, by the digest of what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from app.articles.article import Language
from app.search.codebook import Codebook, Compressed
from app.search.encoder import Matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.search.passage import Passage


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What is kept of a passage that was read."""

    whole: Matrix
    tokens: Compressed


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """How the encoder understood the passages of an index."""

    codebook: Codebook
    kept: Mapping[str, Kept]
    """By the digest of the passage."""
    strangers: Mapping[Language, Matrix] = field(default_factory=dict)
    """Vectors of questions about something else, by their language."""

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return int(self.codebook.centroids.shape[0] * self.codebook.centroids.shape[2])

    def vectors_of(self, passages: Sequence[Passage]) -> Matrix:
        """Return the vectors of passages, of which there is at least one: shape (passages, dimension)."""
        return np.stack([self.kept[one.digest].whole for one in passages])

    def tokens_of(self, passages: Sequence[Passage]) -> list[Compressed]:
        """Return the tokens of passages, compressed."""
        return [self.kept[one.digest].tokens for one in passages]
