"""A ticket's page at the desk: who else is there, what may be the same, which mails did not arrive, and the call."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.desk.agent import Role
from app.desk.contact import ContactDraft, Outcome
from app.tickets.delivery import Courier
from app.tickets.helpdesk import Refused
from app.tickets.mailbag import Mailbag
from app.tickets.ticket import draft
from app.tickets.trail import Trail
from app.web import contacts, desk_news, tickets
from tests.web.test_desk_tickets import FIELDS, PASSWORD, ben, browser, client, mia, page, parts, send, ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from app.desk.agent import Agent
    from app.desk.contact import Contact
    from app.tickets.mail import Mail
    from app.tickets.ticket import Ticket
    from app.web.pages import Parts

__all__ = ["ben", "client", "mia", "parts", "ticket"]


@pytest.fixture
def deniz(parts: Parts) -> Agent:
    """Give a colleague."""
    return parts.accounts.add("Deniz Ay", "deniz@example.org", Role.FIRST, PASSWORD)


def asked_news(visitor: TestClient, parts: Parts, ticket: Ticket, query: str = "") -> dict[str, list[str]] | None:
    """Ask what is new, as an open page does; None where nothing is."""
    app: FastAPI = visitor.app  # type: ignore[assignment]
    app.include_router(desk_news.router(parts))
    answer = visitor.get(f"/desk/tickets/{ticket.number}/news?version={ticket.version}{query}")
    return None if answer.status_code == 204 else dict(answer.json())


def plain(html: str) -> str:
    """Return what can be read on a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_two_agents_learn_of_each_other_before_they_send(
    client: TestClient, parts: Parts, deniz: Agent, ticket: Ticket
) -> None:
    """The open page is told without being loaded again, and a page that is loaded now says so itself."""
    assert 'data-company role="status" hidden' in page(client, ticket).text
    assert asked_news(client, parts, ticket, "&writing=1") is None
    colleague = browser(parts, deniz)
    assert plain(page(colleague, ticket).text).count("Mia Weber schreibt gerade eine Antwort.") == 2
    told = asked_news(client, parts, ticket)
    assert told == {"lines": [], "writing": [], "looking": ["Deniz Ay hat dieses Ticket gerade offen."]}
    told = asked_news(colleague, parts, ticket, "&writing=1&lang=en")
    assert told == {"lines": [], "writing": [], "looking": ["Mia Weber has this ticket open right now."]}
    told = asked_news(client, parts, ticket)
    assert told
    assert told["writing"] == ["Deniz Ay schreibt gerade eine Antwort."]


def test_a_reply_that_came_back_is_still_being_written(
    client: TestClient, parts: Parts, deniz: Agent, ticket: Ticket
) -> None:
    """One that was sent is not."""
    client.post(f"/desk/tickets/{ticket.number}/replies", data={"version": "7", "text": "Hallo", "then": "open"})
    assert "Mia Weber schreibt gerade" in page(browser(parts, deniz), ticket).text
    send(client, ticket, "replies", text="Hallo", then="open")
    page(client, ticket)
    assert "Mia Weber hat dieses Ticket gerade offen." in page(browser(parts, deniz), ticket).text


def test_customers_never_see_who_is_at_their_ticket(client: TestClient, parts: Parts, ticket: Ticket) -> None:
    """Nor do they write it down by looking."""
    asked_news(client, parts, ticket, "&writing=1")
    app: FastAPI = client.app  # type: ignore[assignment]
    app.include_router(tickets.router(parts))
    shown = client.get("/tickets/key-of-jana").text
    assert ticket.number in shown
    assert not any(word in shown for word in ("Mia", "schreibt gerade", "data-company"))


