"""Feeds: what machines read to follow the portal (sitemap, Atom, robots.txt), and the page of a notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, ClassVar

from fastapi import APIRouter, HTTPException
from markupsafe import Markup
from starlette.responses import FileResponse, PlainTextResponse, Response

from app.articles.article import Notice
from app.articles.markdown import render_notice
from app.web.pages import current_notices
from app.web.shelf import in_language

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.articles.article import Rendered
    from app.search.index import Index
    from app.web.pages import Page, Parts
    from app.web.reader import Reader

ENTRIES = 20
ROBOTS = """User-agent: *
Disallow: /search
Disallow: /suggest
Disallow: /tickets
Disallow: /desk
Disallow: /solutions
Disallow: /wishes
Disallow: /api/
Sitemap: {base_url}/sitemap.xml
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the sitemap."""

    url: str
    changed: str


@dataclass(frozen=True, slots=True)
class SitemapPage:
    """Every public page that stays."""

    template: ClassVar[str] = "sitemap.xml"
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An article or notice in the feed."""

    url: str
    title: str
    summary: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The latest articles and the notices in force."""

    template: ClassVar[str] = "feed.xml"
    url: str
    home: str
    updated: datetime
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A known disturbance: what is wrong, since when, and until when we think."""

    template: ClassVar[str] = "notice.html"
    notice: Notice
    body: Markup
    current: bool


def router(parts: Parts) -> APIRouter:
    """Return the routes of feeds, notices and icons."""
    routes, feeds = APIRouter(), Feeds(parts)
    routes.add_route("/notices/{slug}", feeds.notice)
    routes.add_route("/sitemap.xml", feeds.sitemap)
    routes.add_route("/feed.xml", feeds.feed)
    routes.add_route("/robots.txt", feeds.robots)
    routes.add_route("/favicon.ico", feeds.icon)
    return routes


class Feeds:
    """The endpoints for followers."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def notice(self, request: Request) -> Response:
        """Answer with a notice, also after it has ended: links to it are in people's feeds."""
        reader, slug = self._parts.reader(request), request.path_params["slug"]
        editions = [notice for notice in self._parts.searcher.index.notices if notice.slug == slug]
        begun = [notice for notice in editions if notice.starts <= reader.now]
        if not begun:
            raise HTTPException(404)
        notice = next((notice for notice in begun if notice.lang == reader.lang), begun[0])
        page = NoticePage(notice, notice_body(notice), current=reader.now < notice.ends)
        return self._parts.show(request, page, reader=reader)

    def sitemap(self, request: Request) -> Response:
        """Answer with the addresses of all articles and categories."""
        places = _places(self._parts.searcher.index, self._parts.site.base_url)
        return self._xml(request, SitemapPage(places), "application/xml")

    def feed(self, request: Request) -> Response:
        """Answer with what is new, as Atom."""
        reader, base = self._parts.reader(request), self._parts.site.base_url
        entries = _entries(self._parts.searcher.index, reader, base)
        updated = max((entry.updated for entry in entries), default=reader.now)
        page = FeedPage(base + reader.url("/feed.xml"), base + reader.url("/"), updated, entries)
        return self._xml(request, page, "application/atom+xml")

    def robots(self, _request: Request) -> Response:
        """Answer with what search engines may follow."""
        return PlainTextResponse(ROBOTS.format(base_url=self._parts.site.base_url))

    def icon(self, _request: Request) -> Response:
        """Answer browsers that ask for the icon of old."""
        return FileResponse(self._parts.templates.statics.path("icons/favicon.ico"), media_type="image/x-icon")

    def _xml(self, request: Request, page: Page, media_type: str) -> Response:
        response = self._parts.show(request, page)
        response.headers["Content-Type"] = f"{media_type}; charset=utf-8"
        return response


def notice_body(notice: Notice) -> Markup:
    """Return a notice as HTML that may go into a page."""
    return Markup(render_notice(notice))  # noqa: S704 - sanitised by render_notice


def _places(index: Index, base: str) -> tuple[Place, ...]:
    shelves = [Place(f"{base}/categories/{category.slug}", "") for category in index.categories]
    articles = [_place(rendered, base) for rendered in index.rendered.values()]
    return (Place(f"{base}/", ""), *shelves, *articles)


def _place(rendered: Rendered, base: str) -> Place:
    article = rendered.article
    changed = article.changed.isoformat() if article.changed else ""
    return Place(f"{base}/articles/{article.slug}?lang={article.lang}", changed)


def _entries(index: Index, reader: Reader, base: str) -> tuple[Entry, ...]:
    slugs = dict.fromkeys(slug for slug, _lang in index.rendered)
    editions = [in_language(index.editions(slug), reader.lang) for slug in slugs]
    articles = [_article_entry(rendered, reader, base) for rendered in editions if rendered.article.changed]
    current = current_notices(index.notices, reader.lang, reader.now)
    entries = [*(_notice_entry(notice, reader, base) for notice in current), *articles]
    return tuple(sorted(entries, key=lambda entry: entry.updated, reverse=True)[:ENTRIES])


def _article_entry(rendered: Rendered, reader: Reader, base: str) -> Entry:
    article = rendered.article
    return Entry(base + reader.url(f"/articles/{article.slug}"), article.title, article.summary, _changed(rendered))


def _notice_entry(notice: Notice, reader: Reader, base: str) -> Entry:
    return Entry(base + reader.url(f"/notices/{notice.slug}"), notice.title, "", notice.starts.astimezone(UTC))


def _changed(rendered: Rendered) -> datetime:
    day = rendered.article.changed
    return datetime.combine(day, time(), UTC) if day else datetime.min.replace(tzinfo=UTC)
