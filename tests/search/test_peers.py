from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.search.encoder import HashingEncoder
from app.search.evaluation import Question
from app.search.peers import RANK_CONSTANT, PlainVectors, PlainWords, ask_peers, by_article, fused
from tests.search.conftest import article

if TYPE_CHECKING:
    from app.search.searcher import Searcher
    from tests.search.conftest import Workshop

QUESTIONS = [Question("Ziehe das Papier langsam aus den Druckern.", "de", "", frozenset({"papierstau"}))]


def test_words_vectors_and_their_fusion_are_asked(searcher: Searcher) -> None:
    """Each finds the article by itself."""
    ways = ask_peers(searcher.index, HashingEncoder(), QUESTIONS)
    assert {way: answers[0].rank for way, answers in ways.items()} == {"words": 1, "vectors": 1, "rank fusion": 1}


def test_without_an_encoder_only_words_are_asked(searcher: Searcher) -> None:
    """There is nothing to fuse."""
    assert list(ask_peers(searcher.index, None, QUESTIONS)) == ["words"]


def test_plain_words_are_neither_put_right_nor_split(searcher: Searcher) -> None:
    """That is what makes them plain."""
    words = PlainWords(searcher.index)
    found = [next(words.rank(Question(text, "de", "", frozenset()))) for text in ("Papierstua", "Papierdrucker", "?!")]
    assert found == [[], [], []]


def test_plain_words_are_looked_for_in_both_languages(searcher: Searcher) -> None:
    """Whatever the question is in."""
    ranking = next(PlainWords(searcher.index).rank(Question("Router Papier", "de", "", frozenset())))
    assert {slug for slug, _ in ranking} == {"router", "papierstau"}


def test_the_nearest_passage_of_its_own_vector_is_itself(searcher: Searcher) -> None:
    """Row n belongs to passage n."""
    plain, rows = PlainVectors(searcher.index, HashingEncoder()), searcher.index.vectors
    assert rows is not None
    assert [plain.nearest(row)[0][0] for row in rows] == list(range(len(rows)))


@pytest.mark.parametrize("value", [1.0, np.nan, np.inf, np.finfo(np.float32).max])
def test_there_is_no_passage_minus_one(searcher: Searcher, value: float) -> None:
    """FAISS fills up with it, and passages[-1] is the last article."""
    encoder = HashingEncoder()
    found = PlainVectors(searcher.index, encoder).nearest(np.full(encoder.dimension, value, np.float32))
    assert all(0 <= number < len(searcher.index.passages) for number, _ in found)


def test_plain_vectors_need_a_model(workshop: Workshop) -> None:
    """An index made without one has none."""
    workshop.encoder = None
    workshop.build(article("vpn"))
    with pytest.raises(ValueError, match="made without a model"):
        PlainVectors(workshop.versions.load("public"), HashingEncoder())


def test_the_fusion_takes_the_time_of_both(searcher: Searcher) -> None:
    """Both had to be asked."""
    ways = {
        way: answers[0].milliseconds for way, answers in ask_peers(searcher.index, HashingEncoder(), QUESTIONS).items()
    }
    assert ways["rank fusion"] == pytest.approx(ways["words"] + ways["vectors"])


def test_plain_search_never_says_that_it_answers(searcher: Searcher) -> None:
    """It has no confidence."""
    assert not any(one.answered for answers in ask_peers(searcher.index, None, QUESTIONS).values() for one in answers)


def test_the_best_section_of_an_article_counts(searcher: Searcher) -> None:
    """Titles and questions are no passages here."""
    kinds = {(one.slug, one.kind): number for number, one in enumerate(searcher.index.passages)}
    sections = [
        number for number, one in enumerate(searcher.index.passages) if (one.slug, one.kind) == ("vpn", "section")
    ]
    hits = [(kinds["vpn", "title"], 9.0), (sections[0], -2.0), (sections[1], -1.0), (kinds["toner", "section"], 0.5)]
    assert by_article(searcher.index, hits) == [("toner", 0.5), ("vpn", -1.0)]


def test_rank_fusion_by_hand() -> None:
    """Second and first beats first alone."""
    found = fused([("a", 9.0), ("b", 1.0)], [("b", 0.2)])
    assert found == [("b", 1 / (RANK_CONSTANT + 2) + 1 / (RANK_CONSTANT + 1)), ("a", 1 / (RANK_CONSTANT + 1))]
