"""Contacts: what is acknowledged is kept, once, whoever sends it how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.desk.accounts import Accounts
from app.desk.agent import Role
from app.desk.contact import ContactDraft, Event, EventKind, IllegalOutcome, Outcome
from app.desk.contacts import ContactEnded, Contacts, StaleContact, UnknownContact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Engine

    from tests.conftest import Clock

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example


@pytest.fixture
def contacts(engine: Engine, clock: Clock) -> Contacts:
    """Give the contacts of a fresh database."""
    return Contacts(engine, clock)


@pytest.fixture
def mia(engine: Engine, clock: Clock) -> int:
    """Give the id of an agent."""
    return Accounts(engine, clock).add("Mia Weber", "mia@example.org", Role.FIRST, PASSWORD).id


@pytest.fixture
def ben(engine: Engine, clock: Clock) -> int:
    """Give the id of another agent."""
    return Accounts(engine, clock).add("Ben Kurt", "ben@example.org", Role.FIRST, PASSWORD).id


@pytest.fixture
def draft(clock: Clock) -> ContactDraft:
    """Give what a browser knows of a contact it has just begun."""
    searched = Event("event-1", EventKind.SEARCHED, clock(), text="wlan lahm")
    return ContactDraft(
        "contact-1", 0, "window-1", 1, clock() - timedelta(minutes=2), "de", "Jana", "", "", "Kein Netz", (searched,)
    )


def test_a_first_save_begins_the_contact(contacts: Contacts, mia: int, draft: ContactDraft) -> None:
    """With when the call began, what was written, and what happened."""
    contact = contacts.save(mia, draft)
    assert (contact.started_at, contact.notes, contact.outcome) == (draft.started_at, "Kein Netz", Outcome.OPEN)
    assert contact.events == draft.events
    assert contacts.by_name(mia, "contact-1") == contact
    assert contacts.open_of(mia) == (contact,)


def test_the_same_save_again_changes_nothing(contacts: Contacts, mia: int, draft: ContactDraft) -> None:
    """Its answer was lost on the way."""
    assert contacts.save(mia, draft) == contacts.save(mia, draft)


def test_the_window_that_wrote_last_goes_on_without_an_answer(
    contacts: Contacts, mia: int, draft: ContactDraft
) -> None:
    """It does not know the version that its own lost save made."""
    contacts.save(mia, draft)
    contact = contacts.save(mia, replace(draft, turn=2, notes="Kein Netz seit gestern"))
    assert (contact.notes, contact.version) == ("Kein Netz seit gestern", 2)


@pytest.mark.parametrize("stale", [{"tab": "window-2", "version": 1}, {"turn": 2}])
def test_a_stale_window_is_told_and_nothing_is_overwritten(
    contacts: Contacts, mia: int, draft: ContactDraft, stale: dict[str, object]
) -> None:
    """Another window, and an older save of the same one that comes late."""
    contacts.save(mia, draft)
    newest = contacts.save(mia, replace(draft, turn=2, version=1, notes="Neu"))
    late = replace(draft, notes="Alt", events=(Event("event-2", EventKind.SEARCHED, draft.started_at, text="x"),))
    with pytest.raises(StaleContact, match="version 2") as refused:
        contacts.save(mia, replace(late, **stale))  # type: ignore[arg-type] # the fields are those of a draft
    assert refused.value.contact == contacts.by_name(mia, "contact-1") == newest


def test_a_window_that_has_seen_the_version_may_write(contacts: Contacts, mia: int, draft: ContactDraft) -> None:
    """After a reload it is another window."""
    seen = contacts.save(mia, draft).version
    assert contacts.save(mia, replace(draft, tab="window-2", version=seen, notes="Neu")).notes == "Neu"


def test_events_come_in_whatever_was_written_since(contacts: Contacts, mia: int, draft: ContactDraft) -> None:
    """They take nothing away; each is stored once, in the order in which they came."""
    contacts.save(mia, draft)
    more = Event("event-2", EventKind.OPENED, draft.started_at, "wlan", "de", "WLAN")
    contact = contacts.save(mia, replace(draft, tab="window-2", events=(*draft.events, more, more)))
    assert [event.key for event in contact.events] == ["event-1", "event-2"]


def test_another_agents_contact_is_unknown(contacts: Contacts, mia: int, ben: int, draft: ContactDraft) -> None:
    """For reading, saving, ending and finding by ticket, and nothing has changed."""
    mine = contacts.end(mia, draft, Outcome.TICKET, ticket="W-2026-000001")
    note = Event("event-9", EventKind.MAILED, draft.started_at)
    for attempt in (
        lambda: contacts.save(ben, draft), lambda: contacts.by_name(ben, draft.id),
        lambda: contacts.end(ben, draft, Outcome.SOLVED), lambda: contacts.of_ticket(ben, "W-2026-000001"),
        lambda: contacts.note_event(ben, draft.id, note), lambda: contacts.note_event(mia, "contact-2", note),
    ):  # fmt: skip
        with pytest.raises(UnknownContact):
            attempt()
    assert contacts.of_agent(mia) == (mine,) == (contacts.of_ticket(mia, "W-2026-000001"),)
    assert contacts.of_agent(ben) == contacts.open_of(mia) == ()


def test_an_end_stores_all_and_can_be_repeated(contacts: Contacts, mia: int, draft: ContactDraft, clock: Clock) -> None:
    """Also where nothing was saved before; another end afterwards is refused."""
    clock.move(minutes=3)
    due = clock() + timedelta(days=1)
    contact = contacts.end(mia, draft, Outcome.CALLBACK, callback_at=due)
    assert (contact.ended_at, contact.callback_at, contact.notes) == (clock(), due, "Kein Netz")
    assert contacts.end(mia, draft, Outcome.CALLBACK, callback_at=due) == contact
    with pytest.raises(IllegalOutcome):
        contacts.end(mia, draft, Outcome.SOLVED)
    assert contacts.by_name(mia, draft.id) == contact


def test_nothing_new_goes_into_a_contact_that_has_ended(contacts: Contacts, mia: int, draft: ContactDraft) -> None:
    """A window that was left open is told; what is known already does no harm."""
    contact = contacts.end(mia, draft, Outcome.SOLVED)
    assert contacts.save(mia, draft) == contact
    for late in (replace(draft, notes="Neu"), replace(draft, events=(replace(draft.events[0], key="event-2"),))):
        with pytest.raises(ContactEnded, match="ended as solved") as refused:
            contacts.save(mia, late)
        assert refused.value.contact == contact


def test_what_is_flagged_is_listed_for_authors_once(
    contacts: Contacts, mia: int, draft: ContactDraft, rows: Callable[[str], list[dict[str, object]]]
) -> None:
    """With the words that were searched and what the agent says."""
    wrong = Event(
        "event-2", EventKind.WRONG, draft.started_at, "wlan", "de", "WLAN", 0, "Menü heißt anders", "wlan lahm"
    )
    missing = Event("event-3", EventKind.MISSING, draft.started_at, words="faxgerät")
    for _ in range(2):
        contacts.save(mia, replace(draft, events=(wrong, missing)))
    found = rows("SELECT kind, slug, words, note FROM flags ORDER BY id")
    assert [tuple(row.values()) for row in found] == [
        ("wrong", "wlan", "wlan lahm", "Menü heißt anders"), ("missing", "", "faxgerät", ""),
    ]  # fmt: skip


def test_what_the_portal_did_is_written_down_once(contacts: Contacts, mia: int, draft: ContactDraft) -> None:
    """Such as a mail that was sent."""
    contacts.save(mia, draft)
    for _ in range(2):
        contacts.note_event(mia, draft.id, Event("event-2", EventKind.MAILED, draft.started_at, text="j@example.org"))
    assert [event.kind for event in contacts.by_name(mia, draft.id).events] == ["searched", "mailed"]


def test_old_contacts_are_forgotten_and_their_flags_stay(
    contacts: Contacts, mia: int, draft: ContactDraft, clock: Clock, rows: Callable[[str], list[dict[str, object]]]
) -> None:
    """Without the person: an article is still wrong."""
    contacts.save(mia, replace(draft, events=(Event("event-2", EventKind.MISSING, clock(), words="fax"),)))
    clock.move(days=10)
    kept = contacts.save(mia, replace(draft, id="contact-2", started_at=clock(), events=()))
    assert contacts.forget(clock() - timedelta(days=5)) == 1
    assert contacts.of_agent(mia) == (kept,)
    assert rows("SELECT contact_id, words FROM flags") == [{"contact_id": None, "words": ""}]


@pytest.mark.parametrize(("first", "second"), [
    ({"email": "Jana@example.org"}, {"email": "jana@Example.org"}), ({"phone": "0221 47 11"}, {"phone": "02214711"}),
])  # fmt: skip
def test_contacts_with_one_person_know_each_other(  # noqa: PLR0913, PLR0917 - all of it takes part
    contacts: Contacts, mia: int, ben: int, draft: ContactDraft, first: Mapping[str, Any], second: Mapping[str, Any],
) -> None:  # fmt: skip
    """By address or telephone number, newest first, and each agent's own only."""
    one = contacts.save(mia, replace(draft, **first))
    two = contacts.save(mia, replace(draft, id="contact-2", started_at=one.started_at + timedelta(hours=1), **second))
    contacts.save(ben, replace(draft, id="contact-3", **first))
    contacts.save(mia, replace(draft, id="contact-4"))
    assert (contacts.kin_of(one), contacts.kin_of(two)) == ((two,), (one,))


def test_contacts_of_one_ticket_know_each_other(contacts: Contacts, mia: int, draft: ContactDraft) -> None:
    """Also where nothing else is known of the caller; without anything nobody is kin."""
    one, two = (
        contacts.end(mia, replace(draft, id=f"contact-{name}"), Outcome.TICKET, ticket="W-2026-000001") for name in "ab"
    )
    assert contacts.kin_of(one) == (two,)
    assert contacts.kin_of(contacts.save(mia, draft)) == ()
