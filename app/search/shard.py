"""Shard: a part of an index, some of its articles with their passages; written once, shared by versions that hold it.

When one article changes, one shard is written and all others are linked: a push is live in seconds, however much there
is to read. An article stays in its shard as long as the number of shards stays.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import faiss
import numpy as np
from pydantic import TypeAdapter

from app.articles.article import Rendered
from app.search.encoder import Matrix
from app.search.keywords import write_keywords
from app.search.meaning import Kept
from app.search.passage import Passage
from app.search.tokens import Packed, write_packed
from app.search.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.search.keywords import Parts
    from app.search.meaning import Meaning

ARTICLES, PASSAGES, VOCABULARY = "articles.jsonl", "passages.jsonl", "vocabulary.json"
VECTORS, KEYWORDS = "vectors.faiss", "keywords"
ROWS = TypeAdapter(Rendered)
PASSAGE = TypeAdapter(Passage)
VOCABULARY_FILE = TypeAdapter(Vocabulary)
EDITIONS = 128
"""Editions in a shard on average, at most."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What lies in one shard of a volume that is about to be written."""

    rendered: tuple[Rendered, ...]
    passages: tuple[Passage, ...]
    vocabulary: Vocabulary
    written: Path | None = None
    """Folder of a shard that is the very same."""


@dataclass(frozen=True, eq=False)
class Shard:
    """What is in a shard, in the order of its passages."""

    rendered: tuple[Rendered, ...]
    passages: tuple[Passage, ...]
    vocabulary: Vocabulary
    vectors: Matrix | None
    """Shape (passages, dimension); None without a model."""
    tokens: Packed | None

    @cached_property
    def kept(self) -> Mapping[str, Kept]:
        """How its passages were read, by their digest."""
        if self.vectors is None or self.tokens is None:
            return {}
        rows = zip(self.passages, self.vectors, strict=True)
        return {one.digest: Kept(row, self.tokens.of(number)) for number, (one, row) in enumerate(rows)}


def read_shard(folder: Path, *, understood: bool) -> Shard:
    """Load a shard; OSError, ValueError or RuntimeError when a file is missing or cannot be read."""
    rendered = tuple(ROWS.validate_json(line) for line in (folder / ARTICLES).read_bytes().splitlines())
    passages = tuple(PASSAGE.validate_json(line) for line in (folder / PASSAGES).read_bytes().splitlines())
    vocabulary = VOCABULARY_FILE.validate_json((folder / VOCABULARY).read_bytes())
    understood = understood and bool(passages)
    vectors = read_vectors(folder / VECTORS) if understood else None
    return Shard(rendered, passages, vocabulary, vectors, Packed(folder) if understood else None)


def write_shard(folder: Path, lot: Lot, meaning: Meaning | None, parts: Parts) -> None:
    """Write a shard into the empty or missing `folder`, whose name is its number in the index."""
    folder.mkdir(parents=True)
    (folder / ARTICLES).write_bytes(b"".join(ROWS.dump_json(row) + b"\n" for row in lot.rendered))
    (folder / PASSAGES).write_bytes(b"".join(PASSAGE.dump_json(row) + b"\n" for row in lot.passages))
    (folder / VOCABULARY).write_bytes(VOCABULARY_FILE.dump_json(lot.vocabulary))
    write_keywords(lot.passages, parts, folder / KEYWORDS, int(folder.name))
    if meaning is not None and lot.passages:
        write_vectors(folder / VECTORS, meaning.vectors_of(lot.passages))
        write_packed(folder, meaning.tokens_of(lot.passages), meaning.codebook)


def write_vectors(path: Path, vectors: Matrix) -> None:
    """Write the vectors of passages in the order of their numbers."""
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    faiss.write_index(flat, str(path))


def read_vectors(path: Path) -> Matrix:
    """Return the vectors of the passages, shape (passages, dimension); RuntimeError when the file cannot be read.

    A search needs every cosine, not only the highest, and so all of them are in memory as one matrix.
    """
    kept = faiss.read_index(str(path))
    return np.asarray(kept.reconstruct_n(0, kept.ntotal), np.float32)


def shards_for(editions: int) -> int:
    """Return in how many shards so many editions lie: a power of two, so that it seldom changes."""
    count = 1
    while count * EDITIONS < editions:
        count *= 2
    return count


def shard_name(slug: str, count: int) -> str:
    """Return the name of the shard that an article lies in with all its editions, one of `count`."""
    return f"{zlib.crc32(slug.encode()) % count:04d}"
