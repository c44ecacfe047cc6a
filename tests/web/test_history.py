"""The past of an article on its pages: for customers what was theirs, for agents all of it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.articles.article import Fault
from app.articles.corrected import Corrected
from app.articles.library import read_library
from app.articles.past_reader import PastBusy, PastReader
from app.desk.agent import Role
from app.search.builder import build
from app.search.searcher import Searcher
from app.search.versions import Versions
from app.web import articles, desk_sign_in, errors, history, security
from app.web.limiter import RATES, Limiter
from tests.articles.past_repository import PastRepository, repository_in

if TYPE_CHECKING:
    from app.web.pages import Parts

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
SAME = {"Sec-Fetch-Site": "same-origin"}
PATH = "public/netz/mail.md"
INTERN = "\n\n::: intern\nGeheimwort {word}.\n:::"


@dataclass(frozen=True)
class Written:
    """A repository with a past, and the commits of it."""

    repository: PastRepository
    commits: tuple[str, ...]
    """Oldest first: internal, two public ones, one of its text for agents alone, one that corrects."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Give an article that was internal, became public, and was corrected."""
    one = repository_in(tmp_path_factory.mktemp("past"))
    commits = []
    one.write("internal/netz/mail.md", "Geheimwort Drossel.", "Mail einrichten")
    commits.append(one.commit("Nur für uns", "2026-09-01"))
    one.git("mv", "internal", "public")
    one.write(PATH, "Der Port ist 995." + INTERN.format(word="Amsel"), "Mail einrichten", "owner: team-mail\n")
    commits.append(one.commit("Freigegeben, Ticket von Frau Schulz", "2026-10-01"))
    one.write(PATH, "Der Port ist 995." + INTERN.format(word="Meise"), "Mail einrichten", "owner: team-mail\n")
    commits.append(one.commit("Geheimwort geändert", "2026-11-01"))
    one.write(PATH, "Der Port ist 993.\n\n1. Öffnen.\n2. Speichern.", "Mail einrichten")
    one.write("public/netz/anderer.md", "Text.", "Anderer")
    commits.append(one.commit("Port\n\nKorrektur (mail): Der Port ist 995 <alt>.", "2026-11-20"))
    return Written(one, tuple(commits))


@pytest.fixture(scope="module")
def searchers(written: Written, tmp_path_factory: pytest.TempPathFactory) -> tuple[Searcher, Searcher]:
    """Give what finds it, for customers and for agents."""
    versions = Versions(tmp_path_factory.mktemp("index"))
    build(versions, read_library(written.repository.folder), None, lambda _done, _total: None)
    return Searcher(versions, "public", None), Searcher(versions, "internal", None)


@pytest.fixture
def parts(parts: Parts, written: Written, searchers: tuple[Searcher, Searcher]) -> Parts:
    """Give parts that serve it."""
    public, internal = searchers
    return replace(
        parts, limiter=Limiter("secret", dict.fromkeys(RATES, "1000/minute")), searcher=public, internal=internal,
        past_reader=PastReader(written.repository.folder, "de"),
    )  # fmt: skip


def client_of(parts: Parts, role: Role | None = None) -> TestClient:
    """Return a browser in which somebody with a role is signed in, or nobody."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (desk_sign_in, articles, history):
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


def test_customers_read_when_what_changed(parts: Parts, written: Written) -> None:
    """Two versions were theirs; who wrote them and what colleagues were told is not."""
    page = client_of(parts).get("/articles/mail/history")
    text = text_of(page.text)
    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert text.count("Fassung lesen") == 2
    assert "Aktuelle Fassung" in text
    assert "3 Absätze geändert" in text
    assert "Bis zum 20. November 2026 stand hier: Der Port ist 995 &lt;alt&gt;." in text
    assert "team-mail" in text
    assert "Redaktion" in text
    for private in ("Mia Weber", "Schulz", "Geheimwort", "Freigegeben", written.commits[2][:7]):
        assert private not in page.text


def test_agents_read_all_of_it(parts: Parts) -> None:
    """Every commit, its author and what they said; nobody keeps the page."""
    page = client_of(parts, Role.FIRST).get("/desk/articles/mail/history")
    text = text_of(page.text)
    assert text.count("Fassung lesen") == 4
    assert "Mia Weber" in text
    assert "Freigegeben, Ticket von Frau Schulz" in text
    assert page.headers["Cache-Control"] == "no-store"


def test_agents_sign_in_first(parts: Parts) -> None:
    """Nothing of the desk's pages is told to strangers."""
    found = client_of(parts).get("/desk/articles/mail/history")
    assert (found.status_code, found.headers["location"][:13]) == (303, "/desk/sign-in")


def test_an_old_version_has_an_address_for_good(parts: Parts, written: Written) -> None:
    """It says what it is, leads to today's, and is kept out of search engines; text for agents is not in it."""
    page = client_of(parts).get(f"/articles/mail/history/{written.commits[1][:12]}")
    text = text_of(page.text)
    assert "Dies ist eine ältere Fassung vom 1. Oktober 2026, 14:00 Uhr." in text
    assert "Der Port ist 995." in text
    assert "Zur aktuellen Fassung" in text
    assert 'content="noindex"' in page.text
    assert "Geheimwort" not in page.text
    assert "git " not in text


def test_the_newest_version_says_that_it_is(parts: Parts, written: Written) -> None:
    """There is nothing to bring back."""
    page = client_of(parts, Role.AUTHOR).get(f"/desk/articles/mail/history/{written.commits[3][:12]}")
    assert "Dies ist die aktuelle Fassung" in text_of(page.text)
    assert "git restore" not in page.text


