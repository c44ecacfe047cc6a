"""Agents for the tests: what tickets know of staff, and no more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colleague:
    """An agent who needs no account."""

    id: int | str
    name: str
    level: int | None


ANNA = Colleague("1", "Anna Albers", 1)
BEN = Colleague("2", "Ben Brandt", 1)
CARLA = Colleague("3", "Carla Claus", 2)
BOSS = Colleague(4, "Dora Direktor", None)
