"""The list of tickets: the way to a ticket and back, and many tickets changed at once; who can be given one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import pytest

from app.database import StoreUnavailable
from app.desk.agent import Role
from app.tickets.ticket import draft
from app.tickets.trail import Trail
from app.web import desk_news
from tests.web.test_desk_tickets import FIELDS, PASSWORD, ben, client, mia, page, parts, send, ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from httpx2 import Response as Answer
    from starlette.testclient import TestClient

    from app.desk.agent import Agent
    from app.tickets.ticket import Ticket
    from app.web.pages import Parts
    from tests.conftest import Clock

__all__ = ["ben", "client", "mia", "parts", "ticket"]


@pytest.fixture
def three(parts: Parts, clock: Clock) -> list[Ticket]:
    """Give three tickets, a minute apart."""
    opened = []
    for place in range(3):
        clock.move(minutes=1)
        opened.append(parts.store.open_ticket(draft(FIELDS, Trail(()), None, f"key-{place}", "sender", "de")))
    return opened


@pytest.fixture
def mark(client: TestClient, three: list[Ticket]) -> Callable[..., str]:
    """Return a function that marks all three and presses a button; it returns the page that comes in the end."""

    def send_marked(do: str, **fields: str) -> str:
        marked = [f"{one.number}/{one.version}" for one in three]
        target = "/desk/tickets/marked?queue=all"
        answer = client.post(target, data={"do": do, "ticket": [*marked, marked[0], "x", "/1"]} | fields)
        return client.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text

    return send_marked


def known(parts: Parts, ticket: Ticket) -> Ticket:
    """Return a ticket as it is now."""
    found = parts.store.by_number(ticket.number)
    assert found
    return found


def test_a_ticket_knows_the_list_it_was_opened_from(client: TestClient, three: list[Ticket]) -> None:
    """Back leads to its row; the ones beside it are one key away, also after a change."""
    numbers = [one.number for one in three]
    listed = client.get("/desk/tickets?queue=unassigned").text
    assert f'href="/desk/tickets/{numbers[1]}?queue=unassigned"' in listed
    shown = client.get(f"/desk/tickets/{numbers[1]}?queue=unassigned").text
    assert f'data-back href="/desk/tickets?queue=unassigned#{numbers[1]}"' in shown
    assert f'rel="prev" href="/desk/tickets/{numbers[0]}?queue=unassigned"' in shown
    assert f'rel="next" href="/desk/tickets/{numbers[2]}?queue=unassigned"' in shown
    assert f'action="/desk/tickets/{numbers[1]}/take?queue=unassigned"' in shown
    form = {"version": "1", "key": "k"}
    answer = client.post(f"/desk/tickets/{numbers[1]}/take?queue=unassigned", data=form)
    assert answer.headers["location"] == f"/desk/tickets/{numbers[1]}?queue=unassigned"
    left = client.get(answer.headers["location"]).text
    assert 'rel="prev"' not in left
    assert f'rel="next" href="/desk/tickets/{numbers[0]}?queue=unassigned"' in left


def test_a_search_is_a_list_too(client: TestClient, three: list[Ticket]) -> None:
    """Its words stand in the address."""
    shown = client.get(f"/desk/tickets/{three[1].number}?find=drucker").text
    assert f'rel="prev" href="/desk/tickets/{three[2].number}?find=drucker"' in shown


@pytest.mark.parametrize("query", ["", "?queue=drachen", "?page=3", "?queue=&page=x"])
def test_without_a_list_nothing_is_beside_a_ticket(client: TestClient, ticket: Ticket, query: str) -> None:
    """And back leads to one's own."""
    shown = client.get(f"/desk/tickets/{ticket.number}{query}").text
    assert 'data-back href="/desk/tickets"' in shown
    assert 'rel="prev"' not in shown
    assert 'rel="next"' not in shown


def test_marked_tickets_are_taken_at_once(
    parts: Parts, mia: Agent, three: list[Ticket], mark: Callable[..., str]
) -> None:
    """Each once, and the list says how many."""
    assert "3 Tickets sind geändert." in mark("take")
    assert {(known(parts, one).assignee, known(parts, one).version) for one in three} == {(str(mia.id), 2)}


