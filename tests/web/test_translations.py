"""Translations: what readers are told of a newer original, and what authors are told to translate."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.articles.library import read_library
from app.articles.past_reader import PastReader
from app.database import StoreUnavailable
from app.desk.agent import Role
from app.learning.tally import Tally
from app.search.builder import build
from app.search.searcher import Searcher
from app.search.versions import Versions
from app.web import articles, desk_sign_in, errors, history, security, translations
from app.web.limiter import RATES, Limiter
from tests.articles.past_repository import repository_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from app.web.pages import Parts

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
SAME = {"Sec-Fetch-Site": "same-origin"}


class _Away(Tally):
    """A tally whose database is away."""

    def uses(self, _since: datetime) -> Mapping[tuple[str, str], int]:
        raise StoreUnavailable("away")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an article that changed after it was translated, and three that were never."""
    one = repository_in(tmp_path_factory.mktemp("past"))
    one.write("public/netz/mail.md", "Der Port ist 995.", "Mail einrichten")
    one.write("public/netz/mail.en.md", "The port is 995.", "Setting up mail")
    one.write("public/netz/oft.md", "Text.", "Oft gebraucht")
    one.write("public/netz/aal.md", "Text.", "Aal")
    one.write("internal/netz/leitstand.en.md", "Text.", "Control room")
    one.commit("erst", "2026-10-01")
    one.write("public/netz/mail.md", "Der Port ist 993 <neu>.\n\nMehr.", "Mail einrichten")
    one.commit("dann", "2026-11-03")
    return one.folder


@pytest.fixture(scope="module")
def searchers(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Searcher, Searcher]:
    """Give what finds it, for customers and for agents."""
    versions = Versions(tmp_path_factory.mktemp("index"))
    build(versions, read_library(folder), None, lambda _done, _total: None)
    return Searcher(versions, "public", None), Searcher(versions, "internal", None)


@pytest.fixture
def parts(parts: Parts, folder: Path, searchers: tuple[Searcher, Searcher]) -> Parts:
    """Give parts that serve it."""
    public, internal = searchers
    patient = Limiter("secret", dict.fromkeys(RATES, "1000/minute"))
    return replace(parts, limiter=patient, searcher=public, internal=internal, past_reader=PastReader(folder, "de"))


def client_of(parts: Parts, role: Role | None = None) -> TestClient:
    """Return a browser in which somebody with a role is signed in, or nobody."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (desk_sign_in, articles, history, translations):
        app.include_router(module.router(parts))
    app.mount("/static", parts.templates.statics)
    errors.install(app, parts)
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    if role:
        parts.accounts.add("Mia", "mia@example.org", role, PASSWORD)
        client.post("/desk/sign-in", data={"email": "mia@example.org", "password": PASSWORD}, headers=SAME)
    return client


def text_of(html: str) -> str:
    """Return the words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_readers_of_a_translation_are_told_that_the_original_is_newer(parts: Parts) -> None:
    """With its day, and a link to what changed, which works."""
    client, until = client_of(parts), time.monotonic() + 10
    while "newer" not in (page := client.get("/articles/mail?lang=en")).text and time.monotonic() < until:
        time.sleep(0.02)
    assert "The German version is newer (of 3 November 2026)." in text_of(page.text)
    link = re.search(r'href="(/articles/mail/compare[^"]+)"', page.text)
    assert link
    assert re.search(r"<ins>.*993", client.get(link[1].replace("&amp;", "&")).text)
    assert "neuer" not in client.get("/articles/mail?lang=de").text


def test_authors_see_what_fell_behind_and_where(parts: Parts) -> None:
    """The original, the language, the paragraphs, and the way to the changes."""
    page = client_of(parts, Role.AUTHOR).get("/desk/translations")
    text = text_of(page.text)
    assert "Veraltet (1)" in text
    assert "„Der Port ist 993 &lt;neu&gt;. …“" in text
    assert "Original geändert am 3. November 2026" in text
    assert "/desk/articles/mail/compare?lang=de&amp;from=" in page.text


def test_what_is_missing_comes_by_use_then_by_title(parts: Parts) -> None:
    """Votes and solutions of every language count; what is internal is said to be and not linked."""
    for _ in range(2):
        parts.journal.note_feedback("oft", "de", helpful=True)
    parts.journal.note_solved("oft", "de")
    page = client_of(parts, Role.AUTHOR).get("/desk/translations")
    rows = [text_of(row) for row in re.findall(r"<tr>(.*?)</tr>", page.text, re.DOTALL)][1:]
    assert rows == ["Oft gebraucht Englisch 3", "Aal Englisch 0", "Control room (intern) Deutsch 0"]


def test_first_level_has_no_business_there(parts: Parts) -> None:
    """For them the page is none."""
    assert client_of(parts, Role.FIRST).get("/desk/translations").status_code == 404


def test_without_git_only_what_is_missing_is_known(parts: Parts) -> None:
    """And the page says so; readers are told nothing."""
    alone = replace(parts, past_reader=None)
    assert "Ohne git ist nicht bekannt" in client_of(alone, Role.AUTHOR).get("/desk/translations").text
    assert "newer" not in client_of(alone).get("/articles/mail?lang=en").text


def test_without_a_database_the_page_says_to_come_back(parts: Parts) -> None:
    """It would be in a wrong order."""
    client = client_of(replace(parts, tally=_Away(parts.tally.engine)), Role.AUTHOR)
    assert client.get("/desk/translations").status_code == 503
