"""The portal as a stranger meets it: the real command, the real address, the shipped articles."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
PLANTED = "Geheimwort"
SEARCHES = ("/search", "/suggest", "/api/search", "/tickets/new", "/tickets/suggestions")
MODEL = ROOT / "index" / "model"
needs_model = pytest.mark.skipif(
    not MODEL.is_dir(), reason="no embedding model: run scripts/test or scripts/serve once"
)


@pytest.fixture(scope="module")
def client(portal: Any) -> Iterator[httpx.Client]:
    """Give a client of the shipped portal."""
    with httpx.Client(base_url=portal.address, timeout=30) as client:
        yield client


def found(client: httpx.Client, query: str, **more: str) -> list[dict[str, Any]]:
    """Return the results of the API."""
    results = client.get("/api/search", params={"q": query, **more}).json()["results"]
    assert isinstance(results, list)
    return results


@needs_model
@pytest.mark.parametrize(
    ("query", "slug", "lang"),
    [
        ("Die Lampen am Router leuchten aber ich komme nicht ins Internet", "router-leuchtet-kein-internet", "de"),
        ("The lights on the router are on but I cannot get on the internet", "router-leuchtet-kein-internet", "en"),
        ("How do I change the PHP version of my website?", "php-version-umstellen", "de"),
    ],
)
def test_a_question_finds_its_article_in_its_language(client: httpx.Client, query: str, slug: str, lang: str) -> None:
    """A German one the German text, an English one the English, or the German where there is no other."""
    first = found(client, query)[0]
    assert (first["slug"], first["lang"]) == (slug, lang)


@needs_model
def test_an_article_in_the_other_language_is_marked(client: httpx.Client) -> None:
    """The English page says that the article is in German, and the article page says so too."""
    page = client.get("/search", params={"q": "How do I change the PHP version of my website?", "lang": "en"}).text
    assert re.search(r'lang="de"', page)
    assert "only available in German" in client.get("/articles/php-version-umstellen", params={"lang": "en"}).text


@pytest.mark.parametrize(
    "query",
    ["", "a", "🦊🦊🦊", "\x00\x07\x1b[31m", "'; DROP TABLE tickets; --", "<script>alert(1)</script>", '"""', "((((",
     "AND OR NOT", "title:*", "\\", "der die das", "wlan " * 1500, "\u202eknil", "NEAR/2 ^2 ~1", "%ff%00"],
)  # fmt: skip
def test_no_query_is_an_error(client: httpx.Client, query: str) -> None:
    """Whatever is typed gets a page, and nothing of it comes back as markup."""
    for path in ("/search", "/suggest"):
        answer = client.get(path, params={"q": query})
        assert answer.status_code in (200, 414)
        assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    "path", ["/articles/gibt-es-nicht", "/categories/x", "/tickets/x", "/articles/wlan-langsam?lang=fr"]
)
def test_what_is_not_there_is_a_page_with_a_search_box(client: httpx.Client, path: str) -> None:
    """404 is where many people start."""
    answer = client.get(path)
    assert answer.status_code == 404
    assert 'role="search"' in answer.text or 'name="q"' in answer.text


def test_a_header_or_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    """Before anything of it is parsed."""
    assert client.get("/", headers={"X-Long": "a" * 40_000}).status_code == 431
    assert client.post("/tickets", content=b"a" * 12_000_000).status_code == 413
    assert client.post("/solutions", content=b"a" * 2_000_000).status_code == 413


def test_another_host_name_is_refused(client: httpx.Client) -> None:
    """The portal never builds an address out of what a stranger calls it."""
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_public_pages_set_no_cookie_and_allow_nothing_from_elsewhere(client: httpx.Client) -> None:
    """They stay cacheable, and the browser asks nobody else."""
    for path in ("/", "/search?q=wlan", "/articles/wlan-langsam", "/tickets/new"):
        answer = client.get(path)
        assert "set-cookie" not in answer.headers
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert not re.findall(r'(?:src|srcset|action)="(?:https?:)?//', answer.text)


def test_an_old_address_leads_to_the_article(client: httpx.Client) -> None:
    """Links in old mails go on working."""
    answer = client.get("/articles/pc-absturz")
    assert answer.status_code == 301
    assert answer.headers["location"].startswith("/articles/computer-stuerzt-immer-wieder-ab")


