"""Codebook: how the tokens of passages are kept small enough to compare a query with them one by one.

One vector for a whole passage blurs what its sentences say. So the first candidates are compared once more: for each
token of the query the nearest token of the passage is found, and the mean of these cosines is the *match* (late
interaction: Khattab and Zaharia, ColBERT, SIGIR 2020). Token vectors of the model point nearly the same way, so the
mean token of their language is taken off first. A product quantiser keeps a token in dimension / 8 bytes: 48 in place
of 1,536 for the default model, about 6 KB a passage, for .002 of MRR (docs/search.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np

from app.articles.article import LANGUAGES, Language
from app.search.encoder import Ends, Matrix, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.search.encoder import Reading

Codes = np.ndarray[Any, np.dtype[np.uint8]]
"""Compressed token vectors, one row a token: shape (tokens, bytes)."""

FLOATS_PER_BYTE = 8
CENTROIDS = 256
TRAINING_TOKENS = 16_000
GROWTH = 4
ROUNDS = 10
"""Passes of k-means; more bring nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Compressed:
    """The tokens of one passage as they are kept."""

    codes: Codes
    ends: Ends


@dataclass(frozen=True, slots=True, eq=False)
class Codebook:
    """How token vectors are compressed: the mean token of each language, and the centroids of the quantiser."""

    means: Mapping[Language, Matrix]
    centroids: Matrix
    """Shape (bytes, 256, dimension / bytes)."""
    passages: int
    """How many public passages there were when it was fitted."""

    _quantiser: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make FAISS's quantiser once."""
        object.__setattr__(self, "_quantiser", quantiser(self.centroids))

    def fits(self, passages: int) -> bool:
        """Whether it still does for so many passages; for many more it is fitted anew."""
        return passages <= self.passages * GROWTH

    def compress(self, reading: Reading, lang: Language) -> Compressed:
        """Return the tokens of a passage in `lang`, compressed."""
        rows = unit(reading.tokens - self.means[lang])
        return Compressed(self._quantiser.compute_codes(rows), reading.ends)

    def restore(self, codes: Codes) -> Matrix:
        """Return compressed tokens as rows of about unit length."""
        rows: Matrix = self._quantiser.decode(np.ascontiguousarray(codes))
        return rows

    def asked(self, tokens: Matrix) -> Matrix:
        """Return the tokens of a query, made comparable; its language need not be that of what it finds."""
        return unit(tokens - mean_of(np.array(list(self.means.values()))))


def codebook_of(readings: Mapping[Language, Sequence[Reading]], dimension: int, passages: int) -> Codebook:
    """Fit a codebook to what was read of some of the passages, by language."""
    nothing = np.zeros((0, dimension), np.float32)
    tokens = {lang: np.concatenate([nothing, *(one.tokens for one in found)]) for lang, found in readings.items()}
    told = {lang: mean_of(rows) for lang, rows in tokens.items() if len(rows)}
    common = mean_of(np.array(list(told.values()))) if told else np.zeros(dimension, np.float32)
    means = {lang: told.get(lang, common) for lang in LANGUAGES}
    centred = [unit(rows - means[lang]) for lang, rows in tokens.items()]
    return Codebook(means, trained(np.concatenate([np.zeros((1, dimension), np.float32), *centred])), passages)


def mean_of(rows: Matrix) -> Matrix:
    """Return the mean row."""
    return np.asarray(rows.mean(axis=0), np.float32)


def trained(rows: Matrix) -> Matrix:
    """Return the centroids of `rows`: shape (bytes, 256, dimension / bytes)."""
    chosen = np.random.default_rng(0).permutation(len(rows))[:TRAINING_TOKENS]
    few = -(-CENTROIDS // len(chosen))
    faiss.omp_set_num_threads(1)
    product = faiss.ProductQuantizer(rows.shape[1], bytes_for(rows.shape[1]), 8)
    product.cp.niter, product.cp.min_points_per_centroid = ROUNDS, 1
    product.train(np.tile(rows[chosen], (few, 1)))
    return np.asarray(faiss.vector_to_array(product.centroids), np.float32).reshape(product.M, CENTROIDS, -1)


def quantiser(centroids: Matrix) -> Any:
    """Return FAISS's product quantiser with given centroids."""
    faiss.omp_set_num_threads(1)  # threads that wait for each other cost more than these few numbers
    product = faiss.ProductQuantizer(centroids.shape[0] * centroids.shape[2], centroids.shape[0], 8)
    faiss.copy_array_to_vector(np.ascontiguousarray(centroids).ravel(), product.centroids)
    return product


def bytes_for(dimension: int) -> int:
    """Return in how many bytes a vector is kept: at most one for each 8 of its numbers."""
    return next(count for count in range(max(1, dimension // FLOATS_PER_BYTE), 0, -1) if dimension % count == 0)
