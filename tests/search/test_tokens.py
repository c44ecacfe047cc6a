from __future__ import annotations

from mmap import mmap
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.search.codebook import codebook_of
from app.search.encoder import HashingEncoder
from app.search.tokens import CODES, ENDS, STARTS, Packed, Tokens, read_codebook, write_codebook, write_packed

if TYPE_CHECKING:
    from pathlib import Path

    from app.search.codebook import Compressed

READINGS = HashingEncoder().passages(["Drucker klemmt", "", "Papier", ""])
BOOK = codebook_of({"de": READINGS, "en": []}, 64, 4)
COMPRESSED = [BOOK.compress(one, "de") for one in READINGS]
"""NumPy does not close a file that it cannot read as an archive."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write the tokens of four passages, two of them empty."""
    write_packed(tmp_path, COMPRESSED, BOOK)
    return tmp_path


def lists(compressed: Compressed) -> tuple[object, object]:
    """Return codes and ends as lists."""
    return compressed.codes.tolist(), compressed.ends.tolist()


def test_each_passage_gets_its_own_tokens_back(folder: Path) -> None:
    """By its number; an empty one in the middle or at the end has none."""
    tokens = Packed(folder)
    assert [lists(tokens.of(number)) for number in range(4)] == [lists(one) for one in COMPRESSED]


def test_passages_are_numbered_through_all_shards(folder: Path, tmp_path: Path) -> None:
    """Also where one of them is empty."""
    (tmp_path / "leer").mkdir()
    write_packed(tmp_path / "leer", [], BOOK)
    tokens = Tokens(BOOK, [Packed(part) for part in (folder, tmp_path / "leer", folder)])
    assert [lists(tokens.of(number)) for number in range(8)] == [lists(one) for one in COMPRESSED * 2]


def test_the_codebook_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """The next build compresses with it."""
    write_codebook(tmp_path / "codebook.npz", BOOK)
    book = read_codebook(tmp_path / "codebook.npz")
    assert (book.centroids == BOOK.centroids).all()
    assert book.centroids.dtype == np.float32
    assert book.passages == 4
    assert all((book.means[lang] == BOOK.means[lang]).all() for lang in ("de", "en"))


def test_files_are_mapped_and_not_read(folder: Path) -> None:
    """A hundred thousand passages are half a gigabyte, of which a query looks at thirty."""
    found = Packed(folder).of(0)
    assert all(isinstance(owner(part), mmap) for part in (found.codes, found.ends))


def owner(part: object) -> object:
    """Return whose memory an array looks at."""
    base = getattr(part, "base", None)
    return part if base is None else owner(base)


def test_mapped_tokens_cannot_be_changed(folder: Path) -> None:
    """A version is only read."""
    assert not Packed(folder).of(0).codes.flags.writeable


@pytest.mark.parametrize("count", [0, 1])
def test_no_tokens_at_all_can_be_written_and_read(tmp_path: Path, count: int) -> None:
    """No passages, or only empty ones."""
    write_packed(tmp_path, COMPRESSED[1:2] * count, BOOK)
    tokens = Packed(tmp_path)
    assert [lists(tokens.of(number)) for number in range(len(tokens))] == [([], [])] * count


@pytest.mark.parametrize("file", [CODES, ENDS, STARTS])
@pytest.mark.parametrize("damage", ["missing", "rubbish", "truncated"])
def test_a_damaged_file_is_an_error_that_falls_back(folder: Path, file: str, damage: str) -> None:
    """A version that cannot be read is given up for the one before."""
    whole = (folder / file).read_bytes()
    (folder / file).unlink()
    if damage != "missing":
        (folder / file).write_bytes(whole[:-9] if damage == "truncated" else b"rubbish \xff\xff")
    with pytest.raises((OSError, ValueError)):
        Packed(folder)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_codebook_is_told(tmp_path: Path, share: float) -> None:
    """Wherever the disk was full: it is a ValueError, which falls back to the version before."""
    file = tmp_path / "codebook.npz"
    write_codebook(file, BOOK)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ValueError, match="codebook of the tokens cannot be read"):
        read_codebook(file)
