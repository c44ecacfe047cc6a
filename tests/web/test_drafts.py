"""Drafts on pages: who begins an article, what stands in it, where it is written, and who is told."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.articles.branches import Branches, Person
from app.articles.checkout import Remote
from app.articles.manuscript import parse
from app.database import StoreUnavailable
from app.desk.agent import Role
from app.learning.asked import Asked
from app.learning.gap_finder import GapFinder
from app.main import asking
from app.tickets.article_drafts import ArticleDrafts
from app.tickets.ticket import draft
from app.tickets.trail import Searched, Trail
from app.web import desk_sign_in, desk_tickets, drafts, errors, gaps, security
from app.web.limiter import RATES, Limiter
from tests.articles.test_history import commit, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx2 import Response as Answer

    from app.desk.agent import Agent
    from app.web.pages import Parts
    from tests.conftest import Clock

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
DAY = "2026-01-01"
FIELDS = {"name": "Jana Roth", "email": "jana@example.org", "description": "Das WLAN ist weg, sagt Jana.",
          "category": "wlan", "urgency": "high"}  # fmt: skip
TRAIL = Trail((Searched("Das WLAN ist langsam"),))
SOLUTION = "1. Öffnen Sie die FRITZ!Box 7590 AX.\n2. Rufen Sie 0171 2345678 an.\n3. [x](http://evil.example)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give an article folder in a repository."""
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "README").write_text("x")
    git(articles, DAY, "init", "-q", "-b", "main")
    commit(articles, DAY)
    return articles


@pytest.fixture
def parts(parts: Parts, folder: Path) -> Parts:
    """Give the parts, patient with tests that sign in often, with a repository to write into."""
    patient = Limiter("secret", dict.fromkeys(RATES, "1000/minute"))
    return replace(parts, limiter=patient, branches=Branches(folder, Person("Birkennetz", "hilfe@birkennetz.example")))


@pytest.fixture
def ruth(parts: Parts) -> Agent:
    """Give an agent of the third level."""
    return parts.accounts.add("Ruth Sommer", "ruth@example.org", Role.THIRD, PASSWORD)


@pytest.fixture
def number(parts: Parts, ruth: Agent) -> str:
    """Give a ticket that the third level has solved."""
    opened = parts.store.open_ticket(draft(FIELDS, TRAIL, None, "key", "sender", "de"))
    raised = parts.workplace.escalate(opened.number, ruth, 3, "Kanal 13 stört Jana Roth.", opened.version)
    parts.workplace.solve(opened.number, ruth, SOLUTION, "solve", raised.version)
    return opened.number


