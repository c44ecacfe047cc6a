"""Confirmed: what agents solved with an article confirms it, over every database."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from app.database import writing
from app.desk.tables import agents, contact_events, contacts
from app.learning.confirmed import Confirmed
from app.learning.tally import Tally
from app.tickets.tables import messages, tickets

if TYPE_CHECKING:
    from datetime import datetime

    import pytest
    from sqlalchemy import Engine

    from tests.conftest import Clock


def contact(engine: Engine, at: datetime, slug: str, outcome: str = "solved", kind: str = "copied") -> None:
    """Write down a contact in which an article was used."""
    with writing(engine) as connection:
        name = f"{slug}-{outcome}-{kind}-{at.timestamp()}"[:40]
        agent = connection.scalar(insert(agents).returning(agents.c.id).values(
            name="Mia", email=f"{name}@example.org", role="first", password_hash="-", active=True,  # noqa: S106 - none
            created_at=at,
        ))  # fmt: skip
        contact_id = connection.scalar(insert(contacts).returning(contacts.c.id).values(
            name=name, agent_id=agent, started_at=at, ended_at=at, outcome=outcome, lang="de", caller="", email="",
            phone="", notes="", version=1, tab="", turn=1,
        ))  # fmt: skip
        connection.execute(insert(contact_events).values(
            contact_id=contact_id, key="k", kind=kind, at=at, slug=slug, lang="de", title="", step=0, text="", words="",
        ))  # fmt: skip


def ticket(engine: Engine, at: datetime, text: str, state: str = "solved", **message: Any) -> None:
    """Write down a ticket with one message of an agent."""
    with writing(engine) as connection:
        ticket_id = connection.scalar(insert(tickets).returning(tickets.c.id).values(
            number=text[:12] + state, key_hash=text[:50] + state, digest="", sender_hash="", state=state, level=1,
            lang="de", name="", email="", category="", urgency="normal", opened_at=at, changed_at=at,
        ))  # fmt: skip
        row = {"author": "agent", "internal": False, "text": text, "key_hash": "", "at": at} | message
        connection.execute(insert(messages).values(ticket_id=ticket_id, **row))


def known(engine: Engine, clock: Clock, *slugs: str) -> list[datetime | None]:
    """Return what is known of articles once it was read."""
    confirmed = Confirmed(engine, clock)
    confirmed.read()
    return [confirmed.last(slug) for slug in slugs]


def test_a_solved_contact_confirms_what_was_passed_on(engine: Engine, clock: Clock) -> None:
    """The last one counts; what was only opened, or did not help, confirms nothing."""
    early = clock()
    contact(engine, early, "wlan")
    clock.move(days=3)
    contact(engine, clock(), "wlan", kind="ticked")
    contact(engine, clock(), "offen", kind="opened")
    contact(engine, clock(), "ungeloest", outcome="ticket")
    assert known(engine, clock, "wlan", "offen", "ungeloest") == [clock(), None, None]


def test_a_solved_ticket_confirms_what_was_sent(engine: Engine, clock: Clock) -> None:
    """The whole name counts; neither internal notes, nor customers, nor open tickets confirm."""
    link = "https://hilfe.example/articles/{}?lang=de"
    ticket(engine, clock(), f"1 Siehe {link.format('wlan-langsam')}.")
    ticket(engine, clock(), f"2 Siehe {link.format('offen')}", state="open")
    ticket(engine, clock(), f"3 Siehe {link.format('notiz')}", internal=True)
    ticket(engine, clock(), f"4 Siehe {link.format('kunde')}", author="visitor")
    found = known(engine, clock, "wlan-langsam", "wlan", "offen", "notiz", "kunde")
    assert found == [clock(), None, None, None, None]


def test_it_is_read_beside_the_pages(engine: Engine, clock: Clock) -> None:
    """Nobody waits; what was read is kept for ten minutes."""
    contact(engine, clock(), "wlan")
    confirmed, until = Confirmed(engine, clock), time.monotonic() + 10
    while confirmed.last("wlan") is None and time.monotonic() < until:
        time.sleep(0.01)
    assert confirmed.last("wlan") == clock()


def test_without_a_database_what_was_known_stays(
    sqlite_engine: Engine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged."""
    contact(sqlite_engine, clock(), "wlan")
    confirmed = Confirmed(sqlite_engine, clock)
    confirmed.read()
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE contact_events")
    confirmed.read()
    assert confirmed.last("wlan") == clock()
    assert "cannot be read now" in caplog.text


def test_uses_are_counted_by_language(engine: Engine, clock: Clock) -> None:
    """What agents opened or passed on; what is older does not count."""
    contact(engine, clock(), "wlan")
    contact(engine, clock(), "wlan", kind="opened")
    contact(engine, clock(), "wlan", kind="ticked")
    assert Tally(engine).uses(clock()) == {("wlan", "de"): 2}
    assert replace(Tally(engine)).uses(clock.now.replace(year=2027)) == {}
