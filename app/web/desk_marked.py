"""Desk marked: one change of many tickets; what is refused is told by number, and the rest is done."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.database import StoreUnavailable
from app.tickets.queue import PAGE
from app.tickets.state import IllegalStep
from app.tickets.store import UnknownTicket
from app.tickets.ticket import Invalid
from app.tickets.turn import Stale, Taken
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from app.web.words import Words

MAX_VERSION = 9  # digits
REASONS: Mapping[type[Exception], str] = MappingProxyType(
    {
        Taken: msg("%(name)s hat es schon übernommen."),
        Stale: msg("Es hat sich geändert, seit diese Liste geladen wurde."),
        IllegalStep: msg("Das geht bei seinem Stand nicht."),
        Invalid: msg("Wählen Sie einen Namen oder ein Thema aus der Liste."),
        UnknownTicket: msg("Dieses Ticket gibt es nicht."),
        StoreUnavailable: msg("Im Moment kann nichts gespeichert werden."),
    }
)
"""All that a change of a marked ticket can fail with."""
REFUSED = tuple(REASONS)


@dataclass(frozen=True, slots=True)
class Mark:
    """A ticket that was marked, at the version that the list showed."""

    number: str
    version: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A marked ticket that stayed as it is, and why."""

    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the marked tickets."""

    done: int
    refused: tuple[Refused, ...] = ()


def marks_of(values: Iterable[str]) -> tuple[Mark, ...]:
    """Return the marked tickets, each once, at most a page of them; what is no mark (`number/version`) is left out."""
    pairs = (value.rpartition("/") for value in values)
    marks = {
        number: Mark(number, int(version))
        for number, _, version in pairs
        if number and version.isascii() and version.isdigit() and len(version) <= MAX_VERSION
    }
    return tuple(marks.values())[:PAGE]


def change_all(marks: Iterable[Mark], change: Callable[[Mark], object], words: Words) -> Outcome:
    """Change every ticket on its own: one that cannot be changed keeps none of the others back."""
    done, refused = 0, []
    for mark in marks:
        try:
            change(mark)
            done += 1
        except REFUSED as error:
            refused.append(Refused(mark.number, reason_of(error, words)))
    return Outcome(done, tuple(refused))


def reason_of(error: Exception, words: Words) -> str:
    """Return in words why a ticket stayed as it is."""
    reason = words.gettext(next(text for kind, text in REASONS.items() if isinstance(error, kind)))
    return reason % {"name": error.holder} if isinstance(error, Taken) else reason
