"""The text of a file as such: its bytes, characters and marks, before anything in it is understood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.articles.front_matter import Remark
from app.articles.intern import intern_mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LARGEST = 200 * 1024
"""Bytes of an article file."""

_RULE = re.compile(r"--- *")
_CONFLICT = re.compile(r"(<{7}|>{7}|\|{7})( |$)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Unreadable(ValueError):
    """A file whose bytes are no text that can be read; `line` says where."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def decode(data: bytes) -> str:
    """Turn a file's bytes into text with Unix line ends, or raise Unreadable when it is too large or not UTF-8."""
    if len(data) > LARGEST:
        raise Unreadable(f"the file is larger than {LARGEST // 1024} KB. Split it into several articles.")
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable("this is not UTF-8. Save the file in the encoding UTF-8.", line) from None


def remarks_on_text(lines: Sequence[str]) -> Iterator[Remark]:
    """Remark on what no file may hold: too much, control characters, merge conflicts, wrong marks for agents."""
    if sum(len(line.encode("utf-8", "replace")) + 1 for line in lines) - 1 > LARGEST:
        yield Remark(1, f"the file is larger than {LARGEST // 1024} KB. Split it into several articles.")
        return
    if lines[0].startswith("\ufeff"):
        yield Remark(1, "the file begins with a byte-order mark. Save it as UTF-8 without BOM.")
    for number, line in enumerate(lines, start=1):
        if message := _remark_on_line(line):
            yield Remark(number, message)
    for number, message in intern_mistakes(lines):
        yield Remark(number, message)


def end_of_front_matter(lines: Sequence[str]) -> int:
    """Give the index of the line that closes the front matter, 0 when there is none."""
    if not opens_front_matter(lines):
        return 0
    return next((number for number, line in enumerate(lines) if number and _RULE.fullmatch(line)), 0)


def opens_front_matter(lines: Sequence[str]) -> bool:
    """Tell whether the first line opens front matter."""
    return bool(_RULE.fullmatch(lines[0]))


def _remark_on_line(line: str) -> str:
    if found := _CONTROL.search(line):
        return f"there is a control character (U+{ord(found[0]):04X}) at column {found.start() + 1}. Delete it."
    if _SURROGATE.search(line):
        return "half a character (a lone surrogate) is not UTF-8. Delete it and type the character again."
    if _CONFLICT.match(line):
        return f'"{line[:7]}" was left by a merge conflict. Decide for one version and delete the marks.'
    return ""
