"""Health: what works, and what does not, at a glance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.database import connect
from app.tickets.mailbag import Mailbag
from app.tickets.outbox import Outbox
from app.tickets.parcel import DeliveryState
from app.web.health import health_report

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

    from app.web.pages import Parts


def mailbag_of(outbox: Outbox) -> Mailbag:
    """Return the mails of the same database."""
    return Mailbag(outbox.engine, outbox.clock)


def test_a_healthy_portal_says_so(client: TestClient, parts: Parts) -> None:
    """With version and number of articles, and nothing that may be kept."""
    answer = client.get("/health")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.json() == {
        "status": "ok",
        "version": parts.searcher.index.version,
        "articles": 4,
        "meaning": "on",
        "database": "ok",
        "deliveries": {"pending": 0, "dead": 0},
        "mails": {"pending": 0, "dead": 0, "refused": 0},
    }


def test_without_a_database_it_is_down(parts: Parts, outbox: Outbox, tmp_path: Path) -> None:
    """A monitor must call somebody: tickets cannot be taken."""
    lost = replace(outbox, engine=connect(f"sqlite:///{tmp_path / 'missing' / 'db'}"))
    report = health_report(parts, lost, mailbag_of(lost))
    assert (report["status"], report["database"]) == ("down", "unavailable")
    assert report["deliveries"] == {"pending": None, "dead": None}


def test_down_is_503(parts: Parts, outbox: Outbox, client: TestClient) -> None:
    """So that a load balancer needs no JSON."""
    with outbox.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE deliveries")
    assert client.get("/health").status_code == 503
    assert parts.searcher


def test_words_only_is_a_weaker_health(parts: Parts, outbox: Outbox) -> None:
    """The portal works, worse than it could."""

    class Wordy:
        index = parts.searcher.index
        by_meaning = False

    report = health_report(replace(parts, searcher=Wordy()), outbox, mailbag_of(outbox))  # type: ignore[arg-type]
    assert (report["status"], report["meaning"]) == ("degraded", "off")


def test_tickets_that_reached_nobody_are_a_weaker_health(
    parts: Parts, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dead and refused deliveries need a person."""
    counts = dict.fromkeys(DeliveryState, 0) | {DeliveryState.DEAD: 1, DeliveryState.REFUSED: 2}
    monkeypatch.setattr(Outbox, "counts", lambda _outbox: counts)
    report = health_report(parts, outbox, mailbag_of(outbox))
    assert (report["status"], report["deliveries"]["dead"]) == ("degraded", 3)


@pytest.mark.parametrize(("state", "status"), [(DeliveryState.DEAD, "degraded"), (DeliveryState.REFUSED, "ok")])
def test_mails_that_no_server_takes_are_a_weaker_health(
    parts: Parts, outbox: Outbox, monkeypatch: pytest.MonkeyPatch, state: DeliveryState, status: str
) -> None:
    """An address that does not exist is no illness of ours; both are counted."""
    counts = dict.fromkeys(DeliveryState, 0) | {state: 2}
    monkeypatch.setattr(Mailbag, "counts", lambda _mailbag: counts)
    report = health_report(parts, outbox, mailbag_of(outbox))
    assert (report["status"], report["mails"][state]) == (status, 2)
