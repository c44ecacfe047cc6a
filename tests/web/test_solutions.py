"""The page of a solution, and answers from the desk: what is asked, sent, and what comes back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.database import StoreUnavailable
from app.tickets.ticket import draft
from app.tickets.trail import Trail
from app.web import errors, security, solutions, tickets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.tickets.ticket import Ticket
    from app.web.pages import Parts
    from tests.conftest import Clock

FIELDS = {"name": "Jana Roth", "email": "jana@example.org", "description": "Der Drucker druckt nicht.",
          "category": "drucken", "urgency": "high"}  # fmt: skip


class Mia:
    """An agent."""

    id, name, level = 1, "Mia Weber", 1


@pytest.fixture
def ticket(parts: Parts) -> Ticket:
    """Give a ticket that an agent has solved."""
    opened = parts.store.open_ticket(draft(FIELDS, Trail(()), None, "key-of-jana", "sender", "de"))
    return parts.workplace.solve(opened.number, Mia(), "Neu starten.", "s", 1)


@pytest.fixture
def address(parts: Parts, ticket: Ticket) -> str:
    """Give the address in the mail."""
    return f"/solutions/{parts.solutions.token_of(ticket)}"


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    """Give the browser of a customer."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (solutions, tickets):
        app.include_router(module.router(parts))
    errors.install(app, parts)
    with TestClient(app, follow_redirects=False, headers={"Accept-Language": "de"}) as visitor:
        yield visitor


def state(parts: Parts, ticket: Ticket) -> str:
    """Return where the ticket stands."""
    known = parts.store.by_number(ticket.number)
    assert known
    return known.state


def test_the_page_shows_the_number_and_the_question(
    client: TestClient, parts: Parts, ticket: Ticket, address: str
) -> None:
    """Nothing that was written, nobody's name, and opening it changes nothing."""
    answer = client.get(address)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert all(text in answer.text for text in (ticket.number, "Ist Ihr Problem gelöst?", "Ja, gelöst"))
    assert not [text for text in ("Jana", "jana@", "Drucker", "Neu starten") if text in answer.text]
    assert parts.store.by_number(ticket.number) == ticket


def test_yes_closes_and_thanks(client: TestClient, parts: Parts, ticket: Ticket, address: str) -> None:
    """The rating can be changed on the page that follows."""
    answer = client.post(address, data={"answer": "yes", "score": "4", "text": "Danke", "key": "k"})
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    shown = client.get(address).text
    assert all(text in shown for text in ("Schön, dass es gelöst ist", "Danke für Ihre Bewertung."))
    assert state(parts, ticket) == "closed"


def test_no_opens_again(client: TestClient, parts: Parts, ticket: Ticket, address: str) -> None:
    """The page says so, and a second answer by the same link is told that it is too late, with its text."""
    assert client.post(address, data={"answer": "no", "text": "Blinkt noch", "key": "k"}).status_code == 303
    assert state(parts, ticket) == "open"
    assert "Ihr Ticket ist offen" in client.get(address).text
    late = client.post(address, data={"answer": "yes", "text": "Mein Text", "key": "k2"})
    assert (late.status_code, "Mein Text" in late.text) == (409, True)
    assert state(parts, ticket) == "open"


@pytest.mark.parametrize("token", ["x", "W-2026-000001_2", "W-2026-000001_2.aaaa.bbbb"])
def test_a_forged_link_is_an_unknown_page(client: TestClient, parts: Parts, ticket: Ticket, token: str) -> None:
    """For reading and for answering."""
    assert client.get(f"/solutions/{token}").status_code == 404
    assert client.post(f"/solutions/{token}", data={"answer": "yes"}).status_code == 404
    assert parts.store.by_number(ticket.number) == ticket


def test_an_expired_link_is_an_unknown_page(client: TestClient, clock: Clock, address: str) -> None:
    """After sixty days."""
    clock.move(days=61)
    assert client.get(address).status_code == 404


def test_another_site_cannot_answer(client: TestClient, parts: Parts, ticket: Ticket, address: str) -> None:
    """Nor can a form without an answer."""
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(address, data={"answer": "yes"}, headers=headers).status_code == 403
    assert client.post(address, data={"text": "?"}).status_code == 422
    assert parts.store.by_number(ticket.number) == ticket


def test_a_text_that_is_too_long_comes_back(client: TestClient, address: str) -> None:
    """With the score."""
    answer = client.post(address, data={"answer": "no", "score": "2", "text": "x" * 20_001, "key": "k"})
    assert answer.status_code == 422
    assert all(text in answer.text for text in ("x" * 20_001, 'value="2" checked', "höchstens 20.000 Zeichen"))


def test_another_text_with_the_same_key_comes_back(client: TestClient, parts: Parts, address: str) -> None:
    """With a fresh key; the first one stands."""
    client.post(address, data={"answer": "no", "text": "Eins", "key": "k"})
    answer = client.post(address, data={"answer": "no", "text": "Zwei", "key": "k"})
    assert (answer.status_code, "Zwei" in answer.text) == (409, True)
    assert 'name="key" value="k"' not in answer.text
    assert parts


def test_without_a_store_the_text_comes_back(
    client: TestClient, parts: Parts, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the page itself says that it does not work now."""

    def fail(*_: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(type(parts.solutions), "reject", fail)
    monkeypatch.setattr(type(parts.solutions), "find", fail)
    answer = client.post(address, data={"answer": "no", "text": "Mein Text", "key": "k"})
    assert (answer.status_code, "Mein Text" in answer.text) == (503, True)
    assert client.get(address).status_code == 503


def test_the_page_of_the_ticket_asks_the_same(client: TestClient, parts: Parts, ticket: Ticket) -> None:
    """And is where the answer leads back to."""
    shown = client.get("/tickets/key-of-jana").text
    assert "Wie zufrieden sind Sie mit unserer Hilfe?" in shown
    action = re.findall(r'action="(/solutions/[^"]+)"', shown)[0]
    back = client.post(action, data={"answer": "yes", "score": "5", "ticket": "key-of-jana", "key": "k"})
    assert back.headers["location"] == "/tickets/key-of-jana#now-title"
    assert "Doch noch nicht gelöst" in client.get("/tickets/key-of-jana").text
    other = client.post(action, data={"answer": "yes", "ticket": "//evil.example", "key": "k"})
    assert other.headers["location"] == action
    assert state(parts, ticket) == "closed"
