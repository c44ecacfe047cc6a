from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists

from app.search.reliability import BINS, Bin, area, bins_of, calibration_error

CHANCES = lists(floats(0, 1), min_size=1, max_size=20)


def test_the_area_is_how_often_the_right_one_is_given_more() -> None:
    """By hand: of four pairs two are won, one is a tie, one is lost."""
    assert area([0.9, 0.5], [0.5, 0.7]) == (2 + 0.5) / 4


@pytest.mark.parametrize(
    ("right", "wrong", "found"), [([0.9, 0.8], [0.1], 1.0), ([0.1], [0.2], 0.0), ([0.4], [0.4], 0.5)]
)
def test_the_area_tells_everything_nothing_and_a_guess_apart(
    right: list[float], wrong: list[float], found: float
) -> None:
    """From always wrong to always right."""
    assert area(right, wrong) == found


@pytest.mark.parametrize(("right", "wrong"), [([], [0.5]), ([0.5], []), ([], [])])
def test_without_pairs_there_is_no_area(right: list[float], wrong: list[float]) -> None:
    """Instead of dividing by nothing."""
    assert area(right, wrong) == 0.0


def test_probabilities_are_put_into_tenths() -> None:
    """How many, what they say, and how many were right; empty tenths are left out."""
    assert bins_of([0.75, 0.75], [0.75, 0.05]) == [Bin(1, 0.05, 0.0), Bin(3, 0.75, 2 / 3)]


def test_a_tenth_begins_with_its_lower_limit_and_the_last_one_holds_1() -> None:
    """0.5 is of the sixth tenth, and what is sure of the tenth."""
    assert [one.count for one in bins_of([0.49, 0.5, 0.99, 1.0], [])] == [1, 1, 2]


def test_the_calibration_error_is_the_mean_of_what_tenths_are_off() -> None:
    """By hand: three said .75 and two thirds were right; one said .05 and was wrong."""
    found = calibration_error([0.72, 0.78], [0.75, 0.05])
    assert found == pytest.approx((3 * (0.75 - 2 / 3) + 0.05) / 4)


def test_true_probabilities_have_no_calibration_error() -> None:
    """Of four that said three quarters, three were right."""
    assert calibration_error([0.75] * 3, [0.75]) == 0.0


def test_nothing_said_has_no_calibration_error() -> None:
    """Instead of dividing by nothing."""
    assert (bins_of([], []), calibration_error([], [])) == ([], 0.0)


@given(CHANCES, CHANCES)
def test_figures_lie_between_0_and_1(right: list[float], wrong: list[float]) -> None:
    """Whatever was said; and changing sides turns the area over."""
    assert 0 <= calibration_error(right, wrong) <= 1
    assert area(right, wrong) == pytest.approx(1 - area(wrong, right))
    assert len(bins_of(right, wrong)) <= BINS
