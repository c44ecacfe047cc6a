"""Tests of the preview of a file: the page it serves, and where it says the article will be found."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from app import commands, preview
from app.preview import create_preview, placed, preview_of
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.preview import Preview

PATH = "public/netz/router.md"
TEXT = """---
title: Router neu starten
summary: Strom weg, Strom an.
questions: [router stecker ziehen, qwertz]
---
## Anfang

Ziehen Sie den Stecker, siehe [Anfang](#anfang). ![Die Rückseite](rueckseite.png)

::: intern
Rückfrage: Leuchtet die Lampe?
:::
"""
PATIENCE = 30


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a folder with two articles, without a model."""
    place = tmp_path / "articles/public/netz"
    place.mkdir(parents=True)
    (place / "router.md").write_text(TEXT, encoding="utf-8")
    (place / "rueckseite.png").write_bytes(b"png")
    (place / "modem.md").write_text("---\ntitle: Modem\n---\nDas Modem blinkt grün.\n", encoding="utf-8")
    (place.parents[1] / "categories.yml").write_text("netz:\n  title: {de: Netze, en: Networks}\n", encoding="utf-8")
    given: dict[str, Any] = {"articles": tmp_path / "articles", "index": tmp_path / "index", "embedding_model": "none"}
    return Settings(**given)


@pytest.fixture
def watched(settings: Settings) -> Preview:
    """Return the preview of the router's article."""
    return preview_of(settings, settings.articles / PATH, lambda: None)


@pytest.fixture
def client(settings: Settings, watched: Preview) -> Iterator[TestClient]:
    """Give a browser of its page."""
    with TestClient(create_preview(settings, watched), base_url="http://127.0.0.1:8157") as client:
        yield client


def wait_for(client: TestClient, text: str, address: str = "/") -> str:
    """Return the page as soon as it says something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        page = client.get(address).text
        if text in page:
            return page
        time.sleep(0.05)
    raise AssertionError(f"{text} did not appear:\n{page}")


def test_the_page_shows_both_editions(client: TestClient) -> None:
    """Agents see what is for them, under ids of its own; images are shown in both."""
    page = client.get("/").text
    customers, agents = page.split('data-live="agents"')
    assert ("Leuchtet die Lampe?" in customers, "Leuchtet die Lampe?" in agents) == (False, True)
    assert 'id="anfang"' in customers
    assert 'id="agents-anfang"' in agents
    assert 'href="#agents-anfang"' in agents
    assert "Netze" in agents
    for address in ("/media/netz/rueckseite.png", "/desk/call/media/netz/rueckseite.png"):
        assert client.get(address).content == b"png"
    assert client.get("/media/netz/fehlt.png").status_code == 404


def test_the_page_says_what_finds_the_article(client: TestClient) -> None:
    """Its title and its questions, with their places."""
    page = wait_for(client, "Gefunden: 2 von 3")
    assert "nicht unter den ersten 20" in page
    assert "Ohne Modell" in page


def test_any_query_can_be_tried(client: TestClient) -> None:
    """The article is marked among the results; before the index is there, the page says so."""
    wait_for(client, "Gefunden:")
    page = client.get("/", params={"q": "router stecker"}).text
    assert "dieser Artikel" in page
    assert "keinen passenden Artikel" in client.get("/", params={"q": "xylophon"}).text


def test_a_query_waits_for_the_index(settings: Settings, watched: Preview) -> None:
    """Without it, nothing was started here."""
    page = TestClient(create_preview(settings, watched), base_url="http://localhost").get("/?q=router").text
    assert "Die Suche ist noch nicht bereit" in page


def test_a_saved_file_is_shown_and_found_anew(client: TestClient, settings: Settings) -> None:
    """Nothing has to be started again; until it is saved the answer is 304."""
    first = client.get("/")
    wait_for(client, "Gefunden: 2 von 3")
    tag = client.get("/").headers["etag"]
    assert tag != first.headers["etag"]
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 304
    (settings.articles / PATH).write_text(TEXT.replace("qwertz", "strom weg").replace("## ", "Strom weg.\n\n## "),
                                          encoding="utf-8")  # fmt: skip
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 200
    wait_for(client, "Gefunden: 3 von 3")


def test_a_broken_file_keeps_the_last_good_version_with_the_reason(client: TestClient, settings: Settings) -> None:
    """In German and English; and a file that goes is told too."""
    client.get("/")
    (settings.articles / PATH).write_text("---\ntitle: [\n---\nText.\n", encoding="utf-8")
    page = client.get("/?lang=en").text
    assert "Below is its last good version" in page
    assert "Ziehen Sie den Stecker" in page
    (settings.articles / PATH).unlink()
    assert "there is no such file" in client.get("/").text


def test_a_file_that_was_never_good_says_why(settings: Settings) -> None:
    """There is nothing to show and nothing to ask."""
    watched = preview_of(settings, settings.articles / "public/netz/fehlt.md", lambda: None)
    with TestClient(create_preview(settings, watched), base_url="http://127.0.0.1") as client:
        page = client.get("/?q=router").text
        assert client.get("/media/netz/rueckseite.png").status_code == 200
    assert "Noch nichts zu zeigen" in page
    assert "no such file" in page


def test_an_internal_article_is_shown_to_agents_only(settings: Settings) -> None:
    """And searched for as agents do."""
    file = settings.articles / "internal/netz/kasse.en.md"
    file.parent.mkdir(parents=True)
    file.write_text("---\ntitle: Cash desk\n---\nOnly we know.\n", encoding="utf-8")
    watched = preview_of(settings, file, lambda: None)
    with TestClient(create_preview(settings, watched), base_url="http://127.0.0.1") as client:
        page = wait_for(client, "Found: 1 of 1")
    assert "this article is for agents only" in page


def test_an_index_that_cannot_be_built_is_told(client: TestClient, settings: Settings) -> None:
    """The article is shown all the same."""
    settings.index.mkdir(parents=True, exist_ok=True)
    (settings.index / preview.FOLDER).write_text("in the way", encoding="utf-8")
    assert "Ziehen Sie den Stecker" in wait_for(client, "lässt sich nicht bauen")


def test_only_this_machine_is_answered(client: TestClient) -> None:
    """A stranger's name for it is refused, and other pages are not there."""
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert "one article" in client.get("/articles/modem").text
    assert client.get("/").headers["content-security-policy"].startswith("default-src 'none'")


def test_a_file_outside_of_the_folder_lies_in_its_own(tmp_path: Path) -> None:
    """The folder above `public` or `internal`; elsewhere it is refused with the way out."""
    other = tmp_path / "other"
    assert placed(tmp_path / "articles", other / PATH) == (other, PATH)
    assert placed(tmp_path, tmp_path / "x.md") == (tmp_path, "x.md")
    with pytest.raises(ValueError, match="--articles"):
        placed(tmp_path / "articles", tmp_path / "netz/router.md")


def test_the_command_serves_on_this_machine_only(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever HOST says; a free port is taken for 0."""
    served: list[Settings] = []
    for name in ("articles", "index"):
        monkeypatch.setenv(name.upper(), os.fspath(getattr(settings, name)))
    monkeypatch.setenv("HOST", "0.0.0.0")  # noqa: S104 - this is what must not be followed
    monkeypatch.setattr(commands.Server, "__init__", lambda _self, _app, given: served.append(given))
    monkeypatch.setattr(commands.Server, "run", lambda _self: None)
    assert commands.main(["preview", os.fspath(settings.articles / PATH), "--port", "0"]) == 0
    assert (served[0].host, served[0].port > 0) == ("127.0.0.1", True)
