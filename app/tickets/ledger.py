"""The ledger: what has to be delivered, who has leased it, and what became of every try, in two tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Engine, Integer, Table, bindparam, delete, func, insert, or_, select, update

from app.database import Moment, reading, writing
from app.tickets.parcel import DeliveryState, Lease, Outcome
from app.tickets.tables import tickets

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from enum import StrEnum

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from app.tickets.parcel import Report

LEASE = timedelta(minutes=15)  # longer than any batch can take; then another courier may have it
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

    def lease(self, kinds: type[StrEnum], most: int = 1) -> list[Lease]:
        """Lease what has been due longest, at most so much, and write down that a try of each begins.

        Two of one ticket are never leased together. Of two couriers only one gets a row: PostgreSQL skips rows that
        are locked, SQLite has one writer.
        """
        now = self.clock()
        with writing(self.engine) as connection:
            found = connection.execute(_due(self.rows), {"now": now, "most": most}).all()
            if found:
                self._begin_tries(connection, found, now)
        return [Lease(row.id, row.number or NO_TICKET, kinds(row.kind), row.token, row.tries + 1) for row in found]

    def record(self, ends: Sequence[tuple[Lease, Report]], untried: Sequence[Lease] = ()) -> None:
        """Write down how tries ended, and give back what was leased and not tried: all of it, or nothing.

        When a lease has ended meanwhile and another courier is trying, only a success counts for the row.
        """
        now = self.clock()
        with writing(self.engine) as connection:
            self._end_tries(connection, ends, now)
            self._set(connection, [_standing(lease, report, now) for lease, report in ends])
            self._give_back(connection, untried)

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

    def _begin_tries(self, connection: Connection, found: Sequence[Row[Any]], now: datetime) -> None:
        leased = [{"this": row.id, "tries": row.tries + 1, "leased_until": now + LEASE} for row in found]
        connection.execute(update(self.rows).where(self.rows.c.id == bindparam("this")), leased)
        begun = [{self.row_of_try.name: row.id, "number": row.tries + 1, "started_at": now} for row in found]
        connection.execute(insert(self.tries), begun)

    def _end_tries(self, connection: Connection, ends: Sequence[tuple[Lease, Report]], now: datetime) -> None:
        ended = [
            _this(lease) | {"ended_at": now, "outcome": report.outcome, "detail": report.detail[:MAX_DETAIL]}
            for lease, report in ends
        ]
        if ended:
            connection.execute(update(self.tries).where(*self._try_of_lease()), ended)

    def _set(self, connection: Connection, standings: list[dict[str, Any]]) -> None:
        """Change pending rows that have had no other try since; others only where `anyhow` says so."""
        still = or_(bindparam("anyhow", type_=Boolean()), self.rows.c.tries == bindparam("attempt"))
        mine = (self.rows.c.id == bindparam("this")) & (self.rows.c.state == DeliveryState.PENDING)
        if standings:
            connection.execute(update(self.rows).where(mine, still), standings)

    def _give_back(self, connection: Connection, untried: Sequence[Lease]) -> None:
        """Take back the tries that never began: the rows are due as they were, for any courier."""
        if untried:
            connection.execute(delete(self.tries).where(*self._try_of_lease()), [_this(lease) for lease in untried])
        before = {"leased_until": None, "anyhow": False}
        self._set(connection, [_this(lease) | before | {"tries": lease.attempt - 1} for lease in untried])

    def _try_of_lease(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return self.row_of_try == bindparam("this"), self.tries.c.number == bindparam("attempt")


@cache
def _due(rows: Table) -> Select[Any]:
    """Return what is due longest at the moment `now`, at most `most`; a row waits while one before it is pending.

    It is made once: an alias costs more than the query, and leaves something behind each time.
    """
    earlier, now = rows.alias("earlier"), bindparam("now", type_=Moment())
    waits = select(earlier.c.id).where(
        earlier.c.ticket_id == rows.c.ticket_id,
        earlier.c.id < rows.c.id,
        earlier.c.state == DeliveryState.PENDING,
    )
    number = select(tickets.c.number).where(tickets.c.id == rows.c.ticket_id).scalar_subquery()
    free = or_(rows.c.leased_until.is_(None), rows.c.leased_until <= now)
    due = (rows.c.state == DeliveryState.PENDING) & (rows.c.next_try <= now) & free
    oldest = select(rows, number.label("number")).where(due, ~waits.exists()).order_by(rows.c.next_try, rows.c.id)
    return oldest.limit(bindparam("most", type_=Integer())).with_for_update(of=rows, skip_locked=True)


def _this(lease: Lease) -> dict[str, Any]:
    return {"this": lease.delivery_id, "attempt": lease.attempt}


def _standing(lease: Lease, report: Report, now: datetime) -> dict[str, Any]:
    delivered = report.outcome is Outcome.DELIVERED
    standing = {"state": report.state, "leased_until": None, "next_try": report.next_try or now}
    return _this(lease) | standing | {"remote": report.detail[:MAX_REMOTE] if delivered else None, "anyhow": delivered}
