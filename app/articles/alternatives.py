"""Alternatives: what an image says to those who do not see it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from app.articles.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.articles.source import Source

_MARKDOWN = re.compile(r"!\[(?P<alt>[^\]]{0,2000})\]\(\s*<?(?P<src>[^)\s>]{1,2000})|!\[(?P<bare>[^\]]{0,2000})\]\[")
_HTML = re.compile(r"<img\b[^>]{0,2000}>", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*(?:\"(?P<one>[^\"]*)\"|'(?P<two>[^']*)')", re.IGNORECASE)
_SAY = "Write what it shows between the brackets: ![The lamp PON lights green](lamps.png)."


def missing_alternatives(sources: Iterable[Source]) -> Iterator[Finding]:
    """Yield the images without words, and those whose words are only the name of their file."""
    for source in sources:
        for line, text in source.prose():
            for alt, src in _images(text):
                if problem := _problem(alt, src):
                    yield Finding(source.article.path, line, "alt", "error", problem, _SAY)


def _images(text: str) -> Iterator[tuple[str, str]]:
    for found in _MARKDOWN.finditer(text):
        yield found["bare"] if found["alt"] is None else found["alt"], found["src"] or ""
    for tag in _HTML.findall(text):
        said = _ALT.search(tag)
        yield (said["one"] or said["two"] or "") if said else "", "<img>"


def _problem(alt: str, src: str) -> str:
    if not alt.strip():
        return f'the image "{src}" has no alternative text.' if src else "an image has no alternative text."
    if alt.strip().lower() in {src.lower(), PurePosixPath(src).name.lower(), PurePosixPath(src).stem.lower()}:
        return f'the alternative text of the image "{src}" is only its file name.'
    return ""
