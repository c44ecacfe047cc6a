"""Desk queue: the list of tickets, with the queues and how many wait in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from app.desk.agent import Agent
from app.tickets.queue import PAGE, QueueName
from app.web.desk_marked import Outcome
from app.web.desk_way import NOWHERE, Way
from app.web.due import Mark, mark_of
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.tickets.queue import QueueRow
    from app.web.words import Words

TITLES: Mapping[QueueName, str] = MappingProxyType(
    {
        QueueName.MINE: msg("Meine"),
        QueueName.UNASSIGNED: msg("Ohne Bearbeiter"),
        QueueName.LEVEL_1: msg("Ebene 1"),
        QueueName.LEVEL_2: msg("Ebene 2"),
        QueueName.LEVEL_3: msg("Ebene 3"),
        QueueName.DUE_SOON: msg("Bald fällig"),
        QueueName.OVERDUE: msg("Überfällig"),
        QueueName.WAITING: msg("Warten auf Kunden"),
        QueueName.SOLVED: msg("Gelöst"),
        QueueName.ALL: msg("Alle"),
    }
)


@dataclass(frozen=True, slots=True)
class QueueLink:
    """A queue in the row of queues."""

    name: str
    title: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket in the list."""

    number: str
    subject: str
    state: str
    level: int
    urgency: str
    agent: str
    """Name of who has it; empty for nobody."""
    changed_at: datetime
    last_author: str
    due: Mark | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of a queue, or what was found."""

    template: ClassVar[str] = "desk_tickets.html"
    agent: Agent
    title: str
    queue: str
    queues: tuple[QueueLink, ...]
    rows: tuple[Line, ...]
    find: str = ""
    previous: int = 0
    """Number of the page before; 0 where there is none."""
    next: int = 0
    way: Way = NOWHERE
    """This list, as the addresses of its tickets name it."""
    agents: tuple[Agent, ...] = ()
    """Who can be given the marked tickets."""
    topics: tuple[tuple[str, str], ...] = ()
    """Slug and title of each category that these can be put into."""
    loaded_at: datetime | None = None
    outcome: Outcome | None = None
    """What became of the tickets that were marked."""


def queue_page(  # noqa: PLR0913, PLR0917 - what a list is made of
    agent: Agent, name: QueueName, page: int, rows: Sequence[QueueRow], counts: Mapping[QueueName, int],
    names: Mapping[str, str], words: Words, now: datetime,
) -> QueuePage:  # fmt: skip
    """Return a page of a queue."""
    return QueuePage(
        agent, words.gettext(TITLES[name]), name, links(name, counts, words), lines(rows, names, now, words),
        previous=page - 1, next=page + 1 if counts[name] > page * PAGE else 0,
    )  # fmt: skip


def found_page(  # noqa: PLR0913, PLR0917 - what a list is made of
    agent: Agent, asked: str, rows: Sequence[QueueRow], counts: Mapping[QueueName, int], names: Mapping[str, str],
    words: Words, now: datetime,
) -> QueuePage:  # fmt: skip
    """Return what was found."""
    return QueuePage(
        agent, words.gettext("Treffer"), "", links(None, counts, words), lines(rows, names, now, words), asked
    )


def links(current: QueueName | None, counts: Mapping[QueueName, int], words: Words) -> tuple[QueueLink, ...]:
    """Return the row of queues."""
    return tuple(QueueLink(name, words.gettext(title), counts[name], name == current) for name, title in TITLES.items())


def lines(rows: Sequence[QueueRow], names: Mapping[str, str], now: datetime, words: Words) -> tuple[Line, ...]:
    """Return tickets as the list shows them."""
    return tuple(
        Line(one.number, one.subject, one.state, one.level, one.urgency, names.get(one.assignee or "", ""),
             one.changed_at, one.last_author, mark_of(one.due_by, one.warn_at, now, words), one.version)
        for one in rows
    )  # fmt: skip
