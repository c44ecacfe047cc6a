"""Decision: what agents make of a suggested category or urgency, counted, so that the hit rate is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, func, insert, select

from app.tickets.tables import suggestions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

MAX_VALUE = 100  # characters


@dataclass(frozen=True, slots=True)
class HitRate:
    """How many suggestions agents decided on, and how many of them they took."""

    decided: int
    taken: int

    @property
    def share(self) -> float:
        """The share that was taken, 0 to 1; 0 where nothing was decided."""
        return self.taken / self.decided if self.decided else 0.0


def keep_decision(  # noqa: PLR0913, PLR0917 - a row
    connection: Connection, ticket_id: int, field: str, suggested: str, chosen: str, now: datetime,
) -> None:  # fmt: skip
    """Store what was chosen where something was suggested; of a ticket and a field the last decision counts."""
    same = (suggestions.c.ticket_id == ticket_id) & (suggestions.c.field == field)
    connection.execute(delete(suggestions).where(same))
    row = {"suggested": suggested, "chosen": chosen, "at": now}
    connection.execute(insert(suggestions).values(ticket_id=ticket_id, field=field, **row))


def hit_rates(connection: Connection, since: datetime) -> Mapping[str, HitRate]:
    """Return the hit rate of each field that was decided on since then, in one query."""
    taken = func.sum(case((suggestions.c.suggested == suggestions.c.chosen, 1), else_=0))
    asked = select(suggestions.c.field, func.count(), taken).where(suggestions.c.at >= since)
    found = connection.execute(asked.group_by(suggestions.c.field).order_by(suggestions.c.field))
    return {field: HitRate(decided, hits) for field, decided, hits in found}
