"""Article drafts: which articles were begun from which ticket, so that everybody who had it hears of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine, insert, or_, select

from app.database import reading, writing
from app.text import clean_line
from app.tickets.record import add_change, begin_change
from app.tickets.store import UnknownTicket, hash_key
from app.tickets.tables import draft_tickets, drafts, tickets
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

    def note(  # noqa: PLR0913, PLR0917 - one draft
        self, number: str, agent: str, slug: str, branch: str, key: str, others: Collection[str] = (),
    ) -> ArticleDraft:  # fmt: skip
        """Write down that an agent began an article, in the history of its ticket too; `number` is empty for a gap.

        `others` are the tickets of the gap, which hear of the article as well once it is live. The same `key` again
        changes nothing, and returns what was written down first. Raise UnknownTicket.
        """
        with writing(self.engine) as connection:
            ticket_id = _locked(connection, number) if number else None
            known = _drafts(connection, drafts.c.key_hash == hash_key(key))
            if known:
                return known[0]
            made = ArticleDraft(slug, branch, agent, self.clock())
            row = {"ticket_id": ticket_id, "slug": slug, "branch": branch, "agent": agent, "at": made.at}
            added = connection.execute(insert(drafts).values(key_hash=hash_key(key), **row)).inserted_primary_key
            assert added is not None  # noqa: S101 - a row was inserted
            _name(connection, added[0], others)
            if ticket_id is not None:
                begin_change(connection, ticket_id, made.at)
                add_change(connection, ticket_id, Change(made.at, agent, WHAT, "", branch[:MAX_VALUE]))
            return made

    def by_key(self, key: str) -> ArticleDraft | None:
        """Return what a form with this key began, or None."""
        with reading(self.engine) as connection:
            return next(iter(_drafts(connection, drafts.c.key_hash == hash_key(key))), None)

    def of_ticket(self, number: str) -> tuple[ArticleDraft, ...]:
        """Return what was begun from a ticket, or from a gap that it was in, the oldest first."""
        with reading(self.engine) as connection:
            ticket = select(tickets.c.id).where(tickets.c.number == clean_line(number)).scalar_subquery()
            named = select(draft_tickets.c.draft_id).where(draft_tickets.c.ticket_id == ticket)
            return _drafts(connection, or_(drafts.c.ticket_id == ticket, drafts.c.id.in_(named)))

    def numbers_since(self, moment: datetime) -> tuple[str, ...]:
        """Return the numbers of all tickets that were opened since then."""
        with reading(self.engine) as connection:
            opened = select(tickets.c.number).where(tickets.c.opened_at >= moment).order_by(tickets.c.id)
            return tuple(connection.scalars(opened))


def _name(connection: Connection, draft_id: int, numbers: Collection[str]) -> None:
    """Note which tickets a draft is for as well."""
    found = connection.scalars(select(tickets.c.id).where(tickets.c.number.in_(sorted(numbers)))).all()
    if found:
        connection.execute(insert(draft_tickets), [{"draft_id": draft_id, "ticket_id": one} for one in found])


def _locked(connection: Connection, number: str) -> int:
    found = select(tickets.c.id).where(tickets.c.number == clean_line(number)).with_for_update()
    ticket_id = connection.scalar(found)
    if ticket_id is None:
        raise UnknownTicket(f"No ticket has the number {number!r:.40}. Numbers look like W-2026-000123.")
    return int(ticket_id)


def _drafts(connection: Connection, where: ColumnElement[bool]) -> tuple[ArticleDraft, ...]:
    rows = connection.execute(select(drafts).where(where).order_by(drafts.c.id))
    return tuple(ArticleDraft(row.slug, row.branch, row.agent, row.at) for row in rows)
