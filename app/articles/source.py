"""A source: an article together with the lines of the file it came from, so that a finding can name one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.articles.address import read_plain_address
from app.articles.article import Article
from app.articles.file_text import LARGEST, Unreadable, decode
from app.articles.folder import read_bytes
from app.articles.intern import hidden_lines
from app.articles.manuscript import parse
from app.articles.prose import prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_TOPS = ("public/", "internal/")


@dataclass(frozen=True, slots=True)
class Source:
    """One article and its file."""

    article: Article
    text: str
    """Of the whole file, with Unix line ends."""
    body_line: int = 1
    lines: Mapping[str, int] = field(default_factory=dict)
    """Line of each field in the front matter."""

    @property
    def body(self) -> Sequence[str]:
        """The lines of the body; the first one is line `body_line` of the file."""
        return self.article.body.split("\n")

    def line_of(self, name: str, entry: str = "") -> int:
        """Return the line of a field, or of one entry in its list; 1 where the file has none."""
        start = self.lines.get(name, 1)
        rows = self.text.split("\n")[start - 1 : self.body_line - 1]
        return next((start + place for place, row in enumerate(rows) if entry and entry in row), start)

    def prose(self) -> Iterator[tuple[int, str]]:
        """Yield the lines of the body that are not code, inline code taken out, with their lines in the file."""
        return ((self.body_line + number - 1, line) for number, line in prose(self.body))

    def public_lines(self) -> frozenset[int]:
        """Return the lines of the body that customers read."""
        if self.article.visibility != "public":
            return frozenset()
        return frozenset(self.body_line + place for place, hidden in enumerate(hidden_lines(self.body)) if not hidden)


def sources_of(folder: Path, articles: Iterable[Article]) -> tuple[Source, ...]:
    """Read the files of these articles once more; one that has changed or gone meanwhile is left out."""
    found = (_source(folder, article) for article in articles)
    return tuple(source for source in found if source)


def _source(folder: Path, article: Article) -> Source | None:
    try:
        text = decode(read_bytes(folder, article.path, LARGEST))
    except (OSError, Unreadable):
        return None
    plain = None if article.path.startswith(_TOPS) else read_plain_address(article.path)
    read = parse(article.path, text, plain=plain, default_language=article.lang)
    if read.article is None or read.article.body != article.body:
        return None
    return Source(article, text, read.body_line, read.lines)
