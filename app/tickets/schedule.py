"""Schedule: how soon a ticket is answered and solved, and who gets it when it is not answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from app.tickets.ticket import Urgency
from app.tickets.times import OfficeHours, read_hours

WARN_SHARE = 0.75  # of its time: in the last quarter a ticket is due soon
LONGEST = timedelta(hours=10_000)
HOURS = "Mo-Fr 08:00-20:00, Sa 09:00-16:00"
ZONE = "Europe/Berlin"
RESPONSE = "high 2 h, normal 8 h, low 16 h"
SOLUTION = "high 8 h, normal 24 h, low 40 h"
"""What is so unless the settings say otherwise."""

_DURATION = re.compile(r"(\d{1,5})\s*(h|min)")


class BadTarget(ValueError):
    """A target cannot be read; the message names what was given and the way out."""


@dataclass(frozen=True, slots=True)
class Target:
    """Working time within which a ticket is answered, and solved."""

    respond: timedelta
    solve: timedelta


@dataclass(frozen=True, slots=True)
class Climb:
    """After so much working time without an answer a ticket goes to this level."""

    after: timedelta
    level: int


@dataclass(frozen=True, slots=True)
class Rule:
    """What is special about a category: its climbs, soonest first, and targets of its own by urgency."""

    climbs: tuple[Climb, ...] = ()
    targets: Mapping[Urgency, Target] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """Until when something is to be done, and from when on that is soon."""

    at: datetime
    warn: datetime


def read_duration(text: str) -> timedelta | None:
    """Return the working time of a text like "90 min" or "4 h"; None when it is none, is zero, or over 10,000 h."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return None
    told = timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(minutes=int(found[1]))
    return told if timedelta(0) < told <= LONGEST else None


def read_targets(text: str, place: str) -> Mapping[Urgency, timedelta]:
    """Return the targets of a text like "high 2 h, normal 8 h, low 16 h"; raise BadTarget naming the place."""
    found: dict[Urgency, timedelta] = {}
    for part in text.split(","):
        name, _, told = part.strip().partition(" ")
        duration = read_duration(told)
        if name not in set(Urgency) or duration is None or Urgency(name) in found:
            raise BadTarget(f'{place}: "{part.strip()}" cannot be read. {_way_out()}')
        found[Urgency(name)] = duration
    if missing := [urgency for urgency in Urgency if urgency not in found]:
        raise BadTarget(f'{place} is "{text}", without {", ".join(missing)}. {_way_out()}')
    return found


def pair_targets(response: str, solution: str) -> Mapping[Urgency, Target]:
    """Return the targets that two texts tell; raise BadTarget."""
    respond, solve = read_targets(response, "RESPONSE_TARGETS"), read_targets(solution, "SOLUTION_TARGETS")
    return MappingProxyType({urgency: Target(respond[urgency], solve[urgency]) for urgency in Urgency})


@dataclass(frozen=True, slots=True)
class Schedule:
    """When we work, what we aim at, and the rules of categories."""

    hours: OfficeHours = field(default_factory=lambda: read_hours(HOURS, ZONE))
    targets: Mapping[Urgency, Target] = field(default_factory=lambda: pair_targets(RESPONSE, SOLUTION))
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def target(self, category: str, urgency: Urgency) -> Target:
        """Return what we aim at: the category's own target, or that of all."""
        rule = self.rules.get(category)
        return (rule and rule.targets.get(urgency)) or self.targets[urgency]

    def climbs(self, category: str) -> tuple[Climb, ...]:
        """Return to which levels a ticket climbs that is not answered, soonest first."""
        rule = self.rules.get(category)
        return rule.climbs if rule else ()

    def due(self, start: datetime, aim: timedelta, paused: timedelta = timedelta(0)) -> Due:
        """Return until when something is due that began at `start`, without the working time that it stood still."""
        return Due(self.hours.due(start, aim + paused), self.hours.due(start, aim * WARN_SHARE + paused))

    def respond_by(self, now: datetime, category: str, urgency: Urgency) -> datetime:
        """Return until when what is asked now is answered: what customers are promised."""
        return self.hours.due(now, self.target(category, urgency).respond)


def _way_out() -> str:
    return f'Write hours or minutes of working time for each urgency, like "{RESPONSE}".'
