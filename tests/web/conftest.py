"""A small portal for the tests of its pages: real articles on disk, a real index, a real database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.articles.library import read_library
from app.desk.accounts import Accounts
from app.desk.contacts import Contacts
from app.learning.asked import Askers
from app.learning.gap_list import GapList
from app.learning.journal import Journal
from app.learning.notepad import Notepad
from app.learning.questions import Questions
from app.learning.tally import Tally
from app.main import WEB
from app.search.builder import build
from app.search.encoder import HashingEncoder
from app.search.searcher import Searcher
from app.search.versions import Versions
from app.tickets.article_drafts import ArticleDrafts
from app.tickets.mail import Provider
from app.tickets.mailbag import Mailbag
from app.tickets.outbox import Outbox
from app.tickets.post import Post
from app.tickets.solution_links import SolutionLinks
from app.tickets.solutions import Solutions
from app.tickets.store import TicketStore
from app.tickets.wish_links import WishLinks
from app.tickets.wishes import Wishes
from app.tickets.workplace import Workplace
from app.web import api, articles, errors, feeds, health, home, searches, security
from app.web.form_keys import FormKeys
from app.web.limiter import Limiter
from app.web.pages import Parts, Site, Templates
from app.web.statics import Statics
from app.web.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from app.articles.article import Language
    from tests.conftest import Clock

FILES = {
    "categories.yml": """
wlan:
  title: {de: WLAN, en: Wi-Fi}
  summary: {de: Funknetz zu Hause, en: Wireless at home}
drucken:
  title: {de: Drucken, en: Printing}
  summary: {de: Papier und Tinte, en: Paper and ink}
leer:
  title: {de: Leer, en: Empty}
""",
    "notices/umbau.md": """---
title: Umbau am Netz
from: 2026-11-20T08:00:00+01:00
until: 2026-11-30T08:00:00+01:00
---
In den Nächten kann das Internet **kurz** ausfallen.
""",
    "notices/umbau.en.md": """---
title: Network being rebuilt
from: 2026-11-20T08:00:00+01:00
until: 2026-11-30T08:00:00+01:00
---
The internet may drop out at night.
""",
    "notices/vorbei.md": """---
title: Störung behoben
from: 2026-09-01T08:00:00+02:00
until: 2026-09-02T08:00:00+02:00
---
Alles geht wieder.
""",
    "notices/geplant.md": """---
title: Geplante Arbeiten
from: 2026-12-24T08:00:00+01:00
until: 2026-12-25T08:00:00+01:00
---
Noch nicht bekannt.
""",
    "public/wlan/wlan-langsam.md": """---
title: Das WLAN ist langsam
summary: Am Kabel schnell, über WLAN zäh.
questions: ["Warum ist mein WLAN so langsam?", "Ist mein WLAN lahm?", wlan lahm]
reviewed: 2026-10-14
review_after: 2027-10-14
applies_to: [FRITZ!Box 7590 AX]
related: [drucker-offline]
redirects: [funk-zu-langsam]
---
Seiten laden zäh, sobald Sie über WLAN surfen.

## Ursache

Wände und Metall kosten Tempo.

## So gehen Sie vor

1. Messen Sie neben dem Router.
2. Stellen Sie den Router frei auf.
3. Öffnen Sie `http://fritz.box` und wählen Sie den Kanal.

## Bänder

| Band | Reichweite |
|---|---|
| 2,4 GHz | groß |

## Befehl

```bash
ping 192.0.2.1 | head -n 3 > log && echo "<ok>"
```

1. Noch ein Schritt.

::: intern
Geheimwort Nachtigall: an die zweite Ebene geben.
:::
""",
    "public/wlan/wlan-langsam.en.md": """---
title: The Wi-Fi is slow
summary: Fast by cable, slow over Wi-Fi.
questions: ["Why is my Wi-Fi so slow?"]
---
Pages load slowly over Wi-Fi.

1. Measure next to the router.
2. Place the router in the open.
""",
    "public/wlan/mesh.md": """---
title: Reichweite mit Mesh
source: https://freifunk.example/wiki
license: CC BY-SA 4.0
---
Ein Repeater hilft in entfernten Zimmern.
""",
    "public/drucken/drucker-offline.md": """---
