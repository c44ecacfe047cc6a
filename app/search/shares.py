"""Shares: how much of a query's words each passage holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.articles.article import LANGUAGES, Language
from app.search.language import FOLDS
from app.search.vocabulary import is_quantity
from app.search.wanted import CODE, Lookup, Wanted, wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.search.index import Index
    from app.search.query import Query

RARE = 3
"""Articles that hold a code at most for it to decide alone."""
MANY = 50
"""Passages looked at to tell."""
COMPLETIONS = 6
"""Words of the knowledge base that a half-typed word may become."""
BEYOND_STEM = 4
"""Letters that a half-typed word may be longer than its stem, less one."""
SURE_START = 4
"""Letters that are left at least when a half-typed word is shortened."""
BM25_CEILING = 2.2
"""BM25 gives a term at most its weight times k1 + 1, and tantivy's k1 is 1.2."""

Words = Mapping[Language, Sequence[Wanted]]


def words_of(index: Index, query: Query, *, exact: bool = False) -> Words:
    """Return the words of a query as they are looked for in each language; `exact` puts none right."""
    corrects = {lang: lang == query.lang and not exact for lang in LANGUAGES}
    return {lang: wanted(query.text, lookup(index, lang, corrects=corrects[lang])) for lang in LANGUAGES}


def lookup(index: Index, lang: Language, *, corrects: bool) -> Lookup:
    """Return what `wanted` asks of an index."""
    return Lookup(lang, lambda term: index.keywords.frequency(lang, term) > 0, index.speller, corrects)


def word_shares(index: Index, words: Words, limit: int) -> dict[int, float]:
    """Return, for the passages with words of the query, how much of the query's weight they hold, 0 to 1."""
    ceiling = {lang: weight_of(index, found, lang) * BM25_CEILING for lang, found in words.items()}
    hits = index.keywords.find(words, limit)
    return {number: min(1.0, score / ceiling[index.passages[number].lang]) for number, score in hits}


def holders_of(index: Index, words: Words) -> frozenset[str]:
    """Return the articles that hold a code of the query which hardly any other one holds."""
    told = ((lang, word) for lang, found in words.items() for word in found)
    codes = ((lang, word) for lang, word in told if word.worth == CODE and not is_quantity(word.terms[0]))
    holders = (index.keywords.find({lang: (word,)}, MANY) for lang, word in codes)
    slugs = (frozenset(index.passages[number].slug for number, _ in hits) for hits in holders)
    return frozenset().union(*(found for found in slugs if len(found) <= RARE))


def weight_of(index: Index, words: Iterable[Wanted], lang: Language) -> float:
    """Return the sum of the words' weights: the rarer a word, the more it says; an unknown one says most."""
    return sum(word.weight * max(rarity(index, lang, term) for term in word.terms or ("",)) for word in words) or 1.0


def rarity(index: Index, lang: Language, term: str) -> float:
    """Return what a term tells: the logarithm of how many passages there are for each that has it."""
    return math.log(1 + len(index.passages) / (1 + index.keywords.frequency(lang, term)))


def completed(index: Index, query: Query, words: Words) -> Words:
    """Return the words of a query whose last one may be half typed, in each language."""
    if not query.text[-1:].isalnum():
        return words
    half = query.text.casefold().split()[-1].translate(FOLDS)
    return {lang: (*found, *filter(None, [completion(index, lang, half)])) for lang, found in words.items()}


def completion(index: Index, lang: Language, half: str) -> Wanted | None:
    """Return what a half-typed word may become; of one typed beyond its stem ("einstellun") the stem is looked for."""
    starts = (half[: len(half) - beyond] for beyond in range(max(1, min(BEYOND_STEM, len(half) - SURE_START))))
    found = (index.keywords.completions(lang, start, COMPLETIONS) for start in starts)
    return next((Wanted(tuple(terms), weight=0.0) for terms in found if terms), None)
