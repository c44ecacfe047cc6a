"""Query: what was typed, made fit for searching."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from app.articles.article import Language
from app.search.language import detect, dull_terms, telling

TELLING = 2
"""Letters of a word that may tell something."""
MAX_CHARACTERS = 500
"""A longer query costs the model ten times as long and finds no better."""


@dataclass(frozen=True, slots=True)
class Query:
    """A normalised query with its language and, for each language, the terms to look for."""

    text: str
    lang: Language
    terms: dict[Language, tuple[str, ...]]

    @property
    def empty(self) -> bool:
        """True when there is nothing to look for: no letter and no digit."""
        return not self.terms["de"]

    @property
    def vague(self) -> bool:
        """True when nothing in it tells what it is about: function words alone, or a letter."""
        return all(len(term) < TELLING or term in dull_terms(self.lang) for term in self.terms[self.lang])


def read_query(raw: str, reader_lang: Language) -> Query:
    """Return what `raw` asks for; the reader's language stands where the text does not tell its own."""
    text = normalise(raw)
    return Query(text, detect(text, reader_lang), {"de": telling(text, "de"), "en": telling(text, "en")})


def normalise(raw: str) -> str:
    """Return at most MAX_CHARACTERS of `raw` in NFC, without control, private and lone surrogate characters."""
    kept = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in raw[: 4 * MAX_CHARACTERS])
    words = unicodedata.normalize("NFC", kept).split()
    return cut(" ".join(words))


def cut(text: str) -> str:
    """Return `text` cut at a space before MAX_CHARACTERS."""
    if len(text) <= MAX_CHARACTERS:
        return text
    return text[: MAX_CHARACTERS + 1].rsplit(" ", 1)[0][:MAX_CHARACTERS]
