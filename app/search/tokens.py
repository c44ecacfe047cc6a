"""Tokens: the compressed tokens of an index, in files that are mapped into memory and never read as a whole."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from app.articles.article import LANGUAGES
from app.search.codebook import Codebook, Compressed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CODEBOOK, CODES, ENDS, STARTS = "codebook.npz", "codes.npy", "ends.npy", "starts.npy"


def write_tokens(folder: Path, codebook: Codebook, passages: Sequence[Compressed]) -> None:
    """Write the tokens of all passages in their order, and the codebook that they can be read with."""
    folder.mkdir(parents=True)
    means = {f"mean_{lang}": row for lang, row in codebook.means.items()}
    np.savez(folder / CODEBOOK, centroids=codebook.centroids, passages=codebook.passages, allow_pickle=False, **means)
    width = codebook.centroids.shape[0]
    np.save(folder / CODES, np.concatenate([np.empty((0, width), np.uint8), *(one.codes for one in passages)]))
    np.save(folder / ENDS, np.concatenate([np.empty(0, np.uint32), *(one.ends for one in passages)]))
    np.save(folder / STARTS, np.array([0, *accumulate(len(one.ends) for one in passages)], np.int64))


class Tokens:
    """Written tokens, opened for reading."""

    def __init__(self, folder: Path) -> None:
        """Open them; OSError or ValueError when a file is missing or cannot be read."""
        try:
            with (folder / CODEBOOK).open("rb") as file, np.load(file) as parts:
                means = {lang: parts[f"mean_{lang}"] for lang in LANGUAGES}
                self.codebook = Codebook(means, parts["centroids"], int(parts["passages"]))
            self._codes = np.asarray(np.load(folder / CODES, mmap_mode="r"))
            self._ends = np.asarray(np.load(folder / ENDS, mmap_mode="r"))
            self._starts = np.load(folder / STARTS)
        except (BadZipFile, EOFError) as error:
            raise ValueError(f"{folder} cannot be read: {error}") from error

    def of(self, number: int) -> Compressed:
        """Return the tokens of a passage by its number."""
        part = slice(self._starts[number], self._starts[number + 1])
        return Compressed(self._codes[part], self._ends[part])
