"""The ledger: what has to be delivered, who has leased it, and what became of every try, in two tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Engine, Table, func, insert, or_, select, update

from app.database import reading, writing
from app.tickets.parcel import DeliveryState, Lease, Outcome
from app.tickets.tables import tickets

if TYPE_CHECKING:
    from collections.abc import Collection
    from enum import StrEnum

    from sqlalchemy import Connection, Row, Select

    from app.tickets.parcel import Report

LEASE = timedelta(minutes=15)  # longer than any try can take; then another courier may have it
MAX_DETAIL = 500  # characters
MAX_REMOTE = 200  # characters
NO_TICKET = "–"


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows of one table, each to be delivered at least once. Each method raises StoreUnavailable."""

    engine: Engine
    clock: Callable[[], datetime]
    rows: Table
    tries: Table
    row_of_try: Column[int]
    """The column of `tries` that says which row was tried."""

    def lease(self, kinds: type[StrEnum]) -> Lease | None:
        """Lease what has been due longest and write down that a try begins, or return None.

        Of two couriers only one gets it: PostgreSQL skips rows that are locked, SQLite has one writer.
        """
        now = self.clock()
        with writing(self.engine) as connection:
            row = connection.execute(self._due(now)).one_or_none()
            if row is None:
                return None
            attempt = self._begin_try(connection, row, now)
            number = connection.scalar(select(tickets.c.number).where(tickets.c.id == row.ticket_id))
        return Lease(row.id, number or NO_TICKET, kinds(row.kind), row.token, attempt)

    def record(self, lease: Lease, report: Report) -> None:
        """Write down how the try ended.

        When the lease has ended meanwhile and another courier is trying, only a success counts for the row.
        """
        now = self.clock()
        with writing(self.engine) as connection:
            self._end_try(connection, lease, report, now)
            mine = (self.rows.c.id == lease.delivery_id) & (self.rows.c.state == DeliveryState.PENDING)
            if report.outcome is not Outcome.DELIVERED:
                mine &= self.rows.c.tries == lease.attempt
            connection.execute(update(self.rows).where(mine).values(**_standing(report, now)))

    def revive(self, states: Collection[DeliveryState]) -> int:
        """Let everything in these states be tried once more, now; return how many rows that are."""
        values = {"state": DeliveryState.PENDING, "next_try": self.clock()}
        with writing(self.engine) as connection:
            return connection.execute(update(self.rows).where(self.rows.c.state.in_(states)).values(**values)).rowcount

    def counts(self) -> dict[DeliveryState, int]:
        """Return how many rows are in each state, for the health page."""
        counted = select(self.rows.c.state, func.count()).group_by(self.rows.c.state)
        with reading(self.engine) as connection:
            found = {state: int(count) for state, count in connection.execute(counted)}
        return {state: found.get(state, 0) for state in DeliveryState}

    def _due(self, now: datetime) -> Select[Any]:
        """Return what is due longest; it waits while an earlier row of its ticket is pending."""
        rows, earlier = self.rows, self.rows.alias("earlier")
        waits = select(earlier.c.id).where(
            earlier.c.ticket_id == rows.c.ticket_id,
            earlier.c.id < rows.c.id,
            earlier.c.state == DeliveryState.PENDING,
        )
        free = or_(rows.c.leased_until.is_(None), rows.c.leased_until <= now)
        due = select(rows).where(rows.c.state == DeliveryState.PENDING, rows.c.next_try <= now, free)
        oldest = due.where(~waits.exists()).order_by(rows.c.next_try, rows.c.id).limit(1)
        return oldest.with_for_update(skip_locked=True)

    def _begin_try(self, connection: Connection, row: Row[Any], now: datetime) -> int:
        number = int(row.tries) + 1
        leased = update(self.rows).where(self.rows.c.id == row.id).values(tries=number, leased_until=now + LEASE)
        connection.execute(leased)
        attempt = {self.row_of_try.name: row.id, "number": number, "started_at": now}
        connection.execute(insert(self.tries).values(**attempt))
        return number

    def _end_try(self, connection: Connection, lease: Lease, report: Report, now: datetime) -> None:
        this = (self.row_of_try == lease.delivery_id) & (self.tries.c.number == lease.attempt)
        values = {"ended_at": now, "outcome": report.outcome, "detail": report.detail[:MAX_DETAIL]}
        connection.execute(update(self.tries).where(this).values(**values))


def _standing(report: Report, now: datetime) -> dict[str, object]:
    standing = {"state": report.state, "leased_until": None, "next_try": report.next_try or now}
    return standing | ({"remote": report.detail[:MAX_REMOTE]} if report.outcome is Outcome.DELIVERED else {})
