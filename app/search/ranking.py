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

from dataclasses import dataclass, field, replace
from heapq import nsmallest
from typing import TYPE_CHECKING, Literal, NamedTuple

from app.articles.article import Language

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from app.search.passage import Passage
    from app.search.weights import Weights

State = Literal["answer", "perhaps", "nothing"]

MOST = 100
"""Articles that are ranked; nobody reads on."""
SURELY = 20.0
"""What a rare code counts, in standard deviations: more than everything else together."""


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


@dataclass(slots=True)
class Tally:
    """Collects the hits of one article."""

    words: float
    """What the share of the words weighs."""
    meaning: float = 0.0
    share: float = 0.0
    asked: Hit | None = None
    best: dict[Language, Hit] = field(default_factory=dict)

    def add(self, hit: Hit, passage: Passage) -> None:
        """Count a hit; only sections are shown, titles and questions only help to find."""
        self.share = max(self.share, hit.share)
        if passage.kind == "section":
            self.meaning = max(self.meaning, hit.meaning)
            self.best[passage.lang] = self._stronger(self.best.get(passage.lang), hit)
        else:
            self.asked = self._stronger(self.asked, hit)

    def _stronger(self, known: Hit | None, hit: Hit) -> Hit:
        if known is None or hit.meaning + self.words * hit.share > known.meaning + self.words * known.share:
            return hit
        return known

    def score(self, titles: float) -> float:
        """Return the first score of the article: see the head of this module."""
        asked = max(self.asked.meaning, 0.0) if self.asked else 0.0
        return self.meaning + titles * asked + self.words * self.share


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


def rank(
    hits: Iterable[Hit], passages: Sequence[Passage], weights: Weights, holders: Collection[str] = ()
) -> list[Candidate]:
    """Return the first MOST of the articles that `hits` belong to; of equals the one that is first in the alphabet.

    `holders` are those with a rare code of the query.
    """
    tallies: dict[str, Tally] = {}
    for hit in hits:
        passage = passages[hit.number]
        if passage.slug not in tallies:
            tallies[passage.slug] = Tally(weights.words)
        tallies[passage.slug].add(hit, passage)
    rated = ((-tally.score(weights.titles) - SURELY * (slug in holders), slug) for slug, tally in tallies.items())
    first = ((slug, -rate, tallies[slug]) for rate, slug in nsmallest(MOST, rated))
    return [Candidate(slug, score, tally.share, tally.asked, tally.best) for slug, score, tally in first]


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
