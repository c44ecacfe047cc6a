"""Articles: read step by step, found by shelf, rated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

from fastapi import APIRouter, HTTPException
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, RedirectResponse

from app.articles.article import Language
from app.articles.due_reviews import overdue_since
from app.search.query import normalise
from app.web.asked import note_vote
from app.web.body import article_body
from app.web.corrected import Correction, corrections
from app.web.newer import Newer, newer_original
from app.web.shelf import ArticleLink, CategoryLink, article_links, category_link, find_category, in_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from app.articles.article import Rendered
    from app.web.pages import Parts
    from app.web.reader import Reader

LONG = 4
"""Sections from which on an article gets a table of contents."""
MOST_RELATED = 4
MAX_FEEDBACK = 2000
"""Characters of a feedback text."""
MEDIA_TYPES: Mapping[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
"""Kinds of picture that are served; an SVG could hold a script."""
VOTES: Mapping[str, bool] = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of the table of contents."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """The form below an article: asking, thanking, or back with what was wrong."""

    state: Literal["ask", "thanks", "unclear", "too_long"] = "ask"
    helpful: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article as it is read."""

    template: ClassVar[str] = "article.html"
    slug: str
    lang: Language
    other: Language | None
    """The language of the other edition, where there is one."""
    title: str
    summary: str
    category: CategoryLink | None
    body: Markup
    contents: tuple[Heading, ...]
    has_steps: bool
    query: str
    """What the reader had searched, to be handed on to a ticket."""
    reviewed: date | None
    changed: date | None
    corrections: tuple[Correction, ...]
    overdue: date | None
    """The day by which it was to be reviewed, when that has passed."""
    newer: Newer | None
    """Where this is a translation whose original has changed."""
    has_past: bool
    """Whether earlier versions can be read."""
    applies_to: tuple[str, ...]
    source: str
    license: str
    related: tuple[ArticleLink, ...]
    feedback: Feedback


@dataclass(frozen=True, slots=True)
class CategoryPage:
    """A shelf of articles."""

    template: ClassVar[str] = "category.html"
    category: CategoryLink
    articles: tuple[ArticleLink, ...]


def router(parts: Parts) -> APIRouter:
    """Return the routes of articles, categories and pictures."""
    routes, articles = APIRouter(), Articles(parts)
    routes.add_route("/articles/{slug}", articles.article)
    routes.add_route("/articles/{slug}/feedback", articles.feedback, methods=["POST"])
    routes.add_route("/categories/{slug}", articles.category)
    routes.add_route("/media/{path:path}", articles.medium)
    return routes


class Articles:
    """The endpoints around articles."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def article(self, request: Request) -> Response:
        """Answer with an article; an old slug moves to today's, an unknown one is 404."""
        reader, slug = self._parts.reader(request), request.path_params["slug"]
        moved = self._parts.searcher.index.redirects.get(slug)
        if moved and not self._parts.searcher.index.editions(slug):
            return RedirectResponse(reader.url(f"/articles/{moved}", q=request.query_params.get("q")), 301)
        state: Literal["thanks", "ask"] = "thanks" if request.query_params.get("feedback") == "thanks" else "ask"
        page = article_page(self._parts, reader, slug, request.query_params.get("q", ""), Feedback(state))
        return self._parts.show(request, page, reader=reader)

    async def feedback(self, request: Request) -> Response:
        """Take a vote with a text; the page comes back with the text when the vote is missing."""
        self._parts.limiter.check("feedback", request)
        async with request.form(max_files=0, max_fields=10) as form:
            given = {name: value for name, value in form.items() if isinstance(value, str)}
        return await run_in_threadpool(self._take, request, read_feedback(given), given.get("q", ""))

    def category(self, request: Request) -> Response:
        """Answer with the articles of a category."""
        reader, index = self._parts.reader(request), self._parts.searcher.index
        category = find_category(index, request.path_params["slug"])
        if category is None:
            raise HTTPException(404)
        articles = article_links(index.in_category(category.slug, reader.lang))
        page = CategoryPage(category_link(index, category, reader.lang), articles)
        return self._parts.show(request, page, reader=reader)

    def medium(self, request: Request) -> Response:
        """Answer with a picture of the index: the name is a key, never a path."""
        path = self._parts.searcher.index.media.get(request.path_params["path"])
        media_type = MEDIA_TYPES.get(path.suffix.lower()) if path else None
        if path is None or media_type is None or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type=media_type, headers={"Cache-Control": "public, max-age=3600"})

    def _take(self, request: Request, feedback: Feedback, query: str) -> Response:
        reader, slug = self._parts.reader(request), request.path_params["slug"]
        page = article_page(self._parts, reader, slug, query, feedback)
        if feedback.state != "thanks":
            return self._parts.show(request, page, 422, reader=reader.at(f"/articles/{slug}"))
        self._parts.journal.note_feedback(slug, page.lang, VOTES[feedback.helpful], feedback.text)
        if not VOTES[feedback.helpful]:
            note_vote(self._parts, request, feedback.text or page.query, slug, page.lang)
        return RedirectResponse(reader.url(f"/articles/{slug}", "feedback", q=page.query, feedback="thanks"), 303)


