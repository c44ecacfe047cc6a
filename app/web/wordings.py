"""Wordings: other questions that a reader may have meant, or may be about to type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.search.phrases import folded
from app.search.query import read_query
from app.search.understood import corrected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.search.index import Index
    from app.search.query import Query
    from app.search.searcher import Searcher
    from app.web.reader import Reader

OFFERS = 3
COMPLETIONS = 2
"""They stand above the articles, which must stay in sight."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A question in other words, and the search for it."""

    text: str
    url: str


def wordings(reader: Reader, texts: Iterable[str], most: int) -> tuple[Wording, ...]:
    """Return the first few of `texts`, each once, as links."""
    return tuple(Wording(text, reader.url("/search", q=text)) for text in list(dict.fromkeys(texts))[:most])


def completions(searcher: Searcher, reader: Reader, typed: str) -> tuple[Wording, ...]:
    """Return questions that `typed` may become."""
    return wordings(reader, searcher.completions(typed, reader.lang, COMPLETIONS), COMPLETIONS)


def correction(index: Index, reader: Reader, typed: str) -> Wording | None:
    """Return `typed` with its mistakes put right; a last word that is only half typed is no mistake."""
    query = read_query(typed, reader.lang)
    meant = corrected(index, query)
    if meant == query.text or _half_typed(index, query, meant):
        return None
    return wordings(reader, [meant], 1)[0]


def _half_typed(index: Index, query: Query, meant: str) -> bool:
    """Return whether nothing but the last word differs, and that one may still become a known word."""
    *finished, last = query.text.split()
    *others, put_right = meant.split()
    if finished != others or not last[-1].isalnum():
        return False
    half = folded(last)
    return folded(put_right).startswith(half) or bool(index.keywords.completions(query.lang, half, 1))
