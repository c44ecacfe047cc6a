"""Comparison: which words of a text came and went, paragraph by paragraph."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.articles.article import Rendered

Change = Literal["same", "added", "removed", "changed"]

MOST_PARAGRAPHS = 2000
"""A longer text is compared up to here."""
MOST_WORDS = 1500
"""A longer paragraph is shown whole as it was, then as it is."""
ALIKE = 0.5
"""Share of words two paragraphs have in common when one became the other."""
AROUND = 1
"""Unchanged paragraphs shown before and after a change."""

_WORD = re.compile(r"\S+\s*")
_BETWEEN = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d{1,3}[.)])\s)")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article as it is read."""

    text: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in a row with one fate."""

    text: str
    change: Change = "same"


@dataclass(frozen=True, slots=True)
class Compared:
    """A paragraph, and what became of it."""

    change: Change
    pieces: tuple[Piece, ...]
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs in a row; those of a folded one have not changed and stand far from a change."""

    rows: tuple[Compared, ...]
    folded: bool = False


def paragraphs_of(rendered: Rendered) -> tuple[Paragraph, ...]:
    """Return what is read of an article: title, summary, headings, and everything below them."""
    article = rendered.article
    found = [Paragraph(article.title, heading=True), Paragraph(article.summary)]
    for section in rendered.sections:
        found += [Paragraph(text, heading=True) for text in section.headings[-1:]]
        found += [Paragraph(block.text) for block in section.blocks]
    return tuple(one for one in found if one.text)[:MOST_PARAGRAPHS]


def compare(before: Sequence[Paragraph], now: Sequence[Paragraph]) -> tuple[Compared, ...]:
    """Return the paragraphs of both in their order."""
    matcher = SequenceMatcher(None, before, now)
    return tuple(row for code in matcher.get_opcodes() for row in _rows(code, before, now))


def changes(before: str, now: str) -> int:
    """Return how many paragraphs of a Markdown text differ from those before."""
    matcher = SequenceMatcher(None, _BETWEEN.split(before), _BETWEEN.split(now))
    codes = (code for code in matcher.get_opcodes() if code[0] != "equal")
    return sum(max(last - first, end - start) for _, first, last, start, end in codes)


def stretches(rows: Sequence[Compared]) -> tuple[Stretch, ...]:
    """Fold what has not changed and stands far from every change; a single such paragraph is not worth it."""
    changed = [place for place, row in enumerate(rows) if row.change != "same"]
    near = {place + step for place in changed for step in range(-AROUND, AROUND + 1)}
    found: list[Stretch] = []
    for place, row in enumerate(rows):
        folded = place not in near
        if found and found[-1].folded == folded:
            found[-1] = Stretch((*found[-1].rows, row), folded)
        else:
            found.append(Stretch((row,), folded))
    return tuple(Stretch(one.rows, one.folded and len(one.rows) > 1) for one in found)


def _rows(
    code: tuple[str, int, int, int, int], before: Sequence[Paragraph], now: Sequence[Paragraph]
) -> Iterator[Compared]:
    kind, first, last, start, end = code
    if kind == "equal":
        yield from (_whole(one, "same") for one in now[start:end])
    else:
        yield from _paired(list(before[first:last]), now[start:end])


def _paired(old: list[Paragraph], new: Sequence[Paragraph]) -> Iterator[Compared]:
    """Lay each new paragraph beside the first old one it is like; what is passed over is gone."""
    for one in new:
        place = next((place for place, other in enumerate(old) if _alike(other, one)), None)
        if place is None:
            yield _whole(one, "added")
            continue
        yield from (_whole(other, "removed") for other in old[:place])
        yield Compared("changed", tuple(_pieces(_words(old[place]), _words(one))), one.heading)
        del old[: place + 1]
    yield from (_whole(other, "removed") for other in old)


def _alike(old: Paragraph, new: Paragraph) -> bool:
    words = _words(old), _words(new)
    if old.heading != new.heading or max(map(len, words)) > MOST_WORDS:
        return False
    matcher = SequenceMatcher(None, *words)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for kind, first, last, start, end in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield Piece("".join(new[start:end]))
            continue
        gone, come = "".join(old[first:last]), "".join(new[start:end])
        yield from (piece for piece in (Piece(gone, "removed"), Piece(come, "added")) if piece.text)


def _words(paragraph: Paragraph) -> list[str]:
    return _WORD.findall(paragraph.text.strip())


def _whole(paragraph: Paragraph, change: Change) -> Compared:
    return Compared(change, (Piece(paragraph.text, change),), paragraph.heading)
