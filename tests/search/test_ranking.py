from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.search.passage import Kind, Passage
from app.search.ranking import TITLES, WORDS, Hit, rank

if TYPE_CHECKING:
    from app.articles.article import Language


def passage(slug: str, kind: Kind = "section", lang: Language = "de") -> Passage:
    """Make a passage of which only slug, kind and language matter."""
    return Passage(slug, lang, kind, (), "", "", "")


def test_an_article_scores_by_meaning_title_and_words() -> None:
    """The formula at the head of the module, by hand."""
    passages = [passage("a"), passage("a"), passage("a", "title"), passage("a", "question")]
    hits = [Hit(0, 1.0, 0.5), Hit(1, 2.0, 0.25), Hit(2, 3.0, 0.0), Hit(3, 4.0, 0.75)]
    (found,) = rank(hits, passages)
    assert found.score == pytest.approx(2.0 + TITLES * 4.0 + WORDS * 0.75)
    assert found.share == 0.75


def test_the_best_article_comes_first() -> None:
    """By score, whatever order the hits come in."""
    found = rank([Hit(0, 1.0, 0.0), Hit(1, 2.0, 0.0)], [passage("a"), passage("b")])
    assert [one.slug for one in found] == ["b", "a"]


def test_of_equals_the_first_in_the_alphabet_comes_first() -> None:
    """The order is the same every time."""
    found = rank([Hit(0, 1.0, 0.0), Hit(1, 1.0, 0.0)], [passage("b"), passage("a")])
    assert [one.slug for one in found] == ["a", "b"]


def test_a_rare_word_that_is_found_beats_a_nearer_meaning() -> None:
    """An error code says more than a feeling."""
    found = rank([Hit(0, 3.0, 0.0), Hit(1, 0.0, 1.0)], [passage("near"), passage("code")])
    assert found[0].slug == "code"


def test_each_language_shows_its_own_best_section() -> None:
    """Titles and questions are never shown."""
    passages = [passage("a"), passage("a"), passage("a", lang="en"), passage("a", "title")]
    hits = [Hit(0, 2.0, 0.0), Hit(1, 1.0, 0.9), Hit(2, 0.5, 0.0), Hit(3, 9.0, 0.0)]
    (found,) = rank(hits, passages)
    assert {lang: hit.number for lang, hit in found.best.items()} == {"de": 1, "en": 2}


def test_a_weaker_section_does_not_push_out_a_stronger_one() -> None:
    """The order of hits does not matter."""
    (found,) = rank([Hit(0, 2.0, 0.0), Hit(1, 1.0, 0.0)], [passage("a"), passage("a")])
    assert found.best["de"].number == 0


def test_what_is_less_near_than_the_crowd_counts_as_the_crowd() -> None:
    """Being far away is no evidence."""
    (found,) = rank([Hit(0, -3.0, 0.0)], [passage("a")])
    assert found.score == 0


def test_no_hits_are_no_articles() -> None:
    """Nothing comes of nothing."""
    assert rank([], []) == []
