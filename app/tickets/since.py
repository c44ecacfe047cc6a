"""Since: what has happened while a page was open. It is asked often, so an unchanged ticket costs one indexed row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.text import clean_line
from app.tickets.loading import load_changes, load_messages
from app.tickets.queue import queue_where
from app.tickets.store import UnknownTicket
from app.tickets.tables import changes, messages, tickets
from app.tickets.ticket import Change, Message

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from app.tickets.queue import QueueName
    from app.tickets.turn import Agent


@dataclass(frozen=True, slots=True)
class Since:
    """What was said and changed after the version that a page shows; the ticket is at `version` now."""

    version: int
    messages: tuple[Message, ...]
    changes: tuple[Change, ...]


def since_version(connection: Connection, number: str, seen: int) -> Since | None:
    """Return what has happened to a ticket since; None for nothing. Raise UnknownTicket."""
    found = select(tickets.c.id, tickets.c.version).where(tickets.c.number == clean_line(number))
    row = connection.execute(found).one_or_none()
    if row is None:
        raise UnknownTicket(f"No ticket has the number {number!r:.40}. Numbers look like W-2026-000123.")
    if row.version <= seen:
        return None
    said = (messages.c.ticket_id == row.id) & (messages.c.version > seen)
    done = (changes.c.ticket_id == row.id) & (changes.c.version > seen)
    return Since(row.version, load_messages(connection, said), load_changes(connection, done))


def count_changed(connection: Connection, name: QueueName, agent: Agent, now: datetime, since: datetime) -> int:
    """Return how many tickets of a queue have come or changed since."""
    changed = (
        select(func.count()).select_from(tickets).where(queue_where(name, agent, now), tickets.c.changed_at > since)
    )
    return connection.execute(changed).scalar_one()
