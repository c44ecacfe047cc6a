"""Opens tickets until it is killed, and prints the number of each after its commit: a process for test_kill."""

from __future__ import annotations

import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from app.database import connect
from app.tickets.store import Limits, TicketStore
from app.tickets.ticket import Attachment, draft
from app.tickets.trail import Searched, Trail

FIELDS = {"name": "Erika", "email": "erika@example.org", "description": "Das WLAN geht nicht.", "category": "wlan"}


def main(url: str, files: str) -> None:
    """Open tickets, each with a file of its own."""
    limits = Limits(tickets_per_sender=10**9, tickets_per_hour=10**9)
    store = TicketStore(connect(url), Path(files), lambda: datetime.now(UTC), limits)
    while True:
        key = uuid.uuid4().hex
        log = Attachment("router.log", "text/plain", key.encode())
        ticket = store.open_ticket(draft(FIELDS, Trail((Searched("wlan"),)), log, key, "sender", "de"))
        print(ticket.number, flush=True)  # noqa: T201 - the test reads it


main(*sys.argv[1:])
