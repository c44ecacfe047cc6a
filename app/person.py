"""A person: whom an e-mail address means, and how all parts of the portal tell and forget what they keep of one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever has an e-mail address."""

    addresses: frozenset[str]
    """Every spelling of it in small letters: as it is read, and as it travels (`müller.de`, `xn--mller-kva.de`)."""
    tickets: frozenset[str] = frozenset()
    """Numbers of the person's tickets: a contact belongs to its ticket's customer even where it names no address."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one part of the portal keeps of a person."""

    rows: Mapping[str, Sequence[Row]]
    """Kind, such as "tickets" → its rows, each with what belongs to it below."""
    open: tuple[str, ...] = ()
    """What is still worked on."""
    files: tuple[tuple[str, str], ...] = ()
    """Name under which a file is exported, and the SHA-256 of its bytes."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasing came to."""

    counts: Mapping[str, int] = field(default_factory=dict)
    """Kind → how many of it were made anonymous or deleted; kinds of which there was none are missing."""
    outside: tuple[str, ...] = ()
    """What a helpdesk or mail server calls what it has received: that is not in our hands."""


class StillOpen(ValueError):
    """Somebody still works on what belongs to the person; nothing of that was erased."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"{', '.join(names)}: still open, somebody waits for an answer or writes one. "
            "Solve what is open first, or erase it as well with --open-too."
        )


class Keeper(Protocol):
    """One part of the portal that keeps something of persons. Each method raises StoreUnavailable."""

    def find(self, person: Person) -> Found:
        """Return what is kept; nothing changes."""

    def erase(self, person: Person, *, open_too: bool) -> Erased:
        """Take the person out, for good; what is counted in figures stays. Raise StillOpen. Again it finds nothing."""


@dataclass(frozen=True, slots=True)
class Persons:
    """All that the portal keeps of persons."""

    keepers: Sequence[Keeper]
    """In the order in which they forget: who finds by what another one keeps comes before it."""
    identify: Callable[[str], Person]
    """Returns whom an address means; raises ValueError where it is none."""
    write_down: Callable[[Mapping[str, int]], None]
    """Keeps that something was erased, without saying of whom."""

    def find(self, address: str) -> Found:
        """Return everything that belongs to an address."""
        person = self.identify(address)
        found = [keeper.find(person) for keeper in self.keepers]
        rows = {kind: rows for one in found for kind, rows in one.rows.items()}
        unfinished = tuple(name for one in found for name in one.open)
        return Found(rows, unfinished, tuple(file for one in found for file in one.files))

    def erase(self, address: str, *, open_too: bool = False) -> Erased:
        """Take a person out everywhere; raise StillOpen, before anything has changed, for what is worked on."""
        if not open_too and (names := self.find(address).open):
            raise StillOpen(names)
        person, counts, outside = self.identify(address), Counter[str](), list[str]()
        for keeper in self.keepers:
            done = keeper.erase(person, open_too=open_too)
            counts.update(done.counts)
            outside += done.outside
        if +counts:
            self.write_down(dict(+counts))
        return Erased(dict(+counts), tuple(outside))


def without(text: str, person: Person) -> str:
    """Return the text with dots in place of the person's address; one that only ends or begins like it stays."""
    spellings = "|".join(re.escape(address) for address in sorted(person.addresses, key=len, reverse=True))
    return re.sub(rf"(?<![\w.+-])(?:{spellings})(?![\w-]|\.\w)", "…", text, flags=re.IGNORECASE)
