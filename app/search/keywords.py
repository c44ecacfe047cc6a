"""Keywords: the index for words, kept by tantivy and scored by BM25.

Words are cut and stemmed here (`language`), not by tantivy: German and English keep fields of their own, and a query
is built term by term, so nothing that a visitor types is ever read as query syntax. Text, title with headings, and the
parts of German compounds are fields of their own with weights of their own; of a word that is found in several of them
the best counts, and the others a little.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import tantivy

from app.articles.article import LANGUAGES
from app.search.language import PART, stem, terms
from app.search.vocabulary import heading_of, lowered, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from app.articles.article import Language
    from app.search.compounds import Splitter
    from app.search.passage import Passage
    from app.search.wanted import Wanted

PARTS = "de_parts"
HEADING_WEIGHT, PART_WEIGHT = 2.0, 0.5
OTHERS = 0.3
"""What a word's other fields count beside its best one."""
WRITER_BYTES = 64_000_000
SHORTEST_START = 2
ATTEMPTS = 3


def write_keywords(passages: Iterable[Passage], splitter: Splitter, folder: Path) -> None:
    """Write the keyword index of `passages`, numbered in their order, into the empty `folder`."""
    folder.mkdir(parents=True)
    index = tantivy.Index(schema(), path=str(folder))
    writer = index.writer(WRITER_BYTES, 1)
    parts = lru_cache(maxsize=None)(lambda word: tuple(stem(part, "de") for part in splitter.parts(word)))
    for number, passage in enumerate(passages):
        writer.add_document(document(number, passage, parts))
    writer.commit()
    writer.wait_merging_threads()
    for lock in folder.glob(".tantivy-*.lock"):
        lock.unlink()


def document(number: int, passage: Passage, parts: Callable[[str], Iterable[str]]) -> tantivy.Document:
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
    """A written keyword index, opened for reading."""

    def __init__(self, folder: Path) -> None:
        """Open it; OSError or ValueError when it cannot be read."""
        index = opened(folder)
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
        return [(int(number), float(score)) for number, (score, _) in zip(numbers, found, strict=True)]

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


def opened(folder: Path) -> tantivy.Index:
    """Open an index without writing into its folder.

    tantivy writes a lock file even to read, but a version is never changed, and its disk may be read-only: it is opened
    through a scratch folder of links, which nobody needs any more once all files are open.
    """
    scratch = Path(tempfile.mkdtemp(prefix="wegweiser-keywords-"))
    try:
        for file in folder.iterdir():
            (scratch / file.name).symlink_to(file.resolve())
        return tantivy.Index.open(str(scratch))
    finally:
        discard(scratch)


def discard(scratch: Path) -> None:
    """Remove a scratch folder; tantivy looks for changes once more and may put a lock file in while it is emptied."""
    for _ in range(ATTEMPTS):
        shutil.rmtree(scratch, ignore_errors=True)