def test_what_is_refused_is_told_by_number_and_the_rest_is_done(
    parts: Parts, ben: Agent, three: list[Ticket], mark: Callable[..., str]
) -> None:
    """One was taken by another agent, one has changed since."""
    parts.workplace.take(three[0].number, ben, 1)
    parts.workplace.note(three[1].number, ben, "Notiz", "n")
    shown = re.sub(r"<[^>]+>", "", mark("take"))
    assert "2 Tickets blieben, wie sie sind" in shown
    assert f"{three[0].number}: Ben Kurt hat es schon übernommen." in shown
    assert f"{three[1].number}: Es hat sich geändert, seit diese Liste geladen wurde." in shown
    assert "1 Ticket ist geändert." in shown
    assert known(parts, three[2]).assignee


def test_marked_tickets_are_given_to_a_colleague(
    parts: Parts, ben: Agent, three: list[Ticket], mark: Callable[..., str]
) -> None:
    """Chosen by name."""
    mark("assign", agent=str(ben.id))
    assert {known(parts, one).assignee for one in three} == {str(ben.id)}


@pytest.mark.parametrize("fields", [{"do": "assign"}, {"do": "assign", "agent": "999"}, {"do": "category"}])
def test_without_a_choice_every_marked_ticket_stays(
    parts: Parts, three: list[Ticket], mark: Callable[..., str], fields: dict[str, str]
) -> None:
    """Each is told with the reason."""
    assert mark(**fields).count("Wählen Sie einen Namen oder ein Thema aus der Liste.") == 3
    assert {known(parts, one).version for one in three} == {1}


def test_marked_tickets_are_put_into_a_category(parts: Parts, three: list[Ticket], mark: Callable[..., str]) -> None:
    """One that there is."""
    mark("category", category="wlan")
    assert {known(parts, one).category for one in three} == {"wlan"}


def test_a_button_that_there_is_not_does_nothing(client: TestClient) -> None:
    """No page sends it."""
    assert client.post("/desk/tickets/marked", data={"do": "delete"}).status_code == 422


def test_a_ticket_is_given_to_a_colleague_by_name(client: TestClient, parts: Parts, ben: Agent, ticket: Ticket) -> None:
    """Who has left, and who never answers, cannot be chosen, nor can who has it already."""
    parts.accounts.add("Ida Blum", "ida@example.org", Role.AUTHOR, PASSWORD)
    gone = parts.accounts.add("Udo Alt", "udo@example.org", Role.FIRST, PASSWORD)
    parts.accounts.disable("udo@example.org")
    names = re.findall(r'<select id="agent".*?</select>', page(client, ticket).text)
    assert re.findall(r">([^<]+)</option>", names[0]) == ["Ben Kurt", "Mia Weber"]
    assert send(client, ticket, "assignee", agent=str(gone.id)).status_code == 409
    assert send(client, ticket, "assignee", agent=str(ben.id)).status_code == 303
    assert "bei Ben Kurt" in page(client, ticket).text
    assert [change.became for change in known(parts, ticket).changes if change.what == "assignee"] == ["Ben Kurt"]
    assert ">Ben Kurt</option>" not in page(client, ticket).text
    parts.store.solve("key-of-jana")
    assert '<select id="agent"' not in page(client, ticket).text


# Tickets that are about the same


def test_a_duplicate_is_merged_and_parted_on_its_page(client: TestClient, parts: Parts, three: list[Ticket]) -> None:
    """The other page has its messages; its customer reads where it goes on."""
    one, two, _ = three
    assert send(client, two, "merge", other=one.number.lower()).status_code == 303
    assert "Aus W-2026-000002 zusammengeführt" in page(client, one).text
    assert "Weiter geht es in" in page(client, two).text
    assert "Zusammengeführt mit: – → W-2026-000001 (Mia Weber)" in page(client, two).text
    assert send(client, two, "part").status_code == 303
    assert known(parts, two).state == "open"


