"""Confidence: how likely the best result answers the query.

Two questions are asked one after the other, each by a logistic function over a few signals, and the answers multiplied:

    confidence = P(the knowledge base is about this) x P(the first result is the right one, if it is)

*About*: how near in meaning the nearest passage and the whole crowd of passages are, how well tokens match, and how
many of the query's words are found; a question about something else is near to nothing. *Right*: the model's cosines
lie so close together that no threshold on them tells the right article from its neighbours. What does tell is how far
it stands out from the others that were found: where the right one is missing, several are equally near. Both functions
are fitted by `scripts/fit`: every question of the development sets is asked once with the answering article there and
once with it taken away, and so are questions that no portal can answer. How well it tells them apart, and how true its
probabilities are, stands in docs/search.md.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.search.ranking import Candidate, State
    from app.search.weights import Odds, Weights

CROWD = 5
"""How many other articles the best one is compared with."""
FAR = 6.0
"""Standard deviations from which on standing out further says nothing more."""
STEEPEST = 30.0
"""Log odds beyond which a probability is as good as 0 or 1."""


def confidences(
    candidates: Sequence[Candidate], limit: int, asked: Mapping[str, float], weights: Weights, *, by_words: bool
) -> list[float]:
    """Return for the first `limit` candidates how likely each answers, 0 to 1, none likelier than the one before.

    `asked` holds the signals of the query itself: crowd, nearest, unknown.
    """
    places = range(min(limit, len(candidates)))
    signals = ({**asked, **signals_of(candidates, place)} for place in places)
    likely = (confidence(one, weights, by_words=by_words) for one in signals)
    return list(accumulate(likely, min))


def confidence(signals: Mapping[str, float], weights: Weights, *, by_words: bool) -> float:
    """Return the probability that signals speak for."""
    if by_words:
        return probability(signals, weights.by_words)
    return probability(signals, weights.about) * probability(signals, weights.right)


def probability(signals: Mapping[str, float], odds: Odds) -> float:
    """Return the value of a logistic function."""
    told = odds.bias + sum(weight * signals[name] for name, weight in odds.signals.items())
    return 1 / (1 + math.exp(-max(-STEEPEST, min(STEEPEST, told))))


def signals_of(candidates: Sequence[Candidate], place: int) -> dict[str, float]:
    """Return what one of `candidates` (best first) shows: words found, tokens matched, and how it stands out."""
    own = candidates[place]
    others = [one for at, one in enumerate(candidates[: CROWD + 1]) if at != place][:CROWD]
    scores = [one.score for one in others] + [0.0] * (CROWD - len(others))
    return {
        "share": own.share,
        "match": own.match,
        "best match": max(own.match, own.asked_match),
        "lead": min(FAR, own.score - scores[0]),
        "margin": min(FAR, own.score - sum(scores) / CROWD),
    }


def state_of(chance: float, weights: Weights) -> State:
    """Return what is said openly: this answers, perhaps one of these, nothing fits."""
    if chance >= weights.answer:
        return "answer"
    return "perhaps" if chance >= weights.perhaps else "nothing"
