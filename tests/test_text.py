from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import MAX_WORD, clean_line, clean_text, folded_words


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (" a\r\nb\rc\x85d\u2028e ", "a\nb\nc\nd\ne"),
        ("a\tb", "a\tb"),
        ("a\x00b\x1b[31mc\x7f\x9f", "ab[31mc"),
        ("\ufeffa\u202eb\u2066c", "abc"),
        ("\ud83dx", "\ufffdx"),
        ("u\u0308", "ü"),
        ("👩‍💻 ok", "👩‍💻 ok"),
        ("", ""),
    ],
)
def test_text_is_made_safe(text: str, clean: str) -> None:
    """Line ends become one kind, controls go, half characters are replaced, umlauts are one character."""
    assert clean_text(text) == clean


def test_a_line_is_one_line() -> None:
    """Line ends and runs of white space are one space."""
    assert clean_line(" a \r\n\t b\u2029c ") == "a b c"


@given(st.text(st.characters()))
def test_clean_text_can_be_kept_everywhere(text: str) -> None:
    """It is UTF-8 without NUL, in NFC, and clean already."""
    clean = clean_text(text)
    assert "\x00" not in clean.encode().decode()
    assert unicodedata.is_normalized("NFC", clean)
    assert len(clean_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Müller, MUELLER; muller!", ["muller"] * 3),
        ("Straße STRASSE", ["strasse"] * 2),
        ("a_b c/d 100%", ["a", "b", "c", "d", "100"]),
        ("Crème 0x80070057 🙂 ﬁx", ["creme", "0x80070057", "fix"]),
        ("Ёлка İstanbul", ["елка", "istanbul"]),
        ("neue aue", ["neu", "au"]),
        ("x" * 1000, ["x" * MAX_WORD]),
        ("… \ud800 _", []),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    """Capitals, accents, signs and the two ways to write an umlaut make no difference."""
    assert list(folded_words(text)) == words


@given(st.text("aeouäßüöAEmr", min_size=1), st.integers(1, 40))
def test_the_beginning_of_a_word_is_folded_to_its_beginning(word: str, length: int) -> None:
    """So that typing on never loses what was found."""
    (begun,), (whole,) = folded_words(word[:length]), folded_words(word)
    assert whole.startswith(begun)
