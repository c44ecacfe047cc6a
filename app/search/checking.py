"""Checking: how fitted weights do on rows and questions that they were not fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.search.confidence import confidence, probability
from app.search.fitting import RIGHT, fitted_to, mean_rank, odds_of, pairs_of, told_by
from app.search.reliability import area, calibration_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.search.fitting import Row
    from app.search.weights import Weights

FOLDS = 5


def figures_of(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return the figures of each row, with weights fitted to the rows of other families."""
    families = sorted({row.family for row in rows})
    unseen = {name: fitted_to([row for row in rows if row.family != name]) for name in families} if families[1:] else {}
    return {row.name: figures(row, unseen[row.family]) for row in rows if row.family in unseen}


def figures(row: Row, weights: Weights) -> dict[str, float]:
    """Return what weights that know nothing of a row reach on it."""
    right, wrong = likely(row, weights)
    strangers = [confidence(one, weights, by_words=False) for one in row.strangers]
    return {
        "MRR@10": mean_rank(weights, [row]),
        "AUC": area(right, wrong),
        "AUC by fold": area_by_fold(row),
        "ECE": calibration_error(right, wrong),
        "kept": answered(right, weights),
        "strangers answered": answered(strangers, weights),
    }


def answered(confidences: Sequence[float], weights: Weights) -> float:
    """Return the share of confidences that are shown as an answer."""
    return sum(one >= weights.answer for one in confidences) / max(1, len(confidences))


def likely(row: Row, weights: Weights) -> tuple[list[float], list[float]]:
    """Return the confidences with the answer there, and with it taken away."""
    pairs = [[confidence(one, weights, by_words=False) for one in pair] for pair in pairs_of(row)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def area_by_fold(row: Row) -> float:
    """Return the area under the curve of this row alone, each fifth of it judged by the others; 0 for a few."""
    pairs = list(pairs_of(row))
    if len(pairs) < FOLDS:
        return 0.0
    right: list[float] = []
    wrong: list[float] = []
    for fold in range(FOLDS):
        others = [pair for place, pair in enumerate(pairs) if place % FOLDS != fold]
        odds = odds_of(RIGHT, told_by(others, row))
        held = [pair for place, pair in enumerate(pairs) if place % FOLDS == fold]
        right += [probability(pair[0], odds) for pair in held]
        wrong += [probability(pair[1], odds) for pair in held]
    return area(right, wrong)
