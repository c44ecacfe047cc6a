"""Memory: what was read of passages, in this build and before; only what is new is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.articles.article import LANGUAGES, Language
from app.search.calibrating import calibrated, read_strangers
from app.search.calibration import Calibration
from app.search.codebook import Codebook, codebook_of
from app.search.encoder import Matrix, wholes
from app.search.meaning import Kept, Meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.search.encoder import Encoder, Reading
    from app.search.index import Index
    from app.search.passage import Passage
    from app.search.volume import Volume

CHUNK = 256
"""Passages encoded between two steps of the progress bar."""


class Progress(Protocol):
    """Told how far a build is; `rich` draws it, tests collect it."""

    def __call__(self, done: int, total: int, /) -> None:
        """`done` of `total` passages have their vectors."""
        ...


@dataclass(slots=True, eq=False)
class Memory:
    """What was read of passages, by their digest, in this build and before."""

    codebook: Codebook | None = None
    calibration: Calibration | None = None
    strangers: Mapping[Language, Matrix] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)

    def recall(self, volume: Volume) -> None:
        """Take over what a volume holds."""
        self.codebook = volume.codebook
        for shard in volume.shards.values():
            self.kept |= shard.kept

    def keep(self, passages: Sequence[Passage], readings: Sequence[Reading], dimension: int, public: int) -> None:
        """Keep what was read, compressed; the first call fits the codebook to it."""
        pairs = list(zip(passages, readings, strict=True))
        told = {lang: [reading for one, reading in pairs if one.lang == lang] for lang in LANGUAGES}
        self.codebook = self.codebook or codebook_of(told, dimension, public)
        for one, reading in pairs:
            self.kept[one.digest] = Kept(reading.whole, self.codebook.compress(reading, one.lang))

    @property
    def meaning(self) -> Meaning | None:
        """How all that was read was understood; None where nothing was."""
        return Meaning(self.codebook, self.kept, self.strangers) if self.codebook else None

    def calibrating(self, encoder: Encoder) -> Callable[[Index], Calibration] | None:
        """Return how to calibrate the next index: by reading the strangers; None while what was measured serves."""
        if self.calibration:
            return None
        strangers = read_strangers(encoder)
        self.strangers = {lang: wholes([reading for _, reading in rows]) for lang, rows in strangers.items()}
        return lambda index: calibrated(index, strangers)


def encode(audiences: Sequence[Sequence[Passage]], encoder: Encoder, memory: Memory, progress: Progress) -> int:
    """Read every passage that is not kept yet, public ones first: the codebook is fitted to their first chunk.

    Return how many passages that were.
    """
    chunks: list[Sequence[Passage]] = []
    known = set(memory.kept)
    for passages in audiences:
        missing = {one.digest: one for one in mixed(passages) if one.digest not in known}
        chunks += batched(list(missing.values()))
        known |= missing.keys()
    done, total = 0, sum(map(len, chunks))
    for chunk in chunks:
        progress(done, total)
        memory.keep(chunk, read(chunk, encoder), encoder.dimension, len(audiences[0]))
        done += len(chunk)
    progress(total, total)
    return total


def mixed(passages: Sequence[Passage]) -> list[Passage]:
    """Return the sections in a mixed order, always the same one, then titles and questions."""
    sections = [one for one in passages if one.kind == "section"]
    order = np.random.default_rng(0).permutation(len(sections))
    return [*(sections[place] for place in order), *(one for one in passages if one.kind != "section")]


def batched(passages: Sequence[Passage]) -> Iterator[Sequence[Passage]]:
    """Yield chunks of passages."""
    for start in range(0, len(passages), CHUNK):
        yield passages[start : start + CHUNK]


def read(passages: Sequence[Passage], encoder: Encoder) -> list[Reading]:
    """Read sections as what is found, titles and questions as what is asked."""
    found: dict[str, Reading] = {}
    for kinds, verb in ((("section",), encoder.passages), (("title", "question", "code"), encoder.queries)):
        part = [one for one in passages if one.kind in kinds]
        found |= zip((one.digest for one in part), verb([one.meaning for one in part]) if part else (), strict=True)
    return [found[one.digest] for one in passages]
