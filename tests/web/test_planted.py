"""Planted values: what people type of themselves, and Markdown they slip in, is nowhere on the way to an article."""

from __future__ import annotations

import html
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from app.articles.branches import Branches, Person
from app.articles.directory import ANYWHERE
from app.articles.manuscript import parse
from app.articles.markdown import render_body
from app.database import metadata
from app.desk.agent import Role
from app.learning.gap_finder import GapFinder
from app.main import asking, shown_by
from app.tickets.mail import MailKind
from app.tickets.tables import mails, tickets
from app.tickets.telling import Telling
from app.tickets.wish_links import WishRef
from app.tickets.wishes import WishState
from app.web import desk_sign_in, drafts, errors, gaps, searches, security, wishes
from app.web import tickets as ticket_pages
from app.web.limiter import RATES, Limiter
from tests.articles.test_history import commit, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.web.pages import Parts
    from tests.conftest import Clock

DAY, PASSWORD = "2026-11-22", "zwölf Zeichen lang"
MAIL, WISHER = "erika.planted@example.org", "ben.wisher@example.org"
PLANTED = (f"{MAIL}, Tel. 0221 7654321, mobil +49 171 2345678, Kundennummer 4711-0815, Seriennummer SN12-3456-X, "
           "IBAN DE89 3704 0044 0532 0130 00")  # fmt: skip
TRACES = ("erika.planted", "7654321", "2345678", "4711-0815", "sn12-3456", "de89", "0532 0130")
MARKDOWN = ("[klick](http://evil.example/a) ![x](http://evil.example/b.png) <script>alert(1)</script>\n"
            "::: intern\n---\nvisibility: public\n# Kopf\n| a | b |\n{: onclick=x }")  # fmt: skip
MARKS = ("<a ", "<img", "<script", "<table", "<h1", "onclick=x>")
ASKED = f"Quantenkaninchen springt nicht, {PLANTED}"
MASKED = frozenset({"questions", "gaps", "drafts", "wishes"})
"""Tables on the way from a question to an article; the address in which somebody is to be told is left out."""


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
    """Give the parts, patient, with a repository to write into."""
    patient = Limiter("secret", dict.fromkeys(RATES, "1000/minute"))
    return replace(parts, limiter=patient, branches=Branches(folder, Person("Birkennetz", "hilfe@birkennetz.example")))


