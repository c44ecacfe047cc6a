from __future__ import annotations

import pytest
from pydantic import ValidationError

from app.search import fitting
from app.search.weights import FITTED, WEIGHTS, Odds, Weights, fitted


def test_the_fitted_weights_can_be_read() -> None:
    """They are part of the product, and read once."""
    assert isinstance(fitted(), Weights)
    assert fitted() is fitted()


def test_the_fitted_weights_use_only_signals_that_there_are() -> None:
    """A signal without a value would break every search."""
    found = fitted()
    told = ((found.about, fitting.ABOUT), (found.right, fitting.RIGHT), (found.by_words, fitting.BY_WORDS))
    assert all({*odds.signals, *(name for *pair, _ in odds.pairs for name in pair)} == {*names} for odds, names in told)


def test_an_answer_needs_more_than_perhaps() -> None:
    """Or there would be no perhaps."""
    assert 0 < fitted().perhaps < fitted().answer < 1


def test_weights_can_be_written_and_read() -> None:
    """They come back the same: every index keeps its own."""
    assert WEIGHTS.validate_json(WEIGHTS.dump_json(fitted())) == fitted()


@pytest.mark.parametrize("file", [b"", b"{}", FITTED.read_bytes().replace(b'"words"', b'"worts"')])
def test_weights_that_say_too_little_are_an_error(file: bytes) -> None:
    """It is a ValueError, so a version with such a file is passed over."""
    with pytest.raises(ValidationError):
        WEIGHTS.validate_json(file)


def test_matches_are_weighed_and_added() -> None:
    """By hand."""
    never = Odds({}, 0.0)
    weights = Weights(1, 1, 10, 4, never, never, never, 0, 1, 1)
    assert weights.of_match(0.5, 0.25) == 10 * 0.5 + 4 * 0.25


def test_signals_speak_alone_and_in_pairs() -> None:
    """By hand; a signal without a weight says nothing."""
    odds = Odds({"lead": 2.0, "share": -1.0}, 0.5, (("lead", "share", 4.0), ("lead", "lead", 0.25)))
    assert odds.of({"lead": 2.0, "share": 3.0, "match": 9.0}) == 0.5 + 2 * 2 - 3 + 4 * 2 * 3 + 0.25 * 2 * 2