@pytest.mark.parametrize(("email", "step", "why"), [
    ("jana@example.org", "merge", "gleiche Adresse · ähnlicher Text"), ("tom@example.org", "link", "ähnlicher Text"),
])  # fmt: skip
def test_what_may_be_the_same_is_one_press_away(  # noqa: PLR0913, PLR0917 - all of it takes part
    client: TestClient, parts: Parts, ticket: Ticket, email: str, step: str, why: str,
) -> None:  # fmt: skip
    """With why; only tickets of one customer can be merged."""
    other = parts.store.open_ticket(draft(FIELDS | {"email": email}, Trail(()), None, "key-2", "sender", "de"))
    shown = page(client, ticket).text
    assert f"{other.number} {FIELDS['description']} {why}" in plain(shown)
    form = shown.split("data-alike")[1].split("</form>")[0]
    assert (f'formaction="/desk/tickets/{ticket.number}/merge"' in form) is (step == "merge")
    assert send(client, ticket, step, other=other.number).status_code == 303
    assert "Vielleicht dasselbe" not in page(client, ticket).text


class Refusing:
    """A mail server that takes nothing."""

    def deliver(self, _mail: Mail) -> str:
        """Say why not."""
        raise Refused("550 No <such> user")


def test_agents_are_told_of_mails_that_did_not_arrive(client: TestClient, parts: Parts, ticket: Ticket) -> None:
    """In the history too; one press sends it again, and what is no mail changes nothing."""
    Courier(Mailbag(parts.post.engine, parts.clock), Refusing(), parts.clock).run_once()
    shown = page(client, ticket).text
    line = "E-Mail an jana@example.org kam nicht an: 550 No &lt;such&gt; user"
    assert plain(shown).count(line) == 2
    assert "Mail to jana@example.org did not arrive" in client.get(f"/desk/tickets/{ticket.number}?lang=en").text
    for wrong in ("", "0", "²", "9" * 12):
        assert send(client, ticket, "mails", mail=wrong).status_code == 303
    assert line in page(client, ticket).text
    found = re.search(r'name="mail" value="(\d+)"', shown)
    assert found
    assert send(client, ticket, "mails", mail=found[1]).status_code == 303
    assert line not in page(client, ticket).text
    assert client.post("/desk/tickets/W-1999-000001/mails", data={"mail": found[1]}).status_code == 404


@pytest.fixture
def call(parts: Parts) -> Callable[..., Contact]:
    """Return a function that documents a call and ends it."""

    def end(agent: Agent, name: str, outcome: Outcome, number: str | None = None) -> Contact:
        began = parts.clock() - timedelta(minutes=len(ended))
        said = ContactDraft(f"contact-{name}-0000000", 0, "window-1", 1, began, "de", "Jana", "", "0221 4711", name)
        ended.append(parts.contacts.end(agent.id, said, outcome, ticket=number))
        return ended[-1]

    ended: list[Contact] = []
    return end


def test_a_ticket_knows_the_call_it_came_from(  # noqa: PLR0913, PLR0917 - all of it takes part
    client: TestClient, parts: Parts, mia: Agent, ben: Agent, ticket: Ticket, call: Callable[..., Contact],
) -> None:  # fmt: skip
    """For the agent whose call that was: a colleague's cannot be opened."""
    assert "Zum Anruf" not in page(client, ticket).text
    contact = call(mia, "drucker", Outcome.TICKET, ticket.number)
    assert f'<a href="/desk/contacts/{contact.id}">Zum Anruf</a>' in page(client, ticket).text
    assert "Zum Anruf" not in page(browser(parts, ben), ticket).text


def test_a_call_back_knows_the_call_before(  # noqa: PLR0913, PLR0917 - all of it takes part
    client: TestClient, parts: Parts, mia: Agent, ben: Agent, ticket: Ticket, call: Callable[..., Contact],
) -> None:  # fmt: skip
    """And the ticket that was made then; nobody else's calls are shown."""
    later, first = call(mia, "zweiter", Outcome.SOLVED), call(mia, "erster", Outcome.TICKET, ticket.number)
    call(ben, "fremder", Outcome.SOLVED)
    app: FastAPI = client.app  # type: ignore[assignment]
    app.include_router(contacts.router(parts))
    shown = client.get(f"/desk/contacts/{later.id}").text
    assert "Andere Anrufe dieser Person" in shown
    assert f'href="/desk/contacts/{first.id}"' in shown
    assert f'href="/desk/tickets/{ticket.number}"' in shown
    assert "fremder" not in shown
    assert f'href="/desk/contacts/{later.id}"' in client.get(f"/desk/contacts/{first.id}").text
