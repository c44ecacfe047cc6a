from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.search.passage import Kind, Passage
from app.search.ranking import NOWHERE, Candidate, Hit, Hits, compared, in_order, layout_of, rank
from app.search.weights import Odds, Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.articles.article import Language

NEVER = Odds({}, 0.0)
WEIGHTS = Weights(
    words=5.0,
    titles=0.5,
    match=10.0,
    asked=4.0,
    about=NEVER,
    right=NEVER,
    by_words=NEVER,
    bar=0.0,
    answer=1.0,
    perhaps=1.0,
)
"""Numbers that are easy to reckon with."""


def passage(slug: str, kind: Kind = "section", lang: Language = "de") -> Passage:
    """Make a passage of which only slug, kind and language matter."""
    return Passage(slug, lang, kind, (), "", "", "")


def ranked(
    hits: Sequence[Hit], passages: Sequence[Passage], most: int = 10, holders: Sequence[str] = ()
) -> list[Candidate]:
    """Rank the articles of these passages, of which no others were found."""
    meanings, shares = np.full(len(passages), NOWHERE), np.zeros(len(passages), np.float32)
    for hit in hits:
        meanings[hit.number], shares[hit.number] = hit.meaning, hit.share
    return rank(Hits(meanings, shares), layout_of(passages), WEIGHTS, most, holders)


def test_an_article_scores_by_meaning_title_and_words() -> None:
    """The formula at the head of the module, by hand."""
    passages = [passage("a"), passage("a"), passage("a", "title"), passage("a", "question")]
    hits = [Hit(0, 1.0, 0.5), Hit(1, 2.0, 0.25), Hit(2, 3.0, 0.0), Hit(3, 4.0, 0.75)]
    (found,) = ranked(hits, passages)
    assert found.score == pytest.approx(2.0 + 0.5 * 4.0 + 5.0 * 0.75)
    assert found.share == 0.75


def test_the_best_article_comes_first() -> None:
    """By score, whatever order the hits come in."""
    found = ranked([Hit(0, 1.0, 0.0), Hit(1, 2.0, 0.0)], [passage("a"), passage("b")])
    assert [one.slug for one in found] == ["b", "a"]


def test_of_equals_the_first_in_the_alphabet_comes_first() -> None:
    """The order is the same every time."""
    found = ranked([Hit(0, 1.0, 0.0), Hit(1, 1.0, 0.0)], [passage("b"), passage("a")])
    assert [one.slug for one in found] == ["a", "b"]


def test_a_rare_word_that_is_found_beats_a_nearer_meaning() -> None:
    """An error code says more than a feeling."""
    found = ranked([Hit(0, 3.0, 0.0), Hit(1, 0.0, 1.0)], [passage("near"), passage("code")])
    assert found[0].slug == "code"


def test_each_language_shows_its_own_best_section() -> None:
    """Titles and questions are never shown."""
    passages = [passage("a"), passage("a"), passage("a", lang="en"), passage("a", "title")]
    hits = [Hit(0, 2.0, 0.0), Hit(1, 1.0, 0.9), Hit(2, 0.5, 0.0), Hit(3, 9.0, 0.0)]
    (found,) = ranked(hits, passages)
    assert {lang: hit.number for lang, hit in found.best.items()} == {"de": 1, "en": 2}


def test_a_weaker_section_does_not_push_out_a_stronger_one() -> None:
    """The order of hits does not matter."""
    (found,) = ranked([Hit(0, 2.0, 0.0), Hit(1, 1.0, 0.0)], [passage("a"), passage("a")])
    assert found.best["de"].number == 0


def test_what_is_less_near_than_the_crowd_counts_as_the_crowd() -> None:
    """Being far away is no evidence."""
    (found,) = ranked([Hit(0, -3.0, 0.0)], [passage("a")])
    assert found.score == 0


def test_no_hits_are_no_articles() -> None:
    """Nothing comes of nothing."""
    assert ranked([], []) == []


def test_the_best_of_title_and_questions_is_kept_to_be_compared() -> None:
    """The stronger one, not the first or the last."""
    passages = [passage("a", "title"), passage("a", "question"), passage("a", "question")]
    (found,) = ranked([Hit(0, 1.0, 0.0), Hit(1, 3.0, 0.0), Hit(2, 2.0, 0.0)], passages)
    assert found.asked == Hit(1, 3.0, 0.0)
    assert found.shown("de") is None


