from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from app.database import StoreUnavailable
from app.tickets.ledger import LEASE
from app.tickets.parcel import DeliveryKind, DeliveryState, Lease, Outcome, Report
from app.tickets.store import Limits
from app.tickets.ticket import Attachment

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.tickets.outbox import Outbox
    from app.tickets.store import TicketStore
    from app.tickets.ticket import TicketDraft
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]
    Rows = Callable[[str], list[dict[str, object]]]

DONE = Report(Outcome.DELIVERED, "queued as 42", DeliveryState.DELIVERED)


def lease_one(outbox: Outbox) -> Lease:
    """Lease what must be due."""
    (lease,) = outbox.lease()
    return lease


def test_nothing_is_due_in_an_empty_outbox(outbox: Outbox) -> None:
    """There is nothing to lease."""
    assert outbox.lease() == []


def test_a_new_ticket_is_due_at_once(store: TicketStore, outbox: Outbox, make_draft: Draft) -> None:
    """The lease says of which ticket and which try it is."""
    store.open_ticket(make_draft())
    lease = lease_one(outbox)
    assert (lease.number, lease.kind, lease.attempt) == ("W-2026-000001", DeliveryKind.TICKET, 1)


def test_a_lease_is_of_one_alone(store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock) -> None:
    """Only when the lease has ended, as the next try under the same token: its courier died."""
    store.open_ticket(make_draft())
    first = lease_one(outbox)
    clock.now += LEASE - timedelta(seconds=1)
    assert outbox.lease() == []
    clock.move(seconds=1)
    assert lease_one(outbox) == replace(first, attempt=2)


def test_a_try_is_noted_before_it_begins(store: TicketStore, outbox: Outbox, make_draft: Draft, rows: Rows) -> None:
    """A courier that dies leaves a try without an end."""
    store.open_ticket(make_draft())
    outbox.lease()
    assert rows("SELECT delivery_id, number, ended_at, outcome FROM attempts") == [
        {"delivery_id": 1, "number": 1, "ended_at": None, "outcome": None},
    ]


def test_a_delivered_parcel_is_done(store: TicketStore, outbox: Outbox, make_draft: Draft, rows: Rows) -> None:
    """What the helpdesk calls it is kept."""
    store.open_ticket(make_draft())
    outbox.record([(lease_one(outbox), DONE)])
    assert outbox.lease() == []
    assert rows("SELECT state, remote, leased_until FROM deliveries") == [
        {"state": "delivered", "remote": "queued as 42", "leased_until": None},
    ]
    assert rows("SELECT outcome, detail FROM attempts") == [{"outcome": "delivered", "detail": "queued as 42"}]


def test_a_failed_parcel_is_due_later(store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock) -> None:
    """At the time the report names, not before."""
    store.open_ticket(make_draft())
    first = lease_one(outbox)
    failed = Report(Outcome.FAILED, "x" * 9_999, DeliveryState.PENDING, clock.now + timedelta(seconds=30))
    outbox.record([(first, failed)])
    clock.move(seconds=29)
    assert outbox.lease() == []
    clock.move(seconds=1)
    assert lease_one(outbox) == replace(first, attempt=2)


def test_each_try_is_kept(store: TicketStore, outbox: Outbox, make_draft: Draft, rows: Rows, clock: Clock) -> None:
    """The history of a delivery is its tries."""
    store.open_ticket(make_draft())
    outbox.record([(lease_one(outbox), Report(Outcome.AMBIGUOUS, "lost", DeliveryState.PENDING, clock.now))])
    outbox.record([(lease_one(outbox), DONE)])
    assert rows("SELECT number, outcome FROM attempts ORDER BY number") == [
        {"number": 1, "outcome": "ambiguous"},
        {"number": 2, "outcome": "delivered"},
    ]


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.DEAD])
def test_what_was_given_up_can_be_revived(
    store: TicketStore, outbox: Outbox, make_draft: Draft, state: DeliveryState,
) -> None:  # fmt: skip
    """It is tried once more."""
    store.open_ticket(make_draft())
    outbox.record([(lease_one(outbox), Report(Outcome.FAILED, "no", state))])
    assert outbox.lease() == []
    assert outbox.revive() == 1
    assert lease_one(outbox).attempt == 2