def browser(parts: Parts, email: str) -> TestClient:
    """Return the browser of an agent who has signed in."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (desk_sign_in, desk_tickets, gaps, drafts):
        app.include_router(module.router(parts))
    errors.install(app, parts)
    visitor = TestClient(app, base_url="https://testserver", follow_redirects=False, headers={"Accept-Language": "de"})
    visitor.post("/desk/sign-in", data={"email": email, "password": PASSWORD})
    return visitor


@pytest.fixture
def client(parts: Parts, ruth: Agent) -> Iterator[TestClient]:
    """Give the browser of the third level."""
    with browser(parts, ruth.email) as visitor:
        yield visitor


def form(client: TestClient, address: str) -> dict[str, str]:
    """Return the form as it stands on a page."""
    page = client.get(address).text
    text = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)[0]
    category = re.findall(r'<option value="([^"]*)" selected', page)
    return {"key": re.findall(r'name="key" value="([^"]*)"', page)[0], "text": html.unescape(text),
            "category": category[0] if category else "", "do": "branch"}  # fmt: skip


def begin(client: TestClient, address: str, **fields: str) -> Answer:
    """Send the form as it stands there, with some fields changed."""
    return client.post(address, data=form(client, address) | fields)


def branches(folder: Path) -> list[str]:
    """Return the branches that there are beside main."""
    return [one for one in git(folder, DAY, "branch", "--format=%(refname:short)").splitlines() if one != "main"]


def test_a_solved_ticket_becomes_a_draft_on_a_branch(client: TestClient, number: str, folder: Path) -> None:
    """A valid article under a slug that is free, by the agent; nothing of the customer, and no link of theirs."""
    address = f"/desk/tickets/{number}/article"
    answer = begin(client, address)
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "entwurf/das-wlan-ist-langsam" in page
    assert "git merge entwurf/das-wlan-ist-langsam" in page
    assert branches(folder) == ["entwurf/das-wlan-ist-langsam"]
    path = "public/wlan/das-wlan-ist-langsam.md"
    text = git(folder, DAY, "show", f"entwurf/das-wlan-ist-langsam:{path}")
    article = parse(path, text).valid
    assert article.questions == ("Das WLAN ist langsam", "Das WLAN ist weg, sagt [Name].")
    assert article.applies_to == ("FRITZ!Box 7590 AX",)
    assert not [one for one in ("Jana", "Roth", "2345678") if one in text]
    assert git(folder, DAY, "log", "-1", "--format=%an %cn", "entwurf/das-wlan-ist-langsam") == "Ruth Sommer Birkennetz"


def test_the_same_form_again_begins_nothing_more(client: TestClient, number: str, folder: Path) -> None:
    """A second form with the same title gets a name of its own."""
    address = f"/desk/tickets/{number}/article"
    sent = form(client, address)
    first, again = (client.post(address, data=sent).headers["location"] for _ in range(2))
    assert first == again
    begin(client, address, text=sent["text"] + "\nMehr.\n")
    assert branches(folder) == ["entwurf/das-wlan-ist-langsam", "entwurf/das-wlan-ist-langsam-2"]


def test_a_slug_that_an_article_has_or_had_is_never_taken(client: TestClient, number: str, folder: Path) -> None:
    """Neither that of an article of today nor a redirect."""
    for title in ("WLAN langsam", "Funk zu langsam"):
        begin(client, f"/desk/tickets/{number}/article", text=f"---\ntitle: {title}\n---\nText\n")
    assert branches(folder) == ["entwurf/funk-zu-langsam-2", "entwurf/wlan-langsam-2"]


def test_the_ticket_asks_for_the_article_and_then_tells_of_it(client: TestClient, parts: Parts, number: str) -> None:
    """First who began it, in the history too; once it can be found, everybody is told on the ticket's page."""
    parts.accounts.add("Mia Weber", "mia@example.org", Role.FIRST, PASSWORD)
    page = f"/desk/tickets/{number}"
    assert "Neu gelöst? Machen Sie einen Artikel daraus." in client.get(page).text
    begin(client, f"{page}/article")
    with browser(parts, "mia@example.org") as first:
        told = first.get(page).text
        assert "entwurf/das-wlan-ist-langsam, begonnen von Ruth Sommer" in told
        assert "Artikelentwurf: – → entwurf/das-wlan-ist-langsam (Ruth Sommer)" in told
        assert "Neu gelöst?" not in told
        assert "data-article " not in told
        assert parts.article_drafts
        for slug in ("drucker-offline", "leitstand"):
            parts.article_drafts.note(number, "Ruth Sommer", slug, f"entwurf/{slug}", slug)
        told = first.get(page).text
        assert 'Dazu gibt es jetzt einen Artikel: <a href="/articles/drucker-offline">Der Drucker ist offline' in told
        assert "Dazu gibt es jetzt einen Artikel: <strong>Leitstand bedienen" in told
        assert "There is an article about this now" in first.get(f"{page}?lang=en").text


def test_what_an_author_adds_is_masked_as_well(client: TestClient, number: str, folder: Path) -> None:
    """Names of the ticket, and what is told by its shape."""
    begin(client, f"/desk/tickets/{number}/article", text="---\ntitle: Neu\n---\nRoth, erika@example.org\n")
    assert "\n[Name], [E-Mail]" in git(folder, DAY, "show", "entwurf/neu:public/wlan/neu.md")


@pytest.mark.parametrize(("fields", "said"), [
    ({"text": "ohne Kopf <b>"}, "there is no front matter"), ({"category": "../../x"}, "may only hold a-z"),
    ({"category": "?"}, "may only hold a-z"), ({"text": "---\ntitle: &a x\n---\n"}, "Ihr Text ist noch da"),
])  # fmt: skip
def test_what_is_no_article_comes_back_with_its_text(
    client: TestClient, number: str, folder: Path, fields: dict[str, str], said: str
) -> None:
    """And with the faults; nothing is written."""
    answer = begin(client, f"/desk/tickets/{number}/article", **fields)
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert fields.get("text", "title: Das WLAN")[:14] in html.unescape(answer.text)
    assert branches(folder) == []


def test_a_draft_is_handed_out_as_a_file(client: TestClient, number: str, folder: Path) -> None:
    """As it was changed, and nothing is written."""
    answer = begin(client, f"/desk/tickets/{number}/article", do="download", text="---\ntitle: Größe\n---\nJana\n")
    assert answer.headers["content-disposition"] == 'attachment; filename="groesse.md"'
    assert answer.text == "---\ntitle: Größe\n---\n[Name]\n"
    assert branches(folder) == []


def test_without_a_repository_the_page_says_why(parts: Parts, number: str, tmp_path: Path) -> None:
    """It offers the file, and a form that asks for a branch all the same gets its text back."""
    (tmp_path / "plain").mkdir()
    for some, said in ((Branches(tmp_path / "plain", Person("x", "y")), 503), (None, 409)):
        with browser(replace(parts, branches=some), "ruth@example.org") as client:
            page = client.get(f"/desk/tickets/{number}/article").text
            assert "Der Artikelordner liegt in keinem Git-Archiv." in page
            assert 'value="branch"' not in page
            answer = begin(client, f"/desk/tickets/{number}/article")
            assert (answer.status_code, "Das WLAN ist langsam" in answer.text) == (said, True)


