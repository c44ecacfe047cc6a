"""Searcher: one audience's index and the encoder, behind the few questions that pages ask."""

from __future__ import annotations

import logging
import math
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from app.articles.article import LANGUAGES, Language, Rendered
from app.search.confidence import confidences, state_of
from app.search.encoder import Matrix
from app.search.highlight import marked, snippet
from app.search.index import Index
from app.search.language import FOLDS
from app.search.query import read_query
from app.search.ranking import Findings, Hit, Result, rank

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from app.search.encoder import Encoder
    from app.search.query import Query
    from app.search.ranking import Candidate
    from app.search.versions import Audience, Versions

POOL = 400
"""Passages taken from each index; the best article of a hundred thousand passages is among them."""
COMPLETIONS = 6
"""Words of the knowledge base that a half-typed word may become."""
BEYOND_STEM = 4
"""Letters that a half-typed word may be longer than its stem, less one."""
SURE_START = 4
"""Letters that are left at least when a half-typed word is shortened."""
BM25_CEILING = 2.2
"""BM25 gives a term at most its weight times k1 + 1, and tantivy's k1 is 1.2."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a search reads: one index and what is known of the crowd of its vectors; replaced as a whole."""

    index: Index
    mean: Matrix | None
    spread: Matrix | None
    related: dict[tuple[str, Language, int], tuple[Rendered, ...]] = field(default_factory=dict)
    """Kept once they were looked for: they are the same as long as the version is."""


class Searcher:
    """Answers queries for one audience; `refresh` swaps in a new version while others are still searching."""

    def __init__(self, versions: Versions, audience: Audience, encoder: Encoder | None) -> None:
        """Load the current version; NoIndex when there is none."""
        self._versions, self._audience, self._encoder = versions, audience, encoder
        self._swap = threading.Lock()
        self._passed_over = ""
        self._shelf = shelf_of(versions.load(audience))

    @property
    def index(self) -> Index:
        """The version in use."""
        return self._shelf.index

    @property
    def by_meaning(self) -> bool:
        """Whether queries are understood by meaning: there is a model, and the vectors are its own."""
        return self._understands(self._shelf)

    def refresh(self) -> bool:
        """Swap in the current version if it is another one; a damaged one is tried once and passed over."""
        with self._swap:
            name = self._versions.current()
            if name in ("", self.index.version, self._passed_over):
                return False
            self._passed_over = name
            fresh = self._versions.load(self._audience)
            changed = fresh.version != self.index.version
            if changed:
                self._shelf = shelf_of(fresh)
            return changed

    def search(self, text: str, lang: Language, limit: int = 10) -> Findings:
        """Return the articles that answer `text`, each once, best first; `lang` is the reader's language."""
        return self._find(self._shelf, read_query(text, lang), limit)

    def suggest(self, text: str, lang: Language, limit: int = 5) -> Findings:
        """Return the same while `text` is still being typed: its last word may be half a word."""
        shelf = self._shelf
        return self._find(shelf, completed(shelf.index, read_query(text, lang)), limit)

    def passages(self, text: str, lang: Language, exclude: Collection[str] = (), limit: int = 3) -> Findings:
        """Return passages for a description that is being typed, never of an article in `exclude`."""
        return self._find(self._shelf, read_query(text, lang), limit, frozenset(exclude))

    def related(self, slug: str, lang: Language, limit: int = 4) -> tuple[Rendered, ...]:
        """Return the articles nearest in meaning to an article's title and summary, without itself."""
        shelf = self._shelf
        key = (slug, lang, limit)
        if key not in shelf.related:
            shelf.related[key] = self._related(shelf, *key)
        return shelf.related[key]

    def _related(self, shelf: Shelf, slug: str, lang: Language, limit: int) -> tuple[Rendered, ...]:
        edition = shelf.index.edition(slug, lang)
        if edition is None:
            return ()
        text = f"{edition.article.title}. {edition.article.summary}"
        found = self._find(shelf, read_query(text, edition.article.lang), limit, frozenset({slug}))
        rows = (shelf.index.edition(result.slug, lang) for result in found.results)
        return tuple(row for row in rows if row is not None)

    def _find(self, shelf: Shelf, query: Query, limit: int, without: frozenset[str] = frozenset()) -> Findings:
        if query.empty:
            return Findings(query.text, query.lang, "nothing", 0.0, (), not self._understands(shelf))
        hits = self._hits(shelf, query)
        candidates = [one for one in rank(hits, shelf.index.passages) if one.slug not in without]
        return findings(shelf.index, query, candidates, limit, words_only=not self._understands(shelf))

    def _understands(self, shelf: Shelf) -> bool:
        return self._encoder is not None and shelf.index.model == self._encoder.name

    def _hits(self, shelf: Shelf, query: Query) -> list[Hit]:
        near = self._near(shelf, query) if self._understands(shelf) else {}
        shares = word_shares(shelf.index, query)
        floor = min(near.values(), default=0.0)
        return [Hit(one, near.get(one, floor), shares.get(one, 0.0)) for one in near.keys() | shares.keys()]

    def _near(self, shelf: Shelf, query: Query) -> dict[int, float]:
        if self._encoder is None or shelf.mean is None or shelf.spread is None:
            return {}
        vector = self._encoder.queries([query.text])[0]
        if not np.isfinite(vector).all():
            return {}
        mean = float(vector @ shelf.mean)
        deviation = math.sqrt(max(float(vector @ shelf.spread @ vector), 1e-12))
        return {number: (cosine - mean) / deviation for number, cosine in shelf.index.nearest(vector, POOL)}


