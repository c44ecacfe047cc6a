"""Tickets that are about the same: merged into one another, or only linked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.tickets.links import CannotJoin, Hindrance
from app.tickets.state import TicketState
from app.tickets.store import UnknownTicket
from app.tickets.turn import Stale
from tests.tickets.colleagues import ANNA, BEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.tickets.store import TicketStore
    from app.tickets.ticket import Ticket, TicketDraft
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]

ONE, TWO, THREE = (f"W-2026-{place:06d}" for place in (1, 2, 3))


@pytest.fixture(autouse=True)
def _three(store: TicketStore, make_draft: Draft) -> None:
    """Open two tickets of one customer, written in two ways, and one of another customer."""
    store.open_ticket(make_draft(key="key-1"))
    store.open_ticket(make_draft(key="key-2", email="Erika@example.org", description="Noch einmal: WLAN tot"))
    store.open_ticket(make_draft(key="key-3", email="other@example.org", description="Geheim"))


def now(store: TicketStore, number: str) -> Ticket:
    """Return a ticket as staff see it."""
    ticket = store.by_number(number)
    assert ticket
    return ticket


def last(ticket: Ticket) -> tuple[str, str | None, str]:
    """Return the newest line of the history."""
    return ticket.changes[-1].what, ticket.changes[-1].was, ticket.changes[-1].became


def test_a_duplicate_is_closed_and_its_successor_has_it(store: TicketStore, workplace: Workplace) -> None:
    """Both histories tell of it, and both versions count up; its customer is told where it goes on."""
    merged = workplace.merge(TWO, ONE, ANNA, 1)
    assert (merged.state, merged.successor, merged.version) == (TicketState.CLOSED, ONE, 2)
    assert last(merged) == ("merged", "", ONE)
    assert (last(now(store, ONE)), now(store, ONE).version) == (("merged", "", TWO), 2)
    assert workplace.relations(ONE).merged == (merged,)
    assert (workplace.relations(TWO).successor, workplace.relations(ONE).successor) == (ONE, "")
    seen = store.by_key("key-2")
    assert seen
    assert (seen.successor, [message.text for message in seen.messages]) == (ONE, ["Noch einmal: WLAN tot"])


def test_a_merge_shows_nobody_anothers_words(store: TicketStore, workplace: Workplace) -> None:
    """Tickets of two addresses are not merged, and nothing has changed."""
    before = [now(store, number) for number in (ONE, THREE)]
    with pytest.raises(CannotJoin) as caught:
        workplace.merge(THREE, ONE, ANNA, 1)
    assert caught.value.hindrance is Hindrance.OTHER_CUSTOMER
    assert [now(store, number) for number in (ONE, THREE)] == before


@pytest.mark.parametrize("act", ["merge", "link"])
def test_a_ticket_is_not_joined_with_itself_nor_with_none(workplace: Workplace, act: str) -> None:
    """However its number is written."""
    version = (1,) if act == "merge" else ()
    with pytest.raises(CannotJoin) as caught:
        getattr(workplace, act)(ONE, f" {ONE}", ANNA, *version)
    assert caught.value.hindrance is Hindrance.ITSELF
    with pytest.raises(UnknownTicket):
        getattr(workplace, act)(ONE, "W-1999-000001", ANNA, *version)


def test_a_merge_is_not_made_on_a_stale_page(workplace: Workplace) -> None:
    """The duplicate has changed since."""
    workplace.take(TWO, BEN, 1)
    with pytest.raises(Stale):
        workplace.merge(TWO, ONE, ANNA, 1)


def test_no_chain_and_no_ring_of_merges(store: TicketStore, workplace: Workplace, make_draft: Draft) -> None:
    """What was merged before goes along to the ticket that goes on; into a duplicate nothing is merged."""
    four = store.open_ticket(make_draft(key="key-4")).number
    workplace.merge(TWO, ONE, ANNA, 1)
    for number, into in ((ONE, TWO), (four, TWO), (TWO, four)):
        with pytest.raises(CannotJoin) as caught:
            workplace.merge(number, into, ANNA, now(store, number).version)
        assert caught.value.hindrance is Hindrance.MERGED_ALREADY
    workplace.merge(ONE, four, ANNA, 2)
    assert [one.number for one in workplace.relations(four).merged] == [ONE, TWO]


def test_a_merge_is_undone(store: TicketStore, workplace: Workplace) -> None:
    """The ticket is open again; to part it twice changes nothing."""
    merged = workplace.merge(TWO, ONE, ANNA, 1)
    parted = workplace.part(TWO, ANNA, merged.version)
    assert (parted.state, parted.successor) == (TicketState.OPEN, "")
    assert (last(parted), last(now(store, ONE))) == (("merged", ONE, ""), ("merged", TWO, ""))
    assert workplace.part(TWO, ANNA, 1) == parted


def test_an_answer_to_a_duplicate_opens_it_again(store: TicketStore, workplace: Workplace) -> None:
    """Nothing that a customer writes is lost; parted, it stays as open as it is."""
    workplace.merge(TWO, ONE, ANNA, 1)
    assert store.answer("key-2", "Geht immer noch nicht", "m").state == TicketState.OPEN
    assert workplace.relations(TWO).successor == ONE
    assert workplace.part(TWO, ANNA, now(store, TWO).version).state == TicketState.OPEN


def test_related_tickets_know_each_other(store: TicketStore, workplace: Workplace) -> None:
    """Of whomever they are, from both sides; the customers hear nothing of it."""
    seen = [store.by_key("key-1"), store.by_key("key-3")]
    for _ in range(2):
        linked = workplace.link(THREE, ONE, ANNA)
    assert (linked.version, last(linked), last(now(store, ONE))) == (2, ("linked", "", ONE), ("linked", "", THREE))
    assert [row.number for row in workplace.relations(ONE).linked] == [THREE]
    assert [row.number for row in workplace.relations(THREE).linked] == [ONE]
    assert [store.by_key("key-1"), store.by_key("key-3")] == seen
    for _ in range(2):
        workplace.unlink(ONE, THREE, ANNA)
    assert workplace.relations(ONE).linked == workplace.relations(THREE).linked == ()
    assert (last(now(store, ONE)), now(store, ONE).version) == (("linked", THREE, ""), 3)


def test_a_link_becomes_a_merge(workplace: Workplace) -> None:
    """Two related tickets turn out to be one."""
    workplace.link(ONE, TWO, ANNA)
    workplace.merge(TWO, ONE, ANNA, 2)
    assert workplace.relations(ONE).linked == ()
    assert [one.number for one in workplace.relations(ONE).merged] == [TWO]


def test_open_tickets_of_the_same_address_are_suggested(store: TicketStore, workplace: Workplace) -> None:
    """Those that are not done, nor linked already."""
    assert [one.row.number for one in workplace.relations(ONE).candidates] == [TWO]
    workplace.link(ONE, TWO, ANNA)
    assert workplace.relations(ONE).candidates == ()
    workplace.unlink(ONE, TWO, ANNA)
    store.solve("key-2")
    assert workplace.relations(ONE).candidates == ()


def test_what_does_not_exist_has_no_relations(workplace: Workplace) -> None:
    """The error names the number."""
    with pytest.raises(UnknownTicket, match="W-1"):
        workplace.relations("W-1")


def test_a_forgotten_ticket_leaves_its_links(store: TicketStore, workplace: Workplace, clock: Clock) -> None:
    """The other ones stay."""
    workplace.link(ONE, THREE, ANNA)
    workplace.merge(TWO, ONE, ANNA, 1)
    clock.move(days=400)
    workplace.note(ONE, ANNA, "Noch da", "n")
    assert store.forget(clock.now) == 1
    assert (workplace.relations(ONE).merged, store.by_number(TWO)) == ((), None)
