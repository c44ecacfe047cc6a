"""Pages: how a page's values become HTML, and the parts that every web module is given."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response

from app.articles.article import LANGUAGES, Language
from app.articles.branches import Branches
from app.articles.past_reader import PastReader
from app.articles.publication import Publications
from app.desk.accounts import Accounts
from app.desk.contacts import Contacts
from app.desk.mailer import ArticleMailer
from app.desk.presence import Presence
from app.learning.confirmed import Confirmed
from app.learning.gap_list import GapList
from app.learning.journal import Journal
from app.learning.notepad import Notepad
from app.learning.tally import Tally
from app.search.searcher import Searcher
from app.tickets.article_drafts import ArticleDrafts
from app.tickets.post import Post
from app.tickets.solutions import Solutions
from app.tickets.store import TicketStore
from app.tickets.wishes import Wishes
from app.tickets.workplace import Workplace
from app.web.form_keys import FormKeys
from app.web.limiter import Limiter
from app.web.reader import Reader, guess_reader, read_reader
from app.web.trips import SingleSignOn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from starlette.requests import Request

    from app.articles.article import Notice
    from app.web.statics import Statics
    from app.web.words import Words

CACHE = "no-cache"
"""Pages may be kept but must be asked for again: a corrected article is seen at once, an unchanged one costs 304."""
PRIVATE: Mapping[str, str] = MappingProxyType({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
"""On every page of a ticket or of the desk: nobody keeps it, nobody finds it."""


@dataclass(frozen=True, slots=True)
class Site:
    """The provider whose portal this is: what the head and foot of each page say."""

    name: str
    phone: str
    hours: Mapping[Language, str]
    mail: str
    base_url: str
    """Scheme and host without a slash at the end, for sitemap, feed and API."""
    keep_days: int = 365
    """How long a ticket is kept after it was closed."""


class Page(Protocol):
    """What a template shows: a frozen dataclass that names its template, handed to it as `page`."""

    template: ClassVar[str]


class Templates:
    """Renders pages: one Jinja environment for each language, escaping everything."""

    def __init__(self, folder: Path, site: Site, statics: Statics, words: Mapping[Language, Words]) -> None:
        self.words, self.statics = words, statics
        self._site = site
        self._environments = {lang: _environment(folder, words[lang], statics) for lang in LANGUAGES}

    def render(self, page: Page, reader: Reader, notices: Sequence[Notice] = ()) -> str:
        """Return the page as text in the reader's language."""
        template = self._environments[reader.lang].get_template(page.template)
        return template.render(page=page, reader=reader, site=self._site, notices=notices, url=reader.url)


@dataclass(frozen=True, slots=True)
class Parts:
    """What web modules work with; main puts it together, a test replaces one part."""

    site: Site
    searcher: Searcher
    store: TicketStore
    journal: Journal
    accounts: Accounts
    workplace: Workplace
    solutions: Solutions
    post: Post
    keys: FormKeys
    templates: Templates
    limiter: Limiter
    clock: Callable[[], datetime]
    internal: Searcher
    """Finds what agents may read. Nothing but a route behind a session may use it."""
    contacts: Contacts
    tally: Tally
    article_mailer: ArticleMailer | None = None
    """None where the portal cannot mail articles: then no page offers it."""
    single_sign_on: SingleSignOn | None = None
    """None where agents sign in by password only."""
    presence: Presence = field(default_factory=Presence)
    notepad: Notepad | None = None
    """None where nothing is written down of what was asked."""
    gap_list: GapList | None = None
    """None where gaps are not looked for: then no page shows them."""
    publications: Publications | None = None
    """None where nobody brings articles in while the portal runs."""
    article_drafts: ArticleDrafts | None = None
    """None where nobody begins articles: then no page offers it."""
    branches: Branches | None = None
    """None where there is no article folder to write into; then a draft is copied."""
    wishes: Wishes | None = None
    """None where nobody is told of articles later: then no page asks."""
    default_language: Language = "de"
    """Language of article files without a language in their name."""
    confirmed: Confirmed | None = None
    """None where nobody looks which articles were confirmed by use."""
    past_reader: PastReader | None = None
    """None where git is not asked for earlier versions of articles: then no page offers them."""

    def reader(self, request: Request) -> Reader:
        """Return the reader of a request; 404 for a language we do not speak."""
        return read_reader(request, self.clock())

    def show(
        self,
        request: Request,
        page: Page,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        reader: Reader | None = None,
    ) -> Response:
        """Answer with a page; unchanged pages are answered with 304. Errors show themselves with 4xx and 5xx."""
        reader = reader or guess_reader(request, self.clock())
        html = self.templates.render(page, reader, self._notices(reader))
        spoken = {"Vary": "Accept-Language", "Content-Language": reader.lang}
        return _answer(request, html, status, {**spoken, **(headers or {})})

    def _notices(self, reader: Reader) -> tuple[Notice, ...]:
        return current_notices(self.searcher.index.notices, reader.lang, reader.now)


def current_notices(notices: Sequence[Notice], lang: Language, now: datetime) -> tuple[Notice, ...]:
    """Return the notices of this moment, each once, in the reader's language where it exists."""
    current = [notice for notice in notices if notice.starts <= now < notice.ends]
    spoken = {notice.slug for notice in current if notice.lang == lang}
    shown = [notice for notice in current if notice.lang == lang or notice.slug not in spoken]
    return tuple(sorted(shown, key=lambda notice: notice.starts, reverse=True))


def _answer(request: Request, html: str, status: int, headers: Mapping[str, str]) -> Response:
    body = html.encode("utf-8", "replace")
    if status != 200:  # noqa: PLR2004 (a status reads best as its number)
        return HTMLResponse(body, status, {"Cache-Control": "no-store", **headers})
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    kept = {"ETag": tag, "Cache-Control": CACHE, **headers}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=kept)
    return HTMLResponse(body, status, kept)


def _environment(folder: Path, words: Words, statics: Statics) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(default=True, default_for_string=True),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        static=statics.url,
        day=words.day,
        moment=words.moment,
        until=words.until,
        since=words.since,
        number=words.number,
    )
    _install(environment, words)
    return environment


def _install(environment: Environment, words: Words) -> None:
    install: Callable[..., None] = environment.install_gettext_callables  # type: ignore[attr-defined]
    install(words.gettext, words.ngettext, newstyle=True)
