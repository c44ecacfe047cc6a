"""The outline: sanitised HTML read as sections of plain text, and which step each piece of it belongs to."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from app.articles.article import Block, Section

_SECTION_HEADINGS = {"h2": 2, "h3": 3, "h4": 4}
_BLOCKS = {
    *("p", "li", "ul", "ol", "dl", "dt", "dd", "pre", "table", "caption", "tr", "blockquote", "aside", "div", "hr"),
    *("details", "summary", "figure", "figcaption", "h2", "h3", "h4", "h5", "h6"),
}
_VOID = {"br", "hr", "img"}
_SPAN = re.compile(r"</?span\b[^>]*>")
"""The many colours of code, which hold only a class and would take most of the time."""
_BETWEEN_CELLS = " · "


def outline(html: str) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """Read sections and steps from sanitised HTML; a step's text is its own first block, without what is nested."""
    reader = _Reader()
    reader.feed(_SPAN.sub("", html))
    reader.close()
    reader.finish()
    return tuple(reader.sections), tuple(reader.steps)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[Section] = []
        self.steps: list[str] = []
        self._path: list[tuple[int, str]] = []
        self._anchor = ""
        self._blocks: list[Block] = []
        self._open: list[str] = []
        self._text: list[str] = []
        self._step_depth = 0
        """How many elements are open where the current step began, 0 outside of steps."""

    def finish(self) -> None:
        """Close the last section."""
        self._flush()
        if self._blocks or self._path:
            headings = tuple(text for _, text in self._path)
            self.sections.append(Section(self._anchor, headings, tuple(self._blocks)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._flush()
        if tag in {"td", "th"} and "".join(self._text).strip():
            self._text.append(_BETWEEN_CELLS)
        if tag in _SECTION_HEADINGS and not self._open:
            self.finish()
            self._anchor, self._blocks = dict(attrs).get("id") or "", []
        if tag in _VOID:
            self._text.append(dict(attrs).get("alt") or " ")
            return
        self._open.append(tag)
        if tag == "li" and attrs == [("class", "step"), ("id", f"schritt-{len(self.steps) + 1}")]:
            self._step_depth = len(self._open)
            self.steps.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SECTION_HEADINGS and self._open == [tag]:
            self._head(_SECTION_HEADINGS[tag])
        elif tag in _BLOCKS:
            self._flush()
        if len(self._open) == self._step_depth:
            self._step_depth = 0
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def _head(self, level: int) -> None:
        self._path = [*((upper, text) for upper, text in self._path if upper < level), (level, self._taken())]

    def _flush(self) -> None:
        text = self._taken()
        if not text:
            return
        self._blocks.append(Block(text, len(self.steps) if self._step_depth else None))
        if self._step_depth and not self.steps[-1]:
            self.steps[-1] = text

    def _taken(self) -> str:
        text = "".join(self._text)
        self._text.clear()
        return text.strip("\n").rstrip() if "pre" in self._open else " ".join(text.split())
