"""Trust: what is overdue says so, to readers, in a feed, and to agents beside what confirms it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from app.learning.confirmed import Confirmed
from app.web import reviews
from app.web.call_article import call_article
from tests.web.conftest import portal

if TYPE_CHECKING:
    import pytest

    from app.tickets.outbox import Outbox
    from app.web.pages import Parts

LATER = datetime(2027, 11, 1, 9, 0, tzinfo=UTC)
"""A day on which the review of "wlan-langsam" is overdue."""


def late_client(parts: Parts, outbox: Outbox) -> TestClient:
    """Return a reader a year from now."""
    app = portal(late := replace(parts, clock=lambda: LATER), outbox)
    app.include_router(reviews.router(late))
    return TestClient(app)


def test_an_overdue_article_says_so(parts: Parts, outbox: Outbox, client: TestClient) -> None:
    """On its page, from the day after; before it says nothing."""
    said = "sollte bis zum 14. Oktober 2027 wieder geprüft werden"
    assert said in late_client(parts, outbox).get("/articles/wlan-langsam").text
    assert said not in client.get("/articles/wlan-langsam").text


def test_a_feed_names_what_is_overdue(parts: Parts, outbox: Outbox) -> None:
    """By owner, where one is asked for; search engines leave it alone."""
    client = late_client(parts, outbox)
    feed = client.get("/reviews.xml")
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    assert feed.headers["X-Robots-Tag"] == "noindex"
    assert "https://hilfe.example/articles/wlan-langsam?lang=de" in feed.text
    assert "Prüfung fällig seit 14. Oktober 2027" in feed.text
    assert feed.text.count("<entry>") == 1
    assert "<entry>" not in client.get("/reviews.xml?owner=netz").text


def test_agents_see_when_an_article_was_confirmed_last(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside its review; where nobody looks, nothing is said."""
    monkeypatch.setattr(Confirmed, "last", lambda _self, _slug: LATER)
    confirmed = Confirmed(parts.tally.engine, parts.clock)
    words, found = parts.templates.words["de"], parts.internal.index.editions("wlan-langsam")[0]
    shown = call_article(replace(parts, confirmed=confirmed, clock=lambda: LATER), words, found, "")
    assert (shown.confirmed, str(shown.overdue)) == (LATER, "2027-10-14")
    assert call_article(parts, words, found, "").confirmed is None
