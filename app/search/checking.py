"""Checking: how fitted weights do on rows and questions that they were not fitted to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.search.fitting import RIGHT, fitted_to, mean_rank, odds_of, pairs_of, told_by
from app.search.reliability import area, calibration_error

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from app.search.confidence import Judge, Signals
    from app.search.fitting import Row
    from app.search.weights import Weights

FOLDS = 5


def figures_of(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return the figures of each row, with weights fitted to the rows of other families, and by fold; then of all."""
    families = sorted({row.family for row in rows})
    if len(families) == 1:
        return {}
    unseen = {name: fitted_to([row for row in rows if row.family != name]) for name in families}
    folds = by_fold(rows)
    found = {row.name: figures(row, unseen[row.family]) | told_of(*folds[row.name]) for row in rows}
    right, wrong = ([one for row in rows for one in folds[row.name][at]] for at in (0, 1))
    return found | {"all": told_of(right, wrong)}


def told_of(right: Sequence[float], wrong: Sequence[float]) -> dict[str, float]:
    """Return what confidences that were told fold by fold are worth."""
    return {"AUC by fold": area(right, wrong), "ECE by fold": calibration_error(right, wrong)}


def by_fold(rows: Sequence[Row]) -> dict[str, tuple[list[float], list[float]]]:
    """Return the confidences of each row with the answer there and taken away, each question judged by the others.

    A fifth of the questions of every row is judged by weights that were fitted to the other four.
    """
    found: dict[str, tuple[list[float], list[float]]] = {row.name: ([], []) for row in rows}
    for fold in range(FOLDS):
        weights = fitted_to([part_of(row, set(range(FOLDS)) - {fold}) for row in rows])
        for row in rows:
            held = part_of(row, {fold})
            for told, more in zip(found[row.name], likely(held, row.judge(weights)), strict=True):
                told.extend(more)
    return found


def part_of(row: Row, folds: Collection[int]) -> Row:
    """Return a row with the questions of some folds."""
    samples = [one for place, one in enumerate(row.samples) if place % FOLDS in folds]
    return replace(row, samples=samples, negatives=[
        one for place, one in enumerate(row.negatives) if place % FOLDS in folds
    ])  # fmt: skip


def figures(row: Row, weights: Weights) -> dict[str, float]:
    """Return what weights that know nothing of a row reach on it."""
    judge = row.judge(weights)
    right, wrong = likely(row, judge)
    return {
        "MRR@10": mean_rank(weights, [row]),
        "AUC": area(right, wrong),
        "ECE": calibration_error(right, wrong),
        "kept": answered([present for present, _ in pairs_of(row)], judge),
        "negatives answered": answered(row.negatives, judge),
    }


def answered(told: Sequence[Signals], judge: Judge) -> float:
    """Return the share of what is shown as an answer."""
    return sum(judge.state(judge.chance(one)) == "answer" for one in told) / max(1, len(told))


def likely(row: Row, judge: Judge) -> tuple[list[float], list[float]]:
    """Return the confidences with the answer there, and with it taken away."""
    pairs = [[judge.chance(one).likely for one in pair] for pair in pairs_of(row)]
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
        odds = odds_of(RIGHT, told_by(others, row), in_pairs=True)
        held = [pair for place, pair in enumerate(pairs) if place % FOLDS == fold]
        right += [odds.of(pair[0]) for pair in held]
        wrong += [odds.of(pair[1]) for pair in held]
    return area(right, wrong)
