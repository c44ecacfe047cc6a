"""Call mode: what an agent finds, says, copies, saves and hands on; and what never leaves the house."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any, Literal

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.database import StoreUnavailable
from app.desk.agent import Agent, Role
from app.tickets.store import Limits
from app.web import (
    api,
    articles,
    call,
    contacts,
    desk_sign_in,
    errors,
    feeds,
    home,
    searches,
    security,
    tickets,
)  # fmt: skip
from app.web.limiter import RATES, Limiter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response as Answer

    from app.web.pages import Parts
    from tests.conftest import Clock

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
SECRET = "Nachtigall"  # noqa: S105 - what only agents read
INTERNAL = "leitstand"
NAME = "contact-0123456789"
PUBLIC = (home, searches, articles, tickets, feeds, api)


@dataclass
class Letters:
    """A mailer that keeps what it is given, each key once."""

    taken: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def mail_article(  # noqa: PLR0913, PLR0917 - one mail
        self, recipient: str, lang: Literal["de", "en"], title: str, passage: str, url: str, key: str
    ) -> None:
        if "@" not in recipient:
            raise ValueError(recipient)
        self.taken.setdefault(key, (recipient, lang, title, passage, url))


@pytest.fixture
def letters() -> Letters:
    """Give the mailer."""
    return Letters()


@pytest.fixture
def parts(parts: Parts, letters: Letters) -> Parts:
    """Give the parts, patient with tests that sign in often."""
    patient = Limiter("secret", dict.fromkeys(RATES, "1000/minute"))
    return replace(parts, limiter=patient, article_mailer=letters)


@pytest.fixture
def mia(parts: Parts) -> Agent:
    """Give an agent of the first level."""
    return parts.accounts.add("Mia Weber", "mia@example.org", Role.FIRST, PASSWORD)


@pytest.fixture
def client(parts: Parts, mia: Agent) -> Iterator[TestClient]:
    """Give the browser of the first level, signed in."""
    with browser(parts, mia) as visitor:
        yield visitor


def browser(parts: Parts, agent: Agent | None = None) -> TestClient:
    """Return a browser, of an agent who has signed in or of a visitor."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (*PUBLIC, desk_sign_in, call, contacts):
        app.include_router(module.router(parts))
    errors.install(app, parts)
    visitor = TestClient(app, base_url="https://testserver", follow_redirects=False, headers={"Accept-Language": "de"})
    if agent:
        visitor.post("/desk/sign-in", data={"email": agent.email, "password": PASSWORD})
    return visitor


def event(number: int, kind: str, **told: object) -> str:
    """Return an event as a browser sends it."""
    return json.dumps({"key": f"event-000000000{number}", "kind": kind, "ago": 1, **told})


def send(client: TestClient, agent: Agent, step: str = "", name: str = NAME, **changes: Any) -> Answer:
    """Send a contact as the page does, with some fields changed."""
    own = {"agent": str(agent.id), "version": "0", "tab": "window-0123456789", "turn": "1", "ago": "60", "lang": "de",
           "caller": "Jana Roth", "email": "jana@example.org", "phone": "", "notes": "WLAN ist lahm."}  # fmt: skip
    return client.post(f"/desk/contacts/{name}{step}", data=own | changes)


def find(client: TestClient, words: str, **more: str) -> str:
    """Return the fragment of results for these words."""
    answer = client.get("/desk/call/results", params={"q": words, "in": "de", "quick": "1", **more})
    assert answer.status_code == 200
    return answer.text


# What is found


def test_the_best_article_stands_beside_the_results(client: TestClient) -> None:
    """In one answer, with two sentences to say and its steps."""
    shown = find(client, "WLAN ist langsam")
    assert 'data-slug="wlan-langsam"' in shown
    assert "Sagen Sie" in shown
    assert shown.count('name="step"') == 4


