"""Reviews: a feed of the public articles that wait to be read again, for whoever owns them."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from fastapi import APIRouter

from app.articles.due_reviews import overdue
from app.web.feeds import Entry, FeedPage
from app.web.words import msg

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.articles.article import Article
    from app.web.pages import Parts
    from app.web.reader import Reader

MOST = 100
DUE = msg("Prüfung fällig seit %(day)s")


def router(parts: Parts) -> APIRouter:
    """Return the route of the feed."""
    routes = APIRouter()

    def feed(request: Request) -> Response:
        reader, base = parts.reader(request), parts.site.base_url
        owner = request.query_params.get("owner", "")
        entries = _entries(parts, reader, owner)
        updated = max((one.updated for one in entries), default=reader.now)
        page = FeedPage(base + reader.url("/reviews.xml", owner=owner), f"{base}/", updated, entries)
        response = parts.show(request, page, headers={"X-Robots-Tag": "noindex"}, reader=reader)
        response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
        return response

    routes.add_route("/reviews.xml", feed)
    return routes


def _entries(parts: Parts, reader: Reader, owner: str) -> tuple[Entry, ...]:
    """Return the overdue articles of an owner, or of all, the longest overdue first; never an internal one."""
    articles = (row.article for row in parts.searcher.index.rendered.values())
    late = overdue(articles, reader.now.date())
    own = [one for one in late if not owner or one.owner.casefold() == owner.casefold()]
    return tuple(_entry(parts, reader, one) for one in own[:MOST])


def _entry(parts: Parts, reader: Reader, article: Article) -> Entry:
    due, words = article.review_after or reader.now.date(), parts.templates.words[reader.lang]
    url = f"{parts.site.base_url}/articles/{article.slug}?lang={article.lang}"
    said = words.gettext(DUE) % {"day": words.day(due)}
    return Entry(url, article.title, said, datetime.combine(due, time(), UTC))
