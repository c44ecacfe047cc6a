"""Wordings: what a reader may have meant, and what is only half typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.web.reader import Reader
from app.web.wordings import Wording, completions, correction, wordings

if TYPE_CHECKING:
    from app.search.searcher import Searcher
    from tests.conftest import Clock


@pytest.fixture
def reader(clock: Clock) -> Reader:
    """Give a German reader who chose the language."""
    return Reader("de", explicit=True, here="/", request_id="", now=clock())


def test_wordings_are_searches(reader: Reader) -> None:
    """Each once, no more than asked for, in the language that was chosen."""
    assert wordings(reader, ["a b", "a b", "c", "d"], 2) == (
        Wording("a b", "/search?lang=de&q=a+b"),
        Wording("c", "/search?lang=de&q=c"),
    )


def test_titles_and_questions_complete_what_is_typed(searcher: Searcher, reader: Reader) -> None:
    """Those of the reader's language."""
    assert [wording.text for wording in completions(searcher, reader, "warum druckt")] == [
        "Warum druckt mein Drucker nicht?"
    ]


@pytest.mark.parametrize("typed", ["druker", "druker ", "druker router", "Druker?"])
def test_a_mistyped_word_is_put_right(searcher: Searcher, reader: Reader, typed: str) -> None:
    """Wherever it stands."""
    found = correction(searcher.index, reader, typed)
    assert found
    assert "drucker" in found.text.lower()


@pytest.mark.parametrize("typed", ["drucker", "druc", "drucke", "route", "messe", "xyzzy"])
def test_half_a_word_is_no_mistake(searcher: Searcher, reader: Reader, typed: str) -> None:
    """It may still become a known one; a word unlike any is left alone."""
    assert correction(searcher.index, reader, typed) is None
