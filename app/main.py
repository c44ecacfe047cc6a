"""Main: puts the parts together. The only module that names concrete classes."""

from __future__ import annotations

import logging
import os
import secrets
import sys
import tempfile
import threading
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI
from sqlalchemy import URL, Engine

from app.articles.article import LANGUAGES
from app.database import StoreUnavailable, connect, migrate
from app.desk.accounts import Accounts
from app.desk.provider import Provider, Registration
from app.learning.journal import Journal
from app.search.dictionary import words_in
from app.search.encoder import SentenceEncoder
from app.search.searcher import Searcher
from app.search.versions import NoIndex, Versions
from app.tickets.delivery import Courier
from app.tickets.helpdesk import ConsoleHelpdesk, SmtpHelpdesk
from app.tickets.outbox import Outbox
from app.tickets.retention import Retention
from app.tickets.store import Limits, TicketStore
from app.tickets.workplace import Workplace
from app.web import (
    api,
    articles,
    desk_files,
    desk_sign_in,
    desk_single_sign_on,
    desk_tickets,
    errors,
    feeds,
    health,
    home,
    searches,
    security,
    tickets,
)
from app.web.form_keys import FormKeys
from app.web.limiter import Limiter
from app.web.pages import Parts, Site, Templates
from app.web.statics import Statics
from app.web.trips import SingleSignOn, Trips
from app.web.words import read_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from app.search.encoder import Encoder
    from app.settings import Settings
    from app.tickets.helpdesk import Helpdesk

WEB = Path(__file__).parent / "web"
PAGES = (home, searches, articles, tickets, feeds, api, desk_sign_in, desk_single_sign_on, desk_tickets, desk_files)
"""The modules whose routes need nothing but the parts."""
LOOK_OUT_SECONDS = 2.0
SECRET_BYTES = 32
NO_MODEL = "none"

log = logging.getLogger(__name__)


