from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.search.calibration import ABOVE, CALIBRATION, ENOUGH, FARTHEST, NEUTRAL, Calibration, bar_of, offset_of
from app.search.confidence import Judge, probability
from app.search.weights import Odds, fitted

if TYPE_CHECKING:
    from app.search.confidence import Signals

LEAD = Odds({"lead": 1.0}, 0.0)


def pairs(present: float, removed: float, count: int = ENOUGH) -> list[tuple[Signals, Signals]]:
    """Make questions that all show the same."""
    return [({"lead": present}, {"lead": removed})] * count


def test_the_bar_lies_above_what_strangers_reach() -> None:
    """Their mean is 2 and their deviation 1; by hand."""
    assert bar_of([{"lead": 1.0}, {"lead": 3.0}], LEAD) == 2 + ABOVE


def test_strangers_who_are_all_alike_set_the_bar_themselves() -> None:
    """Nothing is divided by their deviation."""
    assert bar_of([{"lead": 3.0}], LEAD) == 3


@pytest.mark.parametrize("shift", [-2.0, 0.0, 3.5])
def test_the_offset_takes_back_by_how_much_everything_is_shifted(shift: float) -> None:
    """Right and wrong lie as far above 0 as below, but for the shift."""
    assert offset_of(pairs(1.0 + shift, -1.0 + shift), LEAD) == pytest.approx(-shift, abs=1e-3)


def test_with_the_offset_probabilities_are_as_high_as_right_ones_are_many() -> None:
    """Half of what was asked has its answer there."""
    random = np.random.default_rng(0)
    told = [({"lead": right}, {"lead": wrong}) for right, wrong in random.normal((5, 3), 1, (100, 2))]
    offset = offset_of(told, LEAD)
    assert np.mean([probability(one["lead"] + offset) for pair in told for one in pair]) == pytest.approx(0.5, abs=1e-3)


def test_a_few_questions_tell_nothing() -> None:
    """A handful may be odd ones."""
    assert offset_of(pairs(9.0, 8.0, ENOUGH - 1), LEAD) == 0
    assert offset_of(pairs(9.0, 8.0, ENOUGH), LEAD) != 0


def test_an_offset_stays_within_reason() -> None:
    """Questions that tell nothing of right and wrong do not rule."""
    assert abs(offset_of(pairs(999.0, 998.0), LEAD)) <= FARTHEST


@pytest.mark.parametrize(("passages", "fits"), [(80, True), (79, False), (125, True), (126, False), (0, False)])
def test_a_calibration_serves_as_long_as_the_index_is_about_as_large(passages: int, *, fits: bool) -> None:
    """A fourth more or fewer."""
    assert Calibration({}, 0.0, 100).fits(passages) == fits


def test_what_was_never_measured_does_not_serve() -> None:
    """The next build measures."""
    assert not NEUTRAL.fits(50)


def test_the_judge_has_the_bar_of_the_language_and_the_usual_one_for_others() -> None:
    """A small index has no bars at all."""
    calibration = Calibration({"de": 1.5}, 0.25, 100)
    weights = replace(fitted(), bar=0.5)
    assert calibration.judge(weights, "de") == Judge(weights, 1.5, 0.25)
    assert calibration.judge(weights, "en") == Judge(weights, weights.bar, 0.25)


def test_the_bar_is_never_lower_than_the_usual_one() -> None:
    """Strangers in a language that nothing is written in are far from everything."""
    weights = replace(fitted(), bar=0.5)
    assert Calibration({"de": -1.5}, 0.0, 100).judge(weights, "de").bar == 0.5


def test_a_calibration_can_be_written_and_read() -> None:
    """It comes back the same."""
    one = Calibration({"de": 1.5, "en": -0.5}, math.pi, 100)
    assert CALIBRATION.validate_json(CALIBRATION.dump_json(one)) == one