def test_why_two_tickets_cannot_be_joined_is_said(client: TestClient, parts: Parts, ticket: Ticket) -> None:
    """Of two customers, with itself, with none."""
    other = parts.store.open_ticket(
        draft({**FIELDS, "email": "x@example.org", "description": "Geheim"}, Trail(()), None, "x", "sender", "de")
    )
    assert "ist von einer anderen Adresse." in send(client, ticket, "merge", other=other.number).text
    assert "nicht mit sich selbst" in send(client, ticket, "merge", other=ticket.number).text
    assert "Ein Ticket mit dieser Nummer gibt es nicht." in send(client, ticket, "link", other="W-1").text
    assert send(client, ticket, "link", other=other.number).status_code == 303
    assert f'Verknüpfung lösen<span class="visually-hidden">: {other.number}' in page(client, ticket).text
    assert send(client, ticket, "unlink", other=other.number).status_code == 303
    assert "Verknüpfung lösen" not in page(client, ticket).text


def test_a_change_of_a_ticket_that_there_is_not_is_not_found(client: TestClient) -> None:
    """As its page."""
    assert client.post("/desk/tickets/W-1999-000001/take", data={"version": "1"}).status_code == 404


# What others do while a page is open


def news(client: TestClient, parts: Parts, address: str) -> Answer:
    """Ask what an open page asks."""
    app = cast("FastAPI", client.app)
    app.include_router(desk_news.router(parts))
    return client.get(address)


def asked_by(shown: str) -> str:
    """Return the address that a page asks."""
    found = re.search(r'data-news="([^"]*)"', shown)
    assert found
    return found[1].replace("&amp;", "&")


def test_an_open_ticket_is_told_what_others_did(client: TestClient, parts: Parts, ben: Agent, ticket: Ticket) -> None:
    """Who wrote and changed what; nothing, without a body, while nobody did anything."""
    address = asked_by(page(client, ticket).text)
    assert (news(client, parts, address).status_code, news(client, parts, address).content) == (204, b"")
    parts.workplace.take(ticket.number, ben, 1)
    parts.workplace.reply(ticket.number, ben, "Ich schaue nach.", "r", 2)
    lines = news(client, parts, address).json()["lines"]
    assert "Ben Kurt: Ich schaue nach." in lines
    assert "Bearbeiter: – → Ben Kurt (Ben Kurt)" in lines
    assert news(client, parts, asked_by(page(client, ticket).text)).status_code == 204
    assert news(client, parts, address.replace("version=1", "version=²")).status_code == 200
    assert news(client, parts, "/desk/tickets/W-1999-000001/news?version=1").status_code == 404


@pytest.mark.usefixtures("ticket")
def test_an_open_list_is_told_how_many_are_new(client: TestClient, parts: Parts, clock: Clock) -> None:
    """New ones and changed ones of this queue; of a search nothing is told."""
    address = asked_by(client.get("/desk/tickets?queue=unassigned").text)
    assert news(client, parts, address).status_code == 204
    clock.move(minutes=1)
    parts.store.open_ticket(draft(FIELDS, Trail(()), None, "new", "sender", "de"))
    assert news(client, parts, address).json()["lines"] == ["1 Ticket ist neu oder geändert."]
    parts.store.answer("key-of-jana", "Noch etwas", "m")
    assert news(client, parts, f"{address}&lang=en").json()["lines"] == ["2 tickets are new or changed."]
    assert news(client, parts, address.replace("unassigned", "mine")).status_code == 204
    assert news(client, parts, "/desk/news?queue=drachen&since=2026-01-01").status_code == 404
    assert news(client, parts, "/desk/news?queue=mine&since=x").status_code == 422
    assert "data-news" not in client.get("/desk/tickets?find=drucker").text


def test_news_without_the_database_can_wait(
    client: TestClient, parts: Parts, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks again."""

    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("gone")

    for verb, address in (("since", f"/desk/tickets/{ticket.number}/news"), ("changed", "/desk/news?since=2026-01-01")):
        monkeypatch.setattr(type(parts.workplace), verb, fail)
        assert news(client, parts, address).status_code == 503
