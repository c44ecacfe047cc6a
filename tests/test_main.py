"""Main: what the settings say is what the parts are made of."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from app.articles.library import read_library
from app.database import migrate
from app.main import branches_of, create_app, helpdesk_of, secret_of, site_of, storage_of
from app.search.builder import build
from app.search.encoder import HashingEncoder
from app.search.versions import Versions
from app.settings import Settings
from app.tickets.helpdesk import SmtpHelpdesk
from app.tickets.ticket import draft
from app.tickets.trail import Trail

if TYPE_CHECKING:
    from pathlib import Path

    from app.tickets.ticket import TicketDraft
    from tests.conftest import Clock

WRITTEN = {"name": "Erika", "email": "erika@example.org", "description": "Kein Netz", "category": "wlan"}


def settings_of(**given: Any) -> Settings:
    """Return the settings as they come, but for those that are given."""
    return Settings(**given)


def written(key: str) -> TicketDraft:
    """Return a ticket as it comes from the form."""
    return draft(WRITTEN, Trail(), None, key, "sender", "de")


@pytest.mark.parametrize("name", ["was?", "100% #1", "a b", "größe"])
def test_the_database_may_lie_in_any_folder(tmp_path: Path, clock: Clock, name: str) -> None:
    """Also where its name means something in an address."""
    storage = storage_of(settings_of(data=tmp_path / name), clock)
    migrate(storage.engine)
    storage.engine.dispose()
    assert (tmp_path / name / "wegweiser.db").is_file()


def test_the_form_promises_what_is_set() -> None:
    """The days of the setting are those that the page names."""
    assert site_of(settings_of(keep_tickets_days=90)).keep_days == 90


def test_a_start_forgets_what_is_too_old_and_delivers_the_rest(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both run beside the pages, and end with them."""
    settings = settings_of(data=tmp_path / "var", index=tmp_path / "index", keep_tickets_days=30)
    (tmp_path / "articles").mkdir()
    build(Versions(settings.index), read_library(tmp_path / "articles"), HashingEncoder(), lambda *_: None)
    storage: Any = storage_of(settings, clock)
    migrate(storage.engine)
    storage.store.open_ticket(written("old"))
    storage.store.solve("old")
    clock.move(days=31)
    storage.store.open_ticket(written("new"))
    with TestClient(create_app(settings, HashingEncoder(), clock)):
        deadline = time.monotonic() + 10
        while (storage.store.by_key("old") or storage.outbox.counts()["pending"]) and time.monotonic() < deadline:
            time.sleep(0.02)
    assert storage.store.by_key("old") is None
    assert storage.store.by_key("new")
    assert "[W-2026-000002] Kein Netz" in capsys.readouterr().out
    storage.engine.dispose()


def test_without_a_database_the_portal_is_searched_and_read(tmp_path: Path, clock: Clock) -> None:
    """Tickets wait with a friendly 503, and are taken as soon as the database is there."""
    settings = settings_of(data=tmp_path / "var", index=tmp_path / "index", allowed_hosts="testserver")
    (tmp_path / "articles").mkdir()
    build(Versions(settings.index), read_library(tmp_path / "articles"), None, lambda *_: None)
    (tmp_path / "var").write_text("a file stands where the folder should be")
    with TestClient(create_app(settings, clock=clock)) as client:
        assert client.get("/").status_code == 200
        assert client.get("/health").status_code == 503
        (tmp_path / "var").unlink()
        deadline = time.monotonic() + 20
        while client.get("/health").status_code == 503 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert client.get("/health").status_code == 200


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """A second start, or a second process, signs with the same."""
    settings = settings_of(data=tmp_path / "var")
    first = secret_of(settings)
    assert secret_of(settings) == first
    assert (tmp_path / "var" / "secret").stat().st_mode & 0o777 == 0o600
    assert secret_of(settings_of(data=tmp_path / "var", secret_key="given")) == "given"  # noqa: S106 - an example


def test_helpdesk_settings_that_cannot_work_are_said_at_the_start() -> None:
    """Mail without a recipient would fail with the first ticket."""
    with pytest.raises(ValueError, match="HELPDESK_ADDRESS is empty"):
        helpdesk_of(settings_of(helpdesk="smtp"))
    assert isinstance(helpdesk_of(settings_of(helpdesk="smtp", helpdesk_address="support@example.org")), SmtpHelpdesk)


def test_articles_from_elsewhere_are_not_begun_here(tmp_path: Path) -> None:
    """A branch in the copy of a repository would reach nobody: the draft is handed out as a file."""
    assert branches_of(settings_of(articles=tmp_path)).remote is None
    remote = branches_of(settings_of(data=tmp_path, articles="artikel", articles_remote="https://git.example/a.git"))
    assert remote.folder == tmp_path.resolve() / "checkout" / "artikel"
    assert remote.remote is not None
