"""Pages of wishes: the field below a search, the tick on a ticket, and what the links of the mails lead to."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from app.database import StoreUnavailable
from app.main import shown_by
from app.tickets.tables import mails, wishes
from app.tickets.telling import Telling
from app.tickets.ticket import draft
from app.tickets.trail import Trail
from app.tickets.wishes import Wishes as Known
from app.web import errors, searches, security, tickets
from app.web import wishes as pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Row

    from app.web.pages import Parts
    from tests.conftest import Clock

EMAIL, QUESTION = "erika@example.org", "Quantenkaninchen von 0171 2345678"
FORM = {"q": QUESTION, "email": EMAIL, "agree": "yes"}
FIELDS = {"name": "Erika", "email": EMAIL, "description": "VPN geht nicht", "category": "wlan", "urgency": "high"}


def browser(parts: Parts) -> TestClient:
    """Return the browser of a customer."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (searches, tickets, pages):
        app.include_router(module.router(parts))
    errors.install(app, parts)
    return TestClient(app, follow_redirects=False, headers={"Accept-Language": "de"})


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    """Give that browser."""
    with browser(parts) as visitor:
        yield visitor


def rows(parts: Parts) -> list[Row[tuple[object, ...]]]:
    """Return the wishes."""
    with parts.store.engine.connect() as connection:
        return list(connection.execute(select(wishes)).all())


def links(parts: Parts) -> list[str]:
    """Return the paths of the links in the last mail: to confirm, and to hear no more."""
    with parts.store.engine.connect() as connection:
        text = connection.scalars(select(mails.c.text).order_by(mails.c.id.desc())).first() or ""
    return re.findall(r"https://hilfe\.example(/wishes/\S+)", text)


def test_the_search_page_asks_only_where_nothing_fits(client: TestClient, parts: Parts) -> None:
    """An unticked box, what it is for and for how long; nothing of it with an answer, or where nobody is told."""
    page = client.get(f"/search?q={QUESTION}").text
    assert "spätestens nach 180 Tagen" in page
    assert re.search(r'<input type="checkbox" id="agree" name="agree" value="yes">', page)
    assert 'name="agree"' not in client.get("/search?q=Warum ist mein WLAN so langsam?").text
    with browser(replace(parts, wishes=None)) as visitor:
        assert 'name="agree"' not in visitor.get(f"/search?q={QUESTION}").text
        assert visitor.get(f"/wishes/new?q={QUESTION}").status_code == 404


def test_a_wish_is_confirmed_by_its_link_and_told_once(client: TestClient, parts: Parts) -> None:
    """What is kept of the question is masked; opening the page of a link changes nothing."""
    sent = client.post("/wishes", data=FORM)
    assert (sent.status_code, sent.headers["location"]) == (303, "/wishes/sent")
    assert "Sehen Sie in Ihr Postfach" in client.get("/wishes/sent").text
    confirm, _ = links(parts)
    for _ in range(2):
        assert "Ja, Bescheid geben" in client.get(confirm).text
    assert [(one.state, one.question) for one in rows(parts)] == [("asked", "Quantenkaninchen von [Telefon]")]
    for _ in range(2):
        assert "Wir sagen Ihnen Bescheid" in client.post(confirm).text
    assert [one.state for one in rows(parts)] == ["agreed"]
    assert parts.wishes
    parts.wishes.stop("nobody")
    job = Telling(parts.wishes, shown_by(parts.searcher, parts.internal, "https://hilfe.example"))
    assert job.run_once() == 0


def test_what_is_found_by_now_is_told_with_its_address(client: TestClient, parts: Parts) -> None:
    """The title as it is in the reader's language."""
    client.post("/wishes?lang=en", data=FORM | {"q": "Why is my Wi-Fi so slow?"})
    client.post(links(parts)[0])
    assert parts.wishes
    shown = shown_by(parts.searcher, parts.internal, "https://hilfe.example")
    assert Telling(parts.wishes, shown).run_once() == 1
    with parts.store.engine.connect() as connection:
        text = connection.scalars(select(mails.c.text).order_by(mails.c.id.desc())).first() or ""
    assert "The Wi-Fi is slow\nhttps://hilfe.example/articles/wlan-langsam?lang=en" in text
    assert shown.article("leitstand", "de") == replace(shown.article("leitstand", "de"), url="")  # type: ignore[type-var]
    assert (shown.article("funk-zu-langsam", "de"), shown.article("nothing", "de")) == (
        shown.article("wlan-langsam", "de"), None
    )  # fmt: skip


