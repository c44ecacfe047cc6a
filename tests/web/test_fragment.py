"""Fragments: what makes a browser open a page at a sentence."""

from __future__ import annotations

import pytest

from app.web.fragment import text_fragment

LONG = "a b c d e f g h i"


def test_a_short_sentence_is_named_as_a_whole() -> None:
    """Up to eight words."""
    sentence = "eins zwei drei vier fünf"
    assert text_fragment(sentence, sentence) == ":~:text=eins%20zwei%20drei%20vier%20f%C3%BCnf"


def test_a_long_sentence_is_named_by_its_ends() -> None:
    """Four words each; addresses stay short."""
    assert text_fragment(LONG, LONG) == ":~:text=a%20b%20c%20d,f%20g%20h%20i"


def test_of_a_sentence_that_begins_like_another_more_is_named() -> None:
    """Else the browser would mark all from the other one on; it does not look at the case of letters."""
    assert text_fragment(LONG, f"A b c d E x\n{LONG}") == ":~:text=a%20b%20c%20d%20e%20f,g%20h%20i"
    assert text_fragment(LONG, f"a b c d e f g h x\n{LONG}") == ":~:text=a%20b%20c%20d%20e%20f%20g%20h%20i"


def test_no_sign_of_the_text_is_taken_for_one_of_the_address() -> None:
    """A comma, a hyphen or an ampersand has a meaning there."""
    sentence = '<a-b>, "c" & d_e.~#'
    assert text_fragment(sentence, sentence) == ":~:text=%3Ca%2Db%3E%2C%20%22c%22%20%26%20d%5Fe%2E%7E%23"


@pytest.mark.parametrize("text", ["", "Router", "sfc /scannow\nDISM /Online", "schnell · langsam · Leitung prüfen"])
def test_what_would_not_be_found_is_not_named(text: str) -> None:
    """Nothing, a single word, several lines, a row of a table."""
    assert text_fragment(text, text) == ""


@pytest.mark.parametrize("page", ["", f"{LONG}\n{LONG}"])
def test_what_does_not_stand_on_the_page_once_is_not_named(page: str) -> None:
    """The heading alone is the better place then."""
    assert text_fragment(LONG, page) == ""
