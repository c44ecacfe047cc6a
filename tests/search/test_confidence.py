from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, tuples

from app.search.confidence import NONE, STEEPEST, Chance, Judge, probability, signals_of
from app.search.ranking import Candidate, Hit
from app.search.weights import Odds, Weights, fitted

if TYPE_CHECKING:
    from collections.abc import Mapping

WEIGHTS = Weights(
    words=1.0, titles=1.0, match=1.0, asked=1.0, about=Odds({"nearest": 4.0}, -2.0), right=Odds({"lead": 1.0}, -1.0),
    by_words=Odds({"share": 6.0, "unknown": -2.0}, -3.0), bar=0.0, answer=0.5, perhaps=0.2,
)  # fmt: skip
"""Numbers that are easy to reckon with."""
JUDGE = Judge(WEIGHTS, 0.0)
ASKED = {"nearest": 0.8, "crowd": 0.7, "spread": 0.02, "strange": 0.8, "unknown": 0.5}
BY_WORDS = {"unknown": 0.5}


def candidate(score: float, share: float = 0.0, match: float = 0.0, asked_match: float = 0.0) -> Candidate:
    """Make an article as it was found."""
    return Candidate("x", score, share, None, {}, match, asked_match)


def logistic(told: float) -> float:
    """Return the probability for log odds."""
    return 1 / (1 + math.exp(-told))


def likely(*found: Candidate, asked: Mapping[str, float] = ASKED) -> list[float]:
    """Return the confidences of all that was found."""
    return [chance.likely for chance in JUDGE.chances(found, len(found), asked)]


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
    """Whichever says it better."""
    found = signals_of([candidate(1, match=section, asked_match=question)], 0)
    assert found["best match"] == 0.9


def test_the_meaning_is_that_of_the_best_section_in_any_language() -> None:
    """And nothing where only a title was found."""
    both = Candidate("x", 1.0, 0.0, None, {"de": Hit(1, 2.5, 0.0), "en": Hit(2, 3.5, 0.0)})
    assert signals_of([both], 0)["meaning"] == 3.5
    assert signals_of([candidate(1)], 0)["meaning"] == 0


@pytest.mark.parametrize(("odds", "found"), [(0.0, 0.5), (1e9, logistic(STEEPEST)), (-1e9, logistic(-STEEPEST))])
def test_what_speaks_ever_so_strongly_is_still_a_probability(odds: float, found: float) -> None:
    """Neither an overflow nor more than sure."""
    assert probability(odds) == found


def test_the_confidence_is_that_it_is_about_this_times_that_it_is_the_right_one() -> None:
    """By hand."""
    found = JUDGE.chance(ASKED | {"lead": 3.0})
    assert (found.about, found.right) == pytest.approx((logistic(4 * 0.8 - 2), logistic(3 - 1)))
    assert Chance(1.0, 0.6).likely == 0.6


def test_what_passes_the_bar_is_believed_since_strangers_are_few() -> None:
    """One in twenty: as likely a stranger as not, had there been as many, is one who is none in 19 cases of 20."""
    assert Chance(0.5, 0.42).likely == pytest.approx(0.42 / 1.05)
    assert Chance(0.001, 0.42).likely < 0.01
    assert Chance(0.0, 0.42).likely == 0


def test_the_bar_of_an_index_is_where_a_query_is_as_likely_a_stranger() -> None:
    """And its offset makes what is right likelier."""
    found = Judge(WEIGHTS, 4 * 0.8 - 2, 0.5).chance(ASKED | {"lead": 3.0})
    assert (found.about, found.right) == pytest.approx((0.5, logistic(3 - 1 + 0.5)))


def test_without_a_model_words_alone_speak() -> None:
    """The signals of meaning are not even there, and no bar can be told."""
    found = Judge(WEIGHTS, 99.0, 99.0).chance({"unknown": 0.5, "share": 0.75})
    assert (found.about, found.right) == pytest.approx((1.0, logistic(6 * 0.75 - 2 * 0.5 - 3)))


def test_what_stands_out_but_is_about_something_else_is_unlikely() -> None:
    """Either factor alone is enough to doubt."""
    near, far = ({"nearest": nearest, "lead": 9.0} for nearest in (2.0, -2.0))
    same = {"nearest": 2.0, "lead": -9.0}
    assert JUDGE.chance(near).likely > 0.9
    assert max(JUDGE.chance(one).likely for one in (far, same)) < 0.1


def test_two_that_score_alike_are_less_sure_than_one_that_stands_out() -> None:
    """A crowd is a sign that nothing fits."""
    assert likely(candidate(3), candidate(3))[0] < likely(candidate(3), candidate(1))[0]


def test_nobody_is_likelier_than_the_one_before() -> None:
    """By its words alone the second would be; the list is read from the top."""
    first, second, third = likely(candidate(3, 0.3), candidate(2, 0.9), candidate(1, 0.0), asked=BY_WORDS)
    assert first == second > third


def test_no_more_confidences_than_are_shown() -> None:
    """And no more than there are articles."""
    found = [candidate(score) for score in (3, 2, 1)]
    assert [len(JUDGE.chances(found, limit, ASKED)) for limit in (0, 2, 10)] == [0, 2, 3]


def test_nothing_found_has_no_confidences() -> None:
    """There is nobody to be sure of."""
    assert likely() == []


@pytest.mark.parametrize(
    ("chance", "state"),
    [(1.0, "answer"), (0.5, "answer"), (0.49, "perhaps"), (0.2, "perhaps"), (0.19, "nothing"), (0.0, "nothing")],
)
def test_what_is_said_follows_from_the_confidence(chance: float, state: str) -> None:
    """The limits belong to the better word."""
    assert JUDGE.state(Chance(1.0, chance)) == state


@pytest.mark.parametrize(("about", "state"), [(0.5, "answer"), (0.49, "perhaps"), (0.1, "nothing")])
def test_a_stranger_gets_no_answer_however_well_one_article_stands_out(about: float, state: str) -> None:
    """The bar of the index is not to be outweighed."""
    judge = Judge(replace(WEIGHTS, answer=0.3), 0.0)
    assert judge.state(Chance(about, 1.0)) == state


@pytest.mark.parametrize(("right", "state"), [(0.5, "answer"), (0.49, "perhaps"), (0.3, "perhaps"), (0.29, "nothing")])
def test_more_is_asked_of_words_alone(right: float, state: str) -> None:
    """They cannot tell strangers: it has to be more likely than not."""
    assert JUDGE.state(Chance(1.0, right, by_words=True)) == state


def test_where_nothing_was_found_nothing_fits() -> None:
    """Not even perhaps."""
    assert JUDGE.state(NONE) == "nothing"


@given(lists(tuples(floats(-300, 300), floats(0, 1), floats(-1, 1)), max_size=12))
def test_confidences_are_probabilities_that_never_rise(rows: list[tuple[float, float, float]]) -> None:
    """For whatever scores a query can reach, with the weights in use."""
    found = sorted((candidate(*row) for row in rows), key=lambda one: -one.score)
    for asked in (ASKED, BY_WORDS):
        chances = [one.likely for one in Judge(fitted(), fitted().bar).chances(found, 10, asked)]
        assert all(0 <= chance <= 1 for chance in chances)
        assert chances == sorted(chances, reverse=True)