def test_no_more_mails_needs_one_press(client: TestClient, parts: Parts) -> None:
    """Also a mail program may press; afterwards nothing is kept of the address."""
    client.post("/wishes", data=FORM)
    _, stop = links(parts)
    assert "Keine solchen Mails mehr" in client.get(stop).text
    assert "Sie bekommen keine solchen Mails mehr" in client.post(stop).text
    assert [(one.state, one.email) for one in rows(parts)] == [("stopped", "")]
    assert client.post("/wishes", data=FORM).headers["location"] == "/wishes/sent"
    assert len(rows(parts)) == 1


def test_an_old_or_foreign_link_says_how_to_go_on(client: TestClient, parts: Parts, clock: Clock) -> None:
    """410, and the search."""
    client.post("/wishes", data=FORM)
    clock.move(hours=49)
    for path in (links(parts)[0], "/wishes/confirm_1.x.y"):
        for answer in (client.get(path), client.post(path)):
            assert (answer.status_code, "Dieser Link gilt nicht mehr" in answer.text) == (410, True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"email": "erika"}, "Bitte prüfen Sie die E-Mail-Adresse"), ({"agree": ""}, "Bitte setzen Sie den Haken"),
     ({"email": "", "agree": ""}, "Bitte setzen Sie den Haken"), ({"website": "x"}, "das man nicht sieht")],
)  # fmt: skip
def test_a_fault_brings_the_form_back(client: TestClient, parts: Parts, wrong: dict[str, str], said: str) -> None:
    """With all that was typed; nothing is stored."""
    answer = client.post("/wishes", data=FORM | wrong)
    assert (answer.status_code, said in answer.text, rows(parts)) == (422, True, [])
    assert f'value="{QUESTION}"' in answer.text
    assert f'value="{(FORM | wrong)["email"]}"' in answer.text


def test_without_a_question_there_is_nothing_to_wait_for(client: TestClient) -> None:
    """The form leads to the search; a form without one was not made here."""
    assert client.get("/wishes/new?q=!").headers["location"] == "/search"
    assert "Gesucht haben Sie: vpn" in client.get("/wishes/new?q=vpn").text
    assert client.post("/wishes", data=FORM | {"q": ""}).status_code == 422


def test_too_many_wishes_are_refused(client: TestClient) -> None:
    """From one neighbourhood, twenty an hour."""
    codes = [client.post("/wishes", data=FORM | {"email": f"a{n}@example.org"}).status_code for n in range(21)]
    assert codes == [303] * 20 + [429]


def test_another_site_cannot_ask(client: TestClient, parts: Parts) -> None:
    """Nor take back."""
    assert client.post("/wishes", data=FORM, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert rows(parts) == []


def test_a_ticket_page_takes_the_wish_and_gives_it_back(client: TestClient, parts: Parts) -> None:
    """Only with the tick; who has no key finds nothing."""
    parts.store.open_ticket(draft(FIELDS, Trail(()), None, "key", "sender", "de"))
    for sent, waits in (({"wanted": "yes"}, 0), ({"wanted": "yes", "agree": "yes"}, 1), ({"wanted": "no"}, 0)):
        answer = client.post("/tickets/key/wish", data=sent)
        assert (answer.headers["location"], len(rows(parts))) == ("/tickets/key#wish", waits)
        assert ("Doch keinen Bescheid geben" in client.get("/tickets/key").text) == bool(waits)
    assert client.post("/tickets/other/wish", data={"wanted": "no"}).status_code == 404
    with browser(replace(parts, wishes=None)) as visitor:
        assert 'id="wish"' not in visitor.get("/tickets/key").text


def test_the_ticket_form_takes_the_wish(client: TestClient, parts: Parts, clock: Clock) -> None:
    """Ticked or not; with a fault the tick stays."""
    key = re.findall(r'name="form_key" value="([^"]+)"', client.get("/tickets/new").text)[0]
    clock.move(seconds=5)
    back = client.post("/tickets", data=FIELDS | {"form_key": key, "agree": "yes", "name": ""})
    assert 'name="agree" value="yes" checked' in back.text
    client.post("/tickets", data=FIELDS | {"form_key": key, "agree": "yes"})
    assert [(one.state, one.email) for one in rows(parts)] == [("agreed", EMAIL)]


def test_pages_are_kind_while_nothing_can_be_stored(
    client: TestClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was typed comes back; a link asks to come again; the ticket shows all but the wish."""
    parts.store.open_ticket(draft(FIELDS, Trail(()), None, "key", "sender", "de"))
    client.post("/wishes", data=FORM)
    confirm = links(parts)[0]

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    for name in ("ask", "confirm", "set_ticket", "of_ticket"):
        monkeypatch.setattr(Known, name, away)
    assert client.post("/wishes", data=FORM).status_code == client.post(confirm).status_code == 503
    assert client.post("/tickets/key/wish", data={"wanted": "no"}).status_code == 503
    page = client.get("/tickets/key")
    assert (page.status_code, 'id="wish"' in page.text) == (200, False)
