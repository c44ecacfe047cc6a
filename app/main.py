"""Main: puts the parts together. The only module that names concrete classes."""

from __future__ import annotations

import logging
import os
import secrets
import sys
import tempfile
import threading
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from sqlalchemy import URL, Engine

from app.articles.article import LANGUAGES
from app.articles.branches import Branches, Person
from app.articles.checkout import Remote
from app.articles.due_reviews import overdue
from app.articles.past_reader import PastReader
from app.articles.publication import Publications
from app.database import StoreUnavailable, connect, migrate
from app.desk.accounts import Accounts
from app.desk.contacts import Contacts
from app.desk.provider import Provider as SignInProvider
from app.desk.provider import Registration
from app.desk.traces import ContactTraces
from app.learning.asked import Askers
from app.learning.confirmed import Confirmed
from app.learning.gap_finder import GapFinder, Replayed, Search
from app.learning.gap_list import GapList
from app.learning.journal import Journal
from app.learning.notepad import Notepad
from app.learning.questions import Questions
from app.learning.tally import Tally
from app.person import Persons
from app.search.dictionary import words_in
from app.search.encoder import HashingEncoder, SentenceEncoder
from app.search.likeness import Likeness
from app.search.searcher import Searcher
from app.search.versions import NoIndex, Versions
from app.tickets.article_drafts import ArticleDrafts
from app.tickets.collector import Collector
from app.tickets.delivery import Courier
from app.tickets.escalation import Climbing, Escalation
from app.tickets.helpdesk import ConsoleHelpdesk, SmtpHelpdesk
from app.tickets.holidays import read_holidays
from app.tickets.inbox import Inbox
from app.tickets.mail import Mail, Provider
from app.tickets.mailbag import Mailbag
from app.tickets.mailroom import Mailroom
from app.tickets.mentions import Mentions
from app.tickets.outbox import Outbox
from app.tickets.parcel import Parcel
from app.tickets.past import UNSURE
from app.tickets.post import Post
from app.tickets.postman import ConsolePostman, SmtpPostman
from app.tickets.reminding import Reminding
from app.tickets.reply_address import ReplyAddresses
from app.tickets.retention import Retention
from app.tickets.review_mail import Overdue, read_addresses
from app.tickets.reviewing import Reviewing
from app.tickets.rules import read_rules
from app.tickets.schedule import Schedule, pair_targets
from app.tickets.solution_links import SolutionLinks
from app.tickets.solutions import Solutions
from app.tickets.store import Limits, TicketStore
from app.tickets.telling import Live, Shown, Telling
from app.tickets.times import read_hours
from app.tickets.traces import TicketTraces
from app.tickets.wish_links import WishLinks
from app.tickets.wishes import Wishes
from app.tickets.workplace import Workplace
from app.web import (
    api,
    articles,
    call,
    contacts,
    desk_files,
    desk_news,
    desk_sign_in,
    desk_single_sign_on,
    desk_tickets,
    drafts,
    errors,
    feeds,
    figures,
    gaps,
    health,
    history,
    home,
    hooks,
    reviews,
    searches,
    security,
    solutions,
    tickets,
    translations,
    version,
    wishes,
)
from app.web.form_keys import FormKeys
from app.web.limiter import Limiter
from app.web.pages import Parts, Site, Templates
from app.web.shelf import in_language
from app.web.statics import Statics
from app.web.trips import SingleSignOn, Trips
from app.web.words import read_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import date

    from app.articles.article import Language
    from app.job import Job
    from app.search.encoder import Encoder
    from app.search.versions import Audience
    from app.settings import Settings
    from app.tickets.helpdesk import Helpdesk
    from app.tickets.postman import Postman

AUDIENCES: tuple[Audience, ...] = ("public", "internal")
WEB = Path(__file__).parent / "web"
PAGES = (
    home, searches, articles, tickets, solutions, feeds, api, desk_sign_in, desk_single_sign_on, desk_tickets,
    desk_files, desk_news, call, contacts, figures, gaps, drafts, version, wishes, history, translations, reviews,
)  # fmt: skip
"""The modules whose routes need nothing but the parts."""
LOOK_OUT_SECONDS = 0.5
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
    contacts: Contacts
    outbox: Outbox
    courier: Courier[Parcel]
    retention: Retention
    workplace: Workplace
    post: Post
    solutions: Solutions
    mailbag: Mailbag
    mail_courier: Courier[Mail]
    escalation: Escalation
    collector: Collector | None
    notepad: Notepad
    gap_list: GapList
    wishes: Wishes


