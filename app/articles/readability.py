"""Readability: how hard a text for customers is to read, by the length of its sentences and words.

English by Flesch's Reading Ease (1948), German by Amstad's form of it (1978); from 0, hard, to 100, easy. Syllables are
counted by the hyphenation patterns of Pyphen. Code, tables, headings and words with digits are no sentences and are not
counted, nor is text for agents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pyphen import Pyphen

from app.articles.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.articles.article import Language
    from app.articles.source import Source

HARD = {"de": 40.0, "en": 50.0}
"""Reading ease below which an article is hinted at, by language; the shipped articles have 44 to 68 and 56 to 84."""
LONGEST_SENTENCE = 35
"""Words of one sentence that are hinted at."""
LEAST_WORDS = 60
"""Of an article; fewer tell nothing."""

_SKIPPED = re.compile(r"\s*(?:#|\||<|:::|!\[|\[[^\]]+\]:|-{3,}|={3,})")
_MARKS = re.compile(r"^\s*(?:>\s*)*(?:[-*+]\s+|\d{1,3}[.)]\s+)?")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_ADDRESS = re.compile(r"\S*(?:://|@|www\.|\.example)\S*")
_SIGNS = re.compile(r"[*_`]")
_END = re.compile(r"(?<=[.!?:])[\"“”)]?\s+(?=[\"„“(]?[A-ZÄÖÜ0-9])")
_SHORT = re.compile(r"\b(?:z\. ?B|d\. ?h|u\. ?a|ca|bzw|usw|Nr|Abs|e\.g|i\.e|approx|vs)\.")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of one sentence, and the line of the file in which it begins."""

    line: int
    words: tuple[str, ...]


def hard_to_read(sources: Iterable[Source]) -> Iterator[Finding]:
    """Yield the articles that are hard to read, and their longest sentences."""
    for source in sources:
        sentences, lang = sentences_of(source), source.article.lang
        enough = sum(len(one.words) for one in sentences) >= LEAST_WORDS
        if enough and (ease := reading_ease(sentences, lang)) < HARD[lang]:
            yield _hard(source, sentences, ease)
        yield from (_long(source, one) for one in sentences if len(one.words) > LONGEST_SENTENCE)


def reading_ease(sentences: Sequence[Sentence], lang: Language) -> float:
    """Return the reading ease of at least one sentence with at least one word."""
    words = [word for sentence in sentences for word in sentence.words]
    length = len(words) / len(sentences)
    syllables = sum(syllables_of(word, lang) for word in words) / len(words)
    return 180 - length - 58.5 * syllables if lang == "de" else 206.835 - 1.015 * length - 84.6 * syllables


def syllables_of(word: str, lang: Language) -> int:
    """Return the number of syllables, at least one a part of a hyphenated word."""
    return sum(len(_hyphens(lang).positions(part)) + 1 for part in word.split("-") if part)


def sentences_of(source: Source) -> list[Sentence]:
    """Return the sentences that customers read."""
    public = source.public_lines()
    lines = ((line, _plain(text)) for line, text in source.prose() if line in public and not _SKIPPED.match(text))
    found = (Sentence(line, tuple(_WORD.findall(part))) for line, text in lines for part in _END.split(text))
    return [sentence for sentence in found if len(sentence.words) > 1]


def _plain(text: str) -> str:
    text = _SIGNS.sub("", _LINK.sub(r"\1", _IMAGE.sub("", _MARKS.sub("", text))))
    return _SHORT.sub(lambda found: found[0].replace(".", ""), _ADDRESS.sub("", text))


@cache
def _hyphens(lang: Language) -> Pyphen:
    return Pyphen(lang="de_DE" if lang == "de" else "en_US", left=1, right=1)


def _hard(source: Source, sentences: Sequence[Sentence], ease: float) -> Finding:
    longest = max(sentences, key=lambda one: len(one.words))
    words = sum(len(one.words) for one in sentences) / len(sentences)
    return Finding(
        source.article.path, longest.line, "readability", "hint",
        f"the reading ease is {ease:.0f}, below {HARD[source.article.lang]:.0f}; a sentence has {words:.0f} words.",
        "Part long sentences, say who does what, and take shorter words. Begin with the sentence in this line.",
    )  # fmt: skip


def _long(source: Source, sentence: Sentence) -> Finding:
    start = " ".join(sentence.words[:6])
    return Finding(
        source.article.path, sentence.line, "readability", "hint",
        f'the sentence "{start} …" has {len(sentence.words)} words.', "Make two or three of it.",
    )  # fmt: skip
