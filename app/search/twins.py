"""Twins: passages of two articles that say the same, told by their vectors.

Two articles about one problem part its readers, and one of them is forgotten when things change. Only sections in the
same language are compared, never an article with its own translation. What most articles end with ("Wenn das nicht
geholfen hat") is alike on purpose and left out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.search.passage import Passage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.search.encoder import Matrix
    from app.search.index import Index

SAME = 0.955
"""Cosine from which on two sections say the same: of the 198,000 pairs of shipped ones the highest is 0.9545."""
LEAST_WORDS = 15
"""Of a section; shorter ones are alike by chance."""
ENDINGS = 8
"""Articles that must end under one heading for it to be an ending that is alike on purpose."""
CHUNK = 512


@dataclass(frozen=True, slots=True)
class Twins:
    """Two passages that say the same."""

    one: Passage
    other: Passage
    cosine: float


def twins_of(index: Index) -> list[Twins]:
    """Return the nearest such pair of any two articles, the nearest first; none in an index without vectors."""
    if index.vectors is None:
        return []
    found: dict[tuple[str, str], Twins] = {}
    for numbers in _comparable(index):
        for pair in _pairs(index, numbers):
            key = (pair.one.slug, pair.other.slug)
            if key not in found or found[key].cosine < pair.cosine:
                found[key] = pair
    return sorted(found.values(), key=lambda pair: -pair.cosine)


def _comparable(index: Index) -> list[list[int]]:
    """Return the numbers of the sections that are compared, one list a language."""
    endings = _endings(index.passages)
    sections = [
        number
        for number, one in enumerate(index.passages)
        if one.kind == "section" and len(one.text.split()) >= LEAST_WORDS and one.headings[-1:] not in endings
    ]
    langs = {index.passages[number].lang for number in sections}
    return [[number for number in sections if index.passages[number].lang == lang] for lang in sorted(langs)]


def _endings(passages: Sequence[Passage]) -> set[tuple[str, ...]]:
    last = {(one.slug, one.lang): one.headings[-1:] for one in passages if one.kind == "section"}
    return {heading for heading, articles in Counter(last.values()).items() if heading and articles >= ENDINGS}


def _pairs(index: Index, numbers: Sequence[int]) -> Iterator[Twins]:
    vectors: Matrix = index.vectors[numbers] if index.vectors is not None else np.zeros((0, 0), np.float32)
    for start in range(0, len(numbers), CHUNK):
        cosines = vectors[start : start + CHUNK] @ vectors.T
        for row, column in np.argwhere(cosines >= SAME).tolist():
            one, other = index.passages[numbers[start + row]], index.passages[numbers[column]]
            if one.slug < other.slug:
                yield Twins(one, other, float(cosines[row, column]))
