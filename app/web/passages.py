"""Passages: the part of an article that answers, line by line, with the answering line marked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from app.search.highlight import marked
from app.search.query import read_query
from app.search.ranking import Segment
from app.web.snippet import Snippet, parted, snippet_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.articles.article import Block, Section
    from app.search.index import Index
    from app.search.ranking import Result

LINES = 6
"""Lines of a passage on the search page; the article has the rest."""
STEPS = 3
"""Steps shown of a remedy."""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or step of a passage; `answers` where it is what the search found."""

    text: Snippet
    step: int | None
    """Number within its list, as the article shows it."""
    answers: bool


@dataclass(frozen=True, slots=True)
class Remedy:
    """The first steps of an article whose answering passage only describes the trouble."""

    heading: str
    lines: tuple[Line, ...]
    left: int
    """Steps that only the article shows."""


def remedy_of(index: Index, result: Result, lines: Sequence[Line]) -> Remedy | None:
    """Return the first steps of a result's article, unless the passage shows steps already or there are none."""
    edition = index.rendered.get((result.slug, result.lang))
    sections = edition.sections if edition else ()
    section = next((section for section in sections if any(block.step for block in section.blocks)), None)
    if section is None or any(line.step for line in lines):
        return None
    texts = list({block.step: block.text for block in reversed(section.blocks) if block.step}.values())[::-1]
    shown = (Line(parted([Segment(text)], ""), number, answers=False) for number, text in enumerate(texts[:STEPS], 1))
    return Remedy(section.headings[-1] if section.headings else "", tuple(shown), len(texts[STEPS:]))


def passage_lines(index: Index, result: Result, query: str) -> tuple[Line, ...]:
    """Return the lines around the one that answers, or the snippet alone when its section is not known."""
    section = _section(index, result)
    found = [_holds(block.text, result) for block in section.blocks] if section else []
    if section is None or True not in found:
        return (Line(snippet_of(result), None, answers=True),)
    terms = read_query(query, result.lang).terms[result.lang]
    first = max(0, min(found.index(True) - 1, len(found) - LINES))
    numbers = _step_numbers(section.blocks)
    rows = list(zip(section.blocks, numbers, found, strict=True))[first : first + LINES]
    shown = (parted(marked(block.text, terms, result.lang), result.answer) for block, _, _ in rows)
    return tuple(Line(text, number, answers) for text, (_, number, answers) in zip(shown, rows, strict=True))


def _section(index: Index, result: Result) -> Section | None:
    edition = index.rendered.get((result.slug, result.lang))
    sections = edition.sections if edition else ()
    return next((section for section in sections if section.anchor == result.anchor), None)


def _holds(text: str, result: Result) -> bool:
    """Return whether the answering sentence stands in this text."""
    return bool(result.answer) and result.answer in text


def _step_numbers(blocks: Sequence[Block]) -> list[int | None]:
    """Return each block's step counted from the section's first one: an article counts on, its lists begin anew.

    What follows within a step, such as a command, has no number of its own.
    """
    first = next((block.step for block in blocks if block.step), 1)
    steps = [block.step for block in blocks]
    return [step - first + 1 if step and step != before else None for before, step in pairwise([None, *steps])]
