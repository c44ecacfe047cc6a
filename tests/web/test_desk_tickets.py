"""The ticket desk: what agents see of tickets, and what becomes of what they do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.database import StoreUnavailable
from app.desk.agent import Agent, Role
from app.tickets.ticket import draft
from app.tickets.trail import Opened, Searched, Trail, Tried
from app.web import desk_sign_in, desk_tickets, errors, security
from app.web.limiter import RATES, Limiter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response as Answer

    from app.tickets.ticket import Ticket
    from app.web.pages import Parts

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
FIELDS = {"name": "Jana Roth", "email": "jana@example.org", "description": "Der Drucker druckt nicht mehr.",
          "category": "drucken", "urgency": "high"}  # fmt: skip
SUGGESTED = "drucker-offline"
TRAIL = Trail((Searched("drucker druckt nicht"), Opened("papierstau", "Papierstau"),
               Tried("papierstau", "Papierstau", 1, "Klappe öffnen")))  # fmt: skip


@pytest.fixture
def parts(parts: Parts) -> Parts:
    """Give the parts, patient with tests that sign in often."""
    return replace(parts, limiter=Limiter("secret", dict.fromkeys(RATES, "1000/minute")))


@pytest.fixture
def mia(parts: Parts) -> Agent:
    """Give an agent of the first level."""
    return parts.accounts.add("Mia Weber", "mia@example.org", Role.FIRST, PASSWORD)


@pytest.fixture
def ben(parts: Parts) -> Agent:
    """Give an agent of the second level."""
    return parts.accounts.add("Ben Kurt", "ben@example.org", Role.SECOND, PASSWORD)


@pytest.fixture
def ticket(parts: Parts) -> Ticket:
    """Give a ticket of a customer who searched, read and tried."""
    return parts.store.open_ticket(draft(FIELDS, TRAIL, None, "key-of-jana", "sender", "de"))


@pytest.fixture
def client(parts: Parts, mia: Agent) -> Iterator[TestClient]:
    """Give the browser of the first level, signed in."""
    with browser(parts, mia) as visitor:
        yield visitor


def browser(parts: Parts, agent: Agent) -> TestClient:
    """Return the browser of an agent who has signed in."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (desk_sign_in, desk_tickets):
        app.include_router(module.router(parts))
    errors.install(app, parts)
    visitor = TestClient(app, base_url="https://testserver", follow_redirects=False, headers={"Accept-Language": "de"})
    visitor.post("/desk/sign-in", data={"email": agent.email, "password": PASSWORD})
    return visitor


def page(client: TestClient, ticket: Ticket) -> Answer:
    """Open a ticket."""
    return client.get(f"/desk/tickets/{ticket.number}")


def send(client: TestClient, ticket: Ticket, step: str, **fields: str) -> Answer:
    """Send a form as it stands on the ticket's page."""
    shown = page(client, ticket).text
    hidden = {name: re.findall(rf'name="{name}" value="([^"]*)"', shown)[0] for name in ("version", "key")}
    return client.post(f"/desk/tickets/{ticket.number}/{step}", data=hidden | fields)


def test_a_queue_lists_what_waits_for_the_agents_level(client: TestClient, ticket: Ticket) -> None:
    """With number, how it begins, and how urgent it is."""
    answer = client.get("/desk/tickets?queue=unassigned")
    assert answer.status_code == 200
    assert all(text in answer.text for text in (ticket.number, "Der Drucker druckt nicht mehr.", "Dringend"))


def test_an_empty_queue_says_so(client: TestClient) -> None:
    """Instead of an empty table."""
    assert "Hier wartet kein Ticket." in client.get("/desk/tickets").text


def test_a_queue_that_there_is_not_is_not_found(client: TestClient) -> None:
    """Somebody changed the address."""
    assert client.get("/desk/tickets?queue=drachen").status_code == 404


def test_tickets_are_found_by_number_and_by_words(client: TestClient, ticket: Ticket) -> None:
    """And what was looked for stays in the box."""
    for asked in (ticket.number, "Jana", "drucker"):
        answer = client.get("/desk/tickets", params={"find": asked})
        assert ticket.number in answer.text
        assert f'value="{asked}"' in answer.text
    assert "Kein Ticket enthält „Drache“" in client.get("/desk/tickets?find=Drache").text


def test_the_trail_stands_above_the_messages(client: TestClient, ticket: Ticket) -> None:
    """What the customer searched, read and tried is read first."""
    shown = page(client, ticket).text
    places = [shown.index(text) for text in ("drucker druckt nicht", "Klappe öffnen", 'id="messages"')]
    assert places == sorted(places)


def test_articles_that_fit_are_suggested_but_none_that_was_read(client: TestClient, parts: Parts) -> None:
    """The customer need not hear of it twice."""
    text = "Warum druckt mein Drucker nicht?"
    fresh, read = (
        parts.store.open_ticket(draft({**FIELDS, "description": text}, trail, None, key, "sender", "de"))
        for key, trail in (("one", Trail(())), ("two", Trail((Opened(SUGGESTED, "Der Drucker ist offline"),))))
    )
    assert f"/articles/{SUGGESTED}" in page(client, fresh).text
    assert f"/articles/{SUGGESTED}" not in page(client, read).text


def test_a_ticket_that_there_is_not_is_not_found(client: TestClient) -> None:
    """As any other address."""
    assert client.get("/desk/tickets/W-1999-000001").status_code == 404


