"""The dialect: CommonMark as authors write it, turned into the stricter Markdown that Python-Markdown reads.

Python-Markdown wants four spaces for what belongs to a list item, an empty line before a list, and code fences at the
start of the line. Authors, other tools and most existing Markdown go by CommonMark: three spaces below `1. `, lists and
tables right below their sentence, code blocks inside steps. The text is read line by line and written anew; code blocks
and HTML go to `keep`, which gives a placeholder for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.articles.intern import is_mark
from app.articles.prose import FENCE, closes

if TYPE_CHECKING:
    from collections.abc import Sequence

DEEPEST_QUOTE = 5
"""Quotations inside quotations that are followed; deeper ones stay as they are."""

_TAB = 4
_MARKER = re.compile(r"(?P<mark>[-*+]|(?P<number>\d{1,9})[.)])(?P<gap> +|$)(?P<rest>.*)")
_LINE = re.compile(r"(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$")
_HEADING = re.compile(r"#{1,6}( |$)")
_HASH = re.compile(r"#{1,6}[^# ]")
_DELIMITER = re.compile(r":?-+:?")
_BORDER = re.compile(r"(?<!\\)\| *$")
_UNDERLINE = re.compile(r"(=+|-+) *$")
_HTML = re.compile(
    r"<(?P<raw>pre|script|style|textarea)\b|<(?P<comment>!--)|</?(?:address|article|aside|blockquote|caption|center|dd|"
    r"details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|iframe|li|main|nav|ol|p|section|summary|"
    r"table|tbody|td|tfoot|th|thead|tr|ul)(?:[\s/>]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Item:
    indent: int
    content: int
    ordered: bool

    def holds(self, indent: int) -> bool:
        """Two spaces are enough to belong to an item, also below `10. `, where CommonMark wants four."""
        return indent >= min(self.content, self.indent + 2)


def translate(lines: Sequence[str], keep: Callable[[str, str | None], str], depth: int = 0) -> list[str]:
    """Write the lines anew; `keep(code, language)` takes code, or HTML (language None), and gives a placeholder."""
    return _Translator(list(lines), keep, depth).run()


@dataclass(slots=True)
class _Translator:
    lines: list[str]
    keep: Callable[[str, str | None], str]
    depth: int
    at: int = 0
    out: list[str] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    sibling: _Item | None = None
    """The item that the current line closed last."""
    flowing: bool = False
    """The last line was text that the next line may continue."""
    table: bool = False
    """The last line was part of a table."""
    chunk: int = 0
    """Depth of the list item that the lines since the last empty one begin with, -1 when they begin with text."""

    def run(self) -> list[str]:
        while self.at < len(self.lines):
            self._line(self.lines[self.at].expandtabs(_TAB))
            self.at += 1
        return self.out

    def _line(self, line: str) -> None:
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        if not text:
            self._end_chunk()
        elif is_mark(line):
            self.items.clear()
            self._alone(text)
        else:
            self._leave(indent, text)
            self._block(indent, text)

    def _leave(self, indent: int, text: str) -> None:
        """Close the items that the line is no part of; text that only flows on stays where it is."""
        self.sibling = None
        if self.flowing and not _begins_block(text):
            return
        while self.items and not self.items[-1].holds(indent):
            self.sibling = self.items.pop()

    def _block(self, indent: int, text: str) -> None:
        extra = indent - (self.items[-1].content if self.items else 0)
        if extra >= _TAB and not self.flowing:
            self._put(" " * extra + text)
        elif FENCE.match(text):
            self._alone(self._kept_code(indent, text))
        elif text.startswith(">") and self.depth < DEEPEST_QUOTE:
            self._quote()
        elif self._begins_item(text):
            self._item(indent, text)
        else:
            self._text(text)

    def _kept_code(self, indent: int, fence: str) -> str:
        """Take a fenced block whole; without an end it reaches to the end of what it stands in."""
        mark = fence[: len(fence) - len(fence.lstrip(fence[0]))]
        end = self._end_of_code(mark)
        code = [_dedented(line.expandtabs(_TAB), indent) for line in self.lines[self.at + 1 : end]]
        language = fence.lstrip("`~").strip().split(" ")[0].strip("{}.,")
        self.at = end if end < len(self.lines) and closes(self.lines[end].strip(), mark) else end - 1
        return self.keep("\n".join(code), language)

    def _end_of_code(self, fence: str) -> int:
        for number in range(self.at + 1, len(self.lines)):
            line = self.lines[number].expandtabs(_TAB)
            text = line.lstrip(" ")
            left = self.items and text and not self.items[-1].holds(len(line) - len(text))
            if left or is_mark(line) or closes(text.rstrip(), fence):
                return number
        return len(self.lines)

    def _quote(self) -> None:
        end = self.at
        while end < len(self.lines) and self.lines[end].lstrip(" ").startswith(">"):
            end += 1
        quoted = [re.sub(r"^ *> ?", "", line) for line in self.lines[self.at : end]]
        self._end_chunk()
        for line in "\n".join(translate(quoted, self.keep, self.depth + 1)).rstrip("\n").split("\n"):
            self._put(f"> {line}".rstrip())
        self.at = end - 1
        self.flowing = True

    def _begins_item(self, text: str) -> bool:
        found = _MARKER.match(text)
        if not found or _LINE.match(text):
            return False
        if self.flowing and not self.items and not self.sibling:
            return bool(found["rest"]) and found["number"] in {None, "1"}
        return True

    def _item(self, indent: int, text: str) -> None:
        mark, number, space, rest = _MARKER.match(text).groups()  # type: ignore[union-attr] # _begins_item has seen it
        ordered, gap = bool(number), len(space)
        if self.chunk < 0 or len(self.items) < self.chunk or (self.sibling and self.sibling.ordered != ordered):
            self._end_chunk()
        content = indent + len(mark) + (gap if 0 < gap <= _TAB else 1)
        written = self._kept_code(content, rest) if FENCE.match(rest) else rest
        self._put(f"{mark[:-1] + '.' if ordered else mark} {written}", chunk=len(self.items))
        self.items.append(_Item(indent, content, ordered))
        self.flowing = True

    def _text(self, text: str) -> None:
        if _HEADING.match(text) or (_LINE.match(text) and not self._underlines(text)):
            self._alone(text)
        elif html := _HTML.match(text):
            self._alone(self._kept_html(html))
        else:
            self._flow(text)

    def _flow(self, text: str) -> None:
        begins_table = not self.table and self._begins_table(text)
        if begins_table or not self.flowing:
            self._end_chunk()
        self.table = self.table or begins_table
        text = _bordered(text) if self.table else text
        self._put(f"\\{text}" if _HASH.match(text) else text)
        self.flowing = True

    def _underlines(self, text: str) -> bool:
        return self.flowing and not self.sibling and bool(_UNDERLINE.match(text))

    def _begins_table(self, text: str) -> bool:
        following = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        return "|" in text and "|" in following and _delimits(following)

    def _kept_html(self, found: re.Match[str]) -> str:
        """Take a block of HTML up to where CommonMark ends it, so that there may be Markdown between two of them."""
        end = self._end_of_html(f"</{found['raw'].lower()}" if found["raw"] else "-->" if found["comment"] else "")
        html = "\n".join(self.lines[self.at : end])
        self.at = end - 1
        return self.keep(html, None)

    def _end_of_html(self, closing: str) -> int:
        """Find the line after the block: after its closing word, or at the first empty line where there is none."""
        for number in range(self.at, len(self.lines)):
            line = self.lines[number].lower()
            if closing and closing in line:
                return number + 1
            if is_mark(line) or not (closing or line.strip()):
                return number
        return len(self.lines)

    # Writing

    def _alone(self, text: str) -> None:
        self._end_chunk()
        self._put(text)
        self._end_chunk()

    def _put(self, text: str, chunk: int = -1) -> None:
        if not self.out or not self.out[-1]:
            self.chunk = chunk
        self.out.append("    " * len(self.items) + text)

    def _end_chunk(self) -> None:
        self.flowing = self.table = False
        if self.out:
            self.out.append("")


def _begins_block(text: str) -> bool:
    return any(p.match(text) for p in (FENCE, _HEADING, _LINE, _MARKER)) or text.startswith(">")


def _dedented(line: str, indent: int) -> str:
    return line[min(indent, len(line) - len(line.lstrip(" "))) :]


def _delimits(row: str) -> bool:
    """Tell whether the row is the one below a table's head."""
    return all(_DELIMITER.fullmatch(cell.strip()) for cell in row.strip().strip("|").split("|"))


def _bordered(row: str) -> str:
    """Give each row both its outer bars; Python-Markdown wants them on every row or on none."""
    opening = "" if row.startswith("|") else "| "
    closing = "" if _BORDER.search(row) else " |"
    return f"{opening}{row.rstrip()}{closing}"
