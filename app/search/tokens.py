"""Tokens: the compressed tokens of an index, in files that are mapped into memory and never read as a whole."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from app.articles.article import LANGUAGES
from app.search.codebook import Codebook, Compressed

if TYPE_CHECKING:
    from pathlib import Path

CODEBOOK, CODES, ENDS, STARTS = "codebook.npz", "codes.npy", "ends.npy", "starts.npy"


def write_codebook(path: Path, codebook: Codebook) -> None:
    """Write the codebook that tokens can be read with."""
    means = {f"mean_{lang}": row for lang, row in codebook.means.items()}
    np.savez(path, centroids=codebook.centroids, passages=codebook.passages, allow_pickle=False, **means)


def read_codebook(path: Path) -> Codebook:
    """Return a written codebook; OSError or ValueError when it is missing or cannot be read."""
    try:
        with path.open("rb") as file, np.load(file) as parts:
            means = {lang: parts[f"mean_{lang}"] for lang in LANGUAGES}
            return Codebook(means, parts["centroids"], int(parts["passages"]))
    except (BadZipFile, EOFError) as error:
        raise ValueError(f"{path}: the codebook of the tokens cannot be read: {error}") from error


def write_packed(folder: Path, passages: Sequence[Compressed], codebook: Codebook) -> None:
    """Write the tokens of passages in their order into a folder."""
    width = codebook.centroids.shape[0]
    np.save(folder / CODES, np.concatenate([np.empty((0, width), np.uint8), *(one.codes for one in passages)]))
    np.save(folder / ENDS, np.concatenate([np.empty(0, np.uint32), *(one.ends for one in passages)]))
    np.save(folder / STARTS, np.array([0, *accumulate(len(one.ends) for one in passages)], np.int64))


class Packed:
    """The tokens of the passages of one shard, opened for reading."""

    def __init__(self, folder: Path) -> None:
        """Open them; OSError or ValueError when a file is missing or cannot be read."""
        try:
            self._codes = np.asarray(np.load(folder / CODES, mmap_mode="r"))
            self._ends = np.asarray(np.load(folder / ENDS, mmap_mode="r"))
            self._starts = np.load(folder / STARTS)
        except (BadZipFile, EOFError) as error:
            raise ValueError(f"{folder}: the tokens cannot be read: {error}") from error

    def __len__(self) -> int:
        return len(self._starts) - 1

    def of(self, number: int) -> Compressed:
        """Return the tokens of a passage by its number in the shard."""
        part = slice(self._starts[number], self._starts[number + 1])
        return Compressed(self._codes[part], self._ends[part])


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of all passages of an index, and the codebook that they were compressed with."""

    codebook: Codebook
    parts: Sequence[Packed]
    _starts: list[int] = field(init=False, repr=False)
    """Number of the first passage of each part."""

    def __post_init__(self) -> None:
        """Look once where each part begins."""
        object.__setattr__(self, "_starts", [0, *accumulate(map(len, self.parts))][:-1])

    def of(self, number: int) -> Compressed:
        """Return the tokens of a passage by its number in the index."""
        part = bisect_right(self._starts, number) - 1
        return self.parts[part].of(number - self._starts[part])
