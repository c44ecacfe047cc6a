from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists

from app.search.codebook import codebook_of
from app.search.encoder import HashingEncoder
from app.search.matching import Match, matches, strengths
from app.search.passage import Passage

ENCODER = HashingEncoder()
TEXTS = ("Ziehe das Papier langsam heraus", "Starte den Tunnel", "")
BOOK = codebook_of({"de": ENCODER.passages(TEXTS), "en": []}, ENCODER.dimension, len(TEXTS))


def compared(query: str, *texts: str) -> list[Match]:
    """Compare a query with texts."""
    (asked,) = ENCODER.queries([query])
    return matches(BOOK.asked(asked.tokens), [BOOK.compress(one, "de") for one in ENCODER.passages(texts)], BOOK)


def test_a_passage_with_the_words_of_the_query_matches_best() -> None:
    """Each word of it is found word for word; what else stands there does no harm."""
    first, second, _ = compared("Papier langsam", *TEXTS)
    assert first.score > 0.8 > second.score


def test_the_score_is_the_mean_of_the_best_for_each_token_of_the_query() -> None:
    """By hand: the first token is found half, the second whole."""
    nearness = np.array([[0.5, 0.1], [0.2, 1.0], [-1.0, 0.0]], np.float32)
    assert strengths(nearness, np.array([[0, len(nearness)]])) == pytest.approx([0.75])


def test_the_order_of_passages_is_kept() -> None:
    """Each match belongs to its passage, whatever stands beside it."""
    together = [one.score for one in compared("Tunnel", *TEXTS)]
    assert together == pytest.approx([compared("Tunnel", text)[0].score for text in TEXTS])


def test_each_token_of_a_passage_is_compared_with_each_of_the_query() -> None:
    """A row a token of the passage, a column a token of the query."""
    (first, *_) = compared("Papier langsam", *TEXTS)
    assert first.nearness.shape == (5, 2)
    assert first.nearness.argmax(axis=0).tolist() == [2, 3]
    assert first.ends.tolist() == [5, 9, 16, 24, 31]


def test_an_empty_passage_does_not_match() -> None:
    """It has no tokens; titles may be signs alone."""
    assert [one.score for one in compared("Papier", "", "")] == [0.0, 0.0]


def test_a_query_without_tokens_matches_nothing() -> None:
    """And is no error."""
    assert [one.score for one in compared("", *TEXTS)] == [0.0, 0.0, 0.0]


def test_no_passages_are_no_matches() -> None:
    """Nothing was found to be compared."""
    assert compared("Papier") == []


@pytest.mark.parametrize("headings", [(), ("Unter Windows", "Später")])
def test_a_part_of_a_passage_is_judged_by_its_own_tokens(headings: tuple[str, ...]) -> None:
    """However long the title and headings are that were read before it."""
    text = "Papier ziehen.\nTunnel starten."
    passage = Passage("x", "de", "section", headings, "", text, "Papierstau")
    (match,) = compared("Tunnel", passage.meaning)
    within = match.within(passage)
    first, second = within([(0, 14), (15, 31)])
    assert second == pytest.approx(match.score)
    assert first < second


def test_a_heading_does_not_count_for_the_first_sentence() -> None:
    """It was read with the text, but is not shown with it."""
    passage = Passage("x", "de", "section", (), "", "Hier mehr.", "Tunnel")
    (match,) = compared("Tunnel", passage.meaning)
    assert match.within(passage)([(0, 10)])[0] < match.score


def test_a_part_without_tokens_does_not_answer() -> None:
    """Beyond what the model reads, for example."""
    passage = Passage("x", "de", "title", (), "", "Tunnel", "")
    (match,) = compared("Tunnel", passage.meaning)
    assert match.within(passage)([(6, 6)]) == [0.0]
    assert match.within(passage)([]) == []


@given(lists(integers(0, 4), min_size=1, max_size=6), integers(1, 3))
def test_each_run_of_tokens_is_judged_by_itself(lengths: list[int], words: int) -> None:
    """The mean of the best of each token of the query, as one would reckon it run by run; nothing for an empty one."""
    nearness = np.random.default_rng(sum(lengths)).random((sum(lengths), words), np.float32)
    ends = np.cumsum(lengths)
    runs = [nearness[end - length : end] for end, length in zip(ends, lengths, strict=True)]
    found = strengths(nearness, np.stack([ends - lengths, ends], axis=1))
    assert found == pytest.approx([run.max(axis=0).mean() if len(run) else 0.0 for run in runs])
