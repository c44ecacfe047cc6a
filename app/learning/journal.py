"""The journal: what visitors say about articles, and what they solved without a ticket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Engine,
    Index,
    Integer,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    union_all,
    update,
)

from app.database import Moment, metadata, reading, writing
from app.text import clean_text

MAX_FEEDBACK = 2_000  # characters; a longer text is cut

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String(200), nullable=False),
    Column("lang", String(5), nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

solutions = Table(
    "solutions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String(200), nullable=False),
    Column("lang", String(5), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)


@dataclass(frozen=True, slots=True)
class Journal:
    """What is written down for learning; no line says who it was. Each method raises StoreUnavailable."""

    engine: Engine
    clock: Callable[[], datetime]

    def note_feedback(self, slug: str, lang: str, helpful: bool, text: str = "") -> None:  # noqa: FBT001 - the vote
        """Write down whether an article helped, and what the reader added (cut to 2,000 characters)."""
        row = {"slug": slug, "lang": lang, "helpful": helpful, "text": clean_text(text)[:MAX_FEEDBACK]}
        with writing(self.engine) as connection:
            connection.execute(insert(feedback).values(at=self.clock(), **row))

    def note_solved(self, slug: str, lang: str) -> None:
        """Write down that an article made a ticket needless."""
        with writing(self.engine) as connection:
            connection.execute(insert(solutions).values(slug=slug, lang=lang, at=self.clock()))

    def forget(self, before: datetime) -> int:
        """Blank what readers wrote before then, and return how many texts these were; the votes stay."""
        old = update(feedback).where(feedback.c.at < before, feedback.c.text != "").values(text="")
        with writing(self.engine) as connection:
            return connection.execute(old).rowcount

    def most_helpful(self, since: datetime, limit: int) -> list[tuple[str, int]]:
        """Return the articles that solved or helped most often since then, with their counts, most first."""
        times = union_all(
            select(solutions.c.slug).where(solutions.c.at >= since),
            select(feedback.c.slug).where(feedback.c.at >= since, feedback.c.helpful),
        ).subquery()
        count = func.count().label("count")
        query = select(times.c.slug, count).group_by(times.c.slug).order_by(count.desc(), times.c.slug).limit(limit)
        with reading(self.engine) as connection:
            return [(row.slug, int(row[1])) for row in connection.execute(query)]
