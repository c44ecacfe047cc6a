"""Snippet: a text as it is shown, parted around the sentence that answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.search.ranking import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.search.ranking import Result

CUT = " …"
"""What ends a sentence that was too long."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """What stands before the answering sentence, the sentence, and what follows; words of the query stay marked."""

    before: tuple[Segment, ...]
    answer: tuple[Segment, ...]
    after: tuple[Segment, ...]


def snippet_of(result: Result) -> Snippet:
    """Return the snippet of a result."""
    return parted(result.snippet, result.answer)


def parted(segments: Sequence[Segment], answer: str) -> Snippet:
    """Return a text parted around `answer`; where that is not in it, all of the text comes after."""
    text = "".join(segment.text for segment in segments)
    start, end = _place(text, answer)
    cuts = ((0, start), (start, end), (end, len(text)))
    before, sentence, after = (tuple(_between(segments, *cut)) for cut in cuts)
    return Snippet(before, sentence, after)


def _place(text: str, answer: str) -> tuple[int, int]:
    """Return where the answer begins and ends; a long one was cut, and is all there is."""
    if text.endswith(CUT) and answer.startswith(text.removesuffix(CUT)):
        return 0, len(text)
    start = text.find(answer)
    return (start, start + len(answer)) if start >= 0 else (0, 0)


def _between(segments: Iterable[Segment], start: int, end: int) -> Iterator[Segment]:
    """Yield what of the segments stands between two characters."""
    at = 0
    for segment in segments:
        text = segment.text[max(0, start - at) : max(0, end - at)]
        if text:
            yield Segment(text, segment.marked)
        at += len(segment.text)
