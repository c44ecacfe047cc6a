"""Call answer: what an agent says, copies and mails of an article. All of it is public, whatever the agent reads.

It is taken from the public edition alone: a sentence that stands only between "::: intern" and ":::" is not in there.
Of an internal article it is what its author put into quotation marks for customers (see `articles/asking`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.articles.asking import sayings_of
from app.search.highlight import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.articles.article import Block, Rendered, Section

SAID = 2
"""Sentences to say: more is a lecture."""
LINES = 6
"""Lines of a passage that is copied; the article behind the link has the rest."""
CELLS = " · "
"""What stands between the cells of a table in plain text."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What may leave the house; all of it empty where nothing may."""

    say: tuple[str, ...] = ()
    """Sentences, as they are spoken."""
    passage: str = ""
    """The passage that answers, one line each, steps with their numbers."""
    found: bool = False
    """Whether the sentence that was found is in it; it is not when only agents can read that."""


def answer_of(article: Rendered, public: Rendered | None, sentence: str) -> Answer:
    """Return the answer of an article: around `sentence` where its public edition has that, else from its beginning."""
    if public is None:
        said = sayings_of(article.article)
        return Answer(said[:SAID], "\n".join(said))
    sections = [section for section in public.sections if section.blocks]
    place = next(((section, at) for section in sections for at in _places(section, sentence)), None)
    section, at = place or (sections[0], 0) if sections else (None, 0)
    if section is None:
        return Answer()
    said = remedy_of(public, section) or spoken(section.blocks[at:], sentence if place else "")
    return Answer(said, "\n".join(_passage(section, at, sections)), place is not None)


def remedy_of(public: Rendered, section: Section) -> tuple[str, ...]:
    """Return what the article is for and how its first step begins, where a section only tells what is wrong.

    That is the lead, before the first heading: the caller has just said it himself.
    """
    article, first = public.article, next(iter(public.steps), "")
    if section.headings or not article.summary or not first:
        return ()
    return (article.summary, next(_sentences(first), first))


def spoken(blocks: tuple[Block, ...], sentence: str) -> tuple[str, ...]:
    """Return the sentence and the one after it, from blocks of which the first holds it."""
    whole = [text for block in blocks[: SAID + 1] for text in _sentences(block.text)]
    first = next((number for number, text in enumerate(whole) if sentence in text or text in sentence), 0)
    return tuple(text.replace(CELLS, ": ") for text in whole[first : first + SAID])


def _places(section: Section, sentence: str) -> Iterator[int]:
    return (number for number, block in enumerate(section.blocks) if sentence and sentence in block.text)


def _sentences(text: str) -> Iterator[str]:
    return (text[start:end] for start, end in sentences(text))


def _passage(section: Section, at: int, sections: list[Section]) -> Iterator[str]:
    """Yield the lines around the answer, then the first steps of the article where it only told what is wrong."""
    first = max(0, min(at - 1, len(section.blocks) - LINES))
    shown = section.blocks[first : first + LINES]
    yield from _lines(shown)
    if not any(block.step for block in shown):
        remedy = next((one for one in sections if any(block.step for block in one.blocks)), None)
        yield from _lines(tuple(block for block in remedy.blocks if block.step)[:LINES]) if remedy else ()


def _lines(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Yield blocks as lines, each step once with its number."""
    before: int | None = None
    for block in blocks:
        yield f"{block.step}. {block.text}" if block.step and block.step != before else block.text
        before = block.step
