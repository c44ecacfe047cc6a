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
    assert found.about.signals.keys() <= set(fitting.ABOUT)
    assert found.right.signals.keys() <= set(fitting.RIGHT)
    assert found.by_words.signals.keys() <= set(fitting.BY_WORDS)


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
    weights = Weights(1, 1, 10, 4, never, never, never, 1, 1)
    assert weights.of_match(0.5, 0.25) == 10 * 0.5 + 4 * 0.25
