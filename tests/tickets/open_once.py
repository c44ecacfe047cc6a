"""Opens one ticket with a key that every process of this kind has, and prints its number: for test_store."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from app.database import connect
from app.tickets.store import TicketStore
from app.tickets.ticket import draft
from app.tickets.trail import Trail

FIELDS = {"name": "Erika", "email": "erika@example.org", "description": "Das WLAN geht nicht.", "category": "wlan"}


def main(url: str, files: str) -> None:
    """Open the ticket."""
    store = TicketStore(connect(url), Path(files), lambda: datetime(2026, 11, 22, tzinfo=UTC))
    ticket = store.open_ticket(draft(FIELDS, Trail(), None, "the same key", "sender", "de"))
    print(ticket.number)  # noqa: T201 - the test reads it


main(*sys.argv[1:])
