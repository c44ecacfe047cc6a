"""Keywords: the index for words, kept by tantivy and scored by BM25.

Words are cut and stemmed here (`language`), not by tantivy: German and English keep fields of their own, and a query
is built term by term, so nothing that a visitor types is ever read as query syntax.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import tantivy

from app.articles.article import LANGUAGES
from app.search.language import terms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.articles.article import Language
    from app.search.passage import Passage

WRITER_BYTES = 64_000_000
SHORTEST_START = 2
ATTEMPTS = 3


def write_keywords(passages: Iterable[Passage], folder: Path) -> None:
    """Write the keyword index of `passages`, numbered in their order, into the empty `folder`."""
    folder.mkdir(parents=True)
    index = tantivy.Index(schema(), path=str(folder))
    writer = index.writer(WRITER_BYTES, 1)
    for number, passage in enumerate(passages):
        document = tantivy.Document()
        document.add_unsigned("number", number)
        document.add_text(passage.lang, " ".join(terms(words_of(passage), passage.lang)))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    for lock in folder.glob(".tantivy-*.lock"):
        lock.unlink()


def words_of(passage: Passage) -> str:
    """Return the text that a passage is found by; a section is also found by its title and headings."""
    if passage.kind != "section":
        return passage.text
    return "\n".join((passage.title, *passage.headings, passage.text))


def schema() -> tantivy.Schema:
    """Return the fields: the passage's number, and its terms in the field of its language."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=True, fast=True)
    for lang in LANGUAGES:
        builder.add_text_field(lang, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class Keywords:
    """A written keyword index, opened for reading."""

    def __init__(self, folder: Path) -> None:
        """Open it; OSError or ValueError when it cannot be read."""
        index = opened(folder)
        self._schema = index.schema
        self._searcher = index.searcher()

    def find(self, wanted: dict[Language, tuple[str, ...]], limit: int) -> list[tuple[int, float]]:
        """Return the numbers of the passages with these terms and their BM25 scores, best first."""
        clauses = [(tantivy.Occur.Should, self._term(lang, term)) for lang in LANGUAGES for term in wanted[lang]]
        if not clauses:
            return []
        found = self._searcher.search(tantivy.Query.boolean_query(clauses), limit, count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in found])
        return [(int(number), float(score)) for number, (score, _) in zip(numbers, found, strict=True)]

    def frequency(self, lang: Language, term: str) -> int:
        """Return in how many passages of a language a term stands."""
        return int(self._searcher.doc_freq(lang, term))

    def completions(self, lang: Language, start: str, limit: int) -> list[str]:
        """Return the commonest terms of a language that begin with `start`, which is at least two letters long."""
        if len(start) < SHORTEST_START:
            return []
        found = self._searcher.terms_with_prefix(lang, start, limit=limit)
        return [term for term, _ in found if term != start]

    def _term(self, lang: Language, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, lang, term, "freq")


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
