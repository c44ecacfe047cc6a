"""What the tests of tickets share: drafts, a store, an outbox, parcels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from app.tickets.outbox import Outbox
from app.tickets.parcel import DeliveryKind, Parcel
from app.tickets.state import TicketState
from app.tickets.store import TicketStore
from app.tickets.ticket import Author, Language, Message, Ticket, TicketDraft, Urgency, draft
from app.tickets.trail import Opened, Rated, Searched, Trail, Tried
from app.tickets.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.conftest import Clock

TRAIL = Trail(
    (
        Searched("wlan geht nicht"),
        Opened("wlan-einrichten", "WLAN einrichten"),
        Tried("wlan-einrichten", "WLAN einrichten", 3, "Router neu starten"),
        Rated("wlan-einrichten", "WLAN einrichten", helpful=False),
    ),
)
FIELDS = {
    "name": "Erika Müller",
    "email": "erika@example.org",
    "description": "Das WLAN geht nicht.\nAlle Lampen leuchten.",
    "category": "router-wlan",
    "urgency": "high",
}


@pytest.fixture
def make_draft() -> Callable[..., TicketDraft]:
    """Return a function that makes a valid draft; fields of the form and parts of the draft can be given."""

    def make(**given: Any) -> TicketDraft:
        parts: dict[str, Any] = {"trail": TRAIL, "attachment": None, "key": "key-1", "sender": "sender-1", "lang": "de"}
        parts |= {name: given.pop(name) for name in tuple(given) if name in parts}
        return draft(FIELDS | given, **parts)

    return make


@pytest.fixture
def store(engine: Engine, tmp_path: Path, clock: Clock) -> TicketStore:
    """Return a store over the fresh database."""
    return TicketStore(engine, tmp_path / "files", clock)


@pytest.fixture
def workplace(engine: Engine, clock: Clock) -> Workplace:
    """Return the workplace of agents over the same database."""
    return Workplace(engine, clock)


@pytest.fixture
def outbox(engine: Engine, tmp_path: Path, clock: Clock) -> Outbox:
    """Return the outbox of the same database."""
    return Outbox(engine, tmp_path / "files", clock)


@pytest.fixture
def make_parcel() -> Callable[..., Parcel]:
    """Return a function that makes a parcel; fields of the ticket and of the parcel can be given."""
    return make_any_parcel


def make_any_parcel(kind: DeliveryKind = DeliveryKind.TICKET, lang: Language = "de", **given: Any) -> Parcel:
    """Make a parcel outside of a fixture, for hypothesis."""
    at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    message = Message(Author.VISITOR, given.pop("text", FIELDS["description"]), at)
    outside: dict[str, Any] = {name: given.pop(name) for name in ("token", "attachments") if name in given}
    fields: dict[str, Any] = {"name": "Erika Müller", "email": "erika@example.org", "trail": TRAIL}
    fields |= {"messages": (message,)} | given
    ticket = Ticket(
        number="W-2026-000123", state=TicketState.NEW, level=1, lang=lang, category="router-wlan",
        urgency=Urgency.HIGH, opened_at=at, changed_at=at, changes=(), **fields,
    )  # fmt: skip
    return Parcel(kind, outside.pop("token", "t1"), "t1", ticket, message, **outside)