def test_the_outbox_counts(store: TicketStore, outbox: Outbox, make_draft: Draft) -> None:
    """Every state has a number, also nought."""
    store.open_ticket(make_draft(key="a"))
    store.open_ticket(make_draft(key="b"))
    outbox.record([(lease_one(outbox), DONE)])
    assert outbox.counts() == {"pending": 1, "delivered": 1, "refused": 0, "dead": 0}


def test_an_answer_waits_for_its_ticket(store: TicketStore, outbox: Outbox, make_draft: Draft) -> None:
    """While the ticket is on its way the answer is not due; afterwards it is."""
    store.open_ticket(make_draft())
    store.answer("key-1", "Danke", "m1")
    ticket = lease_one(outbox)
    assert outbox.lease() == []
    outbox.record([(ticket, DONE)])
    assert lease_one(outbox).kind is DeliveryKind.ANSWER


def test_an_answer_does_not_wait_for_another_ticket(store: TicketStore, outbox: Outbox, make_draft: Draft) -> None:
    """Nor for one that was given up."""
    store.open_ticket(make_draft(key="a"))
    store.open_ticket(make_draft(key="b"))
    outbox.record([(lease_one(outbox), Report(Outcome.REFUSED, "no", DeliveryState.REFUSED))])
    store.answer("a", "Hallo?", "m1")
    assert [lease_one(outbox).kind, lease_one(outbox).kind] == [DeliveryKind.TICKET, DeliveryKind.ANSWER]


def test_a_parcel_holds_ticket_message_and_files(store: TicketStore, outbox: Outbox, make_draft: Draft) -> None:
    """An answer names the token of its ticket."""
    log = Attachment("router.log", "text/plain", b"link down")
    ticket = store.open_ticket(make_draft(attachment=log))
    first = outbox.pack(lease_one(outbox))
    assert (first.ticket, first.message, first.attachments) == (ticket, ticket.messages[0], (log,))
    answered = store.answer("key-1", "Danke", "m1")
    outbox.revive()
    outbox.record([(Lease(1, "", DeliveryKind.TICKET, "", 1), DONE)])
    answer = outbox.pack(lease_one(outbox))
    assert (answer.message, answer.attachments) == (answered.messages[1], ())
    assert answer.first_token == first.token != answer.token


def test_a_parcel_without_its_file_is_not_packed(store: TicketStore, outbox: Outbox, make_draft: Draft) -> None:
    """It can be tried again when the folder is back."""
    store.open_ticket(make_draft(attachment=Attachment("a.log", "text/plain", b"x")))
    lease = lease_one(outbox)
    store.files.rename(store.files.with_name("gone"))
    with pytest.raises(StoreUnavailable):
        outbox.pack(lease)
    store.files.with_name("gone").rename(store.files)
    assert outbox.pack(lease).attachments


def test_a_late_failure_does_not_count(store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock) -> None:
    """The courier whose lease ended may not disturb the one that has it now."""
    store.open_ticket(make_draft())
    late = lease_one(outbox)
    clock.now += LEASE
    lease_one(outbox)
    outbox.record([(late, Report(Outcome.FAILED, "late", DeliveryState.PENDING, clock.now))])
    assert outbox.lease() == []


def test_a_late_success_counts(store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock) -> None:
    """What was delivered is delivered, and stays so whatever the other courier says."""
    store.open_ticket(make_draft())
    late = lease_one(outbox)
    clock.now += LEASE
    second = lease_one(outbox)
    outbox.record([(late, DONE)])
    outbox.record([(second, Report(Outcome.FAILED, "no", DeliveryState.PENDING, clock.now))])
    assert outbox.counts()[DeliveryState.DELIVERED] == 1
    assert outbox.lease() == []


