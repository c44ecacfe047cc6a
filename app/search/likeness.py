"""Likeness: vectors by which questions are compared with each other.

A model's vectors of all questions lie close together: any two have a cosine of 0.7 and more. What they have in common
is the mean of questions about everything else, the strangers; without it a cosine of 0 means nothing in common.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.search.encoder import Matrix, unit, wholes
from app.search.strangers import STRANGERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.search.encoder import Encoder


class Likeness:
    """Reads questions for being compared; the strangers are read when the first ones come."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._middle: Matrix | None = None

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """Return texts as rows of unit length: shape (texts, dimension)."""
        if self._middle is None:
            strangers = [text for some in STRANGERS.values() for text in some]
            self._middle = wholes(self._encoder.queries(strangers)).mean(axis=0)
        return unit(wholes(self._encoder.queries(texts)) - self._middle)
