"""Understood: a query as one index understands it, with its mistyped words put right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.search.index import Index
from app.search.language import WORD
from app.search.query import Query, read_query
from app.search.shares import Words, words_of
from app.search.vocabulary import is_code

if TYPE_CHECKING:
    from app.articles.article import Language

CORRECTED_WORDS = 12
"""Words of a query at most that is looked through for mistakes: who writes more is understood all the same."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as one index understands it."""

    index: Index
    query: Query
    text: str
    """What it means: with its mistyped words put right, unless they are meant as they stand."""
    words: Words

    @property
    def unknown(self) -> float:
        """Share of the query's words that stand nowhere in the language that knows most of them."""
        return min(sum(not word.terms for word in found) / max(1, len(found)) for found in self.words.values())

    def terms(self, lang: Language) -> frozenset[str]:
        """Return the terms to mark in a text."""
        return frozenset(self.query.terms[lang]).union(*(word.terms for word in self.words[lang]))


def understand(index: Index, text: str, lang: Language, *, exact: bool) -> Understood:
    """Return what `text` asks of an index; `exact` takes its words as they stand."""
    query = read_query(text, lang)
    return Understood(
        index, query, query.text if exact else corrected(index, query), words_of(index, query, exact=exact)
    )


def corrected(index: Index, query: Query) -> str:
    """Return a query with its mistyped words put right."""
    few = len(query.text.split()) <= CORRECTED_WORDS
    return index.speller.corrected(query.text, query.lang) if few else query.text


def offers(index: Index, query: Query) -> tuple[str, ...]:
    """Return the query with each of its unknown codes replaced by those of the knowledge base that are one sign off."""
    codes = [word for word in WORD.findall(query.text)[:CORRECTED_WORDS] if is_code(word)]
    near = ((code, known) for code in codes for known in index.speller.near_codes(code))
    return tuple(query.text.replace(code, known.upper() if code.isupper() else known) for code, known in near)
