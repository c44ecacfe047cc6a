"""Confidence: how likely the best result answers the query.

The model's cosines lie between about .78 and .92 whatever is asked, so no threshold on them tells an answer from none.
What does tell is how far an article stands out from the others that were found, and how many of the query's words are
in it. Both go into one logistic function, whose weights were fitted by asking every question of the development sets
twice, once with the answering article there and once with it taken away (docs/decisions.md has the figures).
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.search.ranking import Candidate, State

ANSWER = 0.45
PERHAPS = 0.15
CROWD = 5
"""How many other articles the best one is compared with."""
WEIGHTS = {"share": 1.7, "lead": 1.7, "margin": 0.3}
BIAS = -2.4


def confidences(candidates: Sequence[Candidate], limit: int) -> list[float]:
    """Return for the first `limit` candidates how likely each answers, 0 to 1, none likelier than the one before."""
    likely = (confidence(candidates, position) for position in range(min(limit, len(candidates))))
    return list(accumulate(likely, min))


def confidence(candidates: Sequence[Candidate], position: int) -> float:
    """Return how likely one of `candidates` (best first) answers the query."""
    features = features_of(candidates, position)
    return 1 / (1 + math.exp(-BIAS - sum(WEIGHTS[name] * value for name, value in features.items())))


def features_of(candidates: Sequence[Candidate], position: int) -> dict[str, float]:
    """Return what tells an answer from none: words found, lead over the next article, margin over the crowd."""
    own = candidates[position]
    others = [one.score for at, one in enumerate(candidates[: CROWD + 1]) if at != position][:CROWD]
    others += [0.0] * (CROWD - len(others))
    return {"share": own.share, "lead": own.score - others[0], "margin": own.score - sum(others) / CROWD}


def state_of(probability: float) -> State:
    """Return what is said openly: this answers, perhaps one of these, nothing fits."""
    if probability >= ANSWER:
        return "answer"
    return "perhaps" if probability >= PERHAPS else "nothing"
