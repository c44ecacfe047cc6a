"""Gaps on pages: what is written down of visitors, who may see the list, and what can be decided."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient

from app.database import StoreUnavailable
from app.desk.agent import Role
from app.desk.contact import Contact, Event, EventKind, Outcome
from app.learning.asked import Asked
from app.learning.gap_finder import GapFinder
from app.main import asking
from app.tickets.ticket import draft
from app.tickets.trail import Searched, Trail
from app.web import articles, desk_sign_in, errors, gaps, searches, security
from app.web.asked import note_contact, note_ticket
from app.web.gaps_feed import feed_address
from app.web.gaps_page import trend_of
from app.web.limiter import RATES, Limiter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.web.pages import Parts
    from tests.conftest import Clock

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def parts(parts: Parts) -> Parts:
    """Give the parts, patient with tests that sign in often."""
    return replace(parts, limiter=Limiter("secret", dict.fromkeys(RATES, "1000/minute")))


def client_of(parts: Parts, role: Role | None) -> TestClient:
    """Return a browser in which somebody with a role is signed in."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (desk_sign_in, searches, articles, gaps):
        app.include_router(module.router(parts))
    app.mount("/static", parts.templates.statics)
    errors.install(app, parts)
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    if role:
        parts.accounts.add("Mia", "mia@example.org", role, PASSWORD)
        client.post("/desk/sign-in", data={"email": "mia@example.org", "password": PASSWORD}, headers=SAME)
    return client


@pytest.fixture
def author(parts: Parts) -> Iterator[TestClient]:
    """Give the browser of an author."""
    with client_of(parts, Role.AUTHOR) as client:
        yield client


def kept(parts: Parts, clock: Clock) -> list[tuple[str, str]]:
    """Return what is written down by now, oldest first."""
    assert parts.notepad
    parts.notepad.store()
    return [(one.source, one.text) for one in reversed(parts.notepad.questions.since(clock().date(), 100))]


def find(parts: Parts, clock: Clock, *texts: str) -> None:
    """Let people ask, and make the list."""
    assert parts.notepad
    assert parts.gap_list
    day = clock().date()
    parts.notepad.questions.add([Asked(text, "de", "search", day, f"v{n}") for n, text in enumerate(texts)])
    GapFinder(parts.notepad.questions, parts.gap_list, asking(parts.internal, None), clock).refresh()


def test_a_search_that_finds_nothing_is_written_down(author: TestClient, parts: Parts, clock: Clock) -> None:
    """Masked; not while typing, not what an article answers, and not what robots ask."""
    author.get("/search?q=Quantenkaninchen von erika@example.org")
    author.get("/suggest?q=Quantenhamster")
    author.get("/search?q=Quantenmaus", headers={"User-Agent": "Googlebot"})
    author.get("/search?q=Quantenmaus", headers={"Sec-Purpose": "prefetch"})
    author.get("/search?q=Warum ist mein WLAN so langsam?")
    assert kept(parts, clock) == [("search", "Quantenkaninchen von [E-Mail]")]


def test_a_vote_that_an_article_did_not_help_is_written_down(author: TestClient, parts: Parts, clock: Clock) -> None:
    """With what was said; one that it did is not."""
    for helpful in ("yes", "no"):
        sent = {"helpful": helpful, "text": f"{helpful}: Schritt 3 fehlt"}
        author.post("/articles/wlan-langsam/feedback", data=sent, headers=SAME)
    assert kept(parts, clock) == [("vote", "no: Schritt 3 fehlt")]


def test_a_ticket_is_written_down_with_what_was_searched(parts: Parts, clock: Clock) -> None:
    """As one asker's."""
    fields = {"name": "Erika", "email": "erika@example.org", "description": "VPN geht nicht", "category": "wlan",
              "urgency": "high"}  # fmt: skip
    note_ticket(parts, "W-1", draft(fields, Trail((Searched("vpn"),)), None, "key", "sender", "de"))
    assert kept(parts, clock) == [("ticket", "VPN geht nicht"), ("ticket", "vpn")]