def test_of_two_equal_hits_the_first_is_kept() -> None:
    """The beginning of an article rather than its end."""
    (found,) = ranked([Hit(1, 1.0, 0.0), Hit(0, 1.0, 0.0)], [passage("a"), passage("a")])
    assert found.best["de"].number == 0


def test_passages_of_an_article_need_not_stand_together() -> None:
    """Files of two languages may lie apart."""
    (a, b) = ranked([Hit(0, 1.0, 0.0), Hit(1, 2.5, 0.0), Hit(2, 3.0, 0.0)], [passage("a"), passage("b"), passage("a")])
    assert [(one.slug, one.score, one.best["de"].number) for one in (a, b)] == [("a", 3.0, 2), ("b", 2.5, 1)]


def test_no_more_articles_are_ranked_than_asked_for() -> None:
    """Nobody reads on."""
    hits = [Hit(0, 1.0, 0.0), Hit(1, 3.0, 0.0), Hit(2, 2.0, 0.0)]
    assert [one.slug for one in ranked(hits, [passage("a"), passage("b"), passage("c")], 2)] == ["b", "c"]


def test_an_article_with_a_rare_code_comes_first() -> None:
    """However near the others are."""
    found = ranked([Hit(0, 6.0, 0.5), Hit(1, 1.0, 0.2)], [passage("a"), passage("b")], holders=["b"])
    assert [one.slug for one in found] == ["b", "a"]


def test_an_article_that_was_not_found_is_not_ranked_even_with_a_rare_code() -> None:
    """It was left out on purpose."""
    assert [one.slug for one in ranked([Hit(0, 1.0, 0.0)], [passage("a"), passage("b")], holders=["b"])] == ["a"]


def test_passages_can_be_told_by_their_article() -> None:
    """To leave out what was read."""
    layout = layout_of([passage("a"), passage("b"), passage("a")])
    assert layout.without(["a", "unknown"]).tolist() == [False, True, False]


def test_a_match_is_weighed_and_added() -> None:
    """By hand."""
    (found,) = compared(candidates(3.0), [(0.5, 0.25)], WEIGHTS)
    assert found.score == pytest.approx(3.0 + 10.0 * 0.5 + 4.0 * 0.25)


def test_a_section_is_shown_in_the_readers_language_or_in_the_other() -> None:
    """An answer in another language is better than none."""
    (found,) = ranked([Hit(0, 2.0, 0.0), Hit(1, 1.0, 0.0)], [passage("a"), passage("a", lang="en")])
    assert [found.shown(lang) for lang in ("de", "en")] == [Hit(0, 2.0, 0.0), Hit(1, 1.0, 0.0)]
    (german,) = ranked([Hit(0, 2.0, 0.0)], [passage("a")])
    assert german.shown("en") == Hit(0, 2.0, 0.0)


def candidates(*scores: float) -> list[Candidate]:
    """Make articles named a, b, c and so on."""
    return [Candidate(slug, score, 0.0, None, {}) for slug, score in zip("abcdefgh", scores, strict=False)]


def test_articles_that_match_better_come_first() -> None:
    """Token by token the second fits, the first does not."""
    found = compared(candidates(3.0, 2.9), [(0.1, 0.1), (0.9, 0.9)], WEIGHTS)
    assert [(one.slug, one.match) for one in found] == [("b", 0.9), ("a", 0.1)]


def test_a_question_that_matches_counts_too() -> None:
    """It is the author's own wording of what is asked."""
    assert [one.slug for one in compared(candidates(2.0, 2.0), [(0.5, 0.0), (0.5, 0.9)], WEIGHTS)] == ["b", "a"]


def test_what_was_not_compared_stays_behind_in_its_order() -> None:
    """Even where the compared ones match worse than nothing."""
    found = compared(candidates(5.0, 4.0, 3.5, 3.0), [(-0.5, -0.5), (-1.0, -1.0)], WEIGHTS)
    assert [one.slug for one in found] == ["a", "b", "c", "d"]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_without_matches_the_order_stays() -> None:
    """There was nothing to compare with."""
    assert compared(candidates(2.0, 1.0), [], WEIGHTS) == candidates(2.0, 1.0)
    assert compared([], [], WEIGHTS) == []


def test_equals_are_ordered_by_the_alphabet() -> None:
    """The order is the same every time."""
    assert [one.slug for one in in_order(reversed(candidates(1.0, 1.0, 2.0)))] == ["c", "a", "b"]
