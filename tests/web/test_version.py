"""The page of the version, the webhook, and what monitors are told."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.articles.article import Fault
from app.articles.publication import Failure, Publication, Publications, Signature, Trouble
from app.desk.agent import Role
from app.tickets.mailbag import Mailbag
from app.web import desk_sign_in, errors, hooks, security, version
from app.web.health import health_report
from app.web.limiter import RATES, Limiter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from app.tickets.outbox import Outbox
    from app.web.pages import Parts

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
SECRET = "ein-langes-geheimnis"  # noqa: S105 - an example
SAME = {"Sec-Fetch-Site": "same-origin"}
BODY = b'{"ref": "refs/heads/main"}'
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FAULTS = (Fault("public/netz/b.md", 7, "this is <wrong>."), Fault("public/netz/a.md", 2, "a hint.", hint=True))
GOOD = Publication(
    state="a" * 40, source="https://git.example/wissen.git (main)", signature=Signature("a" * 40, "Mia <Weber>", AT),
    version="v1", public=90, internal=104, faults=FAULTS, seconds=1.25, published_at=AT, looked_at=AT,
)  # fmt: skip


@pytest.fixture
def noted(tmp_path: Path) -> Publications:
    """Give the folder in which the builder notes what it did."""
    return Publications(tmp_path / "publish")


@pytest.fixture
def parts(parts: Parts, noted: Publications) -> Parts:
    """Give parts with that folder, patient with tests that sign in often."""
    patient = Limiter("secret", dict.fromkeys(RATES, "1000/minute") | {"hook": "4/minute"})
    return replace(parts, limiter=patient, publications=noted)


def client_of(parts: Parts, role: Role | None = None, secret: str = SECRET) -> TestClient:
    """Return a browser in which somebody with a role is signed in."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (desk_sign_in, version):
        app.include_router(module.router(parts))
    app.include_router(hooks.router(parts, secret))
    app.mount("/static", parts.templates.statics)
    errors.install(app, parts)
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    if role:
        parts.accounts.add("Mia", "mia@example.org", role, PASSWORD)
        client.post("/desk/sign-in", data={"email": "mia@example.org", "password": PASSWORD}, headers=SAME)
    return client


