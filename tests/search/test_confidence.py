from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, tuples

from app.search.confidence import STEEPEST, confidence, confidences, probability, signals_of, state_of
from app.search.ranking import Candidate
from app.search.weights import Odds, Weights, fitted

if TYPE_CHECKING:
    from collections.abc import Mapping

WEIGHTS = Weights(
    words=1.0, titles=1.0, match=1.0, asked=1.0, about=Odds({"nearest": 4.0}, -2.0), right=Odds({"lead": 1.0}, -1.0),
    by_words=Odds({"share": 6.0, "unknown": -2.0}, -3.0), answer=0.5, perhaps=0.2,
)  # fmt: skip
"""Numbers that are easy to reckon with."""
ASKED = {"nearest": 0.8, "crowd": 0.7, "unknown": 0.5}


def candidate(score: float, share: float = 0.0, match: float = 0.0, asked_match: float = 0.0) -> Candidate:
    """Make an article as it was found."""
    return Candidate("x", score, share, None, {}, match, asked_match)


def logistic(told: float) -> float:
    """Return the probability for log odds."""
    return 1 / (1 + math.exp(-told))


def likely(*found: Candidate, asked: Mapping[str, float] = ASKED, by_words: bool = False) -> list[float]:
    """Return the confidences of all that was found."""
    return confidences(found, len(found), asked, WEIGHTS, by_words=by_words)


def test_the_lead_is_over_the_next_and_the_margin_over_the_mean_of_five_others() -> None:
    """By hand: 6 over 5, and 6 over the mean of 5, 4, 3, 2 and 1."""
    found = signals_of([candidate(score, 0.5) for score in (6, 5, 4, 3, 2, 1, 99)], 0)
    assert (found["share"], found["lead"], found["margin"]) == (0.5, 1, 3)


def test_whoever_is_behind_has_a_negative_lead() -> None:
    """It is compared with the best."""
    found = signals_of([candidate(6), candidate(5)], 1)
    assert (found["lead"], found["margin"]) == (-1, 5 - 6 / 5)


def test_alone_it_is_compared_with_nothing() -> None:
    """As if the others had no score."""
    found = signals_of([candidate(6)], 0)
    assert (found["lead"], found["margin"]) == (6, 6)


def test_far_down_the_list_it_is_compared_with_the_first_five() -> None:
    """The crowd is always the best ones."""
    found = signals_of([candidate(score) for score in (9, 8, 7, 6, 5, 4, 3, 2)], 7)
    assert (found["lead"], found["margin"]) == (2 - 9, 2 - 7)


@pytest.mark.parametrize(("section", "question"), [(0.6, 0.9), (0.9, 0.6)])
def test_the_best_match_is_that_of_section_or_question(section: float, question: float) -> None:
    """Whichever says it better; the match of the section stays known by itself."""
    found = signals_of([candidate(1, match=section, asked_match=question)], 0)
    assert (found["match"], found["best match"]) == (section, 0.9)


def test_a_probability_is_the_logistic_function_of_the_weighed_signals() -> None:
    """By hand; signals without a weight say nothing."""
    odds = Odds({"lead": 2.0, "share": -1.0}, 0.5)
    assert probability({"lead": 1.0, "share": 3.0, "match": 9.0}, odds) == pytest.approx(logistic(0.5 + 2 - 3))


@pytest.mark.parametrize(("lead", "found"), [(1e9, logistic(STEEPEST)), (-1e9, logistic(-STEEPEST))])
def test_what_speaks_ever_so_strongly_is_still_a_probability(lead: float, found: float) -> None:
    """Neither an overflow nor more than sure."""
    assert probability({"lead": lead}, Odds({"lead": 1.0}, 0.0)) == found


def test_the_confidence_is_that_it_is_about_this_times_that_it_is_the_right_one() -> None:
    """By hand."""
    found = confidence(ASKED | {"lead": 3.0}, WEIGHTS, by_words=False)
    assert found == pytest.approx(logistic(4 * 0.8 - 2) * logistic(3 - 1))


def test_without_a_model_words_alone_speak() -> None:
    """The signals of meaning are not even there."""
    found = confidence({"unknown": 0.5, "share": 0.75}, WEIGHTS, by_words=True)
    assert found == pytest.approx(logistic(6 * 0.75 - 2 * 0.5 - 3))


def test_what_stands_out_but_is_about_something_else_is_unlikely() -> None:
    """Either factor alone is enough to doubt."""
    near, far = ({"nearest": nearest, "lead": 9.0} for nearest in (2.0, -2.0))
    same = {"nearest": 2.0, "lead": -9.0}
    assert confidence(near, WEIGHTS, by_words=False) > 0.9
    assert max(confidence(one, WEIGHTS, by_words=False) for one in (far, same)) < 0.1


def test_two_that_score_alike_are_less_sure_than_one_that_stands_out() -> None:
    """A crowd is a sign that nothing fits."""
    assert likely(candidate(3), candidate(3))[0] < likely(candidate(3), candidate(1))[0]


def test_nobody_is_likelier_than_the_one_before() -> None:
    """By its words alone the second would be; the list is read from the top."""
    first, second, third = likely(candidate(3, 0.3), candidate(2, 0.9), candidate(1, 0.0), by_words=True)
    assert first == second > third


def test_no_more_confidences_than_are_shown() -> None:
    """And no more than there are articles."""
    found = [candidate(score) for score in (3, 2, 1)]
    assert [len(confidences(found, limit, ASKED, WEIGHTS, by_words=False)) for limit in (0, 2, 10)] == [0, 2, 3]


def test_nothing_found_has_no_confidences() -> None:
    """There is nobody to be sure of."""
    assert likely() == []


@pytest.mark.parametrize(
    ("chance", "state"),
    [(1.0, "answer"), (0.5, "answer"), (0.49, "perhaps"), (0.2, "perhaps"), (0.19, "nothing"), (0.0, "nothing")],
)
def test_what_is_said_follows_from_the_confidence(chance: float, state: str) -> None:
    """The limits belong to the better word."""
    assert state_of(chance, WEIGHTS) == state


@given(lists(tuples(floats(-300, 300), floats(0, 1), floats(-1, 1)), max_size=12))
def test_confidences_are_probabilities_that_never_rise(rows: list[tuple[float, float, float]]) -> None:
    """For whatever scores a query can reach, with the weights in use."""
    found = sorted((candidate(*row) for row in rows), key=lambda one: -one.score)
    for by_words in (False, True):
        chances = confidences(found, 10, ASKED, fitted(), by_words=by_words)
        assert all(0 <= chance <= 1 for chance in chances)
        assert chances == sorted(chances, reverse=True)
