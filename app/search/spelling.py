"""Spelling: the word of the knowledge base that a mistyped one was meant to be.

Whatever is known in any way stays as it is: in either language, inflected, with umlauts written out, or as a compound
of known words; and so does a word of the language that the knowledge base merely lacks. For the rest the nearest known
word is looked up by optimal string alignment, the distance that counts a letter too many, too few, a wrong one or two
swapped as one edit each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from app.articles.article import LANGUAGES, Language
from app.search.compounds import Splitter
from app.search.dictionary import words_in
from app.search.language import FOLDS, FUNCTION_WORDS, PART, WORD, dull_terms, spellings, stem
from app.search.vocabulary import Vocabulary, is_code, lowered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHORTEST = 4
"""A shorter word or code is near to too many others."""
SHORT = 6
"""Below this length words lie so close together that only a likely slip is forgiven: no food becomes good."""
LONG = 10
"""From this length on two edits are forgiven, before that one; at eight letters every tenth such guess was wrong."""
LONGEST = 60
OFFERED_CODES = 3

KEYBOARDS: dict[Language, tuple[str, ...]] = {
    "de": ("qwertzuiopu", "asdfghjkloa", "yxcvbnm"),
    "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
}
"""Rows of letters, ü, ö and ä folded as words are before they are compared."""


def pairs(rows: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the keys that lie side by side, in a row and from a row to the one below, which stands half a key right."""
    beside = [pair for row in rows for pair in pairwise(row)]
    below = [
        pair
        for upper, lower in pairwise(rows)
        for pair in (*zip(upper, lower, strict=False), *zip(upper[1:], lower, strict=False))
    ]
    for one, other in (*beside, *below):
        yield from ((one, other), (other, one))


NEXT: dict[Language, frozenset[tuple[str, str]]] = {lang: frozenset(pairs(rows)) for lang, rows in KEYBOARDS.items()}

COLOGNE = re.compile(
    "(^c(?=[ahkloqrux])|(?<![sz])c(?=[ahkoqux])|[gkq])|([dt](?=[csz])|(?<=[ckq])x|[csz])|(x)|(ph|[fvw])|([dt])|([bp])"
    "|(l)|([mn])|(r)|([aeijouy])|(.)"
)
"""Kölner Phonetik (Postel 1969): letters that sound alike in German get the same digit."""
DIGITS = ("", "4", "8", "48", "3", "2", "1", "5", "6", "7", "0", "")


class Guess(NamedTuple):
    """What a word may have been meant to be; the best one is the smallest."""

    edits: int
    unlikely: bool
    """Neither a slip of the finger nor, in German, the same sound."""
    other_start: bool
    rarity: int
    """Passages it stands in, negative."""
    folded: str
    word: str

    def forgiven(self, typed: str) -> bool:
        """Tell whether `typed`, folded, can be taken for this word: the shorter, the more must speak for it."""
        if len(typed) >= SHORT:
            return self.edits == 1 or not self.other_start
        swapped = sorted(typed) == sorted(self.folded)
        replaced = len(typed) == len(self.folded)
        return not (replaced and self.unlikely) and (swapped or not self.other_start)


