"""Uses: how often each edition of an article was used, as readers and agents left it behind.

Who only reads leaves no trace here: counted are votes, "Das löst es", and what agents opened and passed on in contacts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, column, func, select, table, union_all

from app.database import Moment, reading
from app.learning.journal import feedback, solutions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Engine

# Learning reads what the desk has written, and knows no more of it than these columns.
contact_events = table("contact_events", column("kind", String), column("slug", String), column("lang", String),
                       column("at", Moment))  # fmt: skip
USED = ("opened", "copied", "mailed")


def uses_since(engine: Engine, since: datetime) -> Mapping[tuple[str, str], int]:
    """Return how often each slug was used in each language; raise StoreUnavailable."""

    def counted(rows: Any, *where: Any) -> Any:
        found = select(rows.c.slug, rows.c.lang, func.count().label("count"))
        return found.where(rows.c.at >= since, rows.c.slug != "", *where).group_by(rows.c.slug, rows.c.lang)

    every = union_all(
        counted(feedback), counted(solutions), counted(contact_events, contact_events.c.kind.in_(USED))
    ).subquery()
    query = select(every.c.slug, every.c.lang, func.sum(every.c.count)).group_by(every.c.slug, every.c.lang)
    with reading(engine) as connection:
        return {(slug, lang): int(count) for slug, lang, count in connection.execute(query)}
