"""Tickets that may be about the same: which are offered, in which order, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.tickets.alike import MOST_ALIKE
from tests.tickets.colleagues import ANNA

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.tickets.store import TicketStore
    from app.tickets.ticket import TicketDraft
    from app.tickets.workplace import Workplace

    Draft = Callable[..., TicketDraft]

TEXT = "Seit gestern blinkt die Internetleuchte am Router rot, kein Netz."
OWN = {"email": "erika@example.org", "description": TEXT}
OTHER = {"email": "other@example.org"}


@pytest.fixture
def open_ticket(store: TicketStore, make_draft: Draft) -> Callable[..., str]:
    """Return a function that opens a ticket and returns its number."""

    def opened(**given: str) -> str:
        count = len(numbers) + 1
        numbers.append(store.open_ticket(make_draft(key=f"key-{count}", **given)).number)
        return numbers[-1]

    numbers: list[str] = []
    return opened


def offered(workplace: Workplace, number: str) -> list[tuple[str, bool, bool]]:
    """Return the numbers that are offered, and why: same address, same words."""
    found = workplace.relations(number).candidates
    return [(one.row.number, one.same_address, one.same_words) for one in found]


def test_the_same_customer_comes_first_and_then_the_same_words(
    open_ticket: Callable[..., str], workplace: Workplace
) -> None:
    """Each with its reasons; a ticket that shares neither is not offered."""
    number = open_ticket(**OWN)
    words = open_ticket(**OTHER, description="Die Internetleuchte am Router blinkt rot, seit gestern kein Netz!")
    address = open_ticket(email="ERIKA@example.org", description="Wann kommt die Rechnung?")
    both = open_ticket(email="erika@example.org", description=f"Noch einmal: {TEXT}")
    open_ticket(**OTHER, description="Mein Passwort ist abgelaufen.")
    assert offered(workplace, number) == [(both, True, True), (address, True, False), (words, False, True)]


def test_at_most_three_are_offered_the_newest_first(open_ticket: Callable[..., str], workplace: Workplace) -> None:
    """Of those that are equally near."""
    numbers = [open_ticket(**OWN) for _ in range(MOST_ALIKE + 2)]
    assert [number for number, _, _ in offered(workplace, numbers[0])] == numbers[: -MOST_ALIKE - 1 : -1]


@pytest.mark.parametrize("done", ["merge", "link", "solve"])
def test_what_belongs_to_it_or_is_done_is_not_offered(
    open_ticket: Callable[..., str], workplace: Workplace, done: str
) -> None:
    """It is shown elsewhere, or of no more use."""
    number, other = open_ticket(**OWN), open_ticket(**OWN)
    assert offered(workplace, number) == [(other, True, True)]
    match done:
        case "merge":
            workplace.merge(other, number, ANNA, 1)
        case "link":
            workplace.link(other, number, ANNA)
        case _:
            workplace.solve(other, ANNA, "Gelöst.", "key", 1)
    assert offered(workplace, number) == []