title: Der Drucker ist offline
summary: Der Drucker steht da und druckt nicht.
questions: ["Warum druckt mein Drucker nicht?"]
source: Handbuch
---
Windows zeigt den Drucker als offline.

1. Schalten Sie den Drucker aus und wieder ein.
""",
    "internal/wlan/leitstand.md": """---
title: Leitstand bedienen
---
Geheimwort Nachtigall.
""",
}
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
HOURS: dict[Language, str] = {"de": "Mo–Fr 8–20 Uhr", "en": "Mon–Fri 8am–8pm"}
SITE = Site("Birkennetz", "0221 4710 100", HOURS, "hilfe@birkennetz.example", "https://hilfe.example")


@pytest.fixture(scope="session")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """Give a searcher over the public index of the articles above."""
    root = tmp_path_factory.mktemp("portal")
    for name, text in FILES.items():
        path = root / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "articles" / "public" / "wlan" / "router.png").write_bytes(PICTURE)
    versions = Versions(root / "index")
    build(versions, read_library(root / "articles"), HashingEncoder(), lambda _done, _total: None)
    return Searcher(versions, "public", HashingEncoder())


@pytest.fixture(scope="session")
def internal(searcher: Searcher) -> Searcher:
    """Give a searcher over the internal index of the same articles."""
    return Searcher(Versions(searcher.index.volume.folder.parents[1]), "internal", HashingEncoder())


@pytest.fixture(scope="session")
def templates() -> Templates:
    """Give the templates of all tests: to compile them takes longer than most tests."""
    return Templates(WEB / "templates", SITE, Statics(WEB / "static"), read_words(WEB / "locale"))


@pytest.fixture
def parts(  # noqa: PLR0913, PLR0917 - all that they are made of
    searcher: Searcher, internal: Searcher, templates: Templates, sqlite_engine: Engine, clock: Clock, tmp_path: Path,
) -> Parts:  # fmt: skip
    """Give the parts that web modules work with."""
    links = SolutionLinks("secret", clock)
    provider = Provider(SITE.name, SITE.phone, SITE.hours, SITE.base_url)
    post = Post(sqlite_engine, clock, provider, links, ZoneInfo("Europe/Berlin"))
    store = TicketStore(sqlite_engine, tmp_path / "files", clock, tell=post.tell)
    return Parts(
        site=SITE, searcher=searcher, store=store,
        journal=Journal(sqlite_engine, clock), accounts=Accounts(sqlite_engine, clock),
        workplace=Workplace(sqlite_engine, clock, tell=post.tell), post=post, solutions=Solutions(store, links),
        keys=FormKeys("secret", clock), templates=templates, limiter=Limiter("secret"), clock=clock,
        internal=internal, contacts=Contacts(sqlite_engine, clock), tally=Tally(sqlite_engine),
        notepad=Notepad(Questions(sqlite_engine, Askers("secret"))), gap_list=GapList(sqlite_engine, clock),
        article_drafts=ArticleDrafts(sqlite_engine, clock),
        wishes=Wishes(sqlite_engine, clock, WishLinks("secret", SITE.base_url, clock), provider, timedelta(days=180)),
    )  # fmt: skip


@pytest.fixture
def outbox(sqlite_engine: Engine, clock: Clock, tmp_path: Path) -> Outbox:
    """Give the outbox of the same database."""
    return Outbox(sqlite_engine, tmp_path / "files", clock)


@pytest.fixture
def client(parts: Parts, outbox: Outbox) -> Iterator[TestClient]:
    """Give a visitor of the portal."""
    with TestClient(portal(parts, outbox), follow_redirects=False, client=("192.0.2.7", 50000)) as visitor:
        yield visitor


def portal(parts: Parts, outbox: Outbox) -> FastAPI:
    """Return the pages as main puts them together, without those of tickets."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (home, searches, articles, feeds, api):
        app.include_router(module.router(parts))
    app.include_router(health.router(parts, outbox, Mailbag(outbox.engine, outbox.clock)))
    app.mount("/static", parts.templates.statics)
    errors.install(app, parts)
    return app
