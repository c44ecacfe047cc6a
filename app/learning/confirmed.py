"""Confirmed: when an article last helped to solve something, as agents' work tells by itself.

Counted are what agents ticked, copied or mailed in a contact that was solved, and articles whose address they sent in a
ticket that was solved. What readers click confirms nothing.
"""

from __future__ import annotations

import logging
import re
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Integer, String, Text, column, func, select, table

from app.database import Moment, StoreUnavailable, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Engine

# Learning reads what tickets and the desk have written, and knows no more of them than these columns.
tickets = table("tickets", column("id", Integer), column("state", String))
messages = table("messages", column("ticket_id", Integer), column("author", String), column("internal", Boolean),
                 column("text", Text), column("at", Moment))  # fmt: skip
contacts = table("contacts", column("id", Integer), column("ended_at", Moment), column("outcome", String))
contact_events = table("contact_events", column("contact_id", Integer), column("kind", String), column("slug", String))
DONE = ("solved", "closed")
USED = ("ticked", "copied", "mailed")
FRESH = timedelta(minutes=10)
"""How old what is known may be before it is read anew."""
FAR_BACK = timedelta(days=366)
_LINK = re.compile(r"/articles/([a-z0-9-]+)(?![\w-])")

log = logging.getLogger(__name__)


class Confirmed:
    """What is known of one database; it is read anew beside the pages, and nobody waits for it."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        """Name the database; nothing is read yet."""
        self._engine, self._clock = engine, clock
        self._lock = threading.Lock()
        self._read_at: datetime | None = None
        self._known: Mapping[str, datetime] = {}

    def last(self, slug: str) -> datetime | None:
        """Return when an article was last confirmed, as far as that is known by now."""
        now = self._clock()
        with self._lock:
            if self._read_at is None or now - self._read_at > FRESH:
                self._read_at = now
                threading.Thread(target=self.read, name="confirmed", daemon=True).start()
        return self._known.get(slug)

    def read(self) -> None:
        """Read it now; while the database is away what was known stays."""
        self._read_at = self._clock()
        try:
            found: dict[str, datetime] = {}
            for slug, at in self._confirmations(self._clock() - FAR_BACK):
                found[slug] = max(at, found.get(slug, at))
            self._known = found
        except StoreUnavailable as error:
            log.warning("What confirms articles cannot be read now: %s", error)

    def _confirmations(self, since: datetime) -> Iterator[tuple[str, datetime]]:
        in_contacts = (
            select(contact_events.c.slug, func.max(contacts.c.ended_at).label("at"))
            .where(contacts.c.id == contact_events.c.contact_id, contacts.c.outcome == "solved",
                   contacts.c.ended_at >= since, contact_events.c.kind.in_(USED), contact_events.c.slug != "")
            .group_by(contact_events.c.slug)
        )  # fmt: skip
        in_tickets = select(messages.c.text, messages.c.at).where(
            tickets.c.id == messages.c.ticket_id, tickets.c.state.in_(DONE), messages.c.author == "agent",
            messages.c.internal.is_(False), messages.c.at >= since, messages.c.text.contains("/articles/"),
        )  # fmt: skip
        with reading(self._engine) as connection:
            yield from ((slug, at) for slug, at in connection.execute(in_contacts))
            for text, at in connection.execute(in_tickets):
                yield from ((slug, at) for slug in _LINK.findall(text))