def test_internal_articles_and_blocks_are_found_and_marked(client: TestClient) -> None:
    """An agent sees at once what is not for the caller's ears."""
    shown = find(client, "Nachtigall Geheimwort")
    assert INTERNAL in shown
    assert ">Intern</strong>" in shown
    assert ">Interne Stelle</strong>" in shown


def test_nothing_of_an_internal_passage_is_said_or_copied(client: TestClient) -> None:
    """Of a public article the beginning that customers read takes its place; of an internal one there is nothing."""
    asked = {"slug": "wlan-langsam", "in": "de", "sentence": "Geheimwort Nachtigall: an die zweite Ebene geben."}
    public = client.get("/desk/call/article", params=asked).text
    internal = client.get("/desk/call/article", params={"slug": INTERNAL, "in": "de"}).text
    assert SECRET not in clipping(public)
    assert clipping(public).endswith("https://hilfe.example/articles/wlan-langsam?lang=de")
    assert "Die gefundene Stelle ist nur intern" in public
    assert clipping(internal) == ""
    assert "Davon wird nichts vorgelesen" in internal


def clipping(shown: str) -> str:
    """Return what the copy key takes."""
    return unescape(shown.split('data-clipping="')[1].split('"', maxsplit=1)[0])


def test_signs_alone_find_nothing_and_an_unknown_article_is_not_found(client: TestClient) -> None:
    """As on the public pages."""
    assert "data-hit" not in find(client, "?!")
    assert client.get("/desk/call/article?slug=drache").status_code == 404


def test_pictures_are_behind_the_session(client: TestClient, parts: Parts) -> None:
    """Those of internal articles are not among the public ones."""
    known = next(iter(parts.internal.index.media))
    assert client.get(f"/desk/call/media/{known}").headers["cache-control"] == "no-store"
    assert client.get("/desk/call/media/../secret").status_code == 404


