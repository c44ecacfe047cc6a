"""The gap list: gaps as they were found last, and what authors decided about each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, delete, insert, select, update

from app.database import alone, reading, writing
from app.learning.gaps import inherited
from app.learning.questions import LOCK, gaps, questions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from app.learning.gaps import Gap

MOST = 100  # gaps that are kept and shown
MOST_WORDS = 5  # of people's questions that are shown of a gap


class GapState(StrEnum):
    """What was decided about a gap."""

    OPEN = "open"
    DONE = "done"
    IGNORED = "ignored"


class UnknownGap(Exception):
    """There is no gap of this number, or there is none any more."""


@dataclass(frozen=True, slots=True)
class KnownGap:
    """A gap as the list has it."""

    id: int
    state: GapState
    people: int
    tickets: int
    weeks: tuple[int, ...]
    """Askers by week, oldest first."""
    nearest: tuple[str, ...]
    answered: bool
    made_at: datetime
    words: tuple[str, ...]
    """What people asked, the most central first."""
    langs: tuple[str, ...]
    """The language of each."""
    answers: tuple[str, ...] = ()
    """The slug of the article that answers each today, empty where none does."""
    answered_at: datetime | None = None
    """Since when an article answers it."""


@dataclass(frozen=True, slots=True)
class GapList:
    """The gaps of one database. Each method raises StoreUnavailable."""

    engine: Engine
    clock: Callable[[], datetime]

    def store(self, found: Sequence[Gap]) -> None:
        """Put what was found now in the place of what was found before.

        A gap keeps its number, and what was decided, as long as most of its questions stay together. One that was done
        is open again when somebody asks it on a later day and no article answers, or when the one that did answers no
        more.
        """
        kept = found[:MOST]
        old = inherited(kept)
        with writing(self.engine) as connection:
            alone(connection, LOCK)
            connection.execute(update(questions).values(gap_id=None, place=None, answer=None))
            decided = {row.id: row for row in connection.execute(select(gaps))}
            connection.execute(delete(gaps))
            for place, gap in enumerate(kept):
                _store(connection, gap, decided.get(old.get(place, 0)), self.clock())

    def every(self) -> tuple[KnownGap, ...]:
        """Return all gaps, the costliest first and answered ones last."""
        with reading(self.engine) as connection:
            order = (gaps.c.answered, gaps.c.score.desc(), gaps.c.id)
            rows = connection.execute(select(gaps).order_by(*order)).all()
            shown = questions.c.gap_id.is_not(None) & (questions.c.place < MOST_WORDS)
            of_gaps = select(questions).where(shown).order_by(questions.c.gap_id, questions.c.place)
            words: dict[int, list[Row[Any]]] = {}
            for one in connection.execute(of_gaps):
                words.setdefault(one.gap_id, []).append(one)
        return tuple(_known(row, words.get(row.id, [])) for row in rows)

    def askers(self, gap_id: int) -> frozenset[str]:
        """Return the names of all who asked the questions of a gap."""
        with reading(self.engine) as connection:
            return frozenset(connection.scalars(select(questions.c.asker).where(questions.c.gap_id == gap_id)))

    def decide(self, gap_id: int, state: GapState) -> None:
        """Write down what an author decided; the same again changes nothing. Raise UnknownGap."""
        values = {"state": state, "decided_at": None if state is GapState.OPEN else self.clock()}
        with writing(self.engine) as connection:
            if not connection.execute(update(gaps).where(gaps.c.id == gap_id).values(**values)).rowcount:
                raise UnknownGap(str(gap_id))


def _store(connection: Connection, gap: Gap, before: Row[Any] | None, now: datetime) -> None:
    state, decided = (GapState(before.state), before.decided_at) if before else (GapState.OPEN, None)
    was_answered = before is not None and bool(before.answered)
    if state is GapState.DONE and not gap.answered and (was_answered or _is_asked_again(gap, decided)):
        state, decided = GapState.OPEN, None
    since = before.answered_at if before and was_answered else now
    row = {
        "state": state, "decided_at": decided, "people": gap.people, "tickets": gap.tickets, "score": gap.score,
        "weeks": " ".join(map(str, gap.weeks)), "nearest": " ".join(gap.nearest), "answered": int(gap.answered),
        "made_at": now, "answered_at": since if gap.answered else None, **({"id": before.id} if before else {}),
    }  # fmt: skip
    key = connection.execute(insert(gaps).values(**row)).inserted_primary_key
    assert key is not None  # noqa: S101 - a row was inserted
    distinct = {one.text.casefold(): one.id for one in reversed(gap.questions)}
    first = set(distinct.values())
    ordered = [one for one in gap.questions if one.id in first] + [one for one in gap.questions if one.id not in first]
    for place, one in enumerate(ordered):
        shown = place if one.id in first else MOST_WORDS + place
        answer = one.nearest[0] if one.answered and one.nearest else None
        placed = {"gap_id": key[0], "place": shown, "answer": answer}
        connection.execute(update(questions).where(questions.c.id == one.id).values(**placed))


def _is_asked_again(gap: Gap, decided: datetime | None) -> bool:
    return decided is not None and any(one.day > decided.date() for one in gap.questions)


def _known(row: Row[Any], words: list[Row[Any]]) -> KnownGap:
    return KnownGap(
        row.id, GapState(row.state), row.people, row.tickets, tuple(map(int, row.weeks.split())),
        tuple(row.nearest.split()), bool(row.answered), row.made_at,
        tuple(one.text for one in words), tuple(one.lang for one in words),
        tuple(one.answer or "" for one in words), row.answered_at,
    )  # fmt: skip
