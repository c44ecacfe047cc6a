"""Tests of file texts: bytes that are no text are refused with their line."""

from __future__ import annotations

import pytest

from app.articles.file_text import LARGEST, Unreadable, decode


def test_decodes_utf_8_with_any_line_ends() -> None:
    """Text comes out with Unix line ends."""
    assert decode("Größe\r\nüber\n".encode()) == "Größe\nüber\n"


@pytest.mark.parametrize("data", [b"a\nb\xfc\n", "a\nü".encode("cp1252"), b"a\n\xed\xa0\x80"])
def test_names_the_line_that_is_not_utf_8(data: bytes) -> None:
    """The author finds the character."""
    with pytest.raises(Unreadable, match="not UTF-8") as caught:
        decode(data)
    assert caught.value.line == 2


def test_refuses_a_file_that_is_too_large() -> None:
    """The limit counts bytes and is met exactly."""
    assert decode(b"a" * LARGEST)
    with pytest.raises(Unreadable, match="larger than 200 KB"):
        decode(b"a" * (LARGEST + 1))
