"""Markdown: an article's text becomes HTML, and the HTML becomes sections of plain text that can be found.

It needs quadratic time for some hostile texts: whoever renders texts of others does so in `rendering`, where it can be
stopped.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from markdown import Markdown
from markdown.extensions.codehilite import CodeHiliteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.extensions.toc import TocExtension

from app.articles.address import slugify
from app.articles.article import Rendered
from app.articles.directory import ANYWHERE
from app.articles.extension import ArticleExtension
from app.articles.outline import outline
from app.articles.sanitising import sanitise
from app.articles.steps import FORM, with_steps

if TYPE_CHECKING:
    from app.articles.article import Article, Notice, Section
    from app.articles.directory import Directory

__all__ = ["referring", "render", "render_body", "render_notice", "sanitise", "with_steps"]

RESERVED_IDS = frozenset({FORM, "main", "content", "inhalt", "top", "search", "q", "help", "nav", "header", "footer"})
"""Ids that pages use themselves; a heading of that name gets a longer one."""


def render(article: Article, directory: Directory = ANYWHERE) -> Rendered:
    """Make HTML and sections of the article; links and images that are not in the directory are dropped."""
    return Rendered(referring(article, directory), *render_body(article.body, article.path, directory))


def render_body(body: str, path: str, directory: Directory) -> tuple[str, tuple[Section, ...], tuple[str, ...]]:
    """Make sanitised HTML, sections and steps of the Markdown in the file at `path`."""
    html = sanitise(_html(body), lambda name, target: _lead(directory, path, name, target))
    return html, *outline(html)


def referring(article: Article, directory: Directory) -> Article:
    """Let the article refer only to related articles that the directory knows, by their present slugs."""
    if directory.slugs is None:
        return article
    related = dict.fromkeys(directory.slugs[slug] for slug in article.related if slug in directory.slugs)
    return replace(article, related=tuple(slug for slug in related if slug != article.slug))


def render_notice(notice: Notice) -> str:
    """Make the sanitised HTML of a notice."""
    return sanitise(_html(notice.body), lambda name, target: _lead(ANYWHERE, "", name, target))


def _lead(directory: Directory, path: str, attribute: str, target: str) -> str | None:
    return directory.follow(target, path) if attribute == "href" else directory.image(target, path)


def _html(body: str) -> str:
    markdown = Markdown(
        extensions=[
            TableExtension(use_align_attribute=True),
            SaneListExtension(),
            TocExtension(slugify=_heading_id, marker=""),
            CodeHiliteExtension(css_class="codehilite", guess_lang=False, linenums=False, wrapcode=True),
            ArticleExtension(),
        ],
        output_format="html",
    )
    return markdown.convert(body)


def _heading_id(heading: str, _separator: str) -> str:
    slug = slugify(heading) or "abschnitt"
    return f"abschnitt-{slug}" if slug in RESERVED_IDS or slug.isdigit() else slug
