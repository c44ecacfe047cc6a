"""The pages of an article's past: its versions, one of them as it was read, and what changed between two."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from markupsafe import Markup

from app.articles.article import Language
from app.articles.comparison import Stretch, changes
from app.articles.past import wording
from app.desk.agent import Agent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.articles.article import Article
    from app.articles.past import Past, Version


@dataclass(frozen=True, slots=True)
class Told:
    """The article whose past is told, and who reads."""

    slug: str
    lang: Language
    title: str
    base: str
    """Address of the article's past; versions lie below it."""
    compare: str
    """Address that compares two versions."""
    agent: Agent | None
    """None for customers."""


@dataclass(frozen=True, slots=True)
class Row:
    """One version in the list."""

    commit: str
    at: datetime
    author: str
    """Empty where readers are told no name."""
    subject: str
    """What its author said of it; customers are not told: it was written for colleagues."""
    corrections: tuple[str, ...]
    changed: int | None
    """Paragraphs that differ from the version before; None when that is not known."""
    before: str
    """Commit of the version before; empty for the first."""
    is_live: bool


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """All versions, newest first."""

    template: ClassVar[str] = "history.html"
    told: Told
    rows: tuple[Row, ...]
    whole: bool
    """Whether the first version is among them."""


@dataclass(frozen=True, slots=True)
class OldVersionPage:
    """An article as it was."""

    template: ClassVar[str] = "old_version.html"
    told: Told
    commit: str
    at: datetime
    title: str
    body: Markup
    is_live: bool
    restore: tuple[str, ...]
    """Commands by which an author brings it back; none for customers."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two versions that are compared; no commit stands for the text that is on line."""

    commit: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ComparePage:
    """What came and what went between two versions."""

    template: ClassVar[str] = "compare.html"
    told: Told
    older: Side
    newer: Side
    choices: tuple[Side, ...]
    stretches: tuple[Stretch, ...]
    is_same: bool


def rows_of(past: Past, live: Article, agent: Agent | None) -> tuple[Row, ...]:
    """Return the versions of a past as a list shows them."""
    return tuple(_rows(past, live, agent))


def _rows(past: Past, live: Article, agent: Agent | None) -> Iterator[Row]:
    for version, before in pairwise((*past.versions, None)):
        if version is None:  # pragma: no cover - the last of the pairs ends with None, none begins with it
            return
        changed = changes(wording(before.article), wording(version.article)) if before else None
        yield Row(
            commit=version.short, at=version.at, author=author_of(version, agent),
            subject=version.subject if agent else "", corrections=version.corrections if before else (),
            changed=changed, before=before.short if before else "",
            is_live=is_live(past, version, live),
        )  # fmt: skip


def is_live(past: Past, version: Version, live: Article) -> bool:
    """Tell whether a version is the newest, and what is on line."""
    return version == past.versions[0] and wording(version.article) == wording(live)


def author_of(version: Version, agent: Agent | None) -> str:
    """Return who answers for a version: for agents the author, for customers the team that owned the article."""
    owner = version.article.owner
    return version.author if agent else "" if "@" in owner else owner


def restoring(version: Version, live: Article, prefix: str) -> tuple[str, ...]:
    """Return what brings a version back, as it is typed at the top of the repository."""
    then, now = (shlex.quote(f"{prefix}{article.path}") for article in (version.article, live))
    source = f"{version.short}:{prefix}{version.article.path}"
    back = (
        f"git restore --source={version.short} -- {now}" if then == now else f"git show {shlex.quote(source)} > {now}"
    )
    return (back, f"git commit -m {shlex.quote(f'{live.slug}: {version.short}')} -- {now}", "git push")