@pytest.fixture
def client(parts: Parts, caplog: pytest.LogCaptureFixture) -> Iterator[TestClient]:
    """Give a browser in which an agent is signed in, while everything is logged."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="httpx2")  # the browser's own log, not the portal's
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (desk_sign_in, searches, ticket_pages, wishes, gaps, drafts):
        app.include_router(module.router(parts))
    app.mount("/static", parts.templates.statics)
    errors.install(app, parts)
    parts.accounts.add("Ruth Sommer", "ruth@example.org", Role.THIRD, PASSWORD)
    with TestClient(app, base_url="https://testserver", follow_redirects=False) as visitor:
        visitor.headers["accept-language"] = "de"
        visitor.post("/desk/sign-in", data={"email": "ruth@example.org", "password": PASSWORD})
        yield visitor


def ask(client: TestClient, parts: Parts, clock: Clock) -> str:
    """Search, leave a wish, open a ticket with all of it, and return its number."""
    client.get("/search", params={"q": ASKED})
    client.post("/wishes", data={"q": ASKED, "email": WISHER, "agree": "yes"})
    key = re.findall(r'name="form_key" value="([^"]+)"', client.get("/tickets/new", params={"q": ASKED}).text)[0]
    clock.move(seconds=5)
    sent = {"form_key": key, "name": "Erika Planted", "email": MAIL, "description": f"{ASKED}\n{MARKDOWN}",
            "category": "wlan", "urgency": "high", "agree": "yes"}  # fmt: skip
    assert client.post("/tickets", data=sent).status_code == 303
    assert parts.notepad
    assert parts.gap_list
    parts.notepad.store()
    GapFinder(parts.notepad.questions, parts.gap_list, asking(parts.internal, None), clock).refresh()
    with parts.store.engine.connect() as connection:
        return str(connection.scalar(select(tickets.c.number)))


def draft_from(client: TestClient, address: str) -> None:
    """Begin an article as it stands on the page, with what a careless author may paste."""
    page = client.get(address).text
    text = html.unescape(re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)[0])
    key = re.findall(r'name="key" value="([^"]*)"', page)[0]
    sent = {"key": key, "text": f"{text}\nNotiz: {PLANTED}\n", "category": "wlan", "do": "branch"}
    assert client.post(address, data=sent).status_code == 303


def written(parts: Parts) -> str:
    """Return all that the tables on the way hold, in small letters, without the addresses to tell."""
    with parts.store.engine.connect() as connection:
        rows = [
            row._mapping.items()  # noqa: SLF001 - its public name
            for table in metadata.sorted_tables if table.name in MASKED
            for row in connection.execute(select(table))
        ]  # fmt: skip
    return "\n".join(str(value) for row in rows for name, value in row if name != "email").lower()


def told(parts: Parts) -> str:
    """Confirm the wish, tell everybody, and return what all mails about wishes say."""
    assert parts.wishes
    with parts.store.engine.connect() as connection:
        waiting = connection.execute(select(metadata.tables["wishes"])).all()
    for one in waiting:
        if one.state == WishState.ASKED:
            parts.wishes.confirm(parts.wishes.links.open(parts.wishes.links.token(WishRef("confirm", one.name))).name)
    shown = shown_by(parts.searcher, parts.internal, "https://hilfe.example")
    live = shown.article("wlan-langsam", "de")
    told_of = replace(shown, article=lambda *_: live, first=lambda *_: ("wlan-langsam", True))
    assert Telling(parts.wishes, told_of).run_once() == 2
    with parts.store.engine.connect() as connection:
        about = select(mails.c.subject, mails.c.text).where(mails.c.kind.in_((MailKind.WISH, MailKind.TOLD)))
        return "\n".join(part for row in connection.execute(about) for part in row).lower()


def test_nothing_planted_is_on_the_way_to_an_article(
    client: TestClient, parts: Parts, clock: Clock, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in gaps and their files, nor drafts in git, nor mails to whoever waits, nor any line of the log."""
    number = ask(client, parts, clock)
    agent = parts.accounts.add("Mia Weber", "mia@example.org", Role.SECOND, PASSWORD)
    ticket = parts.store.by_number(number)
    assert ticket
    parts.workplace.solve(number, agent, f"1. Rufen Sie {PLANTED} an.\n2. {MARKDOWN}", "solve", ticket.version)
    seen = client.get("/desk/gaps").text + client.get("/desk/gaps.csv").text
    gap_ids = re.findall(r"/desk/gaps/(\d+)/article", seen)
    for address in (f"/desk/tickets/{number}/article", *(f"/desk/gaps/{one}/article" for one in gap_ids)):
        draft_from(client, address)
    everywhere = {
        "pages": seen.lower(), "tables": written(parts), "git": git(folder, DAY, "log", "-p", "--all").lower(),
        "mails": told(parts), "log": caplog.text.lower(),
    }  # fmt: skip
    assert "quantenkaninchen" in everywhere["pages"]
    assert "quantenkaninchen" in everywhere["git"]
    assert "quantenkaninchen" not in everywhere["mails"] + everywhere["log"]
    assert "wlan-langsam" in everywhere["mails"]
    assert gap_ids
    assert [(place, one) for place, text in everywhere.items() for one in TRACES if one in text] == []
    assert_harmless(folder)


def assert_harmless(folder: Path) -> None:
    """See that no draft makes anything but text of what was slipped in, nor shows what is for agents."""
    branches = git(folder, DAY, "branch", "--format=%(refname:short)", "--list", "entwurf/*").splitlines()
    assert branches
    for branch in branches:
        (path,) = git(folder, DAY, "diff", "--name-only", "main", branch).splitlines()
        read = parse(path, git(folder, DAY, "show", f"{branch}:{path}"))
        assert read.article is not None
        assert read.article.title.startswith("Quantenkaninchen")
        body, *_ = render_body(read.article.body.replace("::: intern", "").replace(":::", ""), path, ANYWHERE)
        assert [mark for mark in MARKS if mark in body] == []
