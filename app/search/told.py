"""Told: what a trial of articles has shown, as findings for their authors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.articles.article import Language
from app.articles.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.articles.change import Change
    from app.articles.source import Source
    from app.search.passage import Passage
    from app.search.regression import Lost
    from app.search.twins import Twins

QUOTED = 160
"""Characters of a passage that are quoted."""

Sources = Mapping[tuple[str, Language], "Source"]


def told_twins(twins: Iterable[Twins], sources: Sources, change: Change | None) -> Iterator[Finding]:
    """Yield one finding for each pair, in the article that was changed if only one was, with both passages."""
    for pair in twins:
        mine, other = sources.get((pair.one.slug, pair.one.lang)), sources.get((pair.other.slug, pair.other.lang))
        if mine and other:
            if _second(mine, change):
                yield _twin(pair.other, pair.one, other, mine, pair.cosine)
            else:
                yield _twin(pair.one, pair.other, mine, other, pair.cosine)


def told_questions(lost: Iterable[Lost], sources: Sources) -> Iterator[Finding]:
    """Yield an error for each question that was found before, a hint for one that never was."""
    for one in lost:
        source = sources.get((one.asked.slug, one.asked.lang))
        if source:
            yield _question(source, one)


def _second(first: Source, change: Change | None) -> bool:
    return change is not None and first.article.path not in change.paths


def _twin(one: Passage, other: Passage, mine: Source, theirs: Source, cosine: float) -> Finding:
    message = (
        f"this section says the same as one of {theirs.article.path}:{_line_of(theirs, other)} "
        f"(cosine {cosine:.3f}): {_quoted(one)} and {_quoted(other)}."
    )
    advice = "Keep it in one of the articles and link to it from the other."
    return Finding(mine.article.path, _line_of(mine, one), "twin", "hint", message, advice)


def _quoted(passage: Passage) -> str:
    text = " ".join(passage.text.split())
    return f"“{text if len(text) <= QUOTED else text[:QUOTED].rsplit(' ', 1)[0] + ' …'}”"


def _line_of(source: Source, passage: Passage) -> int:
    """Return the line of the heading that a passage stands under."""
    heading = passage.headings[-1] if passage.headings else ""
    rows = enumerate(source.body, start=source.body_line)
    return next((line for line, row in rows if heading and row.startswith("#") and heading in row), source.body_line)


def _question(source: Source, one: Lost) -> Finding:
    now = f'it now finds "{one.now.first}"' if one.now.first else "it now finds nothing"
    line = source.line_of("questions", one.asked.text)
    if one.regressed:
        rank = f", this article at rank {one.now.rank}" if one.now.rank else ""
        before = f"(rank {one.before} before)"
        message = f'the question "{one.asked.text}" no longer finds this article {before}: {now}{rank}.'
        advice = "Say its words in this article, or tell the two articles apart by title and headings."
        return Finding(source.article.path, line, "question", "error", message, advice)
    message = f'the question "{one.asked.text}" would not find this article by itself: {now.replace(" now", "")}.'
    advice = "Say in the text what it is about, in the customers' words."
    return Finding(source.article.path, line, "question", "hint", message, advice)
