"""The pages of tickets: nothing written is ever lost, nothing is sent twice, and a key is the only way in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.articles.article import Article, Category, Language, Rendered
from app.learning.journal import Journal
from app.search.ranking import Findings, Result, Segment
from app.tickets.store import Limits, TicketStore
from app.web import tickets
from app.web.errors import install
from app.web.form_keys import FormKeys
from app.web.limiter import RATES, Limiter
from app.web.pages import Parts, Site, Templates
from app.web.security import guards
from app.web.statics import Statics
from app.web.words import read_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from sqlalchemy import Engine

WEB = Path(tickets.__file__).parent
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
PATIENT = dict.fromkeys(RATES, "1000/minute")
SITE = Site(
    name="Birkennetz",
    phone="0221 4710 100",
    hours={"de": "Mo bis Fr 8 bis 18 Uhr", "en": "Mon to Fri 8am to 6pm"},
    mail="hilfe@birkennetz.example",
    base_url="http://testserver",
)


def rendered(slug: str, lang: Language, category: str, title: str, steps: tuple[str, ...] = ()) -> Rendered:
    """Return an article as an index holds it."""
    return Rendered(Article(slug, lang, category, "public", title, "", f"public/{category}/{slug}.md"), "", (), steps)


ROUTER = rendered(
    "router-neu-starten", "de", "router-wlan", "Router neu starten", ("Stecker ziehen", "Warten", "Einstecken")
)
ROUTER_EN = rendered("router-neu-starten", "en", "router-wlan", "Restart the router", ("Unplug", "Wait", "Plug in"))
ARTICLES = (
    ROUTER,
    ROUTER_EN,
    rendered("wlan-langsam", "de", "router-wlan", "WLAN ist langsam"),
    rendered("wlan-passwort", "de", "router-wlan", "WLAN-Passwort vergessen"),
    rendered("mail-abrufen", "de", "e-mail", "E-Mails lassen sich nicht abrufen"),
    rendered("mail-senden", "de", "e-mail", "E-Mails lassen sich nicht senden"),
)


class Shelf:
    """An index of a few articles."""

    notices = ()
    categories = (
        Category("router-wlan", {"de": "Router und WLAN", "en": "Router and Wi-Fi"}, {"de": "", "en": ""}),
        Category("e-mail", {"de": "E-Mail", "en": "Email"}, {"de": "", "en": ""}),
    )

    def editions(self, slug: str) -> tuple[Rendered, ...]:
        return tuple(row for row in ARTICLES if row.article.slug == slug)

    def edition(self, slug: str, lang: Language) -> Rendered | None:
        found = self.editions(slug)
        return next((row for row in found if row.article.lang == lang), found[0] if found else None)

    def in_category(self, slug: str, lang: Language) -> tuple[Rendered, ...]:
        slugs = dict.fromkeys(row.article.slug for row in ARTICLES if row.article.category == slug)
        return tuple(row for row in (self.edition(each, lang) for each in slugs) if row)


class Finder:
    """A searcher that finds every article for any text with "geht nicht" in it, and nothing for others."""

    index: ClassVar[Shelf] = Shelf()

    def passages(self, text: str, lang: Language, exclude: Collection[str] = (), limit: int = 3) -> Findings:
        slugs = dict.fromkeys(row.article.slug for row in ARTICLES if row.article.slug not in exclude)
        results = tuple(self._result(slug, lang) for slug in slugs)[:limit]
        fits = "geht nicht" in text
        return Findings(text, lang, "perhaps" if fits else "nothing", 0.5 if fits else 0.0, results)

    def _result(self, slug: str, lang: Language) -> Result:
        row = cast("Rendered", self.index.edition(slug, lang))
        title = (Segment(row.article.title),)
        snippet = (
            Segment("Ziehen Sie den "),
            Segment("Stecker", marked=True),
            Segment(" und warten Sie <eine> Minute."),
        )
        return Result(slug, row.article.lang, row.article.category, title, "So geht es", "so-geht-es", snippet, 0.5)


@dataclass
class Portal:
    """The real routes over a real store; only the searcher is small."""

    parts: Parts
    clock: Any
    engine: Engine

    def client(self, **changes: Any) -> TestClient:
        """Return a browser without scripts in front of a portal, with some parts replaced."""
        parts = replace(self.parts, **changes)
        app = FastAPI(middleware=guards(parts, ["testserver"]))
        app.include_router(tickets.router(parts))
        install(app, parts)
        return TestClient(app, follow_redirects=False, headers={"Accept-Language": "de"})


def make_portal(engine: Engine, folder: Path, clock: Callable[[], datetime]) -> Portal:
    """Put the parts together, as main does."""
    words = read_words(WEB / "locale")
    parts = Parts(
        site=SITE,
        searcher=cast("Any", Finder()),
        store=TicketStore(engine, folder, clock, Limits(tickets_per_sender=3, messages_per_ticket=3)),
        journal=Journal(engine, clock),
        keys=FormKeys("secret", clock),
        templates=Templates(WEB / "templates", SITE, Statics(WEB / "static"), words),
        limiter=Limiter("secret", PATIENT),
        clock=clock,
    )
    return Portal(parts, clock, engine)


@pytest.fixture
def portal(sqlite_engine: Engine, tmp_path: Path, clock: Any) -> Portal:
    return make_portal(sqlite_engine, tmp_path / "files", clock)


@pytest.fixture
def client(portal: Portal) -> TestClient:
    return portal.client()
