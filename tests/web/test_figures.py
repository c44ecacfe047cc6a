"""Figures: who may see them, what the page and the file say, and that no cell is a formula."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.database import connect
from app.desk.agent import Role
from app.learning.tally import Tally
from app.tickets.ticket import draft
from app.tickets.trail import Trail
from app.web import desk_sign_in, errors, figures, security
from app.web.figures import harmless
from app.web.limiter import RATES, Limiter
from tests.tickets.colleagues import ANNA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.web.pages import Parts

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
PERIOD = "?from=2026-11-16&to=2026-11-22"


@pytest.fixture
def parts(parts: Parts) -> Parts:
    """Give the parts, patient with tests that sign in often."""
    return replace(parts, limiter=Limiter("secret", dict.fromkeys(RATES, "1000/minute")))


def client_of(parts: Parts, role: Role | None) -> TestClient:
    """Return a browser in which somebody with a role is signed in."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (desk_sign_in, figures):
        app.include_router(module.router(parts))
    app.mount("/static", parts.templates.statics)
    errors.install(app, parts)
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    if role:
        parts.accounts.add("Mia", "mia@example.org", role, PASSWORD)
        sent = {"email": "mia@example.org", "password": PASSWORD}
        client.post("/desk/sign-in", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    return client


@pytest.fixture
def author(parts: Parts) -> Iterator[TestClient]:
    """Give the browser of an author."""
    with client_of(parts, Role.AUTHOR) as client:
        yield client


def open_ticket(parts: Parts) -> str:
    """Let a customer ask; the category begins like a formula of a spreadsheet would, were it one."""
    fields = {"name": "Jana", "email": "j@example.org", "description": "x", "category": "wlan", "urgency": "low"}
    return parts.store.open_ticket(draft(fields, Trail(), None, "key-1", "s", "de")).number


def rate(parts: Parts, number: str) -> None:
    """Let an agent solve the ticket, and the customer say how good that was."""
    ticket = parts.workplace.solve(number, ANNA, "So geht es", "solve", 1)
    parts.solutions.accept(parts.solutions.token_of(ticket), 4, "")


def test_a_chart_of_nothing_is_a_sentence(parts: Parts, author: TestClient) -> None:
    """Nobody has rated, so only the tickets have bars and a table."""
    open_ticket(parts)
    page = author.get(f"/desk/figures{PERIOD}").text
    assert page.count("<figure") == 2
    assert page.count("<svg viewBox") == page.count("<desc") == 1
    assert "In diesem Zeitraum gibt es dazu nichts." in page
    assert "Zufriedenheit: wie oft welche Bewertung" in page


@pytest.mark.parametrize("path", ["/desk/figures", "/desk/figures.csv"])
def test_authors_may_see_them_and_strangers_may_not(parts: Parts, path: str) -> None:
    """Whoever is not signed in is led to the form."""
    with client_of(parts, None) as stranger:
        assert stranger.get(path).status_code == 303
    with client_of(parts, Role.AUTHOR) as author:
        assert author.get(path).status_code == 200


def test_an_empty_period_says_so(author: TestClient) -> None:
    """Instead of figures of nothing."""
    page = author.get("/desk/figures").text
    assert "Noch keine Zahlen in diesem Zeitraum" in page
    assert "figures-tiles" not in page


@pytest.mark.parametrize(("lang", "word"), [("de", "So gerechnet"), ("en", "How it is computed")])
def test_every_figure_has_its_formula_and_every_chart_its_table(
    parts: Parts, author: TestClient, lang: str, word: str
) -> None:
    """Six on top; charts have a title, a description and no style of their own."""
    rate(parts, open_ticket(parts))
    page = author.get(f"/desk/figures{PERIOD}&lang={lang}").text
    assert len(re.findall('<p class="figures-value">', page)) == 6
    assert page.count(word) >= 6
    assert page.count('role="img"') == page.count("<desc") == page.count("<figure") == 2
    assert "style=" not in page
    assert "Jana" not in page


@pytest.mark.parametrize(
    "query",
    ["?from=x&to=y", "?from=2026-11-22&to=2026-11-21", "?from=2026-11-22", "?from=2020-01-01&to=2026-11-01",
     "?from=2026-11-20&to=2026-11-23", "?from=0001-01-01&to=0001-01-02"],
)  # fmt: skip
def test_what_is_no_period_is_said_and_the_usual_one_shown(author: TestClient, query: str) -> None:
    """Words, backwards, half, too long, in the future, long ago."""
    answer = author.get(f"/desk/figures{query}")
    assert answer.status_code == 200
    assert "Das ist kein Zeitraum" in answer.text
    assert 'value="2026-10-24"' in answer.text


def test_the_file_opens_in_spreadsheets(parts: Parts, author: TestClient) -> None:
    """With a mark for umlauts, semicolons, and no cell that is a formula."""
    open_ticket(parts)
    answer = author.get(f"/desk/figures.csv{PERIOD}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(answer.text.lstrip("\ufeff").splitlines(), delimiter=";"))
    assert ["Eingegangen", "1", "0"] in rows
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_would_be_a_formula_is_text(start: str) -> None:
    """With a quote before it; all others stay."""
    assert harmless(f"{start}1") == f"'{start}1"
    assert harmless(f"1{start}") == f"1{start}"


def test_without_a_database_it_asks_to_come_back(parts: Parts, tmp_path: Path) -> None:
    """With 503."""
    engine = connect(f"sqlite:///{tmp_path / 'none.db'}")
    with client_of(replace(parts, tally=Tally(engine)), Role.FIRST) as client:
        assert client.get("/desk/figures").status_code == 503
    engine.dispose()