class Trap:
    """An internal index that nobody may touch."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"A public route asked the internal index for {name}.")


@pytest.mark.parametrize(
    "path",
    [
        "/", "/search?q=Nachtigall", "/search?q=Leitstand+bedienen", "/suggest?q=Nachtigall", "/sitemap.xml",
        "/suggest?q=leitstand&quick=1", "/api/search?q=Nachtigall", "/feed.xml", f"/articles/{INTERNAL}",
        "/articles/wlan-langsam", "/categories/wlan", f"/tickets/new?article={INTERNAL}&q=Nachtigall",
        "/tickets/suggestions?q=Geheimwort+Nachtigall", f"/media/{INTERNAL}.png",
    ],
)  # fmt: skip
def test_no_public_route_can_reach_an_internal_article(parts: Parts, path: str) -> None:
    """None of them even asks the internal index, and none of them says what only that knows."""
    with browser(replace(parts, internal=Trap())) as visitor:  # type: ignore[arg-type] # that is the point
        answer = visitor.get(path)
    assert answer.status_code in {200, 404}
    assert "Geheimwort Nachtigall:" not in answer.text
    assert "Leitstand bedienen</" not in answer.text


# What is saved


def test_the_page_holds_the_open_contacts(client: TestClient, mia: Agent) -> None:
    """With what was searched, opened and ticked: a reload loses nothing."""
    article = {"slug": "wlan-langsam", "lang": "de", "title": "Das WLAN ist langsam"}
    events = [event(1, "searched", text="wlan lahm"), event(2, "opened", **article),
              event(3, "ticked", **article, step=1, text="Messen"), event(4, "ticked", **article, step=2, text="x"),
              event(5, "unticked", **article, step=2, text="")]  # fmt: skip
    assert send(client, mia, event=events).json()["version"] == 1
    shown = unescape(client.get("/desk/call").text)
    told = json.loads(shown.split('data-contacts="')[1].split('" data-texts')[0])
    assert [(one["query"], one["slug"], one["ticked"]) for one in told] == [
        ("wlan lahm", "wlan-langsam", ["wlan-langsam 1"])
    ]


@pytest.mark.parametrize(
    ("field", "text"), [("notes", "x" * 20_001), ("role", "administrator"), ("event", '{"kind": "exploded"}')]
)
def test_what_cannot_be_saved_is_told_and_changes_nothing(
    client: TestClient, parts: Parts, mia: Agent, field: str, text: str
) -> None:
    """The browser keeps the text."""
    answer = send(client, mia, **{field: text})
    assert (answer.status_code, answer.json()["error"]) == (422, field)
    assert parts.contacts.of_agent(mia.id) == ()


def test_what_another_agent_wrote_is_not_saved_as_ones_own(client: TestClient, parts: Parts, mia: Agent) -> None:
    """Somebody else has signed in in the same browser since the page was loaded."""
    answer = send(client, replace(mia, id=999))
    assert (answer.status_code, answer.json()["error"]) == (409, "agent")
    assert parts.contacts.of_agent(mia.id) == ()


def test_20000_characters_are_kept(client: TestClient, parts: Parts, mia: Agent) -> None:
    """Umlauts and all."""
    assert send(client, mia, notes="ü" * 20_000).status_code == 200
    assert len(parts.contacts.of_agent(mia.id)[0].notes) == 20_000


def test_a_stale_window_is_given_the_other_text(client: TestClient, mia: Agent) -> None:
    """It can keep both."""
    send(client, mia)
    answer = send(client, mia, tab="window-9876543210", notes="Anders")
    assert (answer.status_code, answer.json()["error"]) == (409, "stale")
    assert answer.json()["contact"]["notes"] == "WLAN ist lahm."


def test_another_agents_contact_is_not_found(client: TestClient, parts: Parts, mia: Agent) -> None:
    """Neither read nor changed."""
    send(client, mia)
    ben = parts.accounts.add("Ben Kurt", "ben@example.org", Role.SECOND, PASSWORD)
    with browser(parts, ben) as other:
        codes = {send(other, ben, step).status_code for step in ("", "/ticket", "/mail")}
        ended = send(other, ben, "/end", outcome="solved").status_code
        assert codes | {ended, other.get(f"/desk/contacts/{NAME}").status_code} == {404}
        assert NAME not in other.get("/desk/contacts").text + other.get("/desk/call").text


def test_a_save_from_another_site_and_one_without_a_session_are_refused(client: TestClient, mia: Agent) -> None:
    """Nothing is stored."""
    client.headers["Origin"] = "https://evil.example"
    assert send(client, mia).status_code == 403
    del client.headers["Origin"]
    client.cookies.clear()
    assert send(client, mia).status_code == 401


def test_without_the_database_a_save_says_so(
    client: TestClient, parts: Parts, mia: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser tries again; pages answer 503."""

    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("gone")

    for verb in ("save", "open_of", "of_agent", "by_name"):
        monkeypatch.setattr(type(parts.contacts), verb, fail)
    assert (send(client, mia).status_code, send(client, mia).json()["error"]) == (503, "failed")
    assert {client.get(path).status_code for path in ("/desk/call", "/desk/contacts", f"/desk/contacts/{NAME}")} == {
        503
    }


# How it ends


def test_a_solved_contact_stands_in_the_list_and_can_be_read(client: TestClient, mia: Agent, clock: Clock) -> None:
    """With duration, outcome, subject, and what happened; on the next day it is an earlier one."""
    assert send(client, mia, "/end", outcome="solved", event=event(1, "searched", text="wlan lahm")).status_code == 200
    listed = client.get("/desk/contacts").text
    assert all(text in listed for text in ("WLAN ist lahm.", "Gelöst", "1:00", "Jana Roth"))
    assert "Früher" not in listed
    shown = client.get(f"/desk/contacts/{NAME}").text
    assert all(text in shown for text in ("WLAN ist lahm.", "gesucht", "wlan lahm", "jana@example.org"))
    clock.move(hours=11)
    clock.move(hours=11)
    again = browser_again(client, mia)
    assert "Früher" in again.get("/desk/contacts").text
    assert send(again, mia, notes="Neu").json()["error"] == "ended"
    assert send(again, mia, "/end", outcome="callback", callback="2026-11-24T09:00").json()["error"] == "ended"


