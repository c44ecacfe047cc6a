from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, tuples

from app.search.confidence import ANSWER, BIAS, PERHAPS, WEIGHTS, confidence, confidences, features_of, state_of
from app.search.ranking import Candidate


def candidate(score: float, share: float = 0.0) -> Candidate:
    """Make an article as it was found."""
    return Candidate("x", score, share, {})


def test_the_lead_is_over_the_next_and_the_margin_over_the_mean_of_five_others() -> None:
    """By hand: 6 over 5, and 6 over the mean of 5, 4, 3, 2 and 1."""
    found = features_of([candidate(score, 0.5) for score in (6, 5, 4, 3, 2, 1, 99)], 0)
    assert found == {"share": 0.5, "lead": 1, "margin": 3}


def test_whoever_is_behind_has_a_negative_lead() -> None:
    """It is compared with the best."""
    assert features_of([candidate(6), candidate(5)], 1) == {"share": 0, "lead": -1, "margin": 5 - 6 / 5}


def test_alone_it_is_compared_with_nothing() -> None:
    """As if the others had no score."""
    assert features_of([candidate(6)], 0) == {"share": 0, "lead": 6, "margin": 6}


def test_far_down_the_list_it_is_compared_with_the_first_five() -> None:
    """The crowd is always the best ones."""
    found = features_of([candidate(score) for score in (9, 8, 7, 6, 5, 4, 3, 2)], 7)
    assert found == {"share": 0, "lead": 2 - 9, "margin": 2 - 7}


def test_the_confidence_is_the_logistic_function_of_the_features() -> None:
    """By hand."""
    logit = BIAS + WEIGHTS["share"] * 0.5 + WEIGHTS["lead"] * 1 + WEIGHTS["margin"] * (2 - 1 / 5)
    assert confidence([candidate(2, 0.5), candidate(1)], 0) == pytest.approx(1 / (1 + math.exp(-logit)))


def test_two_that_score_alike_are_less_sure_than_one_that_stands_out() -> None:
    """A crowd is a sign that nothing fits."""
    assert confidence([candidate(3), candidate(3)], 0) < confidence([candidate(3), candidate(1)], 0)


def test_nothing_found_has_no_confidences() -> None:
    """There is nobody to be sure of."""
    assert confidences([], 10) == []


@pytest.mark.parametrize(
    ("probability", "state"),
    [
        (1.0, "answer"),
        (ANSWER, "answer"),
        (ANSWER - 0.01, "perhaps"),
        (PERHAPS, "perhaps"),
        (PERHAPS - 0.01, "nothing"),
        (0.0, "nothing"),
    ],
)
def test_what_is_said_follows_from_the_confidence(probability: float, state: str) -> None:
    """The limits belong to the better word."""
    assert state_of(probability) == state


@given(lists(tuples(floats(0, 300), floats(0, 1)), max_size=12))
def test_confidences_are_probabilities(pairs: list[tuple[float, float]]) -> None:
    """Between 0 and 1 for whatever scores a query can reach."""
    found = sorted((candidate(score, share) for score, share in pairs), key=lambda one: -one.score)
    assert all(0 <= chance <= 1 for chance in confidences(found, 10))
