"""The outbox: which deliveries are due, who has leased one, and what became of every try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, func, insert, or_, select, update

from app.database import reading, writing
from app.tickets.files import Files
from app.tickets.parcel import DeliveryKind, DeliveryState, Lease, Outcome, Parcel
from app.tickets.record import load_messages, reload_ticket
from app.tickets.tables import attempts, deliveries, messages, tickets
from app.tickets.ticket import Attachment

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Select

    from app.tickets.parcel import Report
    from app.tickets.ticket import Message

LEASE = timedelta(minutes=15)  # longer than any try can take; then another courier may have it
MAX_DETAIL = 500  # characters
MAX_REMOTE = 200  # characters


@dataclass(frozen=True, slots=True)
class Outbox:
    """The deliveries of one database. Each method raises StoreUnavailable when that cannot be used."""

    engine: Engine
    files: Path
    """Folder of the attachments."""
    clock: Callable[[], datetime]

    def lease(self) -> Lease | None:
        """Lease the delivery that has been due longest and write down that a try begins, or return None.

        Of two couriers only one gets it: PostgreSQL skips rows that are locked, SQLite has one writer.
        """
        now = self.clock()
        with writing(self.engine) as connection:
            row = connection.execute(_due(now)).one_or_none()
            if row is None:
                return None
            leased = _begin_try(connection, row, now)
            number = connection.execute(select(tickets.c.number).where(tickets.c.id == row.ticket_id)).scalar_one()
        return Lease(row.id, row.ticket_id, row.message_id, number, DeliveryKind(row.kind), row.token, leased)

    def pack(self, lease: Lease) -> Parcel:
        """Return the parcel with its attachments; raise StoreUnavailable also when a file is gone or damaged."""
        with reading(self.engine) as connection:
            ticket = reload_ticket(connection, lease.ticket_id)
            (message,) = load_messages(connection, messages.c.id == lease.message_id)
            first = select(func.min(deliveries.c.id)).where(deliveries.c.ticket_id == lease.ticket_id).scalar_subquery()
            first_token = connection.execute(select(deliveries.c.token).where(deliveries.c.id == first)).scalar_one()
        return Parcel(lease.kind, lease.token, first_token, ticket, message, self._attachments(message))

    def record(self, lease: Lease, report: Report) -> None:
        """Write down how the try ended.

        When the lease has ended meanwhile and another courier is trying, only a success counts for the delivery.
        """
        now = self.clock()
        with writing(self.engine) as connection:
            _end_try(connection, lease, report, now)
            mine = (deliveries.c.id == lease.delivery_id) & (deliveries.c.state == DeliveryState.PENDING)
            if report.outcome is not Outcome.DELIVERED:
                mine &= deliveries.c.tries == lease.attempt
            connection.execute(update(deliveries).where(mine).values(**_standing(report, now)))

    def revive(self) -> int:
        """Let everything that is dead or refused be tried once more, now; return how many deliveries that are."""
        stuck = deliveries.c.state.in_([DeliveryState.DEAD, DeliveryState.REFUSED])
        values = {"state": DeliveryState.PENDING, "next_try": self.clock()}
        with writing(self.engine) as connection:
            return connection.execute(update(deliveries).where(stuck).values(**values)).rowcount

    def counts(self) -> dict[DeliveryState, int]:
        """Return how many deliveries are in each state, for the health page."""
        counted = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
        with reading(self.engine) as connection:
            found = {state: int(count) for state, count in connection.execute(counted)}
        return {state: found.get(state, 0) for state in DeliveryState}

    def _attachments(self, message: Message) -> tuple[Attachment, ...]:
        files = Files(self.files)
        return tuple(Attachment(file.name, file.media_type, files.read(file.sha256)) for file in message.files)


def _due(now: datetime) -> Select[Any]:
    """Return what is due longest; an answer waits while an earlier delivery of its ticket is pending."""
    earlier = deliveries.alias("earlier")
    waits = select(earlier.c.id).where(
        earlier.c.ticket_id == deliveries.c.ticket_id,
        earlier.c.id < deliveries.c.id,
        earlier.c.state == DeliveryState.PENDING,
    )
    free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)
    due = select(deliveries).where(deliveries.c.state == DeliveryState.PENDING, deliveries.c.next_try <= now, free)
    oldest = due.where(~waits.exists()).order_by(deliveries.c.next_try, deliveries.c.id).limit(1)
    return oldest.with_for_update(skip_locked=True)


def _begin_try(connection: Connection, row: Row[Any], now: datetime) -> int:
    number = int(row.tries) + 1
    leased = update(deliveries).where(deliveries.c.id == row.id).values(tries=number, leased_until=now + LEASE)
    connection.execute(leased)
    connection.execute(insert(attempts).values(delivery_id=row.id, number=number, started_at=now))
    return number


def _end_try(connection: Connection, lease: Lease, report: Report, now: datetime) -> None:
    this = (attempts.c.delivery_id == lease.delivery_id) & (attempts.c.number == lease.attempt)
    values = {"ended_at": now, "outcome": report.outcome, "detail": report.detail[:MAX_DETAIL]}
    connection.execute(update(attempts).where(this).values(**values))


def _standing(report: Report, now: datetime) -> dict[str, object]:
    standing = {"state": report.state, "leased_until": None, "next_try": report.next_try or now}
    return standing | ({"remote": report.detail[:MAX_REMOTE]} if report.outcome is Outcome.DELIVERED else {})
