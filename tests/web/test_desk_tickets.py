"""The ticket desk: what agents see of tickets, and what becomes of what they do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.database import StoreUnavailable
from app.desk.agent import Agent, Role
from app.tickets.escalation import Climbing
from app.tickets.schedule import Climb, Rule, Schedule
from app.tickets.ticket import draft
from app.tickets.trail import Opened, Searched, Trail, Tried
from app.web import desk_sign_in, desk_tickets, errors, security
from app.web.limiter import RATES, Limiter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response as Answer

    from app.tickets.ticket import Ticket
    from app.web.pages import Parts
    from tests.conftest import Clock

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


# Due times, and under what a ticket is filed


def test_a_row_says_when_it_is_due(parts: Parts, mia: Agent, ticket: Ticket, clock: Clock) -> None:
    """In words, with the moment behind them; an overdue one is in its queue and says so."""
    assert "fällig in 23 Std." in browser(parts, mia).get("/desk/tickets?queue=unassigned").text
    clock.move(days=1, hours=4, minutes=30)
    client = browser(parts, mia)
    shown = client.get("/desk/tickets?queue=overdue").text
    assert "<strong>seit 5 Std. überfällig</strong>" in shown
    assert 'title="23. November 2026, 10:00 Uhr"' in shown
    assert "5 h overdue" in client.get("/desk/tickets?queue=overdue&lang=en").text
    assert ticket.number in shown


def test_a_ticket_shows_both_due_times(client: TestClient, parts: Parts, mia: Agent, ticket: Ticket) -> None:
    """Until it waits for the customer: then time rests."""
    shown = page(client, ticket).text
    assert all(text in shown for text in ("23. November 2026, 10:00 Uhr", "23. November 2026, 16:00 Uhr"))
    parts.workplace.reply(ticket.number, mia, "Läuft er?", "a", 1)
    assert "Niemand wartet auf eine." in page(client, ticket).text
    parts.workplace.reply(ticket.number, mia, "Welcher?", "b", 2, waits=True)
    assert "Die Zeit ruht: Wir warten auf den Kunden." in page(client, ticket).text
    parts.workplace.solve(ticket.number, mia, "Fertig", "c", 3)
    assert "Keine: Das Ticket ist gelöst." in page(client, ticket).text


def test_what_is_due_soon_is_marked(parts: Parts, mia: Agent, ticket: Ticket, clock: Clock) -> None:
    """In the last quarter of its time; what is due later is not."""
    clock.now = datetime(2026, 11, 23, 8, 35, tzinfo=UTC)
    shown = page(browser(parts, mia), ticket).text
    assert '<span class="desk-due is-soon">fällig in 25 Min.</span>' in shown
    assert '<span class="desk-due is-later">fällig in 6 Std.</span>' in shown


@pytest.mark.parametrize(("step", "value"), [("category", "wlan"), ("urgency", "low"), ("tags", "a b-1")])
def test_agents_file_a_ticket(client: TestClient, parts: Parts, ticket: Ticket, step: str, value: str) -> None:
    """Under another topic, urgency and tags; the page shows what is so now."""
    answer = send(client, ticket, step, **{step: value})
    assert answer.status_code == 303
    known = parts.store.by_number(ticket.number)
    assert known
    assert (known.changes[-1].what, known.changes[-1].became) == (step, value)
    assert re.search(rf'value="{value}"( selected| maxlength)', page(client, ticket).text)


@pytest.mark.parametrize(
    ("step", "value", "said"),
    [
        ("category", "drachen", "Dieses Thema gibt es nicht mehr."),
        ("category", "", "Dieses Thema gibt es nicht mehr."),
        ("urgency", "huge", "Diese Dringlichkeit gibt es nicht."),
        ("tags", "a/b", "Diese Schlagwörter gehen so nicht"),
        ("tags", "x" * 101, "Diese Schlagwörter gehen so nicht"),
    ],
)
def test_what_cannot_be_filed_comes_back(  # noqa: PLR0913, PLR0917 - three of a table
    client: TestClient, parts: Parts, ticket: Ticket, step: str, value: str, said: str
) -> None:
    """With the reason, and nothing has changed."""
    answer = send(client, ticket, step, **{step: value})
    assert answer.status_code == 409
    assert said in answer.text
    assert step != "tags" or f'value="{value}"' in answer.text
    known = parts.store.by_number(ticket.number)
    assert known
    assert known.version == 1


def test_who_files_a_ticket_that_has_changed_is_told(
    client: TestClient, parts: Parts, ben: Agent, ticket: Ticket
) -> None:
    """And what was chosen is still chosen."""
    parts.workplace.take(ticket.number, ben, 1)
    answer = client.post(
        f"/desk/tickets/{ticket.number}/category", data={"version": "1", "key": "k", "category": "wlan"}
    )
    assert answer.status_code == 409
    assert "Inzwischen hat sich das Ticket geändert." in answer.text
    assert '<option value="wlan" selected>' in answer.text


def test_topic_and_urgency_are_suggested_with_their_reason(client: TestClient, parts: Parts) -> None:
    """One button accepts; the decision is counted, also the one against it, and what is so needs no suggestion."""
    text = "Warum druckt mein Drucker nicht? Bitte dringend."
    fields = {**FIELDS, "description": text, "category": "sonstiges", "urgency": "normal"}
    ticket = parts.store.open_ticket(draft(fields, Trail(()), None, "k", "sender", "de"))
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page(client, ticket).text))
    assert "Vorschlag: Drucken , weil ein ähnlicher Artikel zu „Drucken“ gehört" in shown
    assert "Vorschlag: Dringend , weil im Text „dringend“ steht" in shown
    assert send(client, ticket, "category", category="drucken", suggested="drucken").status_code == 303
    assert send(client, ticket, "urgency", urgency="low", suggested="high").status_code == 303
    assert send(client, ticket, "urgency", urgency="low", suggested="<b>").status_code == 303
    rates = parts.workplace.hit_rate(parts.clock())
    assert {field: (rate.decided, rate.taken) for field, rate in rates.items()} == {
        "category": (1, 1),
        "urgency": (1, 0),
    }
    assert "Vorschlag: Drucken" not in re.sub(r"<[^>]+>", "", page(client, ticket).text)


def test_past_tickets_vote_too(client: TestClient, parts: Parts, mia: Agent) -> None:
    """Where no article fits, what agents made of the same words is suggested."""
    text = "Wunderliche Quittung flackert violett"
    fields = {**FIELDS, "description": text, "category": "wlan"}
    for key in ("one", "two"):
        past = parts.store.open_ticket(draft(fields, Trail(()), None, key, "sender", "de"))
        parts.workplace.take(past.number, mia, 1)
    fresh = parts.store.open_ticket(draft({**fields, "category": "sonstiges"}, Trail(()), None, "new", "sender", "de"))
    assert "2 ähnliche Tickets „WLAN“ haben" in page(client, fresh).text
    assert "2 similar tickets have “Wi-Fi”" in client.get(f"/desk/tickets/{fresh.number}?lang=en").text


def test_a_ticket_of_a_topic_that_is_gone_can_keep_it(client: TestClient, parts: Parts) -> None:
    """It is in the list until another one is chosen, and suggestions do without text to read."""
    fields = {**FIELDS, "description": "?", "category": "fax"}
    ticket = parts.store.open_ticket(draft(fields, Trail(()), None, "k", "sender", "de"))
    assert '<option value="fax" selected>fax</option>' in page(client, ticket).text


def test_without_past_tickets_the_page_is_there(
    client: TestClient, parts: Parts, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suggestions are a comfort: what stands in their way stands in nobody else's."""

    def fail(*_: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(type(parts.workplace), "similar", fail)
    assert page(client, ticket).status_code == 200


def test_the_history_says_rules_and_urgencies_in_words(parts: Parts, mia: Agent, clock: Clock) -> None:
    """Also what the portal did by itself."""
    schedule = Schedule(rules={"drucken": Rule((Climb(timedelta(hours=1), 2),))})
    ticket = replace(parts.store, schedule=schedule).open_ticket(draft(FIELDS, TRAIL, None, "k", "sender", "de"))
    clock.move(days=2)
    assert Climbing(parts.store.engine, clock, schedule).climb() == 1
    client = browser(parts, mia)
    send(client, ticket, "urgency", urgency="low")
    shown = page(client, ticket).text
    assert "Regel: – → drucken: 1 h (Wegweiser)" in shown
    assert "Dringlichkeit: Dringend → Kann warten (Mia Weber)" in shown