def shelf_of(index: Index) -> Shelf:
    """Return an index with mean and covariance of its vectors, from which any query's mean and spread follow."""
    rows = index.vectors()
    if rows is None or len(rows) == 0:
        return Shelf(index, None, None)
    mean = rows.mean(axis=0)
    return Shelf(index, mean, np.asarray((rows - mean).T @ (rows - mean) / len(rows), np.float32))


def word_shares(index: Index, query: Query) -> dict[int, float]:
    """Return, for the passages with words of the query, how much of the query's weight they hold, 0 to 1."""
    ceiling = {lang: weight_of(index, query.terms[lang], lang) * BM25_CEILING for lang in LANGUAGES}
    found = index.keywords.find(query.terms, POOL)
    return {number: min(1.0, score / ceiling[index.passages[number].lang]) for number, score in found}


def weight_of(index: Index, terms: Iterable[str], lang: Language) -> float:
    """Return the sum of the terms' weights: the rarer a term, the more it says; an unknown one says most."""
    size = len(index.passages)
    return sum(math.log(1 + size / (1 + index.keywords.frequency(lang, term))) for term in terms) or 1.0


def completed(index: Index, query: Query) -> Query:
    """Return a query with the words its last word may become, in each language."""
    if not query.text[-1:].isalnum():
        return query
    half = query.text.casefold().split()[-1].translate(FOLDS)
    terms = {lang: (*found, *completions(index, lang, half)) for lang, found in query.terms.items()}
    return replace(query, terms=query.terms | terms)


def completions(index: Index, lang: Language, half: str) -> list[str]:
    """Return what a half-typed word may become; of one typed beyond its stem ("einstellun") the stem is looked for."""
    starts = (half[: len(half) - beyond] for beyond in range(max(1, min(BEYOND_STEM, len(half) - SURE_START))))
    found = (index.keywords.completions(lang, start, COMPLETIONS) for start in starts)
    return next((terms for terms in found if terms), [])


def findings(index: Index, query: Query, candidates: Sequence[Candidate], limit: int, *, words_only: bool) -> Findings:
    """Return what was found, with confidences and the passages to show."""
    likely = confidences(candidates, limit)
    top = likely[0] if likely else 0.0
    shown = tuple(result(index, query, one, chance) for one, chance in zip(candidates, likely, strict=False))
    return Findings(query.text, query.lang, state_of(top), top, shown, words_only)


def result(index: Index, query: Query, found: Candidate, chance: float) -> Result:
    """Return an article in the language of the query where it exists, at its best passage in that language."""
    edition = index.rendered.get((found.slug, query.lang)) or index.editions(found.slug)[0]
    article = edition.article
    wanted = query.terms[article.lang]
    hit = found.best.get(article.lang)
    passage = index.passages[hit.number] if hit else index.first_passage(article.slug, article.lang)
    return Result(
        slug=article.slug,
        lang=article.lang,
        category=article.category,
        title=marked(article.title, wanted, article.lang),
        heading=passage.headings[-1] if passage.headings else "",
        anchor=passage.anchor,
        snippet=snippet(passage.text, wanted, article.lang),
        confidence=chance,
        internal=article.visibility == "internal",
    )
