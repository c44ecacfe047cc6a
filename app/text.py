"""Text from outside, made safe to keep: it can be stored, shown, mailed and compared."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_WORD = 50  # characters of a folded word

_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_WHITESPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")
_UMLAUT = re.compile("([aou])e")


def clean_text(text: str) -> str:
    r"""Return NFC text of lines ended by \n, without control characters, reordering marks and lone surrogates.

    A lone surrogate becomes U+FFFD, because SQLite and UTF-8 refuse it; NUL would end the string in PostgreSQL.
    """
    whole = _SURROGATES.sub("\ufffd", text)
    lines = _CONTROLS.sub("", _LINE_ENDS.sub("\n", whole))
    return unicodedata.normalize("NFC", lines).strip()


def clean_line(text: str) -> str:
    """Return the text as one clean line: every run of white space and line ends is one space."""
    return _WHITESPACE.sub(" ", clean_text(text)).strip()


def folded_words(text: str) -> Iterator[str]:
    """Yield the words of a text as they are compared: without case, accents and signs, at most 50 characters each.

    "Müller", "MUELLER" and "muller" are the same. How a word begins is folded to how the folded word begins.
    """
    bare = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    for word in _WORD.findall(bare.casefold()):
        yield _UMLAUT.sub(r"\1", word)[:MAX_WORD]