def browser_again(client: TestClient, agent: Agent) -> TestClient:
    """Sign in again: a session ends over night."""
    client.post("/desk/sign-in", data={"email": agent.email, "password": PASSWORD})
    return client


def test_a_call_back_has_a_time_to_come(client: TestClient, parts: Parts, mia: Agent) -> None:
    """In the time zone of the portal."""
    for wrong in ("", "gestern", "2020-01-01T10:00", "2099-01-01T10:00"):
        assert send(client, mia, "/end", outcome="callback", callback=wrong).json()["error"] == "callback"
    assert send(client, mia, "/end", outcome="callback", callback="2026-11-23T10:00").json()["said"] == "Rückruf"
    due = parts.contacts.by_name(mia.id, NAME).callback_at
    assert due
    assert due.isoformat() == "2026-11-23T09:00:00+00:00"


def test_a_call_back_is_the_moment_that_the_browser_names(client: TestClient, parts: Parts, mia: Agent) -> None:
    """Whose clock may be set to another zone than ours: what an agent reads there is what is kept."""
    assert send(client, mia, "/end", outcome="callback", callback="2026-11-22T09:29Z").json()["error"] == "callback"
    send(client, mia, "/end", outcome="callback", callback="2026-11-22T10:30:00.000Z")
    due = parts.contacts.by_name(mia.id, NAME).callback_at
    assert due
    assert due.isoformat() == "2026-11-22T10:30:00+00:00"


def test_an_end_that_there_is_not_is_refused(client: TestClient, mia: Agent) -> None:
    """A ticket has its own way."""
    assert {send(client, mia, "/end", outcome=what).status_code for what in ("ticket", "open", "", "x")} == {422}


ARTICLE = {"slug": "wlan-langsam", "lang": "de", "title": "Das WLAN ist langsam"}
TRAIL = [event(1, "searched", text="wlan lahm"), event(2, "opened", **ARTICLE),
         event(3, "ticked", **ARTICLE, step=1, text="Messen Sie neben dem Router."),
         event(4, "opened", slug=INTERNAL, lang="de", title="Leitstand bedienen")]  # fmt: skip
TICKET: dict[str, Any] = {"category": "wlan", "urgency": "normal", "description": "WLAN ist lahm.", "event": TRAIL}


def test_a_ticket_carries_the_trail_and_its_number_comes_back(client: TestClient, parts: Parts, mia: Agent) -> None:
    """Once, however often it is sent; the customer reads nothing of internal articles, staff do."""
    told = [send(client, mia, "/ticket", **TICKET).json() for _ in range(2)]
    assert told[0] == told[1]
    ticket = parts.store.by_number(told[0]["number"])
    seen = parts.store.by_key(parts.keys.of(f"ticket of {NAME}"))
    assert ticket
    assert seen
    assert [type(entry).__name__ for entry in ticket.trail.entries] == ["Searched", "Opened", "Tried"]
    assert (ticket.name, ticket.level, len(seen.messages)) == ("Jana Roth", 1, 1)
    assert "Leitstand bedienen" in ticket.messages[1].text
    assert "Leitstand" not in repr(seen)
    assert parts.contacts.of_ticket(mia.id, ticket.number).outcome == "ticket"


def test_an_escalated_contact_needs_a_summary(client: TestClient, parts: Parts, mia: Agent) -> None:
    """Without one no ticket is made; it is prefilled from notes and ticked steps."""
    prefilled = send(client, mia, event=TRAIL).json()
    assert prefilled["category"] == "wlan"
    assert "- Das WLAN ist langsam: Messen Sie neben dem Router." in prefilled["summary"]
    refused = send(client, mia, "/ticket", **TICKET, level="2", summary=" ")
    assert (refused.status_code, list(refused.json()["faults"])) == (422, ["summary"])
    assert parts.workplace.find("Jana") == ()
    told = send(client, mia, "/ticket", **TICKET, level="2", summary=prefilled["summary"]).json()
    ticket = parts.store.by_number(told["number"])
    assert ticket
    assert (ticket.level, told["outcome"]) == (2, "escalated")