def test_couriers_never_lease_the_same(store: TicketStore, outbox: Outbox, make_draft: Draft) -> None:
    """Four threads share twenty deliveries without meeting."""
    store = replace(store, limits=Limits(tickets_per_sender=20))
    for i in range(20):
        store.open_ticket(make_draft(key=f"k{i}"))

    def all_of_one(_: int) -> list[int]:
        return [lease.delivery_id for leased in iter(lambda: outbox.lease(3), []) for lease in leased]

    with ThreadPoolExecutor(4) as pool:
        leased = list(chain.from_iterable(pool.map(all_of_one, range(4))))
    assert sorted(leased) == list(range(1, 21))


def test_a_batch_is_leased_oldest_first(store: TicketStore, outbox: Outbox, make_draft: Draft, rows: Rows) -> None:
    """At most so many; each try is written down, before any of them begins."""
    for key in "abc":
        store.open_ticket(make_draft(key=key))
    assert [lease.number for lease in outbox.lease(2)] == ["W-2026-000001", "W-2026-000002"]
    assert rows("SELECT delivery_id, number, ended_at FROM attempts ORDER BY delivery_id") == [
        {"delivery_id": 1, "number": 1, "ended_at": None},
        {"delivery_id": 2, "number": 1, "ended_at": None},
    ]


def test_a_batch_has_one_row_of_a_ticket(store: TicketStore, outbox: Outbox, make_draft: Draft) -> None:
    """Whatever fails in a batch, nothing overtakes it."""
    for key in "ab":
        store.open_ticket(make_draft(key=key))
        store.answer(key, "Hallo?", "m1")
    leases = outbox.lease(9)
    assert [lease.kind for lease in leases] == [DeliveryKind.TICKET, DeliveryKind.TICKET]
    outbox.record([(lease, DONE) for lease in leases])
    assert [lease.kind for lease in outbox.lease(9)] == [DeliveryKind.ANSWER, DeliveryKind.ANSWER]


def test_the_ends_of_a_batch_are_written_down_each(
    store: TicketStore, outbox: Outbox, make_draft: Draft, rows: Rows, clock: Clock,
) -> None:  # fmt: skip
    """What failed is due later and what was refused is not; the third is delivered."""
    for key in "abc":
        store.open_ticket(make_draft(key=key))
    failed = Report(Outcome.FAILED, "away", DeliveryState.PENDING, clock.now + timedelta(seconds=30))
    refused = Report(Outcome.REFUSED, "no", DeliveryState.REFUSED)
    outbox.record(list(zip(outbox.lease(3), [failed, refused, DONE], strict=True)))
    assert rows("SELECT state, remote, leased_until FROM deliveries ORDER BY id") == [
        {"state": "pending", "remote": None, "leased_until": None},
        {"state": "refused", "remote": None, "leased_until": None},
        {"state": "delivered", "remote": "queued as 42", "leased_until": None},
    ]
    assert [row["outcome"] for row in rows("SELECT outcome FROM attempts ORDER BY delivery_id")] == [
        "failed", "refused", "delivered",
    ]  # fmt: skip


def test_what_was_not_tried_is_given_back(store: TicketStore, outbox: Outbox, make_draft: Draft, rows: Rows) -> None:
    """It is due at once, as if it had never been leased."""
    for key in "ab":
        store.open_ticket(make_draft(key=key))
    first, second = outbox.lease(2)
    outbox.record([(first, DONE)], [second])
    assert rows("SELECT delivery_id FROM attempts") == [{"delivery_id": 1}]
    assert outbox.lease(2) == [second]


def test_what_another_courier_tries_is_not_given_back(
    store: TicketStore, outbox: Outbox, make_draft: Draft, clock: Clock,
) -> None:  # fmt: skip
    """Nor what it has delivered."""
    store.open_ticket(make_draft())
    late = lease_one(outbox)
    clock.now += LEASE
    current = lease_one(outbox)
    outbox.record([], [late])
    assert outbox.lease() == []
    outbox.record([(current, DONE)])
    outbox.record([], [late])
    assert outbox.counts()[DeliveryState.DELIVERED] == 1
