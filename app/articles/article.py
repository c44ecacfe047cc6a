"""An article: what is read, in one language, checked and ready to be rendered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from app.articles.intern import without_intern

Language = Literal["de", "en"]
Visibility = Literal["public", "internal"]

LANGUAGES: tuple[Language, ...] = ("de", "en")


@dataclass(frozen=True, slots=True)
class Article:
    """One article file that kept every rule of the contract; an Article that exists is valid."""

    slug: str
    lang: Language
    category: str
    visibility: Visibility
    title: str
    body: str
    """Markdown. In a public edition the blocks for agents are gone, in an internal one they are there."""
    path: str
    """The file it came from, relative to the article folder, with forward slashes."""
    summary: str = ""
    questions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    level: int = 1
    owner: str = ""
    reviewed: date | None = None
    review_after: date | None = None
    applies_to: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()
    translation_of_revision: str = ""
    source: str = ""
    license: str = ""
    changed: date | None = None
    """Day of the last change, from git."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item, table row or code block as plain text; `step` is the number of the step it belongs to."""

    text: str
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The text under one heading; the lead before the first heading has no anchor and no headings."""

    anchor: str
    headings: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """An article made ready for one audience: its HTML and its plain text by section.

    The HTML is not trusted: it may have lain in an index on disk. Only what `sanitise` returns goes on a page.
    """

    article: Article
    html: str
    sections: tuple[Section, ...]
    steps: tuple[str, ...]
    """Plain text of each step; step n of the page is steps[n - 1]."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A known disturbance, shown on top of the pages between `starts` and `ends`."""

    slug: str
    lang: Language
    title: str
    body: str
    starts: datetime
    ends: datetime
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of articles, with its name and one line of what is found there, per language."""

    slug: str
    title: dict[Language, str] = field(hash=False)
    summary: dict[Language, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a file, where it stands, and what to do. A fault that is only a `hint` keeps no file out."""

    path: str
    line: int
    message: str
    hint: bool = False
    rule: str = "contract"
    """Which rule it breaks, a key of `finding.RULES`."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def public_edition(article: Article) -> Article | None:
    """Give the article as customers may read it, without the text for agents; None when all of it is internal."""
    if article.visibility != "public":
        return None
    return replace(article, body=without_intern(article.body))