def test_what_a_ticket_lacks_is_said_at_its_field(client: TestClient, mia: Agent) -> None:
    """A caller without an address cannot be written to."""
    answer = send(client, mia, "/ticket", **TICKET | {"category": "drache"}, email="", caller="")
    assert (answer.status_code, {*answer.json()["faults"]}) == (422, {"category", "name", "email"})


def test_a_ticket_that_was_stopped_half_way_is_finished(client: TestClient, parts: Parts, mia: Agent) -> None:
    """The first try opened it, the second one finds it and goes on, even with other words."""
    real = type(parts.contacts).end
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(parts.contacts), "end", unavailable)
        assert send(client, mia, "/ticket", **TICKET, level="2", summary="Bitte prüfen.").status_code == 503
    assert type(parts.contacts).end is real
    told = send(client, mia, "/ticket", **TICKET | {"description": "Anders"}, level="2", summary="Bitte prüfen.").json()
    assert told["outcome"] == "escalated"
    assert len(parts.workplace.find("Jana")) == 1


def unavailable(*_: object, **__: object) -> None:
    """Fail as a database does that is away."""
    raise StoreUnavailable("gone")


def test_more_tickets_than_an_hour_may_have_are_told(parts: Parts, mia: Agent) -> None:
    """The text stays in the contact."""
    full = replace(parts, store=replace(parts.store, limits=Limits(5, 1)))
    with browser(full, mia) as visitor:
        send(visitor, mia, "/ticket", **TICKET)
        answer = send(visitor, mia, "/ticket", "contact-9876543210", **TICKET)
    assert (answer.status_code, answer.json()["error"]) == (429, "again")


# What is mailed


MAIL = {
    "slug": "wlan-langsam",
    "article_lang": "de",
    "sentence": "Wände und Metall kosten Tempo.",
    "key": "event-mail-0123456",
}


def test_an_answer_is_mailed_once_and_written_down(
    client: TestClient, parts: Parts, mia: Agent, letters: Letters
) -> None:
    """With passage and public address."""
    for _ in range(2):
        assert send(client, mia, "/mail", **MAIL).json()["mailed"] == "jana@example.org"
    ((recipient, _lang, title, passage, url),) = letters.taken.values()
    assert (recipient, title) == ("jana@example.org", "Das WLAN ist langsam")
    assert "Wände und Metall kosten Tempo." in passage
    assert url == "https://hilfe.example/articles/wlan-langsam?lang=de"
    assert [event.kind for event in parts.contacts.by_name(mia.id, NAME).events] == ["mailed"]


@pytest.mark.parametrize(
    "changes", [{"slug": INTERNAL}, {"email": "jana"}, {"key": "x"}, {"article_lang": "en", "slug": "mesh"}]
)
def test_what_cannot_be_mailed_is_told(
    client: TestClient, mia: Agent, letters: Letters, changes: dict[str, str]
) -> None:
    """Internal articles above all."""
    assert send(client, mia, "/mail", **MAIL | changes).status_code == 422
    assert letters.taken == {}


def test_without_a_mailer_there_is_no_button(parts: Parts, mia: Agent, client: TestClient) -> None:
    """And the route says no."""
    assert 'data-do="mail"' in client.get("/desk/call").text
    with browser(replace(parts, article_mailer=None), mia) as visitor:
        assert 'data-do="mail"' not in visitor.get("/desk/call").text
        assert send(visitor, mia, "/mail", **MAIL).status_code == 422


def test_long_contacts_show_hours() -> None:
    """And short ones do not."""
    from app.web.contact_pages import clock_of

    assert (clock_of(timedelta(seconds=3723)), clock_of(timedelta(seconds=63))) == ("1:02:03", "1:03")
