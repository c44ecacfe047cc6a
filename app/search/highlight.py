"""Highlight: which part of a passage to show, and which of its words were asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.search.language import WORD, terms
from app.search.ranking import Segment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from app.articles.article import Language

SNIPPET_CHARACTERS = 240
SENTENCE_END = re.compile(r"(?<=[.!?:])\s+(?=[^\sa-zäöü])|\n")
"""A full stop before a small letter ends an abbreviation ("z. B. oben"), not a sentence."""


def snippet(text: str, wanted: Collection[str], lang: Language, size: int = SNIPPET_CHARACTERS) -> tuple[Segment, ...]:
    """Return the run of sentences, `size` characters at most, in which most of the wanted terms stand, marked."""
    sentences = [sentence for sentence in SENTENCE_END.split(text) if sentence.strip()]
    best = max(runs(sentences, size), key=lambda run: score(run, wanted, lang), default="")
    return marked(shortened(best, size), wanted, lang)


def runs(sentences: list[str], size: int) -> Iterator[str]:
    """Yield, from each sentence on, as many whole sentences as fit into `size` characters, at least one."""
    for start, first in enumerate(sentences):
        run = first
        for following in sentences[start + 1 :]:
            if len(run) + len(following) >= size:
                break
            run = f"{run} {following}"
        yield run


def score(run: str, wanted: Collection[str], lang: Language) -> int:
    """Return how many different wanted terms stand in `run`; of equals the first run wins."""
    return len(set(terms(run, lang)) & set(wanted))


def shortened(text: str, size: int) -> str:
    """Return `text`, cut at a word and given an ellipsis when it is longer than `size`."""
    return text if len(text) <= size else text[:size].rsplit(" ", 1)[0] + " …"


def marked(text: str, wanted: Collection[str], lang: Language) -> tuple[Segment, ...]:
    """Return `text` in segments, each word marked that comes down to a wanted term."""
    segments: list[Segment] = []
    at = 0
    for word in WORD.finditer(text):
        if not set(wanted).isdisjoint(terms(word.group(), lang)):
            segments += [Segment(text[at : word.start()]), Segment(word.group(), marked=True)]
            at = word.end()
    segments.append(Segment(text[at:]))
    return tuple(segment for segment in segments if segment.text)
