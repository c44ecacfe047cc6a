"""Gaps: questions that no article answers, gathered by meaning and put in the order of what they cost.

Questions are joined by average linkage: two groups become one while their members are, on average, nearer to each other
than NEAR (Sokal and Michener 1958). One that is near to a few of a group only does not pull another topic in, as it
would with single linkage. A gap weighs the people who asked, and tickets as several of them, times how likely the
knowledge base is about it at all: what strangers ask, however often, is no gap of this one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Matrix = np.ndarray[Any, np.dtype[np.float32]]

NEAR = 0.5
"""Mean cosine from which on groups are one; measured on the questions of our own articles: docs/decisions.md."""
ALONE = 0.75
"""What one asker alone counts less: a second one is what makes a gap of a question."""
TICKET = 3
"""People whose search failed that weigh as much as one ticket."""
EARNEST = 0.5
"""Least likely that the knowledge base is about what somebody opened a ticket for."""
WEEKS = 8
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Question:
    """One asking of a question, with what the articles of today say to it."""

    id: int
    text: str
    day: date
    asker: str
    is_ticket: bool
    about: float
    """How likely the knowledge base is about it, 0 to 1."""
    answered: bool
    """Whether an article answers it today."""
    nearest: tuple[str, ...] = ()
    gap_id: int | None = None
    """The gap that it was in before."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions about the same, in people's own words, the most central first."""

    questions: tuple[Question, ...]
    people: int
    tickets: int
    score: float
    weeks: tuple[int, ...]
    """Askers in each of the last weeks, oldest first."""
    nearest: tuple[str, ...]
    answered: bool
    """Whether articles answer most of it today."""


def gaps_of(questions: Sequence[Question], vectors: Matrix, today: date, near: float = NEAR) -> list[Gap]:
    """Return the gaps, the costliest first and those that are answered by now last.

    `vectors` hold one row of unit length for each question: shape (questions, dimension).
    """
    members: dict[int, list[int]] = {}
    for place, label in enumerate(groups(vectors, near)):
        members.setdefault(label, []).append(place)
    found = [_gap(questions, vectors, places, today) for places in members.values()]
    return sorted(found, key=lambda gap: (gap.answered, -gap.score, gap.questions[0].text))


def groups(vectors: Matrix, near: float = NEAR) -> list[int]:
    """Return for each row the number of its group; equal rows are compared once."""
    if not len(vectors):
        return []
    distinct, which = np.unique(vectors, axis=0, return_inverse=True)
    if len(distinct) == 1:
        return [0] * len(vectors)
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - takes a while, and no request needs it
    from scipy.spatial.distance import pdist  # noqa: PLC0415 - same

    joined = linkage(np.nan_to_num(pdist(distinct, "cosine"), nan=1.0), method="average")
    labels = fcluster(joined, t=1 - near, criterion="distance")
    return [int(labels[place]) for place in which.ravel()]


def inherited(gaps: Iterable[Gap]) -> Mapping[int, int]:
    """Return for the place of each gap the number of the old one that most of its questions were in, each once."""
    shared = [
        (count, place, old)
        for place, gap in enumerate(gaps)
        for old, count in Counter(one.gap_id for one in gap.questions if one.gap_id is not None).items()
    ]
    given: dict[int, int] = {}
    for _, place, old in sorted(shared, key=lambda one: (-one[0], one[1], one[2])):
        if place not in given and old not in given.values():
            given[place] = old
    return given


def _gap(questions: Sequence[Question], vectors: Matrix, places: list[int], today: date) -> Gap:
    middle = vectors[places].mean(axis=0)
    order = sorted(places, key=lambda place: (-float(vectors[place] @ middle), questions[place].id))
    own = [questions[place] for place in order]
    people = len({one.asker for one in own})
    tickets = len({one.asker for one in own if one.is_ticket})
    about = sum(one.about for one in own) / len(own)
    cost = people - tickets + TICKET * tickets
    score = (cost - ALONE) * (max(about, EARNEST) if tickets else about)
    answered = sum(one.answered for one in own) * 2 > len(own)
    return Gap(tuple(own), people, tickets, score, _weeks(own, today), _nearest(own), answered)


def _weeks(own: Sequence[Question], today: date) -> tuple[int, ...]:
    """Count askers in each of the last weeks, which end today."""
    ages = {(one.asker, (today - one.day) // timedelta(weeks=1)) for one in own}
    counts = Counter(age for _, age in ages)
    return tuple(counts[age] for age in reversed(range(WEEKS)))


def _nearest(own: Sequence[Question]) -> tuple[str, ...]:
    """Return the articles that most questions are near to, the first ones counting more."""
    votes: Counter[str] = Counter()
    for one in own:
        for place, slug in enumerate(one.nearest[:NEAREST]):
            votes[slug] += NEAREST - place
    return tuple(slug for slug, _ in votes.most_common(NEAREST))