def create_app(settings: Settings, encoder: Encoder | None = None, clock: Callable[[], datetime] = now) -> FastAPI:
    """Return the portal; NoIndex when no index was built. Without its database it is there to be searched and read."""
    versions = Versions(settings.index)
    zone = ZoneInfo(settings.time_zone)

    def today() -> date:
        return clock().astimezone(zone).date()

    searcher, internal = (Searcher(versions, audience, encoder, today) for audience in AUDIENCES)
    storage = storage_of(settings, clock)
    ready = migrated(storage.engine)
    parts = parts_of(settings, searcher, internal, storage, clock)
    doubt_rules(storage.store.schedule, searcher)
    finder = GapFinder(storage.notepad.questions, storage.gap_list, asking(internal, encoder), clock)
    telling = Telling(storage.wishes, shown_by(searcher, internal, base_url(settings)))
    reviewing = reviewing_of(settings, internal, storage, clock)
    app = FastAPI(
        title="Wegweiser", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        middleware=security.guards(parts, hosts_of(settings)),
        lifespan=lifespan_of((searcher, internal), storage, (finder, telling, reviewing), ready=ready),
    )  # fmt: skip
    for module in PAGES:
        app.include_router(module.router(parts))
    app.include_router(health.router(parts, storage.outbox, storage.mailbag, storage.collector))
    app.include_router(hooks.router(parts, settings.articles_webhook_secret.get_secret_value()))
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
    files, wake, wake_mail = settings.data / "attachments", threading.Event(), threading.Event()
    limits = Limits(settings.tickets_per_sender, settings.tickets_per_hour)

    def both() -> None:
        wake.set()
        wake_mail.set()

    links, schedule = SolutionLinks(secret_of(settings), clock), schedule_of(settings)
    post = Post(engine, clock, provider_of(settings), links, ZoneInfo(settings.time_zone), wake_mail.set)
    store = TicketStore(engine, files, clock, limits, both, post.tell, schedule)
    journal, contacts = Journal(engine, clock), Contacts(engine, clock)
    outbox, mailbag = Outbox(engine, files, clock), Mailbag(engine, clock)
    accounts = Accounts(engine, clock)
    reminding = Reminding(
        engine, clock, timedelta(minutes=settings.warn_agents_minutes), accounts.concerned, base_url(settings),
        schedule, wake_mail.set,
    )  # fmt: skip
    questions, wanted = questions_of(settings, engine), wishes_of(settings, engine, clock, wake_mail.set)
    forgetters = {"tickets": store.forget, "contacts": contacts.forget, "feedback texts": journal.forget,
                  "questions": questions.forget, "wishes": wanted.forget}  # fmt: skip
    return Storage(
        engine, store, journal, accounts, contacts, outbox,
        Courier(outbox, helpdesk_of(settings), clock, wake),
        Retention(forgetters, timedelta(days=settings.keep_tickets_days), clock),
        Workplace(engine, clock, wake_mail.set, post.tell, schedule), post, Solutions(store, links), mailbag,
        Courier(mailbag, postman_of(settings), clock, wake_mail),
        Escalation(Climbing(engine, clock, schedule), reminding=reminding), collector_of(settings, store),
        Notepad(questions), GapList(engine, clock), wanted,
    )  # fmt: skip


def reviewing_of(settings: Settings, internal: Searcher, storage: Storage, clock: Callable[[], datetime]) -> Reviewing:
    """Return who tells owners of overdue reviews; without a mail server nobody is. ValueError for bad addresses."""
    addresses = read_addresses(settings.review_reminders)
    zone = ZoneInfo(settings.time_zone)

    def late() -> list[Overdue]:
        articles = (row.article for row in internal.index.rendered.values())
        found = overdue(articles, clock().astimezone(zone).date())
        return [Overdue(one.title, one.owner, one.review_after, one.path) for one in found if one.review_after]

    can_mail = settings.helpdesk == "smtp"
    return Reviewing(storage.engine, clock, late, addresses if can_mail else {})


def questions_of(settings: Settings, engine: Engine) -> Questions:
    """Return where questions are written down, with what of the provider may stay in them."""
    return Questions(engine, Askers(secret_of(settings)), (settings.site_phone, settings.site_mail))