@dataclass(frozen=True, slots=True)
class Speller:
    """Corrects words against a vocabulary; built once per index, then a lookup takes a millisecond or two."""

    vocabulary: Vocabulary
    _splitter: Splitter = field(init=False, repr=False, compare=False)
    _stems: dict[Language, frozenset[str]] = field(init=False, repr=False, compare=False)
    _near: dict[Language, dict[int, dict[str, str]]] = field(init=False, repr=False, compare=False)
    """Language → length → folded word → the commonest word that is folded so."""
    _codes: dict[int, list[str]] = field(init=False, repr=False, compare=False)
    """Length → codes."""

    def __post_init__(self) -> None:
        """Sort the words by their length, and fold and stem them, once."""
        words = self.vocabulary.words
        stems = {lang: dull_terms(lang).union(stem(word, lang) for word in words[lang]) for lang in LANGUAGES}
        codes: dict[int, list[str]] = {}
        for code in self.vocabulary.codes:
            codes.setdefault(len(code), []).append(code)
        object.__setattr__(self, "_codes", codes)
        object.__setattr__(self, "_splitter", Splitter(words["de"]))
        object.__setattr__(self, "_stems", stems)
        object.__setattr__(self, "_near", {lang: by_length(words[lang], lang) for lang in LANGUAGES})

    def correct(self, word: str, lang: Language) -> str | None:
        """Return the known word that `word`, in any case, was meant to be; None when it is a word or none is near."""
        typed = lowered(word)
        if not SHORTEST <= len(typed) <= LONGEST or not typed.isalpha() or self._knows(typed):
            return None
        folded = {one.translate(FOLDS) for one in (typed, *spellings(typed))}
        guesses = [guess for one in folded for guess in self._guesses(one, lang) if guess.forgiven(one)]
        return min(guesses).word if guesses and words_in(lang).isdisjoint((typed, *spellings(typed))) else None

    def parts(self, word: str) -> tuple[str, ...]:
        """Return the known words that a German word in lower case is made of, () if it is none."""
        return self._splitter.parts(word)

    def near_codes(self, code: str) -> tuple[str, ...]:
        """Return at most three known codes that differ from an unknown one in one sign, the commonest first."""
        typed = lowered(code)
        known = self.vocabulary.codes
        if not SHORTEST <= len(typed) <= LONGEST or not is_code(typed) or typed in known:
            return ()
        codes = [code for length in range(len(typed) - 1, len(typed) + 2) for code in self._codes.get(length, ())]
        near = [code for code, _, _ in extract(typed, codes, scorer=OSA.distance, score_cutoff=1, limit=None)]
        return tuple(sorted(near, key=lambda code: (-known[code], code))[:OFFERED_CODES])

    def corrected(self, text: str, lang: Language) -> str:
        """Return `text`, in NFC, with its unknown words corrected; codes, signs and the case of words stay."""
        return WORD.sub(lambda found: self._corrected_word(found[0], lang), text)

    def _corrected_word(self, word: str, lang: Language) -> str:
        if is_code(word):
            return word
        return PART.sub(lambda part: self._corrected_part(part[0], lang), word)

    def _corrected_part(self, part: str, lang: Language) -> str:
        meant = self.correct(part, lang)
        return part if meant is None else in_case_of(part, meant)

    def _knows(self, word: str) -> bool:
        """Tell whether either language has the word, by its stem, which all spellings share, or as a compound."""
        return any(stem(word, lang) in self._stems[lang] for lang in LANGUAGES) or len(self._splitter.parts(word)) > 1

    def _guesses(self, folded: str, lang: Language) -> Iterator[Guess]:
        """Yield the known words within as many edits as the length of `folded` forgives."""
        edits = 2 if len(folded) >= LONG else 1
        for length in range(len(folded) - edits, len(folded) + edits + 1):
            words = self._near[lang].get(length, {})
            for near, distance, _ in extract(folded, words.keys(), scorer=OSA.distance, score_cutoff=edits, limit=None):
                likely = slipped(folded, near, lang) or (lang == "de" and sound(folded) == sound(near))
                frequency = self.vocabulary.words[lang][words[near]]
                yield Guess(int(distance), not likely, folded[0] != near[0], -frequency, near, words[near])


def by_length(words: Mapping[str, int], lang: Language) -> dict[int, dict[str, str]]:
    """Return for each length the words that can be meant, folded, and which of those folded alike is the commonest."""
    found: dict[int, dict[str, str]] = {}
    for word in sorted(words.keys() - FUNCTION_WORDS[lang], key=lambda word: (words[word], word)):
        folded = word.translate(FOLDS)
        found.setdefault(len(folded), {})[folded] = word
    return found


def slipped(one: str, other: str, lang: Language) -> bool:
    """Tell whether two words differ only in letters swapped or in keys that lie side by side."""
    if len(one) != len(other):
        return False
    wrong = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return sorted(one) == sorted(other) or all(pair in NEXT[lang] for pair in wrong)


def sound(word: str) -> str:
    """Return how a word in lower case sounds, as the digits of the Kölner Phonetik: 65752682 for müllerlüdenscheidt."""
    digits = COLOGNE.sub(lambda found: DIGITS[found.lastindex or 0], word.translate(FOLDS))
    single = re.sub(r"(.)\1+", r"\1", digits)
    return single[:1] + single[1:].replace("0", "")


def in_case_of(typed: str, word: str) -> str:
    """Return `word` in the case that was typed: all capitals, a capital first, or as it is."""
    if typed.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if typed[:1].isupper() else word
