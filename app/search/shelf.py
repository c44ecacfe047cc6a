"""Shelf: what a search reads, and what speaks for the articles that it finds there."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from app.articles.article import Language, Rendered
from app.search.encoder import Matrix
from app.search.index import Index
from app.search.ranking import NOWHERE, Array, Hits, Layout, layout_of, rank
from app.search.results import FIRST, Compared, Evidence, Surroundings, compare
from app.search.shares import holders_of, word_shares

if TYPE_CHECKING:
    from app.search.encoder import Reading
    from app.search.understood import Understood

POOL = 400
"""Passages with words of the query that are looked at."""
NEIGHBOURS = 5
"""Strangers that a query is compared with: those nearest to it."""
ITSELF = 0.9999
"""Cosine from which on a text is the same text."""
LEAST_SPREAD = 1e-6
"""Of cosines that are all alike."""


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """What a search reads: one index, and which of its passages belong together; replaced as a whole."""

    index: Index
    layout: Layout
    related: dict[tuple[str, Language, int], tuple[Rendered, ...]] = field(default_factory=dict)
    """Kept once they were looked for: they are the same as long as the version is."""


def shelf_of(index: Index) -> Shelf:
    """Return what a search in an index reads."""
    return Shelf(index, layout_of(index.passages))


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """A query as the model reads it, made comparable with the tokens of one index."""

    whole: Matrix
    tokens: Matrix


def spoken(index: Index, reading: Reading) -> Spoken:
    """Return what was read of a query, comparable with an index."""
    return Spoken(reading.whole, index.tokens.codebook.asked(reading.tokens) if index.tokens else reading.tokens)


def remembered(index: Index, number: int) -> Spoken:
    """Return what an index keeps of one of its passages, as if it were asked."""
    if index.tokens is None or index.vectors is None:
        raise ValueError(f"{index.volume.folder} was made without a model.")
    return Spoken(index.vectors[number], index.tokens.codebook.restore(index.tokens.of(number).codes))


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """How near each passage is in meaning, in standard deviations above the crowd; and what that crowd is."""

    meanings: Matrix
    """Shape (passages,); -inf for one that is not kept."""
    surroundings: Surroundings


def evidence(
    shelf: Shelf, asked: Understood, query: Spoken | None, keeps: Array | None = None, most: int = FIRST
) -> Evidence:
    """Return what speaks for the first `most` articles, if need be only among the passages that are kept.

    `keeps` tells of each passage whether it is. Without `query` words alone are asked. Only the crowd, its mean and
    spread, still counts the others.
    """
    near = nearness(shelf, query.whole, asked.query.lang, keeps) if query else None
    shares = shares_of(shelf, asked, keeps)
    meanings = near.meanings if near else np.where(shares > 0, np.float32(0), NOWHERE)
    holders = holders_of(shelf.index, asked.words)
    candidates = rank(Hits(meanings, shares), shelf.layout, shelf.index.weights, most, holders)
    found = compare(asked, query.tokens, candidates) if query else Compared(candidates, {})
    return Evidence(found, near.surroundings if near else None, asked.unknown)


def nearness(shelf: Shelf, vector: Matrix, lang: Language, keeps: Array | None) -> Near | None:
    """Return how near passages are to a vector; None in an index without vectors."""
    if shelf.index.vectors is None:
        return None
    cosines = shelf.index.vectors @ vector
    crowd, deviation = float(cosines.mean()), max(float(cosines.std()), LEAST_SPREAD)
    strange = strangeness(shelf.index.strangers.get(lang), vector)
    kept = cosines if keeps is None else np.where(keeps, cosines, NOWHERE)
    nearest = float(kept.max())
    surroundings = Surroundings(nearest if math.isfinite(nearest) else 0.0, crowd, deviation, strange)
    return Near(np.asarray((kept - crowd) / deviation, np.float32), surroundings)


def strangeness(strangers: Matrix | None, vector: Matrix) -> float:
    """Return the mean cosine of a query with the strangers nearest to it, itself left out; 0 where there are none."""
    cosines = strangers @ vector if strangers is not None else np.zeros(0)
    nearest = np.sort(cosines[cosines < ITSELF])[-NEIGHBOURS:]
    return float(nearest.mean()) if nearest.size else 0.0


def shares_of(shelf: Shelf, asked: Understood, keeps: Array | None) -> Matrix:
    """Return each passage's share of the query's words, shape (passages,); 0 of one that is not kept."""
    shares = np.zeros(len(shelf.layout.passages), np.float32)
    found = word_shares(asked.index, asked.words, POOL)
    shares[list(found)] = list(found.values())
    return shares if keeps is None else shares * keeps
