"""Regression: whether articles are still found by the questions their authors wrote for them.

Each question is asked as calibrating does it: itself left out, for no customer asks in the very same words. Of the
2,257 questions of the shipped articles 66 % bring their own article first, 85 % among the first three, 97 % at all. So
one that is not found is no fault by itself; one that was found among the first three before, and is not now, is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from app.articles.article import Language  # noqa: TC001 - a named tuple's fields can be read at run time
from app.search.shelf import evidence, remembered, shelf_of
from app.search.understood import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from app.search.index import Index
    from app.search.ranking import Array
    from app.search.shelf import Shelf

FOUND = 3
"""Rank up to which a question finds its article: what a reader sees without scrolling."""
NEAR = 0.03
"""Cosine by which another article may be farther from a question than its own and still come before it."""


class Asked(NamedTuple):
    """A question of an article's author."""

    slug: str
    lang: Language
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a question finds."""

    rank: int
    """Of its own article; 0 when it is not among the first."""
    first: str
    """Slug of the article that comes first, "" when nothing does."""

    @property
    def found(self) -> bool:
        """Whether readers see the article."""
        return 0 < self.rank <= FOUND


@dataclass(frozen=True, slots=True)
class Lost:
    """A question, and what it finds in place of its article; `before` is its rank in the version before, if any."""

    asked: Asked
    now: Outcome
    before: int = 0

    @property
    def regressed(self) -> bool:
        """Whether it was found before."""
        return 0 < self.before <= FOUND


Outcomes = dict[Asked, Outcome]


def questions_of(index: Index) -> dict[Asked, int]:
    """Return the questions of an index, with the numbers of their passages."""
    rows = ((number, one) for number, one in enumerate(index.passages) if one.kind == "question")
    return {Asked(one.slug, one.lang, one.text): number for number, one in rows}


def ask(index: Index, asked: Iterable[Asked], progress: Callable[[int, int], None]) -> Outcomes:
    """Ask an index the questions it has, itself left out; about 20 milliseconds each."""
    shelf, numbers = shelf_of(index), questions_of(index)
    known = [one for one in asked if one in numbers]
    outcomes = {}
    for done, one in enumerate(known):
        progress(done, len(known))
        outcomes[one] = _ask(shelf, one, numbers[one])
    progress(len(known), len(known))
    return outcomes


def _ask(shelf: Shelf, asked: Asked, number: int) -> Outcome:
    index = shelf.index
    keeps = np.arange(len(index.passages)) != number
    query = remembered(index, number) if index.tokens else None
    found = evidence(shelf, understand(index, asked.text, asked.lang, exact=False), query, keeps).found.candidates
    slugs = [one.slug for one in found]
    return Outcome(slugs.index(asked.slug) + 1 if asked.slug in slugs else 0, slugs[0] if slugs else "")


def touched(before: Index, now: Index) -> frozenset[str]:
    """Return the slugs of the articles whose passages are not the same in both."""
    old, new = _digests(before), _digests(now)
    return frozenset(slug for slug in old.keys() | new.keys() if old.get(slug) != new.get(slug))


def concerned(index: Index, changed: Collection[str]) -> list[Asked]:
    """Return the questions that changed articles can make a difference to: their own, and those they come near to.

    An article that was removed takes nothing from the others and is left out.
    """
    asked = questions_of(index)
    if index.vectors is None:
        return list(asked)
    slugs = np.array([one.slug for one in index.passages])
    other = np.isin(slugs, list(changed))
    return [one for one, number in asked.items() if one.slug in changed or _near(index, number, slugs, other)]


def _near(index: Index, number: int, slugs: Array, other: Array) -> bool:
    if index.vectors is None or not other.any():
        return False
    own = slugs == slugs[number]
    own[number] = False
    cosines = index.vectors @ index.vectors[number]
    return bool(cosines[other].max() >= cosines[own].max(initial=-1.0) - NEAR)


def lost(now: Outcomes, before: Outcomes) -> list[Lost]:
    """Return the questions that were found before and are not now, and those that find their article not at all."""
    gone = []
    for asked, outcome in now.items():
        rank = before[asked].rank if asked in before else 0
        if not outcome.found and (outcome.rank == 0 or 0 < rank <= FOUND):
            gone.append(Lost(asked, outcome, rank))
    return gone


def _digests(index: Index) -> Mapping[str, Sequence[str]]:
    grouped: dict[str, list[str]] = {}
    for one in index.passages:
        grouped.setdefault(one.slug, []).append(one.digest)
    return grouped
