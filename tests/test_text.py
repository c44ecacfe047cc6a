from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import clean_line, clean_text


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
