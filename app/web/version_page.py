"""The page of the version: commit, author, counts, faults by file, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from app.articles.article import Fault
from app.articles.publication import Publication, Trouble
from app.desk.agent import Agent
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.web.words import Words

TROUBLES = {
    Trouble.UNREACHABLE: msg("Das Repository ist nicht erreichbar."),
    Trouble.NO_BRANCH: msg("Den Zweig gibt es im Repository nicht."),
    Trouble.GIT: msg("Git ist hier fehlgeschlagen."),
    Trouble.NO_FOLDER: msg("Der Ordner der Artikel fehlt."),
    Trouble.EMPTY: msg("Es wäre kein einziger Artikel übrig."),
    Trouble.BUILD: msg("Der Index ließ sich nicht bauen."),
    Trouble.DIES: msg("Das Programm, das den Index baut, bricht immer wieder ab."),
}


@dataclass(frozen=True, slots=True)
class File:
    """What is wrong in one file."""

    path: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """What is live."""

    template: ClassVar[str] = "version.html"
    agent: Agent
    noted: Publication
    live: str
    """Version that answers searches at this moment."""
    trouble: str
    """Why what is newer is not live; empty when nothing is."""
    faults: tuple[File, ...]
    hints: tuple[File, ...]
    asked: bool


def version_page(agent: Agent, noted: Publication, live: str, words: Words, *, asked: bool) -> VersionPage:
    """Return the page of what was noted last; `asked`: the builder has been called and has not looked yet."""
    trouble = words.gettext(TROUBLES[noted.failure.trouble]) if noted.failure else ""
    return VersionPage(
        agent, noted, live, trouble, by_file(one for one in noted.faults if not one.hint),
        by_file(one for one in noted.faults if one.hint), asked,
    )  # fmt: skip


def by_file(faults: Iterable[Fault]) -> tuple[File, ...]:
    """Put faults together that are in one file, in the order of their lines."""
    ordered = sorted(faults, key=lambda one: (one.path, one.line))
    return tuple(File(path, tuple(rows)) for path, rows in groupby(ordered, key=lambda one: one.path))