def article_page(parts: Parts, reader: Reader, slug: str, query: str, feedback: Feedback) -> ArticlePage:
    """Return the page of an article in the reader's language, or in the one it exists in; 404 when there is none."""
    editions = parts.searcher.index.editions(slug)
    if not editions:
        raise HTTPException(404)
    rendered = in_language(editions, reader.lang)
    article = rendered.article
    return ArticlePage(
        slug=slug,
        lang=article.lang,
        other=next((edition.article.lang for edition in editions if edition.article.lang != article.lang), None),
        title=article.title,
        summary=article.summary,
        category=_category(parts, article.category, reader.lang),
        body=article_body(rendered, parts.templates.words[reader.lang]),
        contents=table_of_contents(rendered),
        has_steps=bool(rendered.steps),
        query=normalise(query),
        reviewed=article.reviewed,
        changed=article.changed,
        corrections=corrections(parts, reader, article),
        overdue=overdue_since(article, reader.now.date()),
        newer=newer_original(parts, article),
        has_past=bool(article.changed and parts.past_reader),
        applies_to=article.applies_to,
        source=article.source,
        license=article.license,
        related=related_articles(parts, rendered, reader.lang),
        feedback=feedback,
    )


def related_articles(parts: Parts, rendered: Rendered, lang: Language) -> tuple[ArticleLink, ...]:
    """Return the articles its author named, then those nearest in meaning, each once."""
    article = rendered.article
    named = [in_language(found, lang) for slug in article.related if (found := parts.searcher.index.editions(slug))]
    near = parts.searcher.related(article.slug, lang) if len(named) < MOST_RELATED else ()
    links = {link.slug: link for link in article_links([*named, *near])}
    return tuple(links.values())[:MOST_RELATED]


def table_of_contents(rendered: Rendered) -> tuple[Heading, ...]:
    """Return the first level of headings of a long article, nothing for a short one."""
    tops = [section for section in rendered.sections if len(section.headings) == 1 and section.anchor]
    return tuple(Heading(section.anchor, section.headings[0]) for section in tops) if len(tops) >= LONG else ()


def read_feedback(fields: Mapping[str, str]) -> Feedback:
    """Return a vote that can be counted (state "thanks"), or what came with the reason why it cannot."""
    helpful, text = fields.get("helpful", ""), fields.get("text", "").strip()
    if helpful not in VOTES:
        return Feedback("unclear", "", text)
    if len(text) > MAX_FEEDBACK:
        return Feedback("too_long", helpful, text)
    return Feedback("thanks", helpful, text)


def _category(parts: Parts, slug: str, lang: Language) -> CategoryLink | None:
    category = find_category(parts.searcher.index, slug)
    return category_link(parts.searcher.index, category, lang) if category else None
