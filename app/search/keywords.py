"""Keywords: the index for words, kept by tantivy and scored by BM25.

Words are cut and stemmed here (`language`), not by tantivy: German and English keep fields of their own, and a query
is built term by term, so nothing that a visitor types is ever read as query syntax. Text, title with headings, and the
parts of German compounds are fields of their own with weights of their own; of a word that is found in several of them
the best counts, and the others a little.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tantivy

from app.articles.article import LANGUAGES
from app.search.language import PART, stem, terms
from app.search.vocabulary import heading_of, lowered, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.articles.article import Language
    from app.search.compounds import Splitter
    from app.search.passage import Passage
    from app.search.wanted import Wanted

Parts = Callable[[str], tuple[str, ...]]
"""Tells the stems of the words that a German word in lower case is made of."""

PARTS = "de_parts"
HEADING_WEIGHT, PART_WEIGHT = 2.0, 0.5
OTHERS = 0.3
"""What a word's other fields count beside its best one."""
WRITER_BYTES = 64_000_000
SHORTEST_START = 2
ATTEMPTS = 3
META = "meta.json"
SEGMENT_FILES = frozenset((".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term"))
SHIFT = 32
"""Bits for the number of a passage in its shard; above them stands that of the shard."""


def write_keywords(passages: Iterable[Passage], parts: Parts, folder: Path, shard: int = 0) -> None:
    """Write the keyword index of the passages of a shard, numbered in their order, into the empty `folder`."""
    folder.mkdir(parents=True)
    index = tantivy.Index(schema(), path=str(folder))
    writer = index.writer(WRITER_BYTES, 1)
    for number, passage in enumerate(passages):
        writer.add_document(document(shard << SHIFT | number, passage, parts))
    writer.commit()
    writer.wait_merging_threads()
    for lock in folder.glob(".tantivy-*.lock"):
        lock.unlink()


def parts_by(splitter: Splitter) -> Parts:
    """Return what tells the stems of a compound's parts, and remembers them."""
    return lru_cache(maxsize=None)(lambda word: tuple(stem(part, "de") for part in splitter.parts(word)))


def document(number: int, passage: Passage, parts: Parts) -> tantivy.Document:
    """Return a passage as tantivy keeps it."""
    row = tantivy.Document()
    row.add_unsigned("number", number)
    row.add_text(passage.lang, " ".join(terms(passage.text, passage.lang)))
    row.add_text(heading_field(passage.lang), " ".join(terms("\n".join(heading_of(passage)), passage.lang)))
    if passage.lang == "de":
        words = PART.findall(lowered(text_of(passage)))
        row.add_text(PARTS, " ".join(part for word in words if word.isalpha() for part in parts(word)))
    return row


def schema() -> tantivy.Schema:
    """Return the fields: the passage's number, and its terms in the fields of its language."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=True, fast=True)
    for name in (*LANGUAGES, *map(heading_field, LANGUAGES), PARTS):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def heading_field(lang: Language) -> str:
    """Return the name of the field of titles and headings."""
    return f"{lang}_headings"


class Keywords:
    """The written keyword indexes of all shards, opened for reading as one."""

    def __init__(self, folders: Sequence[Path], firsts: Sequence[int] = (0,)) -> None:
        """Open those of shard 0, 1, 2 … as one; OSError or ValueError when they cannot be read.

        `firsts` are the numbers in the index of the first passage of each.
        """
        index = opened(folders)
        self._firsts = firsts
        self._schema = index.schema
        self._searcher = index.searcher()

    def find(self, words: Mapping[Language, Iterable[Wanted]], limit: int) -> list[tuple[int, float]]:
        """Return the numbers of the passages with these words and their BM25 scores, best first."""
        wanted = ((lang, word) for lang, found in words.items() for word in found if word.terms)
        clauses = [(tantivy.Occur.Should, self._word(lang, word)) for lang, word in wanted]
        if not clauses:
            return []
        found = self._searcher.search(tantivy.Query.boolean_query(clauses), limit, count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in found])
        return [(self._number(int(number)), float(score)) for number, (score, _) in zip(numbers, found, strict=True)]

    def _number(self, kept: int) -> int:
        """Return the number in the index of a passage that is numbered in its shard."""
        return self._firsts[kept >> SHIFT] + (kept & (1 << SHIFT) - 1)

    def frequency(self, lang: Language, term: str) -> int:
        """Return in how many passages of a language a term stands, as a word, in a heading, or in a compound."""
        return max(int(self._searcher.doc_freq(field, term)) for field in weights_of(lang))

    def completions(self, lang: Language, start: str, limit: int) -> list[str]:
        """Return the commonest terms of a language that begin with `start`, which is at least two letters long."""
        if len(start) < SHORTEST_START:
            return []
        found = self._searcher.terms_with_prefix(lang, start, limit=limit)
        return [term for term, _ in found if term != start]

    def _word(self, lang: Language, word: Wanted) -> tantivy.Query:
        alternatives = [
            tantivy.Query.boost_query(self._term(field, term), weight * word.worth)
            for term in word.terms
            for field, weight in weights_of(lang).items()
        ]
        return tantivy.Query.disjunction_max_query(alternatives, OTHERS)

    def _term(self, field: str, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, term, "freq")


def weights_of(lang: Language) -> dict[str, float]:
    """Return the fields of a language with their weights."""
    compounds = {PARTS: PART_WEIGHT} if lang == "de" else {}
    return {lang: 1.0, heading_field(lang): HEADING_WEIGHT} | compounds


def opened(folders: Sequence[Path]) -> tantivy.Index:
    """Open indexes as one, without writing into their folders.

    tantivy writes a lock file even to read, but a version is never changed, and its disk may be read-only: it is opened
    through a scratch folder of links, which nobody needs any more once all files are open. There the segments of all
    folders become those of one index, so that rarity is that in all of them.
    """
    scratch = Path(tempfile.mkdtemp(prefix="wegweiser-keywords-"))
    try:
        for file in (file for folder in folders for file in folder.iterdir() if file.suffix in SEGMENT_FILES):
            (scratch / file.name).symlink_to(file.resolve())
        (scratch / META).write_text(json.dumps(together([read_meta(folder) for folder in folders])))
        return tantivy.Index.open(str(scratch))
    finally:
        discard(scratch)


def read_meta(folder: Path) -> dict[str, Any]:
    """Return what an index says of itself; OSError or ValueError when it cannot be read."""
    meta: dict[str, Any] = json.loads((folder / META).read_bytes())
    return meta


def together(metas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what an index says of itself that has the segments of all of these."""
    return metas[0] | {"segments": [segment for meta in metas for segment in meta["segments"]]}


def discard(scratch: Path) -> None:
    """Remove a scratch folder; tantivy looks for changes once more and may put a lock file in while it is emptied."""
    for _ in range(ATTEMPTS):
        shutil.rmtree(scratch, ignore_errors=True)