def test_no_customer_reads_what_was_internal(parts: Parts, written: Written) -> None:
    """Neither the version that was, nor what is none; all alike."""
    client = client_of(parts)
    unknown = client.get("/articles/mail/history/0123456789ab")
    assert unknown.status_code == 404
    for commit in (written.commits[0], "HEAD", "--help", "a" * 64):
        assert client.get(f"/articles/mail/history/{commit}").status_code == 404
        assert client.get("/articles/mail/compare", params={"from": commit}).status_code == 404
    assert client.get("/articles/mail/compare").status_code == 404
    assert client.get("/articles/unbekannt/history").status_code == 404


def test_a_commit_that_changed_only_text_for_agents_leads_to_the_text(parts: Parts, written: Written) -> None:
    """Translations name such commits; what customers read was there before."""
    page = client_of(parts).get(f"/articles/mail/history/{written.commits[2][:12]}")
    assert "ältere Fassung vom 1. Oktober 2026" in text_of(page.text)
    assert "Geheimwort" not in page.text


def test_an_agent_is_told_how_git_brings_a_version_back(parts: Parts, written: Written) -> None:
    """With the file's place in the repository; a file that lay elsewhere is written to where it lies now."""
    client, (internal, public, *_) = client_of(parts, Role.AUTHOR), written.commits
    page = client.get(f"/desk/articles/mail/history/{public[:12]}").text
    assert f"git restore --source={public[:12]} -- articles/public/netz/mail.md" in page
    assert "Geheimwort Amsel" in page
    moved = client.get(f"/desk/articles/mail/history/{internal[:12]}").text
    assert f"git show {internal[:12]}:articles/internal/netz/mail.md &gt; articles/public/netz/mail.md" in moved


def test_two_versions_are_compared_word_by_word(parts: Parts, written: Written) -> None:
    """Marked by element and in words, so that neither colour nor sight is needed."""
    page = client_of(parts).get("/articles/mail/compare", params={"from": written.commits[1][:12]})
    text = text_of(page.text)
    assert re.search(r"<del>.*995\.", page.text)
    assert re.search(r"<ins>.*993\.", page.text)
    assert "[entfallen:] 995. [Ende]" in text
    assert "Neu" in text
    assert "zu der von heute." in text
    assert "Geheimwort" not in page.text


def test_the_same_version_has_no_changes(parts: Parts, written: Written) -> None:
    """It is said, not left empty."""
    newest = written.commits[3][:12]
    page = client_of(parts).get("/articles/mail/compare", params={"from": newest, "to": newest, "lang": "en"})
    assert "Nothing in the text changed" in page.text


def test_an_article_says_for_thirty_days_what_was_wrong(parts: Parts, written: Written) -> None:
    """With a link to the change; afterwards only its history does."""
    day = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    client, until = client_of(replace(parts, clock=lambda: day)), time.monotonic() + 10
    while "Korrigiert" not in (page := client.get("/articles/mail")).text and time.monotonic() < until:
        time.sleep(0.02)
    assert "Korrigiert. Bis zum 20. November 2026 stand hier: Der Port ist 995 &lt;alt&gt;." in text_of(page.text)
    assert f"from={written.commits[1][:12]}" in page.text
    assert "/articles/mail/history" in page.text


def test_after_thirty_days_only_the_history_tells(parts: Parts) -> None:
    """The article is quiet again."""
    day = datetime(2026, 12, 21, 9, 0, tzinfo=UTC)
    corrected, until = parts.past_reader.corrected, time.monotonic() + 10  # type: ignore[union-attr]
    while not corrected.paths(parts.searcher.index.version, day.date()) and time.monotonic() < until:
        time.sleep(0.02)
    assert corrected.paths(parts.searcher.index.version, day.date()) == {PATH, "public/netz/anderer.md"}
    assert "Korrigiert" not in client_of(replace(parts, clock=lambda: day)).get("/articles/mail").text


def test_without_git_nothing_is_offered(parts: Parts) -> None:
    """No link, and no page."""
    client = client_of(replace(parts, past_reader=None))
    assert "Verlauf" not in client.get("/articles/mail").text
    assert client.get("/articles/mail/history").status_code == 404


def test_an_article_git_does_not_know_says_so(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The page is there, and empty."""
    stray = replace(parts, past_reader=PastReader(tmp_path_factory.mktemp("leer")))
    assert "keine früheren Fassungen bekannt" in client_of(stray).get("/articles/mail/history").text


def test_a_version_too_old_to_be_listed_keeps_its_address(parts: Parts, written: Written) -> None:
    """The list says that there are more."""
    client = client_of(replace(parts, past_reader=PastReader(written.repository.folder, "de", most=1)))
    assert "Noch ältere Fassungen" in client.get("/articles/mail/history").text
    page = client.get(f"/articles/mail/history/{written.commits[1][:12]}")
    assert "ältere Fassung vom 1. Oktober 2026" in text_of(page.text)
    assert client.get(f"/articles/mail/history/{written.commits[0][:12]}").status_code == 404


def test_too_many_at_once_are_told_to_come_back(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The history answers 503; the article itself is there, without its correction."""

    def busy(_self: PastReader, _article: object, _version: str) -> None:
        raise PastBusy

    monkeypatch.setattr(PastReader, "past", busy)
    monkeypatch.setattr(Corrected, "paths", lambda _self, _version, _today: frozenset({PATH}))
    client = client_of(parts)
    found = client.get("/articles/mail/history")
    assert found.status_code == 503
    assert found.headers["Retry-After"]
    assert client.get("/articles/mail").status_code == 200


def test_a_version_that_cannot_be_rendered_is_not_there(
    parts: Parts, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not on line then, either."""
    monkeypatch.setattr(history, "render_one", lambda _article, _directory: Fault(PATH, 1, "this takes too long"))
    assert client_of(parts).get(f"/articles/mail/history/{written.commits[1][:12]}").status_code == 404
