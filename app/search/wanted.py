"""Wanted: the words of a query as they are looked for in one index, each with what it is worth.

A code, such as 0x80070005, is looked for whole and counts double. A word that stands nowhere is looked for as the known
words it is made of (Routerpasswort: Router, Passwort), or else as the known word it was meant to be (Pasword).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.articles.article import Language
from app.search.language import FOLDS, PART, WORD, dull_terms, stem
from app.search.spelling import Speller
from app.search.vocabulary import is_code, lowered

if TYPE_CHECKING:
    from collections.abc import Iterator


CODE = 2.0
SHORTEST_CODE = 3
"""A lone digit or two is a code for nobody."""
MEANT = 0.8
"""A word that was put right counts a little less than one that was typed so."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word of a query: any of `terms` will do, and none when the index has nothing like it."""

    terms: tuple[str, ...]
    worth: float = 1.0
    """What it counts when it is found."""
    weight: float = 1.0
    """What it counts in all that could be found."""
    typed: str = ""
    """What stands nowhere, so that two such words are two."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is known of an index in one language when words are looked up."""

    lang: Language
    known: Callable[[str], bool]
    """Whether a term stands in the index."""
    speller: Speller
    corrects: bool
    """Whether mistyped words are put right: only in the language that the query is in."""


def wanted(text: str, lookup: Lookup) -> tuple[Wanted, ...]:
    """Return the words of a query, each once; function words only when there are no others."""
    found = dict.fromkeys(one for word in WORD.findall(text.lower()) for one in of_word(word, lookup))
    dull = dull_terms(lookup.lang)
    return tuple(one for one in found if not one.terms or not dull.issuperset(one.terms)) or tuple(found)


def of_word(word: str, lookup: Lookup) -> Iterator[Wanted]:
    """Yield what to look for to find one word: as a whole where it is written with signs, and its parts."""
    parts = PART.findall(word)
    whole = word.translate(FOLDS) if len(parts) > 1 else stem(word, lookup.lang)
    code = is_code(word) and len(word) >= SHORTEST_CODE and lookup.known(whole)
    if code:
        yield Wanted((whole,), CODE, CODE)
        return
    if len(parts) > 1 and lookup.known(whole):
        yield Wanted((whole,))
    for part in parts:
        yield from of_part(part, lookup)


def of_part(part: str, lookup: Lookup) -> Iterator[Wanted]:
    """Yield what to look for to find one run of letters and digits."""
    term = stem(part, lookup.lang)
    if lookup.known(term) or term in dull_terms(lookup.lang):
        yield Wanted((term,))
        return
    pieces = lookup.speller.parts(lowered(part)) if lookup.lang == "de" else ()
    meant = lookup.speller.correct(part, lookup.lang) if lookup.corrects and not pieces else None
    yield from (Wanted((stem(piece, lookup.lang),)) for piece in pieces)
    if meant:
        yield Wanted((stem(meant, lookup.lang),), MEANT)
    elif not pieces:
        yield Wanted((), 0.0, typed=term)