def test_without_a_database_nothing_is_lost(client: TestClient, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text comes back; what cannot be read at all is told as everywhere."""
    sent = form(client, f"/desk/tickets/{number}/article")

    def fail(*_: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(ArticleDrafts, "note", fail)
    answer = client.post(f"/desk/tickets/{number}/article", data=sent)
    assert (answer.status_code, "nichts speichern" in answer.text) == (503, True)
    monkeypatch.setattr("app.tickets.store.TicketStore.by_number", fail)
    assert client.get(f"/desk/tickets/{number}/article").status_code == 503
    assert client.post(f"/desk/tickets/{number}/article", data=sent).status_code == 503


def test_a_gap_becomes_a_draft(client: TestClient, parts: Parts, clock: Clock, folder: Path) -> None:
    """With people's own words as questions; the list of gaps leads to it."""
    assert parts.notepad
    assert parts.gap_list
    day = clock().date()
    parts.notepad.questions.add([Asked("Quantenrouter blinkt", "de", "search", day, f"v{n}") for n in range(2)])
    GapFinder(parts.notepad.questions, parts.gap_list, asking(parts.internal, None), clock).refresh()
    (gap,) = parts.gap_list.every()
    address = f"/desk/gaps/{gap.id}/article"
    assert f'href="{address}"' in client.get("/desk/gaps").text
    answer = begin(client, address, category="wlan")
    assert "Der Entwurf ist angelegt" in client.get(answer.headers["location"]).text
    text = git(folder, DAY, "show", "entwurf/quantenrouter-blinkt:public/wlan/quantenrouter-blinkt.md")
    assert "- Quantenrouter blinkt" in text
    assert "Back to the gaps" in client.get(f"{address}?lang=en").text


def test_what_is_open_or_not_there_becomes_no_draft(client: TestClient, parts: Parts) -> None:
    """As everything that there is not."""
    number = parts.store.open_ticket(draft(FIELDS, TRAIL, None, "open", "sender", "de")).number
    for path in (f"tickets/{number}", "tickets/W-2026-000099", "gaps/7", "gaps/x"):
        assert client.get(f"/desk/{path}/article").status_code == 404
        assert client.post(f"/desk/{path}/article", data={"text": "x"}).status_code == 404
    assert "data-article " not in client.get(f"/desk/tickets/{number}").text


def test_first_level_and_other_sites_begin_nothing(client: TestClient, parts: Parts, number: str) -> None:
    """An author does, and is led back to where authors may go."""
    address = f"/desk/tickets/{number}/article"
    for name, role in (("mia", Role.FIRST), ("otto", Role.AUTHOR)):
        parts.accounts.add(name, f"{name}@example.org", role, PASSWORD)
    with browser(parts, "mia@example.org") as first:
        assert first.get(address).status_code == 404
    with browser(parts, "otto@example.org") as author:
        assert "Zurück zu den Lücken" in author.get(address).text
    sent = client.post(address, data={"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 403


def test_without_drafts_nothing_offers_them(parts: Parts, number: str) -> None:
    """The ticket's page is there all the same."""
    with browser(replace(parts, article_drafts=None), "ruth@example.org") as client:
        assert "data-article " not in client.get(f"/desk/tickets/{number}").text
        assert client.get(f"/desk/tickets/{number}/article").status_code == 404


def test_a_push_that_fails_is_said_plainly(
    parts: Parts, ruth: Agent, number: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The text is still there, and can be downloaded; what git said is for the operator."""
    assert parts.branches
    away = replace(parts.branches, remote=Remote("http://127.0.0.1:1/wissen.git"))
    address = f"/desk/tickets/{number}/article"
    with browser(replace(parts, branches=away), ruth.email) as client:
        answer = begin(client, address)
        assert begin(client, address, do="download").headers["content-type"].startswith("text/markdown")
    assert (answer.status_code, "hat den Zweig nicht angenommen" in answer.text, branches(folder)) == (503, True, [])
    assert "No branch could be written: not_pushed" in caplog.text


def test_a_pushed_draft_says_how_to_fetch_it(parts: Parts, ruth: Agent, number: str, folder: Path) -> None:
    """With the commands for it."""
    bare = folder.parent / "remote.git"
    git(folder, DAY, "clone", "-q", "--bare", str(folder), str(bare))
    assert parts.branches
    there = replace(parts.branches, remote=Remote(str(bare)))
    with browser(replace(parts, branches=there), ruth.email) as client:
        made = begin(client, f"/desk/tickets/{number}/article")
        page = client.get(made.headers["location"]).text
    (branch,) = branches(bare)
    assert f"git fetch\ngit switch {branch}" in page
    assert f"git merge {branch}\ngit push" in page
