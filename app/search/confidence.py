"""Confidence: how likely the best result answers the query.

Two questions are asked, each answered by a logistic function over a few signals:

    confidence = P(the knowledge base is about this) x P(the first result is the right one, if it is)

*About*: how near in meaning the nearest passage and the whole crowd of passages are, how near the query is to questions
about something else, how well tokens match, and how many of the query's words are found. *Right*: the model's cosines
lie so close together that no threshold on them tells the right article from its neighbours. What does tell is how far
it stands out from the others that were found: where the right one is missing, several are equally near. Here signals
also count in pairs, because a lead says more where all words are known, and less where the crowd is widely spread.

Both functions are fitted by `scripts/fit`: every question of the development sets is asked once with the answering
article there and once with it taken away, and so are questions that no portal can answer. How near texts lie to each
other differs from one knowledge base to the next, so each index is calibrated when it is built (`calibration`). How
well right and wrong are told apart, and how true the probabilities are, stands in docs/search.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from app.search.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.search.ranking import Candidate, State

Signals = dict[str, float]

CROWD = 5
"""How many other articles the best one is compared with."""
FAR = 6.0
"""Standard deviations from which on standing out further says nothing more."""
STEEPEST = 30.0
"""Log odds beyond which a probability is as good as 0 or 1."""
EVEN, FOREIGN = 0.5, 0.15
"""An answer is given from the one on, and below the other nothing fits: bounds of *about*, were strangers many."""
LEAST_BY_WORDS = 0.3
"""Least confidence of words alone that is shown as perhaps; nine strangers in ten stay below."""
FEW = 0.05
"""Strangers for each question that the knowledge base is about; it was fitted to as many of them as of others."""


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely the knowledge base is about the query, and an article the right one if it is; each 0 to 1."""

    about: float
    right: float
    by_words: bool = False
    """Whether words alone tell: then nobody knows what it is about, and more is asked of them."""

    @property
    def familiar(self) -> bool:
        """Whether the knowledge base is more likely about the query than not."""
        return self.about >= EVEN

    @property
    def likely(self) -> float:
        """How likely the article answers the query, where strangers are FEW."""
        return self.about / (self.about + FEW * (1 - self.about)) * self.right if self.about else 0.0


NONE = Chance(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Judge:
    """Tells how likely results answer: for one index, and queries in one language."""

    weights: Weights
    bar: float
    """Log odds of *about* at which a query is as likely a stranger as not."""
    offset: float = 0.0
    """What is added to the log odds of *right*."""

    def chances(self, candidates: Sequence[Candidate], limit: int, asked: Mapping[str, float]) -> list[Chance]:
        """Return for the first `limit` candidates how likely each answers, none likelier than the one before.

        `asked` holds the signals of the query itself; without those of meaning, words alone were looked for.
        """
        places = range(min(limit, len(candidates)))
        likely = (self.chance({**asked, **signals_of(candidates, place)}) for place in places)
        return list(accumulate(likely, less_likely))

    def chance(self, signals: Mapping[str, float]) -> Chance:
        """Return what signals speak for."""
        if "nearest" not in signals:
            return Chance(1.0, probability(self.weights.by_words.of(signals)), by_words=True)
        about = probability(self.weights.about.of(signals) - self.bar)
        return Chance(about, probability(self.weights.right.of(signals) + self.offset))

    def state(self, chance: Chance) -> State:
        """Return what is said openly: this answers, perhaps one of these, nothing fits."""
        if chance.by_words:
            return "answer" if chance.right >= EVEN else "perhaps" if chance.right >= LEAST_BY_WORDS else "nothing"
        if chance.familiar and chance.likely >= self.weights.answer:
            return "answer"
        return "perhaps" if chance.about >= FOREIGN and chance.likely >= self.weights.perhaps else "nothing"


def less_likely(one: Chance, other: Chance) -> Chance:
    """Return the one of two that is less likely."""
    return min(one, other, key=lambda chance: chance.likely)


def probability(odds: float) -> float:
    """Return the probability for log odds."""
    return 1 / (1 + math.exp(-max(-STEEPEST, min(STEEPEST, odds))))


def signals_of(candidates: Sequence[Candidate], place: int) -> Signals:
    """Return what one of `candidates` (best first) shows: words found, tokens matched, and how it stands out."""
    own = candidates[place]
    others = [one for at, one in enumerate(candidates[: CROWD + 1]) if at != place][:CROWD]
    scores = [one.score for one in others] + [0.0] * (CROWD - len(others))
    return {
        "share": own.share,
        "best match": max(own.match, own.asked_match),
        "meaning": max((hit.meaning for hit in own.best.values()), default=0.0),
        "lead": min(FAR, own.score - scores[0]),
        "margin": min(FAR, own.score - sum(scores) / CROWD),
    }