def signature(body: bytes = BODY, key: str = SECRET) -> str:
    """Return what a git server would send."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("headers", [
    {"X-Hub-Signature-256": f"sha256={signature()}"}, {"X-Gitea-Signature": signature()}, {"X-Gitlab-Token": SECRET},
])  # fmt: skip
def test_a_signed_call_wakes_the_builder(parts: Parts, noted: Publications, headers: Mapping[str, str]) -> None:
    """In the ways of GitHub, Gitea and GitLab; the same call again is harmless."""
    client = client_of(parts)
    for _ in range(2):
        before = noted.woken()
        assert client.post("/hooks/articles", content=BODY, headers=headers).status_code == 202
        assert noted.woken() > before


@pytest.mark.parametrize("headers", [
    {}, {"X-Hub-Signature-256": "sha256="}, {"X-Hub-Signature-256": f"sha256={signature(b'other')}"},
    {"X-Hub-Signature-256": f"sha256={signature(key='other')}"}, {"X-Gitea-Signature": "ä"},
    {"X-Gitlab-Token": ""}, {"X-Gitlab-Token": SECRET[:-1]}, {"X-Gitlab-Token": signature()},
])  # fmt: skip
def test_a_call_that_is_not_signed_is_refused_and_logged(
    parts: Parts, noted: Publications, headers: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """And wakes nobody."""
    sent = {name.encode(): value.encode() for name, value in headers.items()}
    assert client_of(parts).post("/hooks/articles", content=BODY, headers=sent).status_code == 403
    assert "/hooks/articles was refused" in caplog.text
    assert noted.woken() == 0


def test_calls_are_limited_in_number_and_size(parts: Parts) -> None:
    """Before anything is computed."""
    client = client_of(parts)
    assert client.post("/hooks/articles", content=b"x" * 1_100_000).status_code == 413
    answers = [client.post("/hooks/articles", content=BODY).status_code for _ in range(6)]
    assert answers[0] == 403
    assert answers[-1] == 429


def test_without_a_secret_there_is_no_webhook(parts: Parts) -> None:
    """An empty one would be known to everybody."""
    empty = signature(key="")
    sent = {"X-Gitlab-Token": "", "X-Hub-Signature-256": f"sha256={empty}"}
    assert client_of(parts, secret="").post("/hooks/articles", content=BODY, headers=sent).status_code == 404
    without = client_of(replace(parts, publications=None))
    assert without.post("/hooks/articles", content=BODY).status_code == 404


def test_a_wake_that_cannot_be_noted_is_not_acknowledged(parts: Parts, tmp_path: Path) -> None:
    """The git server tries again."""
    (tmp_path / "file").touch()
    client = client_of(replace(parts, publications=Publications(tmp_path / "file")))
    assert client.post("/hooks/articles", content=BODY, headers={"X-Gitlab-Token": SECRET}).status_code == 503


def test_the_page_says_what_is_live(parts: Parts, noted: Publications) -> None:
    """Commit, author, counts, and faults by file and line, in both languages."""
    noted.write(GOOD)
    with client_of(parts, Role.AUTHOR) as author:
        page = author.get("/desk/version").text
        english = author.get("/desk/version?lang=en").text
    for part in ("aaaaaaaaaaaa", "Mia &lt;Weber&gt;", "104", "90 davon öffentlich", "public/netz/b.md", "Zeile 7",
                 "this is &lt;wrong&gt;.", "Hinweise (1)", "wird gerade übernommen"):  # fmt: skip
        assert part in page
    assert "90 of them public" in english
    assert "Line 7" in english


@pytest.mark.parametrize("trouble", Trouble)
def test_the_page_says_why_nothing_new_is_live(parts: Parts, noted: Publications, trouble: Trouble) -> None:
    """And monitors are told."""
    noted.write(replace(GOOD, rewritten=True, failure=Failure(trouble, "fatal: <said>", AT)))
    with client_of(parts, Role.ADMINISTRATOR) as author:
        page = author.get("/desk/version?lang=en").text
    assert "fatal: &lt;said&gt;" in page
    assert "The last good state stays online" in page
    assert "force-push" in page


def test_health_is_degraded_while_something_newer_fails(parts: Parts, noted: Publications, outbox: Outbox) -> None:
    """And well again afterwards."""
    mailbag = Mailbag(outbox.engine, outbox.clock)
    noted.write(replace(GOOD, failure=Failure(Trouble.BUILD, "x", AT)))
    report = health_report(parts, outbox, mailbag)
    assert (report["status"], report["articles_pulled"]) == ("degraded", False)
    noted.write(GOOD)
    report = health_report(parts, outbox, mailbag)
    assert (report["status"], report["articles_pulled"]) == ("ok", True)


def test_fetching_now_is_a_button(parts: Parts, noted: Publications) -> None:
    """That wakes the builder; the page says so until it has looked."""
    noted.write(GOOD)
    with client_of(parts, Role.AUTHOR) as author:
        answer = author.post("/desk/version/pull", headers=SAME)
        assert answer.status_code == 303
        assert "wird gerade nachgesehen" in author.get(answer.headers["location"]).text
        noted.write(replace(GOOD, looked_at=datetime.now(UTC)))
        assert "wird gerade nachgesehen" not in author.get(answer.headers["location"]).text


def test_nothing_published_is_said(parts: Parts) -> None:
    """Before the builder ran for the first time."""
    with client_of(parts, Role.AUTHOR) as author:
        assert "Noch wurde nichts veröffentlicht" in author.get("/desk/version").text


@pytest.mark.parametrize("role", [Role.FIRST, Role.SECOND, Role.THIRD])
def test_others_see_no_such_page(parts: Parts, role: Role, noted: Publications) -> None:
    """And cannot call the builder."""
    with client_of(parts, role) as agent:
        assert agent.get("/desk/version").status_code == 404
        assert agent.post("/desk/version/pull", headers=SAME).status_code == 404
    assert noted.woken() == 0


def test_a_portal_without_builder_has_no_such_page(parts: Parts) -> None:
    """As in tests and rehearsals."""
    with client_of(replace(parts, publications=None), Role.AUTHOR) as author:
        assert author.get("/desk/version").status_code == 404


def test_what_cannot_be_written_or_read_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The articles are served all the same."""
    (tmp_path / "file").touch()
    Publications(tmp_path / "file").write(GOOD)
    assert "cannot be written" in caplog.text
    with Publications(tmp_path / "file").alone():
        assert "cannot be locked" in caplog.text
    assert Publications(tmp_path / "file").read() == Publication()