def wishes_of(
    settings: Settings, engine: Engine, clock: Callable[[], datetime], announce: Callable[[], None] = lambda: None,
) -> Wishes:  # fmt: skip
    """Return who waits for an article."""
    links = WishLinks(secret_of(settings), base_url(settings), clock)
    return Wishes(engine, clock, links, provider_of(settings), timedelta(days=settings.keep_wishes_days), announce)


def shown_by(searcher: Searcher, internal: Searcher, base: str) -> Shown:
    """Return what is asked about articles that may have come to light; `base` is the portal's address."""

    def article(slug: str, lang: Language) -> Live | None:
        for index, address in ((searcher.index, base), (internal.index, "")):
            name = index.redirects.get(slug, slug)
            if editions := index.editions(name):
                title = in_language(editions, lang).article.title
                return Live(name, title, f"{address}/articles/{name}?lang={lang}" if address else "")
        return None

    def first(text: str, lang: Language) -> tuple[str, bool]:
        found, _ = searcher.replay(text, lang)
        slug = found.results[0].slug if found.results and found.state != "nothing" else ""
        return slug, found.state == "answer"

    return Shown(lambda: f"{searcher.index.version} {internal.index.version}", article, first)


def asking(searcher: Searcher, encoder: Encoder | None) -> Search:
    """Return what the gap finder asks; without a model questions are as near as they have words in common."""
    likeness = Likeness(encoder or HashingEncoder(256))

    def replay(text: str, lang: str) -> Replayed:
        found, about = searcher.replay(text, "en" if lang == "en" else "de")
        return Replayed(about, found.state == "answer", tuple(one.slug for one in found.results))

    return Search(replay, likeness.vectors, lambda: searcher.index.version)


def schedule_of(settings: Settings) -> Schedule:
    """Return when we work and what we aim at; ValueError, and OSError for the file of rules, with the way out."""
    hours = read_hours(settings.office_hours, settings.time_zone, read_holidays(settings.holidays))
    targets = pair_targets(settings.response_targets, settings.solution_targets)
    if not settings.desk_rules:
        return Schedule(hours, targets)
    text = Path(settings.desk_rules).read_text(encoding="utf-8")
    return Schedule(hours, targets, read_rules(text, settings.desk_rules))


def doubt_rules(schedule: Schedule, searcher: Searcher) -> None:
    """Log which rules are for categories that no article folder or list has: they are likely mistyped."""
    known = {category.slug for category in searcher.index.categories} | {UNSURE}
    for name in sorted(set(schedule.rules) - known):
        log.warning(
            'DESK_RULES has a rule for "%s", which is no category. Known are %s.', name, ", ".join(sorted(known))
        )


def engine_of(settings: Settings) -> Engine:
    """Return the database that the settings name; nothing is opened yet."""
    own = URL.create("sqlite", database=str(settings.data.resolve() / "wegweiser.db"))
    return connect(settings.database_url or own)


def accounts_of(settings: Settings, clock: Callable[[], datetime] = now) -> Accounts:
    """Return the accounts of the staff, with their tables up to date; StoreUnavailable where that fails."""
    engine = engine_of(settings)
    migrate(engine)
    return Accounts(engine, clock)


@contextmanager
def persons_of(settings: Settings, clock: Callable[[], datetime] = now) -> Iterator[Persons]:
    """Give all that is kept of persons, with the tables up to date; StoreUnavailable where that fails."""
    engine = engine_of(settings)
    tickets = TicketTraces(engine, settings.data / "attachments", clock)
    try:
        migrate(engine)
        asked = questions_of(settings, engine)
        keepers = (asked, ContactTraces(engine), tickets, wishes_of(settings, engine, clock), Mentions(engine))
        yield Persons(keepers, tickets.identify, tickets.write_down)
    finally:
        engine.dispose()


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


def postman_of(settings: Settings) -> Postman:
    """Return who takes mails to customers: printed, or sent over the mail server of the helpdesk."""
    helpdesk = helpdesk_of(settings)
    if isinstance(helpdesk, SmtpHelpdesk):
        return SmtpPostman(helpdesk, settings.site_name, settings.site_mail, reply_addresses_of(settings))
    return ConsolePostman(sys.stdout)


def reply_addresses_of(settings: Settings) -> ReplyAddresses | None:
    """Return the signed addresses for answers; None where none come in. ValueError for an address without +."""
    inbox = settings.mail_inbox_address
    return ReplyAddresses(inbox, secret_of(settings)) if inbox else None


