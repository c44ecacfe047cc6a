"""Text for agents inside a public article: `::: intern` opens it, `:::` closes it.

The marks are read from the lines alone and never from Markdown, so that no list, quotation or code block can carry
text for agents past them. Whatever looks like a mark but is none is a mistake, never text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OPENING = "::: intern"
CLOSING = ":::"
WIDE = "\N{FULLWIDTH COLON}"

_LOOKS_LIKE_A_MARK = re.compile(r"^\W*?[:：]{3}|[:：]{3}\s*intern|^\W*?[:：]{2}\s*intern\b", re.IGNORECASE)


def is_mark(line: str) -> bool:
    """Tell whether the line opens or closes text for agents."""
    return line.rstrip(" ") in {OPENING, CLOSING}


def without_intern(body: str) -> str:
    """Take the text for agents out; where a mark is wrong, rather too much goes than too little.

    Whatever looks like a mark holds two colons at least, or a wide one; most texts have neither and are not looked
    through line by line: among thousands of articles that took longer than anything else about a change.
    """
    if "::" not in body and WIDE not in body:
        return body
    lines = body.split("\n")
    return "\n".join(line for line, hidden in zip(lines, hidden_lines(lines), strict=True) if not hidden)


def hidden_lines(lines: Sequence[str]) -> Iterator[bool]:
    """Tell for each line whether it is for agents only; marks are."""
    depth = 0
    for line in lines:
        marked = bool(_LOOKS_LIKE_A_MARK.search(line))
        yield marked or depth > 0
        if marked:
            depth += -1 if depth and line.rstrip(" ") == CLOSING else 1


def intern_mistakes(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Find marks that are stray, nested, misspelt or never closed; gives line number (from 1) and what to do."""
    opened = 0
    for number, line in enumerate(lines, start=1):
        if not _LOOKS_LIKE_A_MARK.search(line):
            continue
        mistake = _mistake(line, opened)
        if mistake:
            yield number, mistake
        opened = _opened(line, number, opened)
    if opened:
        yield opened, 'this "::: intern" is never closed. Put ":::" alone on a line where the text for agents ends.'


def _mistake(line: str, opened: int) -> str:
    mark = line.rstrip(" ")
    if mark == OPENING and opened:
        return f'"::: intern" inside the one opened in line {opened}. Close that one first with ":::".'
    if mark == CLOSING and not opened:
        return '":::" closes nothing. Remove it, or open the text for agents with "::: intern" above.'
    if mark not in {OPENING, CLOSING}:
        return f'"{line.strip()[:40]}" is not a mark. Write "::: intern" or ":::" alone, at the start of the line.'
    return ""


def _opened(line: str, number: int, opened: int) -> int:
    mark = line.rstrip(" ")
    if mark == OPENING and not opened:
        return number
    return 0 if mark == CLOSING else opened
