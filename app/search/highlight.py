"""Highlight: which part of a passage to show, which sentence of it answers, and which of its words were asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.search.language import WORD, terms, terms_of
from app.search.ranking import Segment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from app.articles.article import Language

Parts = Sequence[tuple[int, int]]
"""Where parts of a text begin and end, in characters."""
Nearness = Callable[[Parts], Sequence[float]]
"""Tells how near each part of a text is to the query, 0 to 1."""

SNIPPET_CHARACTERS = 240
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\sa-zäöü])|\n")
"""A full stop before a small letter ends an abbreviation ("z. B. oben"), not a sentence."""


def nowhere(parts: Parts) -> Sequence[float]:
    """Say nothing: where meaning is not known, words alone decide."""
    return [0.0] * len(parts)


def answering(text: str, wanted: Collection[str], lang: Language, near: Nearness = nowhere) -> str:
    """Return the sentence or line of `text` that answers: by its share of the wanted terms, and by meaning."""
    asked, parts = frozenset(wanted), list(sentences(text))
    found = (len(asked.intersection(terms(text[start:end], lang))) for start, end in parts)
    rates = [count / max(1, len(asked)) + nearness for count, nearness in zip(found, near(parts), strict=True)]
    start, end = parts[rates.index(max(rates))] if parts else (0, 0)
    return text[start:end]


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence or line begins and ends; empty ones are left out."""
    begin = 0
    for gap in SENTENCE_END.finditer(text):
        if text[begin : gap.start()].strip():
            yield begin, gap.start()
        begin = gap.end()
    if text[begin:].strip():
        yield begin, len(text)


def snippet(
    text: str, answer: str, wanted: Collection[str], lang: Language, size: int = SNIPPET_CHARACTERS
) -> tuple[Segment, ...]:
    """Return the answering sentence with as many whole sentences after it, else before it, as fit into `size`."""
    parts = [text[start:end] for start, end in sentences(text)]
    first = last = parts.index(answer) if answer in parts else 0
    length = len(answer)
    while last + 1 < len(parts) and length + len(parts[last + 1]) < size:
        last += 1
        length += len(parts[last]) + 1
    while first > 0 and length + len(parts[first - 1]) < size:
        first -= 1
        length += len(parts[first]) + 1
    return marked(shortened(" ".join(parts[first : last + 1]), size), wanted, lang)


def shortened(text: str, size: int) -> str:
    """Return `text`, cut at a word and given an ellipsis when it is longer than `size`."""
    return text if len(text) <= size else text[:size].rsplit(" ", 1)[0] + " …"


def marked(text: str, wanted: Collection[str], lang: Language) -> tuple[Segment, ...]:
    """Return `text` in segments, each word marked that comes down to a wanted term."""
    asked = frozenset(wanted)
    segments: list[Segment] = []
    at = 0
    for word in WORD.finditer(text):
        if not asked.isdisjoint(terms_of(word.group().casefold(), lang)):
            segments += [Segment(text[at : word.start()]), Segment(word.group(), marked=True)]
            at = word.end()
    segments.append(Segment(text[at:]))
    return tuple(segment for segment in segments if segment.text)
