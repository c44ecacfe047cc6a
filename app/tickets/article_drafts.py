"""Article drafts: which articles were begun from which ticket, so that everybody who had it hears of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine, insert, select

from app.database import reading, writing
from app.text import clean_line
from app.tickets.record import add_change, begin_change
from app.tickets.store import UnknownTicket, hash_key
from app.tickets.tables import drafts, tickets
from app.tickets.ticket import Change

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

WHAT = "article"
"""What the history calls it."""
MAX_VALUE = 100  # characters that the history keeps


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article that was begun."""

    slug: str
    branch: str
    agent: str
    """Name of who began it."""
    at: datetime


@dataclass(frozen=True, slots=True)
class ArticleDrafts:
    """The drafts of one database. Each method raises StoreUnavailable."""

    engine: Engine
    clock: Callable[[], datetime]

    def note(self, number: str, agent: str, slug: str, branch: str, key: str) -> ArticleDraft:
        """Write down that an agent began an article, in the history of its ticket too; `number` is empty for a gap.

        The same `key` again changes nothing, and returns what was written down first. Raise UnknownTicket.
        """
        with writing(self.engine) as connection:
            ticket_id = _locked(connection, number) if number else None
            known = _drafts(connection, drafts.c.key_hash == hash_key(key))
            if known:
                return known[0]
            made = ArticleDraft(slug, branch, agent, self.clock())
            row = {"ticket_id": ticket_id, "slug": slug, "branch": branch, "agent": agent, "at": made.at}
            connection.execute(insert(drafts).values(key_hash=hash_key(key), **row))
            if ticket_id is not None:
                begin_change(connection, ticket_id, made.at)
                add_change(connection, ticket_id, Change(made.at, agent, WHAT, "", branch[:MAX_VALUE]))
            return made

    def by_key(self, key: str) -> ArticleDraft | None:
        """Return what a form with this key began, or None."""
        with reading(self.engine) as connection:
            return next(iter(_drafts(connection, drafts.c.key_hash == hash_key(key))), None)

    def of_ticket(self, number: str) -> tuple[ArticleDraft, ...]:
        """Return what was begun from a ticket, the oldest first."""
        with reading(self.engine) as connection:
            ticket = select(tickets.c.id).where(tickets.c.number == clean_line(number)).scalar_subquery()
            return _drafts(connection, drafts.c.ticket_id == ticket)


def _locked(connection: Connection, number: str) -> int:
    found = select(tickets.c.id).where(tickets.c.number == clean_line(number)).with_for_update()
    ticket_id = connection.scalar(found)
    if ticket_id is None:
        raise UnknownTicket(f"No ticket has the number {number!r:.40}. Numbers look like W-2026-000123.")
    return int(ticket_id)


def _drafts(connection: Connection, where: ColumnElement[bool]) -> tuple[ArticleDraft, ...]:
    rows = connection.execute(select(drafts).where(where).order_by(drafts.c.id))
    return tuple(ArticleDraft(row.slug, row.branch, row.agent, row.at) for row in rows)
