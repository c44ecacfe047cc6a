"""Ranking: hits by meaning and hits by words become one order of articles.

Fusing two rankings by rank throws away how strong each hit is, and so hurts wherever words and meaning disagree: a
German question and an English article share no words, yet the word ranking is always full of somebody. Here both are
put on scales that say how strong they are, and added:

    score = z(meaning) + titles * z(asked) + words * share of the words
    score + match * match of the section + asked * match of the title or question, for the first 20

*Meaning* is the best cosine of any section of the article, *asked* the best of its title and its author's questions,
each in standard deviations above the mean of all passages for this query: the model squeezes its cosines into a band
of about .78 to .92, so that only the distance from the crowd says something. *Share of the words* is the article's best
BM25 score divided by the highest the query could reach. Words that stand nowhere lower it for all, so a query in
another language, or in lay words, leaves the decision to meaning. An article that holds a code of the query which
hardly any other one holds is put above all that do not. *Match* compares token by token (`codebook`). The four weights
are fitted by `scripts/fit` to the development sets, stored with the index, and explained in docs/search.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from app.articles.article import Language
from app.search.passage import Passage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from app.search.weights import Weights

Array = np.ndarray[Any, np.dtype[Any]]

State = Literal["answer", "perhaps", "nothing"]

SURELY = 20.0
"""What a rare code counts, in standard deviations: more than everything else together."""
NOWHERE = np.float32(-np.inf)
"""How near a passage is that was not found."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of shown text; `marked` where it is a word of the query."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """An article with its best passage and the confidence (0 to 1) that it answers the query."""

    slug: str
    lang: Language
    category: str
    title: tuple[Segment, ...]
    heading: str
    anchor: str
    answer: str
    """The sentence or step of the passage that answers."""
    snippet: tuple[Segment, ...]
    confidence: float
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """What a query found: results, best first, and whether the first one answers."""

    query: str
    lang: Language
    state: State
    confidence: float
    results: tuple[Result, ...]
    by_words_only: bool = False
    """True while the meaning of a query cannot be used (no model, no vectors): the page says so."""
    meant: str = ""
    """The query with its mistyped words put right, where there were any."""
    offers: tuple[str, ...] = ()
    """The query with an unknown code replaced by a known one that is one sign off: offered, not applied."""


class Hit(NamedTuple):
    """A passage, by its number, with how near it is in meaning (in standard deviations) and its share of the words."""

    number: int
    meaning: float
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Meaning and share of every passage, each of shape (passages,); a meaning of -inf is that of one not found."""

    meanings: Array
    shares: Array

    def of(self, numbers: Array) -> list[Hit]:
        """Return those of these passages that were found."""
        rows = zip(numbers.tolist(), self.meanings[numbers].tolist(), self.shares[numbers].tolist(), strict=True)
        return [Hit(*row) for row in rows if row[1] > NOWHERE]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Which passages belong to which article."""

    passages: Sequence[Passage]
    slugs: tuple[str, ...]
    """The articles in alphabetical order."""
    owner: Array
    """Place in `slugs` of each passage's article, shape (passages,)."""
    sections: Array
    """Which passages are sections, shape (passages,); only these are shown, titles and questions help to find."""
    own: tuple[Array, ...]
    """Numbers of the passages of each article."""

    def without(self, slugs: Collection[str]) -> Array:
        """Tell of each passage whether it belongs to none of these articles."""
        return ~self.among(slugs)[self.owner]

    def among(self, slugs: Collection[str]) -> Array:
        """Tell of each article whether it is one of these."""
        return np.array([slug in slugs for slug in self.slugs], bool)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article as the query found it, before it is made into a result."""

    slug: str
    score: float
    share: float
    asked: Hit | None
    """The best of its title and its author's questions."""
    best: dict[Language, Hit]
    """The best section in each language."""
    match: float = 0.0
    """How well the tokens of the best section match those of the query."""
    asked_match: float = 0.0
    """How well those of the best of its title and its author's questions do."""

    def shown(self, lang: Language) -> Hit | None:
        """Return the section to show to somebody who reads `lang`: in that language if there is one."""
        return self.best.get(lang) or next(iter(self.best.values()), None)


def layout_of(passages: Sequence[Passage]) -> Layout:
    """Return which passages belong to which article."""
    slugs = tuple(sorted({passage.slug for passage in passages}))
    places = {slug: place for place, slug in enumerate(slugs)}
    owner = np.array([places[passage.slug] for passage in passages], np.intp)
    sections = np.array([passage.kind == "section" for passage in passages], bool)
    ends = np.cumsum(np.bincount(owner, minlength=len(slugs)))[:-1]
    return Layout(passages, slugs, owner, sections, tuple(np.split(np.argsort(owner, kind="stable"), ends)))


def rank(hits: Hits, layout: Layout, weights: Weights, most: int, holders: Collection[str] = ()) -> list[Candidate]:
    """Return the first `most` articles; of equals the one that is first in the alphabet.

    `holders` are those with a rare code of the query.
    """
    section = best_of(np.where(layout.sections, hits.meanings, NOWHERE), layout)
    asked = best_of(np.where(layout.sections, NOWHERE, hits.meanings), layout)
    scores = (
        np.maximum(section, 0) + weights.titles * np.maximum(asked, 0) + weights.words * best_of(hits.shares, layout)
    )
    scores += SURELY * layout.among(holders) if holders else 0.0
    scores[np.maximum(section, asked) == NOWHERE] = NOWHERE
    first = (int(place) for place in np.argsort(-scores, kind="stable")[:most])
    found = [place for place in first if scores[place] > NOWHERE]
    return [candidate(hits.of(layout.own[place]), float(scores[place]), layout, weights) for place in found]


def best_of(values: Array, layout: Layout) -> Array:
    """Return for each article the highest value of its passages, shape (articles,); -inf without any."""
    best = np.full(len(layout.slugs), NOWHERE)
    np.maximum.at(best, layout.owner, values)
    return best


def candidate(hits: Sequence[Hit], score: float, layout: Layout, weights: Weights) -> Candidate:
    """Return an article with its strongest section in each language, and the nearest of its title and questions."""
    sections = [hit for hit in hits if layout.sections[hit.number]]
    others = [hit for hit in hits if not layout.sections[hit.number]]
    best: dict[Language, Hit] = {}
    for hit in sorted(sections, key=lambda hit: -hit.meaning - weights.words * hit.share):
        best.setdefault(layout.passages[hit.number].lang, hit)
    asked = max(others, key=lambda hit: (hit.meaning, hit.share), default=None)
    slug = layout.passages[hits[0].number].slug
    return Candidate(slug, score, max(hit.share for hit in hits), asked, best)


def compared(
    candidates: Sequence[Candidate], matches: Sequence[tuple[float, float]], weights: Weights
) -> list[Candidate]:
    """Return the candidates in their final order, given how section and question of the first of them match.

    Those behind them, which were not compared, stay behind in their order.
    """
    first = [
        replace(one, match=section, asked_match=asked, score=one.score + weights.of_match(section, asked))
        for one, (section, asked) in zip(candidates, matches, strict=False)
    ]
    rest = list(candidates[len(first) :])
    drop = max(0.0, rest[0].score - min(one.score for one in first)) if first and rest else 0.0
    return in_order(first) + ([replace(one, score=one.score - drop) for one in rest] if drop else rest)


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates by score, best first; of equals the one that is first in the alphabet."""
    return sorted(candidates, key=lambda one: (-one.score, one.slug))
