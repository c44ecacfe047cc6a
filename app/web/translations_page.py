"""The page of translations: which fell behind, and where, and which are missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.articles.article import Language
from app.desk.agent import Agent

DAYS = 90
"""Uses are counted over so many days."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A translation whose original has changed."""

    slug: str
    title: str
    lang: Language
    into: str
    uses: int
    changed: date
    paragraphs: tuple[str, ...]
    """First words of paragraphs of the original that changed."""
    more: int
    """How many more there are, those that are gone among them."""
    url: str
    """What changed since it was made."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An article that is not there in a language."""

    slug: str
    title: str
    lang: Language
    into: str
    uses: int
    internal: bool


@dataclass(frozen=True, slots=True)
class TranslationsPage:
    """What to translate, most used first."""

    template: ClassVar[str] = "translations.html"
    agent: Agent
    behind: tuple[Behind, ...]
    missing: tuple[Missing, ...]
    knows_past: bool
    """Whether git was asked."""
