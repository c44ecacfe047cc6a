"""Answers from the desk: what a customer is sent, and what comes back to the agent."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.database import StoreUnavailable
from app.tickets.tables import mails
from tests.web.test_desk_tickets import (  # noqa: F401 - fixtures
    browser,
    client,
    mia,
    page,
    parts,
    send,
    ticket,
)

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from app.tickets.ticket import Ticket
    from app.web.pages import Parts


def mailed(parts: Parts) -> list[tuple[str, str]]:  # noqa: F811 - the fixture's value
    """Return kind and text of every mail but the receipt."""
    with parts.store.engine.connect() as connection:
        rows = connection.execute(select(mails.c.kind, mails.c.text).where(mails.c.kind != "receipt"))
        return [(row.kind, row.text) for row in rows]


@pytest.mark.parametrize(
    ("then", "state", "kind"),
    [("open", "open", "reply"), ("waiting", "waiting", "reply"), ("solved", "solved", "solution")],
)  # fmt: skip
def test_each_button_sends_the_answer(  # noqa: PLR0913, PLR0917 - an example with its fixtures
    client: TestClient, parts: Parts, ticket: Ticket, then: str, state: str, kind: str,  # noqa: F811 - fixtures
) -> None:  # fmt: skip
    """And brings the ticket where it says."""
    assert send(client, ticket, "replies", text="Bitte neu starten.", then=then).status_code == 303
    known = parts.store.by_key("key-of-jana")
    assert known
    assert (known.state, known.messages[-1].text) == (state, "Bitte neu starten.")
    ((sort, text),) = mailed(parts)
    assert (sort, "Bitte neu starten." in text) == (kind, True)


def test_a_note_is_never_mailed(client: TestClient, parts: Parts, ticket: Ticket) -> None:  # noqa: F811 - fixtures
    """Nor is what no button asked for: Enter in a field sends nothing."""
    send(client, ticket, "notes", text="Geheim", then="open")
    assert send(client, ticket, "replies", text="Hallo").status_code == 422
    assert mailed(parts) == []


def test_who_answers_second_is_told_what_is_new(client: TestClient, parts: Parts, ticket: Ticket) -> None:  # noqa: F811
    """The text is still there, nothing was sent, and sending again goes through."""
    form = {"version": str(ticket.version), "key": "a", "text": "Ich zuerst", "then": "open"}
    client.post(f"/desk/tickets/{ticket.number}/replies", data=form)
    late = client.post(f"/desk/tickets/{ticket.number}/replies", data={**form, "key": "b", "text": "Ich auch"})
    assert late.status_code == 409
    assert all(text in late.text for text in ("<li>Mia Weber: Ich zuerst</li>", "Ich auch", "Inzwischen hat sich"))
    assert len(mailed(parts)) == 1
    assert send(client, ticket, "replies", text="Ich auch", then="open").status_code == 303


def test_a_key_is_for_one_answer(client: TestClient, parts: Parts, ticket: Ticket) -> None:  # noqa: F811 - fixtures
    """The same twice is one mail; another text comes back."""
    form = {"version": str(ticket.version), "key": "a", "text": "Hallo", "then": "open"}
    address = f"/desk/tickets/{ticket.number}/replies"
    assert [client.post(address, data=form).status_code for _ in range(2)] == [303, 303]
    other = client.post(address, data={**form, "text": "Anders"})
    assert (other.status_code, "Anders" in other.text, len(mailed(parts))) == (409, True, 1)


def test_a_closed_ticket_is_opened_first(client: TestClient, parts: Parts, ticket: Ticket) -> None:  # noqa: F811
    """The page says so; what was written meanwhile comes back."""
    solved = parts.store.solve("key-of-jana")
    parts.solutions.accept(parts.solutions.token_of(solved), 3, "Geht so")
    shown = page(client, ticket).text
    assert all(text in shown for text in ("Öffnen Sie es wieder, um zu antworten.", "3 von 5", "Geht so"))
    form = {"version": "3", "key": "a", "text": "Mein Text", "then": "open"}
    answer = client.post(f"/desk/tickets/{ticket.number}/replies", data=form)
    assert (answer.status_code, "Mein Text" in answer.text) == (409, True)


def test_without_a_store_the_answer_comes_back(
    client: TestClient, parts: Parts, ticket: Ticket, monkeypatch: pytest.MonkeyPatch,  # noqa: F811 - fixtures
) -> None:  # fmt: skip
    """Nothing is lost."""

    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(type(parts.workplace), "reply", fail)
    answer = send(client, ticket, "replies", text="Mein Text", then="open")
    assert (answer.status_code, "Mein Text" in answer.text) == (503, True)


def test_articles_are_found_for_an_answer(client: TestClient, ticket: Ticket) -> None:  # noqa: F811 - fixtures
    """With passage and public address, and nothing internal."""
    address = f"/desk/tickets/{ticket.number}/articles"
    found = client.get(address, params={"q": "Warum druckt mein Drucker nicht?"}).text
    assert "https://hilfe.example/articles/drucker-offline" in found
    assert "Nachtigall" not in client.get(address, params={"q": "Leitstand bedienen"}).text
    assert "Kein öffentlicher Artikel" in client.get(address, params={"q": "!!!"}).text
    assert client.get("/desk/tickets/W-1999-000001/articles").status_code == 404


def test_without_scripts_the_form_comes_back_with_the_article(
    client: TestClient, parts: Parts, ticket: Ticket,  # noqa: F811 - fixtures
) -> None:  # fmt: skip
    """First with what was found, then with what was chosen; nothing is stored or sent."""
    asked = send(client, ticket, "draft", text="Guten Tag", find="Warum druckt mein Drucker nicht?").text
    assert "Guten Tag</textarea>" in asked
    assert "In die Antwort" in asked
    put = send(client, ticket, "draft", text="Guten Tag", insert="Titel\nhttps://hilfe.example/articles/x").text
    assert "Guten Tag\n\nTitel\nhttps://hilfe.example/articles/x</textarea>" in unescape(put)
    kept = parts.store.by_number(ticket.number)
    assert (mailed(parts), kept and kept.version) == ([], ticket.version)
