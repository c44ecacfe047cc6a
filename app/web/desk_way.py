"""Desk way: the list from which an agent came to a ticket, as the address has it, and what stands beside it there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.tickets.queue import QueueName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.tickets.queue import QueueRow

MAX_FIND = 400  # characters
QUEUES = frozenset(QueueName)


@dataclass(frozen=True, slots=True)
class Way:
    """A queue and its page, or what was looked for; without both nobody knows where the agent came from."""

    queue: str = ""
    find: str = ""
    page: int = 1
    previous: str = ""
    """Number of the ticket above, on the same page of the list; empty where there is none."""
    next: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a list to go back to."""
        return bool(self.queue or self.find)

    @property
    def query(self) -> Mapping[str, str | int | None]:
        """What stands in an address for it."""
        if self.find:
            return {"find": self.find}
        return {"queue": self.queue, "page": self.page if self.queue and self.page > 1 else None}


NOWHERE = Way()


def way_of(query: Mapping[str, str]) -> Way:
    """Return the list that an address tells; what is no queue is none."""
    name = query.get("queue", "")
    found = query.get("find", "").strip()[:MAX_FIND]
    return Way(name if name in QUEUES else "", found, page_of(query))


def page_of(query: Mapping[str, str]) -> int:
    """Return the number of a page, 1 where the address has none."""
    with suppress(ValueError):
        return max(1, int(query.get("page", "1")[:6]))
    return 1


def beside(way: Way, rows: Sequence[QueueRow], number: str) -> Way:
    """Return the way with its neighbours; of a ticket that has left its list the first one left is next."""
    numbers = [row.number for row in rows]
    place = numbers.index(number) if number in numbers else -1
    previous = numbers[place - 1] if place > 0 else ""
    following = numbers[place + 1] if place + 1 < len(numbers) else ""
    return Way(way.queue, way.find, way.page, previous, following)