def now() -> datetime:
    """Return this moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Storage:
    """What is written to while the portal runs, over one database."""

    engine: Engine
    store: TicketStore
    journal: Journal
    accounts: Accounts
    outbox: Outbox
    courier: Courier
    retention: Retention


def create_app(settings: Settings, encoder: Encoder | None = None, clock: Callable[[], datetime] = now) -> FastAPI:
    """Return the portal; NoIndex when no index was built. Without its database it is there to be searched and read."""
    searcher = Searcher(Versions(settings.index), "public", encoder)
    storage = storage_of(settings, clock)
    ready = migrated(storage.engine)
    parts = parts_of(settings, searcher, storage, clock)
    app = FastAPI(
        title="Wegweiser", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        middleware=security.guards(parts, hosts_of(settings)), lifespan=lifespan_of(searcher, storage, ready=ready),
    )  # fmt: skip
    for module in PAGES:
        app.include_router(module.router(parts))
    app.include_router(health.router(parts, storage.outbox))
    app.mount("/static", parts.templates.statics)
    errors.install(app, parts)
    return app


def encoder_of(settings: Settings) -> Encoder | None:
    """Return the encoder that the settings name; None where search is by words only.

    OSError or ValueError when a named model cannot be loaded.
    """
    if settings.embedding_model == NO_MODEL:
        return None
    own = settings.index / "model"
    name = settings.embedding_model or (str(own) if own.is_dir() else "")
    return SentenceEncoder(name) if name else None


def storage_of(settings: Settings, clock: Callable[[], datetime]) -> Storage:
    """Return stores, courier and retention over the database that the settings name."""
    engine = engine_of(settings)
    files, wake = settings.data / "attachments", threading.Event()
    limits = Limits(settings.tickets_per_sender, settings.tickets_per_hour)
    store, journal = TicketStore(engine, files, clock, limits, wake.set), Journal(engine, clock)
    outbox = Outbox(engine, files, clock)
    forgetters = {"tickets": store.forget, "feedback texts": journal.forget}
    return Storage(
        engine, store, journal, Accounts(engine, clock), outbox, Courier(outbox, helpdesk_of(settings), clock, wake),
        Retention(forgetters, timedelta(days=settings.keep_tickets_days), clock),
    )  # fmt: skip


def engine_of(settings: Settings) -> Engine:
    """Return the database that the settings name; nothing is opened yet."""
    own = URL.create("sqlite", database=str(settings.data.resolve() / "wegweiser.db"))
    return connect(settings.database_url or own)


def accounts_of(settings: Settings, clock: Callable[[], datetime] = now) -> Accounts:
    """Return the accounts of the staff, with their tables up to date; StoreUnavailable where that fails."""
    engine = engine_of(settings)
    migrate(engine)
    return Accounts(engine, clock)


def helpdesk_of(settings: Settings) -> Helpdesk:
    """Return where tickets are delivered; ValueError when mail is wanted and something for it is missing."""
    if settings.helpdesk == "console":
        return ConsoleHelpdesk(sys.stdout)
    if not settings.helpdesk_address:
        raise ValueError("HELPDESK is smtp, but HELPDESK_ADDRESS is empty. Set the address that receives the tickets.")
    return SmtpHelpdesk(
        host=settings.smtp_host, port=settings.smtp_port, security=settings.smtp_security,
        user=settings.smtp_user, password=settings.smtp_password.get_secret_value(),
        sender=settings.mail_from or settings.site_mail, recipient=settings.helpdesk_address,
    )  # fmt: skip


def parts_of(settings: Settings, searcher: Searcher, storage: Storage, clock: Callable[[], datetime]) -> Parts:
    """Return what the web modules work with."""
    secret = secret_of(settings)
    statics = Statics(WEB / "static")
    site = site_of(settings)
    return Parts(
        site=site, searcher=searcher, store=storage.store, journal=storage.journal, accounts=storage.accounts,
        workplace=Workplace(storage.engine, clock),
        keys=FormKeys(secret, clock), limiter=Limiter(secret), clock=clock,
        templates=Templates(WEB / "templates", site, statics, read_words(WEB / "locale")),
        single_sign_on=single_sign_on_of(settings, secret, clock),
    )  # fmt: skip


def single_sign_on_of(settings: Settings, secret: str, clock: Callable[[], datetime]) -> SingleSignOn | None:
    """Return the way in by the provider, which is asked for the first time when somebody goes it; None without one.

    ValueError when something for it is missing.
    """
    if not settings.oidc_issuer:
        return None
    registration = Registration(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret.get_secret_value(),
        f"{base_url(settings)}/desk/sign-in/return",
    )  # fmt: skip
    return SingleSignOn(Provider(registration, clock), Trips(secret, clock), settings.oidc_button)


def site_of(settings: Settings) -> Site:
    """Return what every page says of the provider."""
    return Site(
        name=settings.site_name, phone=settings.site_phone, mail=settings.site_mail,
        hours={"de": settings.site_hours_de, "en": settings.site_hours_en}, base_url=base_url(settings),
        keep_days=settings.keep_tickets_days,
    )  # fmt: skip


def base_url(settings: Settings) -> str:
    """Return the address under which readers reach the portal."""
    return settings.base_url.rstrip("/") or f"http://{settings.host}:{settings.port}"


def hosts_of(settings: Settings) -> frozenset[str]:
    """Return the host names that the portal answers to."""
    named = {name.strip().lower() for name in settings.allowed_hosts.split(",") if name.strip()}
    own = urlsplit(base_url(settings)).hostname
    return frozenset(named or {own or settings.host, "localhost", "127.0.0.1"})


def secret_of(settings: Settings) -> str:
    """Return the key that signs forms; made once and kept beside the database when none is set."""
    given = settings.secret_key.get_secret_value()
    if given:
        return given
    path, fresh = settings.data / "secret", secrets.token_urlsafe(SECRET_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            keep_secret(path, fresh)
        return path.read_text(encoding="ascii")
    except OSError as error:
        log.warning(
            "%s cannot be kept (%s): forms that are open now will have expired after the next start", path, error
        )
        return fresh


def keep_secret(path: Path, secret: str) -> None:
    """Write a file that only its owner may read, whole from the first moment; one that is there by now stays."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:
        file.write(secret)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)


def migrated(engine: Engine) -> bool:
    """Bring the tables up to date; False, with a line in the log, when the database cannot be used now."""
    try:
        migrate(engine)
    except StoreUnavailable as error:
        log.error("Tickets cannot be taken until the database can be used: %s", error)  # noqa: TRY400 - reason enough
        return False
    return True


def lifespan_of(
    searcher: Searcher, storage: Storage, *, ready: bool
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what runs beside the pages: courier, retention, and the look-out for database and new index versions."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        done = threading.Event()
        watcher = threading.Thread(
            target=watch, args=(searcher, storage.engine, done, ready), name="watcher", daemon=True
        )
        watcher.start()
        storage.courier.start()
        storage.retention.start()
        yield
        done.set()
        storage.retention.stop()
        storage.courier.stop()
        watcher.join()

    return lifespan


def watch(searcher: Searcher, engine: Engine, done: threading.Event, ready: bool) -> None:  # noqa: FBT001 - for a thread
    """Swap in a new index version soon after it is there, and make the tables as soon as the database is back.

    First the lists of words are read, so that nobody who mistypes one has to wait for them.
    """
    for lang in LANGUAGES:
        words_in(lang)
    while not done.wait(LOOK_OUT_SECONDS):
        ready = ready or migrated(engine)
        try:
            if searcher.refresh():
                log.info("index version %s is in use", searcher.index.version)
        except NoIndex as error:
            log.error("%s", error)  # noqa: TRY400 - the reason is enough
