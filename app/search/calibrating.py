"""Calibrating: an index that was just written is asked what is strange to it, and what its authors ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from app.search.calibration import Calibration, bar_of, offset_of
from app.search.shelf import evidence, remembered, shelf_of, spoken
from app.search.strangers import STRANGERS
from app.search.understood import understand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.articles.article import Language
    from app.search.confidence import Signals
    from app.search.encoder import Encoder, Reading
    from app.search.index import Index
    from app.search.passage import Passage
    from app.search.results import Evidence
    from app.search.shelf import Shelf

T = TypeVar("T")

SECTIONS = 30
"""Sections from which on an index is calibrated; in a smaller one everything is strange."""
QUESTIONS = 150
"""Authors' questions that are asked at most, evenly spread."""

Read = Sequence[tuple[str, "Reading"]]
"""Texts, and how the model reads them."""


def read_strangers(encoder: Encoder) -> dict[Language, Read]:
    """Return the strangers as the model reads them, by their language."""
    return {lang: list(zip(texts, encoder.queries(texts), strict=True)) for lang, texts in STRANGERS.items()}


def calibrated(index: Index, strangers: Mapping[Language, Read]) -> Calibration:
    """Return what strangers and the authors' questions tell of an index; nothing of a small one."""
    if index.tokens is None or sum(one.kind == "section" for one in index.passages) < SECTIONS:
        return Calibration({}, 0.0, len(index.passages))
    shelf, weights = shelf_of(index), index.weights
    bars = {lang: bar_of(strange(shelf, lang, asked), weights.about) for lang, asked in strangers.items()}
    return Calibration(bars, offset_of(list(asked_by_authors(shelf)), weights.right), len(index.passages))


def strange(shelf: Shelf, lang: Language, strangers: Read) -> list[Signals]:
    """Return what an index shows to each of the strangers."""
    asked = ((understand(shelf.index, text, lang, exact=False), reading) for text, reading in strangers)
    found = (evidence(shelf, query, spoken(shelf.index, reading)) for query, reading in asked)
    return [one.first for one in found if one.found.candidates]


def asked_by_authors(shelf: Shelf) -> Iterator[tuple[Signals, Signals]]:
    """Yield what each question of an author shows with its article there and taken away, where it came first.

    The question itself is left out both times: no customer will ask in the very same words.
    """
    passages = shelf.index.passages
    for number in evenly([number for number, one in enumerate(passages) if one.kind == "question"], QUESTIONS):
        present, removed = both(shelf, number, passages[number])
        first = present.found.candidates[:1]
        if first and first[0].slug == passages[number].slug and removed.found.candidates:
            yield present.first, removed.first


def both(shelf: Shelf, number: int, passage: Passage) -> tuple[Evidence, Evidence]:
    """Ask an author's question without itself, and without its whole article; what was read of it is still there."""
    owner = shelf.layout.owner
    asked = understand(shelf.index, passage.text, passage.lang, exact=False)
    query = remembered(shelf.index, number)
    return (
        evidence(shelf, asked, query, np.arange(len(owner)) != number),
        evidence(shelf, asked, query, owner != owner[number]),
    )


def evenly(rows: Sequence[T], most: int) -> list[T]:
    """Return at most so many of the rows, evenly spread."""
    places = np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int)
    return [rows[place] for place in places]