def test_taking_a_ticket_puts_it_into_ones_own_queue(client: TestClient, ticket: Ticket) -> None:
    """And its page says who has it."""
    assert send(client, ticket, "take").status_code == 303
    assert "bei Mia Weber" in page(client, ticket).text
    assert ticket.number in client.get("/desk/tickets?queue=mine").text


def test_who_comes_second_is_told_who_has_it(client: TestClient, parts: Parts, ben: Agent, ticket: Ticket) -> None:
    """And nothing has changed."""
    with browser(parts, ben) as other:
        form = {"version": "1", "key": "x"}
        send(client, ticket, "take")
        answer = other.post(f"/desk/tickets/{ticket.number}/take", data=form)
    assert answer.status_code == 409
    assert "Mia Weber hat dieses Ticket schon übernommen." in answer.text


def test_a_note_is_read_by_staff_alone(client: TestClient, parts: Parts, ticket: Ticket) -> None:
    """The customer's page has never heard of it."""
    send(client, ticket, "notes", text="Klingt nach dem alten Fehler.")
    seen = parts.store.by_key("key-of-jana")
    assert seen
    assert [message.text for message in seen.messages] == [FIELDS["description"]]
    assert "Klingt nach dem alten Fehler." in page(client, ticket).text


def test_a_change_on_a_stale_page_is_not_made_and_the_text_stays(
    client: TestClient, parts: Parts, ticket: Ticket
) -> None:
    """The customer wrote in the meantime."""
    form = {"version": str(ticket.version), "key": "x", "level": "2", "summary": "Mein langer Text"}
    parts.store.answer("key-of-jana", "Es ist wohl das Kabel.", "message-key")
    answer = client.post(f"/desk/tickets/{ticket.number}/level", data=form)
    assert answer.status_code == 409
    assert all(text in answer.text for text in ("Inzwischen hat sich", "Mein langer Text", "Es ist wohl das Kabel."))


def test_a_repeated_form_is_one_message(client: TestClient, parts: Parts, ticket: Ticket) -> None:
    """Somebody pressed twice."""
    form = {"version": str(ticket.version), "key": "x", "text": "Guten Tag"}
    answers = [client.post(f"/desk/tickets/{ticket.number}/notes", data=form).status_code for _ in range(2)]
    known = parts.store.by_number(ticket.number)
    assert known
    assert (answers, len(known.messages)) == ([303, 303], 2)


def test_handing_on_needs_a_summary_and_shows_it_on_top(
    client: TestClient, parts: Parts, ben: Agent, ticket: Ticket
) -> None:
    """What is known and tried is prefilled; the next level reads it first."""
    shown = page(client, ticket).text
    assert "Versucht:" in shown
    assert send(client, ticket, "level", level="2", summary="").status_code == 409
    assert send(client, ticket, "level", level="2", summary="Papier ist es nicht.").status_code == 303
    with browser(parts, ben) as other:
        assert ticket.number in other.get("/desk/tickets?queue=unassigned").text
        below = page(other, ticket).text
    assert below.index("Papier ist es nicht.") < below.index("drucker druckt nicht")


def test_handing_on_to_the_same_level_is_refused(client: TestClient, ticket: Ticket) -> None:
    """It is there already."""
    answer = send(client, ticket, "level", level="1", summary="Nochmal.")
    assert answer.status_code == 409
    assert "Auf dieser Ebene ist das Ticket schon." in answer.text


def test_a_solved_ticket_can_be_opened_again(client: TestClient, parts: Parts, ticket: Ticket) -> None:
    """The customer pressed the wrong button and calls."""
    parts.store.solve("key-of-jana")
    assert "Wieder öffnen" in page(client, ticket).text
    assert send(client, ticket, "reopen").status_code == 303
    known = parts.store.by_number(ticket.number)
    assert known
    assert known.state == "open"


@pytest.mark.parametrize(("step", "fields"), [("take", {"version": "²"}), ("level", {"level": "9", "summary": "x"})])
def test_what_no_page_sends_changes_nothing(
    client: TestClient, parts: Parts, ticket: Ticket, step: str, fields: dict[str, str]
) -> None:
    """Broken fields are no way in."""
    assert client.post(f"/desk/tickets/{ticket.number}/{step}", data={"key": "k"} | fields).status_code == 409
    known = parts.store.by_number(ticket.number)
    assert known
    assert replace(known, times=ticket.times) == ticket


def test_without_the_database_the_text_comes_back_or_the_page_says_so(
    client: TestClient, parts: Parts, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost, and nothing is a 500."""

    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(type(parts.workplace), "note", fail)
    answer = send(client, ticket, "notes", text="Mein Text")
    assert (answer.status_code, "Mein Text" in answer.text) == (503, True)
    monkeypatch.setattr(type(parts.workplace), "counts", fail)
    assert client.get("/desk/tickets").status_code == 503


def test_an_author_sees_no_ticket(parts: Parts, ticket: Ticket) -> None:
    """It is as if there were none."""
    author = parts.accounts.add("Ida Blum", "ida@example.org", Role.AUTHOR, PASSWORD)
    with browser(parts, author) as reader:
        assert {reader.get(path).status_code for path in ("/desk/tickets", f"/desk/tickets/{ticket.number}")} == {404}


def test_pages_of_the_desk_are_kept_by_nobody(client: TestClient, ticket: Ticket) -> None:
    """Neither by browsers nor by search engines."""
    for answer in (client.get("/desk/tickets"), page(client, ticket)):
        assert (answer.headers["cache-control"], answer.headers["x-robots-tag"]) == ("no-store", "noindex")