def collector_of(settings: Settings, store: TicketStore) -> Collector | None:
    """Return who reads the answers by mail; None where none come in. ValueError when something for it is missing."""
    addresses = reply_addresses_of(settings)
    if bool(addresses) != bool(settings.imap_host):
        raise ValueError("Set both MAIL_INBOX_ADDRESS and IMAP_HOST, or none: answers go there, and are read there.")
    if addresses is None:
        return None
    own = frozenset(one.lower() for one in (settings.mail_from, settings.site_mail, addresses.inbox) if one)
    inbox = Inbox(
        settings.imap_host, settings.imap_port, settings.imap_user or addresses.inbox,
        settings.imap_password.get_secret_value(), settings.imap_security, settings.imap_folder,
    )  # fmt: skip
    return Collector(inbox, Mailroom(store, addresses, own))


def provider_of(settings: Settings) -> Provider:
    """Return what every mail says of the provider."""
    site = site_of(settings)
    return Provider(site.name, site.phone, site.hours, site.base_url, reads_mail=bool(settings.mail_inbox_address))


def parts_of(
    settings: Settings, searcher: Searcher, internal: Searcher, storage: Storage, clock: Callable[[], datetime]
) -> Parts:
    """Return what the web modules work with."""
    secret = secret_of(settings)
    statics = Statics(WEB / "static")
    site = site_of(settings)
    return Parts(
        site=site, searcher=searcher, store=storage.store, journal=storage.journal, accounts=storage.accounts,
        workplace=storage.workplace, solutions=storage.solutions, post=storage.post,
        keys=FormKeys(secret, clock), limiter=Limiter(secret), clock=clock,
        templates=Templates(WEB / "templates", site, statics, read_words(WEB / "locale", settings.time_zone)),
        internal=internal, contacts=storage.contacts, article_mailer=storage.post,
        tally=Tally(storage.engine), notepad=storage.notepad, gap_list=storage.gap_list,
        publications=Publications(settings.data / "publish"),
        single_sign_on=single_sign_on_of(settings, secret, clock), article_drafts=ArticleDrafts(storage.engine, clock),
        branches=branches_of(settings), wishes=storage.wishes if settings.keep_wishes_days else None,
        past_reader=PastReader(article_folder(settings), settings.default_language),
        confirmed=Confirmed(storage.engine, clock),
        default_language=settings.default_language,
    )  # fmt: skip


def article_folder(settings: Settings) -> Path:
    """Return where the articles lie on this machine: their folder, or the copy that the builder keeps."""
    return settings.data.resolve() / "checkout" / settings.articles if settings.articles_remote else settings.articles


def branches_of(settings: Settings) -> Branches:
    """Return where articles are begun; what comes from a remote is written in the copy of it, and pushed."""
    remote = Remote(settings.articles_remote, settings.articles_branch) if settings.articles_remote else None
    return Branches(article_folder(settings), Person(settings.site_name, settings.site_mail), remote)


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
    return SingleSignOn(SignInProvider(registration, clock), Trips(secret, clock), settings.oidc_button)


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
    searchers: Sequence[Searcher], storage: Storage, more: Sequence[Job], *, ready: bool
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what runs beside the pages: all jobs, and the look-out for database and new index versions."""
    every = (storage.courier, storage.mail_courier, storage.retention, storage.escalation, storage.notepad, *more,
             storage.collector)  # fmt: skip
    jobs = [job for job in every if job]

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        done = threading.Event()
        watcher = threading.Thread(
            target=watch, args=(searchers, storage.engine, done, ready), name="watcher", daemon=True
        )
        watcher.start()
        for job in jobs:
            job.start()
        yield
        done.set()
        for job in reversed(jobs):
            job.stop()
        watcher.join()

    return lifespan


def watch(searchers: Sequence[Searcher], engine: Engine, done: threading.Event, ready: bool) -> None:  # noqa: FBT001 - for a thread
    """Swap in a new index version soon after it is there, and make the tables as soon as the database is back.

    First the lists of words are read, so that nobody who mistypes one has to wait for them.
    """
    for lang in LANGUAGES:
        words_in(lang)
    while not done.wait(LOOK_OUT_SECONDS):
        ready = ready or migrated(engine)
        try:
            for searcher in searchers:
                if searcher.refresh():
                    log.info("index version %s is in use", searcher.index.version)
        except NoIndex as error:
            log.error("%s", error)  # noqa: TRY400 - the reason is enough