@pytest.fixture(scope="module")
def planted(start_portal: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give a portal whose every internal text holds a planted word."""
    folder = tmp_path_factory.mktemp("planted") / "articles"
    shutil.copytree(ROOT / "articles", folder)
    words = 0
    for path in folder.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        if "internal" in path.relative_to(folder).parts:
            words += 1
            head, body = text.split("\n---\n", 1)
            head = re.sub(r"^(title: .*)$", rf"\1 {PLANTED}{words}", head, count=1, flags=re.MULTILINE)
            path.write_text(f"{head}\n---\n{PLANTED}{words} am Anfang.\n\n{body}", encoding="utf-8")
        elif "::: intern" in text:
            words += 1
            path.write_text(text.replace("::: intern\n", f"::: intern\n{PLANTED}{words} im Block. "), encoding="utf-8")
    assert words > 25
    return start_portal(articles=folder)


def test_no_internal_word_reaches_an_anonymous_visitor(planted: Any) -> None:
    """Not in any byte of any page, whatever is searched, in sitemap, feed and API."""
    with httpx.Client(base_url=planted.address, timeout=30) as client:
        sitemap = client.get("/sitemap.xml").text
        paths = {urlsplit(found).path for found in re.findall(r"<loc>([^<]+)</loc>", sitemap)}
        assert len(paths) > 80
        internal = [path.stem for path in (ROOT / "articles" / "internal").rglob("*.md")]
        queries = [PLANTED, f"{PLANTED}1", "LeitstandNetz", "Eskalation zweite Ebene", "Rückfrage", *internal]
        asked = [f"{path}?lang={lang}" for path in sorted(paths) for lang in ("de", "en")]
        asked += [f"{path}?q={query}" for query in queries for path in SEARCHES]
        asked += [
            "/",
            "/sitemap.xml",
            "/feed.xml",
            "/robots.txt",
            "/health",
            *(f"/articles/{slug}" for slug in internal),
        ]
        bodies = {path: client.get(path).content for path in asked}
    leaks = [path for path, body in bodies.items() if PLANTED.encode() in body.replace(b"?q=" + PLANTED.encode(), b"")]
    echoes = [path for path in leaks if PLANTED in path]
    assert [path for path in leaks if path not in echoes] == []
    for path in echoes:
        assert not re.search(rf"{PLANTED}\d+ (am Anfang|im Block)".encode(), bodies[path])
    assert all(b"LeitstandNetz" not in body for path, body in bodies.items() if "LeitstandNetz" not in path)


def test_a_hidden_page_and_a_missing_one_answer_with_the_same_bytes(planted: Any) -> None:
    """Nothing tells that there is something to find."""
    with httpx.Client(base_url=planted.address) as client:
        texts = [client.get(f"/articles/{slug}") for slug in ("rueckfragen-wlan", "gibt-es-wirklich-nicht")]
    hidden, missing = ((answer.status_code, re.sub(r"[0-9a-f]{12,}", "", answer.text)) for answer in texts)
    assert hidden == missing


@pytest.mark.parametrize("name", ["freifunk", "hosting"])
def test_any_folder_of_markdown_can_be_served_by_one_setting(start_portal: Callable[..., Any], name: str) -> None:
    """A wiki that was not written for this portal is found and read."""
    folder = ROOT.parent / "shared" / "data" / name / "articles"
    if not folder.is_dir():
        pytest.skip(f"{name}: the data sets are not beside this project")
    portal = start_portal(articles=folder)
    with httpx.Client(base_url=portal.address, timeout=30) as client:
        results = client.get("/api/search", params={"q": "router" if name == "freifunk" else "docker"}).json()[
            "results"
        ]
        assert results
        assert client.get(urlsplit(results[0]["url"]).path).status_code == 200


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    """And the command ends with an error code."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "app.commands", "serve", "--port", str(taken.getsockname()[1])], cwd=ROOT,
            env={"DATA": str(tmp_path), "INDEX": str(tmp_path / "index"), "EMBEDDING_MODEL": "none", "PATH": ""},
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
    assert done.returncode != 0
    assert "address already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_health_tells_what_works(client: httpx.Client) -> None:
    """For monitors: one look, all parts."""
    report = json.loads(client.get("/health").text)
    assert report["status"] == "ok" if MODEL.is_dir() else "degraded"
    assert report["articles"] > 100