def test_a_contact_is_written_down_with_flags_and_its_last_searches(parts: Parts, clock: Clock) -> None:
    """What was searched before an article was used has been answered."""
    kinds = [(EventKind.SEARCHED, "", "wlan"), (EventKind.OPENED, "wlan-langsam", ""),
             (EventKind.WRONG, "wlan-langsam", "Menü heißt anders"), (EventKind.MISSING, "", "Anleitung fehlt"),
             (EventKind.SEARCHED, "", "vpn geht nicht")]  # fmt: skip
    events = tuple(Event(f"e{n}", kind, clock(), slug, "de", "", 0, text) for n, (kind, slug, text) in enumerate(kinds))
    call = Contact("c1", 1, clock(), clock(), Outcome.SOLVED, "de", "", "", "", "", None, None, 1, events)
    note_contact(parts, call)
    note_contact(parts, replace(call, ticket="W-1", events=()), "Der VPN-Tunnel")
    note_contact(replace(parts, notepad=None), call)
    assert kept(parts, clock) == [("call", "vpn geht nicht"), ("flag", "Menü heißt anders"),
                                  ("flag", "Anleitung fehlt"), ("ticket", "Der VPN-Tunnel")]  # fmt: skip


def test_the_page_shows_a_gap_in_peoples_words(author: TestClient, parts: Parts, clock: Clock) -> None:
    """As text, with people, tickets and the week's bar, in both languages."""
    find(parts, clock, "<b>vpn</b> verbindet nicht", "<b>vpn</b> verbindet heute nicht")
    page = author.get("/desk/gaps").text
    assert "„&lt;b&gt;vpn&lt;/b&gt; verbindet" in page
    assert "<strong>2</strong> Personen" in page
    assert "Personen je Woche, die letzte zuletzt: 0, 0, 0, 0, 0, 0, 0, 2" in page
    assert "<strong>2</strong> people" in author.get("/desk/gaps?lang=en").text


def test_nothing_asked_is_said(author: TestClient) -> None:
    """With what will come."""
    assert "Keine Lücken" in author.get("/desk/gaps").text


def test_a_gap_is_done_and_taken_back(author: TestClient, parts: Parts, clock: Clock) -> None:
    """Both can be done twice."""
    find(parts, clock, "vpn verbindet nicht")
    assert parts.gap_list
    (gap,) = parts.gap_list.every()
    for state, said in (("done", "Rückgängig"), ("done", "Rückgängig"), ("open", "Wieder offen")):
        answer = author.post(f"/desk/gaps/{gap.id}", data={"state": state}, headers=SAME)
        assert answer.status_code == 303
        assert said in author.get(answer.headers["location"]).text
    assert [one.state for one in parts.gap_list.every()] == ["open"]


@pytest.mark.parametrize(("named", "state", "status"), [
    ("7", "done", 404), ("x", "done", 404), ("99999999999999", "done", 404), ("1", "gone", 400),
])  # fmt: skip
def test_what_is_no_gap_or_decision_is_refused(author: TestClient, named: str, state: str, status: int) -> None:
    """Nothing has changed."""
    assert author.post(f"/desk/gaps/{named}", data={"state": state}, headers=SAME).status_code == status


