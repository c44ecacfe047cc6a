"""The outbox: which deliveries are due, who has leased one, and what became of every try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, bindparam, func, select

from app.database import reading
from app.tickets.files import Files
from app.tickets.ledger import Ledger
from app.tickets.loading import load_message, reload_ticket
from app.tickets.parcel import DeliveryKind, DeliveryState, Parcel
from app.tickets.tables import attempts, deliveries
from app.tickets.ticket import Attachment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.tickets.parcel import Lease, Report
    from app.tickets.ticket import Message

GIVEN_UP = (DeliveryState.DEAD, DeliveryState.REFUSED)

_DELIVERY = select(deliveries).where(deliveries.c.id == bindparam("this"))
_FIRST = select(func.min(deliveries.c.id)).where(deliveries.c.ticket_id == bindparam("ticket")).scalar_subquery()
_FIRST_TOKEN = select(deliveries.c.token).where(deliveries.c.id == _FIRST)


@dataclass(frozen=True, slots=True)
class Outbox:
    """The deliveries of one database. Each method raises StoreUnavailable when that cannot be used."""

    engine: Engine
    files: Path
    """Folder of the attachments."""
    clock: Callable[[], datetime]

    def lease(self, most: int = 1) -> list[Lease]:
        """Lease the deliveries due longest, at most so many, and write down that a try of each begins."""
        return self._ledger.lease(DeliveryKind, most)

    def pack(self, lease: Lease) -> Parcel:
        """Return the parcel with its attachments; raise StoreUnavailable also when a file is gone or damaged."""
        with reading(self.engine) as connection:
            row = connection.execute(_DELIVERY, {"this": lease.delivery_id}).one()
            ticket = reload_ticket(connection, row.ticket_id)
            message = load_message(connection, row.message_id)
            first_token = connection.execute(_FIRST_TOKEN, {"ticket": row.ticket_id}).scalar_one()
        kind = DeliveryKind(row.kind)
        return Parcel(kind, row.token, first_token, ticket, message, self._attachments(message))

    def record(self, ends: Sequence[tuple[Lease, Report]], untried: Sequence[Lease] = ()) -> None:
        """Write down how tries ended; one whose lease has ended meanwhile counts only where it succeeded.

        What was leased and not tried is given back.
        """
        self._ledger.record(ends, untried)

    def revive(self) -> int:
        """Let everything that is dead or refused be tried once more, now; return how many deliveries that are."""
        return self._ledger.revive(GIVEN_UP)

    def counts(self) -> dict[DeliveryState, int]:
        """Return how many deliveries are in each state, for the health page."""
        return self._ledger.counts()

    @property
    def _ledger(self) -> Ledger:
        return Ledger(self.engine, self.clock, deliveries, attempts, attempts.c.delivery_id)

    def _attachments(self, message: Message) -> tuple[Attachment, ...]:
        files = Files(self.files)
        return tuple(Attachment(file.name, file.media_type, files.read(file.sha256)) for file in message.files)
