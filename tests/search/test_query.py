from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import characters, text

from app.search.query import MAX_CHARACTERS, normalise, read_query

ANYTHING = text(characters())
"""Any character there is, lone surrogates too."""


def test_a_query_knows_its_language_and_its_terms_in_both() -> None:
    """Articles of both languages are searched, each by its own stems."""
    query = read_query("  meine   Drucker\tdrucken nicht ", "en")
    assert (query.text, query.lang) == ("meine Drucker drucken nicht", "de")
    assert query.terms["de"] == ("druck",)
    assert "drucker" in query.terms["en"]


def test_the_readers_language_stands_where_a_query_does_not_tell() -> None:
    """A code has no language."""
    assert read_query("E_FAIL", "en").lang == "en"


def test_signs_alone_are_an_empty_query() -> None:
    """Without a letter or digit there is nothing to look for."""
    assert read_query('"?!" *+() 🙂', "de").empty


def test_a_letter_is_not_an_empty_query() -> None:
    """Whoever types one letter may get results."""
    assert not read_query("a", "de").empty


def test_control_characters_and_lone_surrogates_become_spaces() -> None:
    """NUL ends strings elsewhere, and UTF-8 refuses surrogates."""
    assert normalise("a\0b\ud800c\x1bd\ue000e") == "a b c d e"


def test_letters_and_their_marks_are_put_together() -> None:
    """A Mac types an umlaut as two characters."""
    assert normalise("Gera\u0308t") == "Ger\u00e4t"


def test_a_long_query_is_cut_at_a_space() -> None:
    """The last word is whole."""
    text = normalise("wort " * 10_000)
    assert len(text) <= MAX_CHARACTERS
    assert set(text.split()) == {"wort"}


def test_a_long_word_is_cut_in_itself() -> None:
    """There is no space to cut at."""
    assert normalise("x" * 10_000) == "x" * MAX_CHARACTERS


def test_a_query_of_just_the_allowed_length_stays_whole() -> None:
    """The limit itself is allowed."""
    assert len(normalise("x" * MAX_CHARACTERS)) == MAX_CHARACTERS


@given(ANYTHING)
def test_a_normalised_text_stays_as_it_is(raw: str) -> None:
    """Normalising twice is normalising once."""
    assert normalise(normalise(raw)) == normalise(raw)


@given(ANYTHING)
def test_any_text_is_a_query_that_can_be_stored(raw: str) -> None:
    """Whatever is typed becomes UTF-8 of limited length."""
    assert len(read_query(raw, "de").text.encode()) <= 4 * MAX_CHARACTERS


@pytest.mark.parametrize(
    ("raw", "vague"),
    [("V", True), ("wie kann ich das nicht", True), ("what is that", True), ("VPN", False), ("wie geht WLAN", False)],
)
def test_function_words_and_a_lone_letter_are_vague(raw: str, *, vague: bool) -> None:
    """They are looked for, but nobody can tell whether anything answers them."""
    assert read_query(raw, "de").vague == vague
