"""Escalation: a thread that hands tickets nobody answers to the level that the rule of their category names.

Before it is that far, agents are told by mail (`reminding`).

What is to be done stands in the database: `climb_at` of each ticket, made when something happened to it. A process that
comes second finds it done. When the clock jumps, by an hour or a year, nothing is done before it has run evenly for
`CALM`, and never more than `MOST_A_ROUND` at once: a wrong clock that is put right in time does no harm.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine, select

from app.database import StoreUnavailable, reading, writing
from app.job import Job
from app.tickets.deadline import PORTAL, RUNNING, asked_at, next_climb, settle
from app.tickets.schedule import Schedule
from app.tickets.state import Step
from app.tickets.tables import tickets
from app.tickets.turn import begin_turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.tickets.reminding import Reminding
    from app.tickets.schedule import Climb
    from app.tickets.turn import Turn

ROUND = timedelta(minutes=1)
CALM = timedelta(minutes=10)
"""How long the clock must have run evenly after a jump."""
JUMP = timedelta(minutes=2)
"""By how much the clock may differ from the time that has passed since the last round."""
MOST_A_ROUND = 50  # tickets handed on
MOST_AT_ONCE = 200  # tickets from before that get their times in one transaction
REASONS: Mapping[str, str] = {
    "de": "Seit {hours} Arbeitszeit ohne Antwort. Nach der Regel für das Thema „{category}“ an Ebene {level} gegeben.",
    "en": "No answer for {hours} of working time. Handed to level {level} by the rule for the topic “{category}”.",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Portal:
    """Who does what a rule says: no agent, and at no level."""

    id: str = ""
    name: str = PORTAL
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Climbing:
    """What is to be done with the tickets of one database, each in a transaction of its own; StoreUnavailable."""

    engine: Engine
    clock: Callable[[], datetime]
    schedule: Schedule = field(default_factory=Schedule)

    def complete(self) -> int:
        """Give their times to tickets that have none, from before there were any; return how many these were."""
        missing = tickets.c.solve_by.is_(None)
        with writing(self.engine) as connection:
            chosen = select(tickets.c.id, tickets.c.changed_at).where(missing).order_by(tickets.c.id)
            rows = connection.execute(chosen.limit(MOST_AT_ONCE).with_for_update()).all()
            for row in rows:
                settle(connection, row.id, self.schedule, row.changed_at)
        return len(rows)

    def climb(self) -> int:
        """Hand on the tickets whose time has come, those that wait longest first; return how many these were."""
        ready = (tickets.c.climb_at <= self.clock()) & tickets.c.state.in_(RUNNING)
        with reading(self.engine) as connection:
            chosen = select(tickets.c.number).where(ready).order_by(tickets.c.climb_at, tickets.c.id)
            numbers = connection.scalars(chosen.limit(MOST_A_ROUND)).all()
        return sum(self._hand_on(number) for number in numbers)

    def _hand_on(self, number: str) -> bool:
        """Hand on one ticket, if nobody else has by now; whether this one did."""
        now = self.clock()
        with writing(self.engine) as connection:
            turn = begin_turn(connection, number, Portal(), now, self.schedule)
            asked = asked_at(connection, turn.row)
            climb = asked and next_climb(connection, turn.row, asked, self.schedule)
            is_due = turn.row.climb_at is not None and turn.row.climb_at <= now
            if asked and climb and is_due and self.schedule.hours.between(asked, now) >= climb.after:
                _climb(turn, climb)
                return True
            settle(connection, turn.row.id, self.schedule, now)  # a rule was taken away, or puts it off
            return False


class Escalation(Job):
    """Hands tickets on in a thread of its own between `start` and `stop`: once a minute."""

    def __init__(
        self, climbing: Climbing, steady: Callable[[], float] = time.monotonic, reminding: Reminding | None = None
    ) -> None:
        """Read the clock of `climbing`, and beside it `steady`: seconds that pass evenly, whatever the clock does."""
        super().__init__("escalation")
        self._climbing = climbing
        self._reminding = reminding
        self._steady = steady
        self._last: tuple[datetime, float] | None = None
        self._calm_from = 0.0

    def run_once(self) -> None:
        """Do what is to be done; what fails is done in the next round."""
        try:
            while count := self._climbing.complete():
                log.info("%s tickets from before have their times now", count)
            if self._is_calm():
                self._act()
        except StoreUnavailable as error:
            log.warning("Tickets cannot be handed on by rule now, in a minute again: %s", error)
        except Exception:
            log.exception("Handing on by rule stumbled and goes on in a minute.")

    def _act(self) -> None:
        """Do what must not be done by a wrong clock."""
        if count := self._climbing.climb():
            log.info("%s tickets were handed on by rule", count)
        if self._reminding and (count := self._reminding.remind()):
            log.info("Agents were told of %s targets that pass soon", count)

    def _work(self) -> None:
        while not self._stopping.is_set():
            self.run_once()
            self._stopping.wait(ROUND.total_seconds())

    def _is_calm(self) -> bool:
        """Tell whether the clock has run evenly for long enough; a jump is logged."""
        now, steady = self._climbing.clock(), self._steady()
        if self._last:
            jump = (now - self._last[0]) - timedelta(seconds=steady - self._last[1])
            if abs(jump) > JUMP:
                log.warning("The clock jumped by %s. For %s no ticket is handed on by rule.", jump, CALM)
                self._calm_from = steady + CALM.total_seconds()
        self._last = now, steady
        return steady >= self._calm_from


def _climb(turn: Turn, climb: Climb) -> None:
    """Bring the ticket to the level: with the rule in the history and, where no agent wrote one, as the summary."""
    said = _reason(turn, climb)
    turn.begin()
    turn.step(Step.ESCALATE)
    turn.say(said, secrets.token_urlsafe(), internal=True)
    turn.change("rule", "", f"{turn.row.category}: {_hours(climb.after)}", summary=turn.row.summary or said)
    turn.change("level", turn.row.level, climb.level)
    turn.give(None)
    turn.settle()


def _reason(turn: Turn, climb: Climb) -> str:
    words = REASONS["en" if turn.row.lang == "en" else "de"]
    return words.format(hours=_hours(climb.after), category=turn.row.category, level=climb.level)


def _hours(duration: timedelta) -> str:
    minutes = round(duration.total_seconds() / 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
