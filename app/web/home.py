"""The home page: ask, or look around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from fastapi import APIRouter

from app.database import StoreUnavailable
from app.web.shelf import ArticleLink, CategoryLink, article_links, category_links, in_language

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.articles.article import Language
    from app.search.index import Index
    from app.web.pages import Parts
    from app.web.reader import Reader

EXAMPLES = 3
EXAMPLE_CHARACTERS = 52
"""A longer example breaks the line on a phone."""
WEEK = timedelta(days=7)
OFTEN_SOLVED = 5


@dataclass(frozen=True, slots=True)
class HomePage:
    """A large search box, three questions others asked, the categories, and what helped most this week."""

    template: ClassVar[str] = "home.html"
    examples: tuple[str, ...]
    categories: tuple[CategoryLink, ...]
    solved: tuple[ArticleLink, ...]


def router(parts: Parts) -> APIRouter:
    """Return the route of the front page."""
    routes = APIRouter()

    def home(request: Request) -> Response:
        reader = parts.reader(request)
        return parts.show(request, home_page(parts, reader), reader=reader)

    routes.add_route("/", home)
    return routes


def home_page(parts: Parts, reader: Reader) -> HomePage:
    """Return what the front page shows to this reader today."""
    index = parts.searcher.index
    return HomePage(
        examples=example_questions(index, reader.lang, reader.now.date()),
        categories=category_links(index, reader.lang),
        solved=_often_solved(parts, reader),
    )


def example_questions(index: Index, lang: Language, today: date) -> tuple[str, ...]:
    """Return a question from each of three categories, others every day; the same all day: pages can be kept."""
    questions = []
    for number, category in enumerate(index.categories):
        asked = _questions(index, category.slug, lang)
        if asked:
            questions.append(asked[(today.toordinal() + number) % len(asked)])
    start = today.toordinal() % len(questions) if questions else 0
    return tuple((questions[start:] + questions[:start])[:EXAMPLES])


def _questions(index: Index, category: str, lang: Language) -> list[str]:
    """Return the questions of a category that read well as an example: short, and written like a sentence."""
    articles = (edition.article for edition in index.in_category(category, lang))
    asked = (question for article in articles if article.lang == lang for question in article.questions)
    return [text for text in asked if len(text) <= EXAMPLE_CHARACTERS and text[0].isupper() and text.endswith("?")]


def _often_solved(parts: Parts, reader: Reader) -> tuple[ArticleLink, ...]:
    """Return what helped most this week; a list for comfort, left out while the database is away."""
    try:
        found = parts.journal.most_helpful(reader.now - WEEK, OFTEN_SOLVED)
    except StoreUnavailable:
        return ()
    editions = (parts.searcher.index.editions(slug) for slug, _count in found)
    return article_links(in_language(languages, reader.lang) for languages in editions if languages)
