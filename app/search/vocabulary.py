"""Vocabulary: which words and codes a knowledge base uses, and in how many of its passages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.articles.article import LANGUAGES, Language
from app.search.language import PART, WORD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.search.passage import Passage

CODE = re.compile(r"[0-9_!@\\:+#&]|(?<=[^\W_]{2})\.(?=[^\W_]{2})")
"""What makes a word a code: a digit, a sign that no plain word is written with, or the dot of a file or host name."""
QUANTITY = re.compile(r"[\d.,:+/-]*\d[^\W\d_]{0,3}")
SHORTEST_WORD = 2
LONGEST_CODE = 60
"""Nobody types a longer one, and long addresses would be half of the codes."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of each language and the codes of all, in lower case, each with the number of passages it stands in.

    Umlauts and ß stay as they were written, so that a word can be shown: "Größe" stands here as "größe".
    """

    words: dict[Language, dict[str, int]]
    codes: dict[str, int]


def vocabulary_of(passages: Iterable[Passage]) -> Vocabulary:
    """Count the words and codes of `passages` in the text that each of them is found by."""
    words: dict[Language, Counter[str]] = {lang: Counter() for lang in LANGUAGES}
    codes: Counter[str] = Counter()
    for passage in passages:
        text = lowered(text_of(passage))
        words[passage.lang].update(words_in(text))
        codes.update(codes_in(text))
    return Vocabulary({lang: dict(counted) for lang, counted in words.items()}, dict(codes))


def summed(parts: Iterable[Vocabulary]) -> Vocabulary:
    """Return the words and codes of several vocabularies, as if they were counted together."""
    words: dict[Language, Counter[str]] = {lang: Counter() for lang in LANGUAGES}
    codes: Counter[str] = Counter()
    for part in parts:
        for lang, counted in part.words.items():
            words[lang].update(counted)
        codes.update(part.codes)
    return Vocabulary({lang: dict(counted) for lang, counted in words.items()}, dict(codes))


def text_of(passage: Passage) -> str:
    """Return the text that a passage is found by; a section is also found by its title and headings."""
    return "\n".join((*heading_of(passage), passage.text))


def heading_of(passage: Passage) -> tuple[str, ...]:
    """Return what stands above a section; a title or question has nothing above it."""
    return (passage.title, *passage.headings) if passage.kind == "section" else ()


def lowered(text: str) -> str:
    """Return `text` in lower case and NFC; unlike with casefold, ß stays ß."""
    return unicodedata.normalize("NFC", text).lower()


def words_in(text: str) -> set[str]:
    """Return the words of a text in lower case: at least two letters and nothing else."""
    return {part for part in PART.findall(text) if part.isalpha() and len(part) >= SHORTEST_WORD}


def codes_in(text: str) -> set[str]:
    """Return the codes of a text in lower case, whole, and their parts with digits: wpa2-psk gives wpa2-psk, wpa2."""
    whole = {word for word in set(WORD.findall(text)) if is_code(word)}
    parts = {part for word in whole for part in PART.findall(word) if is_code(part)}
    return {code for code in whole | parts if len(code) <= LONGEST_CODE}


def is_quantity(word: str) -> bool:
    """Tell a number, also with a unit or an ending (7590, 150kb, 1990er), from a code that names one thing only."""
    return QUANTITY.fullmatch(word) is not None


def is_code(word: str) -> bool:
    """Tell a code, such as 0x80070005, 7590, fritz!box or php.ini, from a plain word, such as wlan-passwort."""
    return CODE.search(word) is not None
