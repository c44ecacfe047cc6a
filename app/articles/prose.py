"""Prose: the lines of a Markdown text that are not code, and what can be read from them without rendering."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FENCE = re.compile(r"(`{3,}|~{3,})(?P<info>[^`]*)$")
"""The opening line of a code block, without its indentation."""

_INLINE_CODE = re.compile(r"(?P<mark>`{1,9})(?!`).{1,2000}?(?<!`)(?P=mark)(?!`)")
_LINK = re.compile(r"\]\(\s*<?([^)\s>]{1,2000})")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]]{1,200}\]:\s*<?([^\s>]{1,2000})")


def prose(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give each line outside fenced code with its number (from 1), inline code taken out."""
    closing = ""
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if closing:
            closing = "" if closes(text, closing) else closing
        elif fence := FENCE.match(text):
            closing = fence[1]
        else:
            yield number, _INLINE_CODE.sub("", line)


def closes(text: str, fence: str) -> bool:
    """Tell whether the line ends the code block that the fence opened: the same character, at least as often."""
    return len(text) >= len(fence) and not text.strip(fence[0])


def title_in(lines: Sequence[str]) -> str:
    """Find the text of the first `# ` heading, "" when there is none."""
    return next(filter(None, (_first_level(line) for _, line in prose(lines))), "")


def without_title(lines: Sequence[str], title: str) -> int:
    """Count the lines to skip at the beginning: empty ones, and a `# ` heading that only repeats the title."""
    start = _first_text(lines, 0)
    if start < len(lines) and _same(_heading(lines, start), title):
        underlined = not lines[start].startswith("#")
        return _first_text(lines, start + 1 + underlined)
    return start


def targets(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give the target of each Markdown link and image with its line number (from 1)."""
    for number, line in prose(lines):
        for pattern in (_LINK, _REFERENCE):
            yield from ((number, found[1]) for found in pattern.finditer(line))


def _first_text(lines: Sequence[str], start: int) -> int:
    return next((number for number in range(start, len(lines)) if lines[number].strip()), len(lines))


def _heading(lines: Sequence[str], start: int) -> str:
    underlined = start + 1 < len(lines) and re.fullmatch(r"=+ *", lines[start + 1])
    return lines[start] if underlined else _first_level(lines[start])


def _first_level(line: str) -> str:
    """Give the text of a `# ` heading, "" for every other line."""
    if not line.startswith("# "):
        return ""
    text = line[2:].strip()
    bare = text.rstrip("#")
    return bare.rstrip() if bare.endswith(" ") else text


def _same(heading: str, title: str) -> bool:
    return bool(title) and re.sub(r"[\s`*_]", "", heading) == re.sub(r"[\s`*_]", "", title)
