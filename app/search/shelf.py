"""Shelf: what a search reads, and what speaks for the articles that it finds there."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from app.articles.article import Language, Rendered
from app.search.encoder import Matrix
from app.search.index import Index
from app.search.ranking import Hit, rank
from app.search.results import Compared, Evidence, Surroundings, compare
from app.search.shares import holders_of, word_shares

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.search.encoder import Reading
    from app.search.understood import Understood

POOL = 400
"""Passages taken from each index; the best article of a hundred thousand passages is among them."""
NEIGHBOURS = 5
"""Strangers that a query is compared with: those nearest to it."""
ITSELF = 0.9999
"""Cosine from which on a text is the same text."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a search reads: one index and what is known of the crowd of its vectors; replaced as a whole."""

    index: Index
    mean: Matrix | None
    spread: Matrix | None
    related: dict[tuple[str, Language, int], tuple[Rendered, ...]] = field(default_factory=dict)
    """Kept once they were looked for: they are the same as long as the version is."""


def shelf_of(index: Index) -> Shelf:
    """Return an index with mean and covariance of its vectors, from which any query's mean and spread follow."""
    rows = index.vectors()
    if rows is None or len(rows) == 0:
        return Shelf(index, None, None)
    mean = rows.mean(axis=0)
    return Shelf(index, mean, np.asarray((rows - mean).T @ (rows - mean) / len(rows), np.float32))


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
    if index.tokens is None:
        raise ValueError(f"{index.folder} keeps no tokens.")
    return Spoken(index.vector(number), index.tokens.codebook.restore(index.tokens.of(number).codes))


@dataclass(frozen=True, slots=True)
class Near:
    """The passages nearest in meaning, by number, in standard deviations above the crowd; and what that crowd is."""

    passages: dict[int, float]
    surroundings: Surroundings


def evidence(
    shelf: Shelf, asked: Understood, query: Spoken | None, keeps: Callable[[int], bool] | None = None
) -> Evidence:
    """Return what speaks for the articles found, if need be only among the passages whose number is kept.

    Without `query` words alone are asked. Only the crowd, its mean and spread, still counts the others.
    """
    near = nearness(shelf, query.whole, asked.query.lang, keeps) if query else None
    index, hits = shelf.index, hits_of(asked, near)
    left = [hit for hit in hits if keeps(hit.number)] if keeps else hits
    candidates = rank(left, index.passages, index.weights, holders_of(index, asked.words))
    found = compare(asked, query.tokens, candidates) if query else Compared(candidates, {})
    return Evidence(found, near.surroundings if near else None, asked.unknown)


def nearness(shelf: Shelf, vector: Matrix, lang: Language, keeps: Callable[[int], bool] | None) -> Near | None:
    """Return what is near to a vector; None in an index without vectors."""
    if shelf.mean is None or shelf.spread is None:
        return None
    crowd = float(vector @ shelf.mean)
    deviation = math.sqrt(max(float(vector @ shelf.spread @ vector), 1e-12))
    nearest = shelf.index.nearest(vector, POOL)
    found = {number: cosine for number, cosine in nearest if keeps is None or keeps(number)}
    strange = strangeness(shelf.index.strangers.get(lang), vector)
    surroundings = Surroundings(max(found.values(), default=0.0), crowd, deviation, strange)
    return Near({number: (cosine - crowd) / deviation for number, cosine in found.items()}, surroundings)


def strangeness(strangers: Matrix | None, vector: Matrix) -> float:
    """Return the mean cosine of a query with the strangers nearest to it, itself left out; 0 where there are none."""
    cosines = strangers @ vector if strangers is not None else np.zeros(0)
    nearest = np.sort(cosines[cosines < ITSELF])[-NEIGHBOURS:]
    return float(nearest.mean()) if nearest.size else 0.0


def hits_of(asked: Understood, near: Near | None) -> list[Hit]:
    """Return the passages found by meaning or by words."""
    meanings = near.passages if near else {}
    shares = word_shares(asked.index, asked.words, POOL)
    floor = min(meanings.values(), default=0.0)
    return [Hit(one, meanings.get(one, floor), shares.get(one, 0.0)) for one in meanings.keys() | shares.keys()]
