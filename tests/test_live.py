"""From push to live: a real portal beside a real git server, and a builder that is killed in between."""

from __future__ import annotations

import hashlib
import hmac
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest

from app.git_server import Repository, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "ein-langes-geheimnis"  # noqa: S105 - an example
LIVE_SECONDS = 20.0
"""More than it takes (about 2): a test machine may be busy."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """Give a repository with one article, which is served."""
    with served(tmp_path_factory.mktemp("server")) as repository:
        repository.article("wlan", "WLAN langsam")
        repository.push()
        yield repository


@pytest.fixture(scope="module")
def portal(start_portal: Callable[..., Any], repository: Repository) -> Any:
    """Give a portal that is told of pushes and does not look by itself."""
    return start_portal(articles_remote=repository.url, articles="articles", articles_poll_seconds=0,
                        articles_webhook_secret=SECRET)  # fmt: skip


def call(portal: Any) -> int:
    """Call the webhook as a git server does, and return the status of its answer."""
    body = b'{"ref": "refs/heads/main"}'
    signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signed}"}
    return httpx.post(f"{portal.address}/hooks/articles", content=body, headers=headers).status_code


def slugs(portal: Any, text: str) -> list[str]:
    """Return what a customer finds."""
    results = httpx.get(f"{portal.address}/api/search", params={"q": text}).json()["results"]
    return [one["slug"] for one in results]


def builders(portal: Any) -> list[int]:
    """Return the numbers of the processes that build for a portal."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if parent == portal.process.pid and b"publish" in words:
            found.append(int(folder.name))
    return found


def wait_for(done: Callable[[], object]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + LIVE_SECONDS
    while not done():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_push_is_live_without_a_restart(portal: Any, repository: Repository) -> None:
    """As soon as the git server has called; calling again changes nothing."""
    repository.article("drucker", "Drucker offline")
    repository.push()
    assert call(portal) == 202
    wait_for(lambda: slugs(portal, "drucker offline") == ["drucker"])
    version = httpx.get(f"{portal.address}/health").json()["version"]
    assert call(portal) == 202
    time.sleep(1)
    assert httpx.get(f"{portal.address}/health").json()["version"] == version


def test_a_remote_that_is_gone_degrades_health_and_nothing_else(portal: Any, repository: Repository) -> None:
    """Until it is back."""

    def pulled() -> bool:
        return bool(httpx.get(f"{portal.address}/health").json()["articles_pulled"])

    repository.bare.rename(repository.bare.with_suffix(".away"))
    call(portal)
    wait_for(lambda: not pulled())
    assert slugs(portal, "wlan langsam") == ["wlan"]
    repository.bare.with_suffix(".away").rename(repository.bare)
    call(portal)
    wait_for(pulled)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found in /proc")
def test_a_builder_that_is_killed_comes_back(portal: Any, repository: Repository) -> None:
    """And builds what it was called for."""
    wait_for(lambda: len(builders(portal)) == 1)
    (first,) = builders(portal)
    repository.article("mesh", "Mesh aufstellen")
    repository.push()
    os.kill(first, signal.SIGKILL)
    call(portal)
    wait_for(lambda: slugs(portal, "mesh aufstellen") == ["mesh"])
    assert builders(portal) != [first]