def test_a_decision_from_another_site_is_refused(author: TestClient) -> None:
    """Before anything is read."""
    sent = author.post("/desk/gaps/1", data={"state": "done"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 403


def test_the_file_holds_the_open_gaps_and_no_formula(author: TestClient, parts: Parts, clock: Clock) -> None:
    """Spreadsheets read a question as text."""
    find(parts, clock, "=1+1 vpn")
    rows = author.get("/desk/gaps.csv").text.splitlines()
    assert rows[1].startswith("'=1+1 vpn;1;0;neu;")


@pytest.mark.parametrize("route", ["/desk/gaps", "/desk/gaps.csv"])
def test_first_level_and_visitors_do_not_see_it(parts: Parts, route: str) -> None:
    """One is told that there is nothing, the other to sign in."""
    with client_of(parts, None) as client:
        assert client.get(route).status_code == 303
    with client_of(parts, Role.FIRST) as client:
        assert client.get(route).status_code == 404


def test_without_a_list_there_is_no_page(parts: Parts) -> None:
    """As everywhere where nothing is."""
    with client_of(replace(parts, gap_list=None), Role.AUTHOR) as client:
        assert client.get("/desk/gaps").status_code == 404


def test_a_trend_compares_the_last_four_weeks_with_those_before(parts: Parts) -> None:
    """What nobody asked before is new."""
    words, none = parts.templates.words["de"], (0,) * 6
    some = ((0,) * 8, (1, *none, 2), (2, *none, 1), (1, *none, 1))
    assert [trend_of(weeks, words) for weeks in some] == ["neu", "nimmt zu", "nimmt ab", "gleich bleibend"]


def test_solved_gaps_show_what_answers_each_question(author: TestClient, parts: Parts, clock: Clock) -> None:
    """With a link, and since when; the draft is not offered any more."""
    find(parts, clock, "Warum ist mein WLAN so langsam?")
    page = author.get("/desk/gaps", headers={"Accept-Language": "de"}).text
    solved = page.split("<h2>Gelöst")[1]
    assert 'href="/articles/wlan-langsam">Das WLAN ist langsam</a>' in solved
    assert "Beantwortet seit 22. November 2026, 10:30 Uhr" in solved
    assert "Entwurf anlegen" not in page


def test_a_feed_reader_gets_the_gaps_under_an_address_of_its_own(
    author: TestClient, parts: Parts, clock: Clock
) -> None:
    """Without a session; each gap counts as new once a week, and what people wrote is text."""
    find(parts, clock, "<b>vpn</b> verbindet nicht", "<b>vpn</b> verbindet heute nicht")
    page = author.get("/desk/gaps", headers={"Accept-Language": "de"}).text
    address = html.unescape(re.findall(r'id="feed" type="text" readonly value="([^"]+)"', page)[0])
    with client_of(parts, None) as reader:
        answer = reader.get(address.removeprefix("https://hilfe.example"), headers={"Accept-Language": "de"})
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        root = ET.fromstring(answer.text)  # noqa: S314 - our own
        (entry,) = root.findall("{*}entry")
        told = {one.tag.rpartition("}")[2]: one.text for one in entry}
        assert told["title"] == "<b>vpn</b> verbindet heute nicht"
        assert told["summary"] == "2 Personen, 0 Tickets, neu. Auch so gefragt: <b>vpn</b> verbindet nicht"
        assert told["updated"] == "2026-11-16T00:00:00+00:00"


def test_a_feed_ends_with_the_password_and_is_nobody_elses(author: TestClient, parts: Parts) -> None:
    """A wrong key, a first level and an unknown agent get what any unknown page gets."""
    first = parts.accounts.add("Kim", "kim@example.org", Role.FIRST, PASSWORD)
    agent = parts.accounts.sign_in("mia@example.org", PASSWORD)
    assert agent
    request = parts.reader(Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}))
    own, other = (feed_address(parts, request, one).removeprefix("https://hilfe.example") for one in (agent[1], first))
    assert author.get(own).status_code == 200
    bad = (other, own + "x", own.replace(f"agent={agent[1].id}", "agent=9"), "/desk/gaps.xml", "/desk/gaps.xml?agent=1")
    assert {author.get(address).status_code for address in (*bad, "/desk/gaps.xml?agent=99999999999")} == {404}
    parts.accounts.change_password("mia@example.org", "noch ein Passwort")
    assert author.get(own).status_code == 404


def test_a_feed_asks_to_come_again_while_nothing_can_be_read(
    author: TestClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of being empty."""

    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(parts.accounts), "known", away)
    assert author.get("/desk/gaps.xml?agent=1&key=x").status_code == 503
