"""The shelf: links to articles and categories as lists on several pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.articles.article import Category, Language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.articles.article import Rendered
    from app.search.index import Index


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """An article in a list."""

    slug: str
    lang: Language
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class CategoryLink:
    """A category with the number of its articles."""

    slug: str
    title: str
    summary: str
    count: int


def article_links(editions: Iterable[Rendered]) -> tuple[ArticleLink, ...]:
    """Return links to articles in the order given."""
    articles = (edition.article for edition in editions)
    return tuple(ArticleLink(article.slug, article.lang, article.title, article.summary) for article in articles)


def category_links(index: Index, lang: Language) -> tuple[CategoryLink, ...]:
    """Return the categories that hold something, in the order of the house."""
    links = (category_link(index, category, lang) for category in index.categories)
    return tuple(link for link in links if link.count)


def category_link(index: Index, category: Category, lang: Language) -> CategoryLink:
    """Return one category in the reader's language."""
    count = len(index.in_category(category.slug, lang))
    return CategoryLink(category.slug, _in(category.title, lang), _in(category.summary, lang), count)


def find_category(index: Index, slug: str) -> Category | None:
    """Return a category by its slug."""
    return next((category for category in index.categories if category.slug == slug), None)


def in_language(editions: tuple[Rendered, ...], lang: Language) -> Rendered:
    """Return the edition in a language, or the first there is; `editions` is not empty."""
    return next((edition for edition in editions if edition.article.lang == lang), editions[0])


def _in(texts: dict[Language, str], lang: Language) -> str:
    return texts.get(lang) or next(iter(texts.values()), "")
