"""Peers: plain search over the same passages, so that a figure can be read beside what simple means reach.

The best of an article's sections counts; titles and the author's questions are not passages of their own here, and
words are looked for in both languages.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import faiss
import tantivy

from app.articles.article import LANGUAGES
from app.search.evaluation import DEEP, Asked
from app.search.keywords import WRITER_BYTES
from app.search.language import terms
from app.search.query import read_query
from app.search.vocabulary import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.search.encoder import Encoder, Matrix
    from app.search.evaluation import Question
    from app.search.index import Index

POOL = 400
RANK_CONSTANT = 60
"""k of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""

Ranking = list[tuple[str, float]]


def ask_peers(index: Index, encoder: Encoder | None, questions: Sequence[Question]) -> dict[str, list[Asked]]:
    """Return what plain words, plain vectors and their fusion by rank find."""
    words = PlainWords(index)
    ways: dict[str, list[Asked]] = {"words": [asked(one, words.rank(one)) for one in questions]}
    if encoder is not None:
        vectors = PlainVectors(index, encoder)
        ways["vectors"] = [asked(one, vectors.rank(one)) for one in questions]
        pairs = zip(ways["words"], ways["vectors"], strict=True)
        ways["rank fusion"] = [
            Asked(one.question, tuple(fused(one.ranking, two.ranking)), answered=False,
                  milliseconds=one.milliseconds + two.milliseconds)
            for one, two in pairs
        ]  # fmt: skip
    return ways


def asked(question: Question, rankings: Iterator[Ranking]) -> Asked:
    """Take the time of one plain search."""
    start = time.perf_counter()
    ranking = next(rankings)
    return Asked(question, tuple(ranking[:DEEP]), answered=False, milliseconds=(time.perf_counter() - start) * 1000)


class PlainWords:
    """BM25 over sections with their title and headings: one field a language, nothing weighted, split or corrected."""

    def __init__(self, index: Index) -> None:
        """Write the sections of an index into memory."""
        self._index, fields = index, tantivy.SchemaBuilder().add_unsigned_field("number", stored=True, fast=True)
        for lang in LANGUAGES:
            fields.add_text_field(lang, tokenizer_name="whitespace", index_option="freq")
        self._schema = fields.build()
        plain = tantivy.Index(self._schema)
        writer = plain.writer(WRITER_BYTES, 1)
        for number, passage in enumerate(index.passages):
            if passage.kind != "section":
                continue
            row = tantivy.Document()
            row.add_unsigned("number", number)
            row.add_text(passage.lang, " ".join(terms(text_of(passage), passage.lang)))
            writer.add_document(row)
        writer.commit()
        plain.reload()
        self._searcher = plain.searcher()

    def rank(self, question: Question) -> Iterator[Ranking]:
        """Rank articles by their best section."""
        wanted = read_query(question.text, question.lang).terms
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, lang, term, "freq"))
            for lang in LANGUAGES
            for term in wanted[lang]
        ]
        hits = self._searcher.search(tantivy.Query.boolean_query(clauses), POOL, count=False).hits if clauses else []
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        yield by_article(self._index, zip(numbers, (score for score, _ in hits), strict=True))


class PlainVectors:
    """The cosines of FAISS, and nothing else."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        """Take over the vectors of an index; ValueError for one that was made without a model."""
        if index.vectors is None:
            raise ValueError(f"{index.volume.folder} was made without a model.")
        self._index, self._encoder = index, encoder
        self._flat = faiss.IndexFlatIP(index.vectors.shape[1])
        self._flat.add(index.vectors)

    def rank(self, question: Question) -> Iterator[Ranking]:
        """Rank articles by their best section."""
        query = read_query(question.text, question.lang)
        yield by_article(self._index, self.nearest(self._encoder.queries([query.text])[0].whole))

    def nearest(self, vector: Matrix) -> list[tuple[int, float]]:
        """Return the numbers of the nearest passages and their cosines, best first.

        FAISS fills up with -1 where it has fewer than POOL.
        """
        cosines, numbers = self._flat.search(vector.reshape(1, -1), min(POOL, self._flat.ntotal))
        pairs = zip(numbers[0].tolist(), cosines[0].tolist(), strict=True)
        return [(number, cosine) for number, cosine in pairs if number >= 0]


def by_article(index: Index, hits: Iterable[tuple[int, float]]) -> Ranking:
    """Return the articles by their best section."""
    best: dict[str, float] = {}
    for number, score in hits:
        passage = index.passages[number]
        if passage.kind == "section":
            best[passage.slug] = max(score, best.get(passage.slug, score))
    return sorted(best.items(), key=lambda pair: -pair[1])


def fused(*rankings: Iterable[tuple[str, float]]) -> Ranking:
    """Return the fusion of rankings by reciprocal rank, all with the same weight."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, (slug, _) in enumerate(ranking, 1):
            scores[slug] = scores.get(slug, 0) + 1 / (RANK_CONSTANT + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])
