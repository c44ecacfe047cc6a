"""Editions: the articles of one audience, rendered; one that would be the same as before is taken over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from app.articles.article import Article, Category, Fault, Rendered, public_edition
from app.articles.directory import Directory, directory_of
from app.articles.library import render_all
from app.articles.markdown import referring
from app.search.volume import Shelves

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.articles.library import Library
    from app.search.versions import Audience
    from app.search.volume import Volume

MANY = 200
"""Names that came or went from which on everything is rendered anew."""


@dataclass(frozen=True, slots=True)
class Editions:
    """What one audience may read."""

    rendered: tuple[Rendered, ...]
    shelves: Shelves
    pictures: Mapping[str, Path]
    faults: tuple[Fault, ...]
    """Articles that could not be rendered."""


def editions_of(library: Library, audience: Audience, before: Volume | None) -> Editions:
    """Return what an audience may see; articles that are the same in the volume `before` are not rendered again."""
    articles = library.articles
    if audience == "public":
        articles = tuple(edition for edition in map(public_edition, library.articles) if edition is not None)
    pictures = {medium.path: medium.file for medium in library.media if audience in ("internal", medium.visibility)}
    directory = directory_of(articles, pictures)
    same = unchanged(articles, directory, before) if before else {}
    fresh, faults = render_all([one for one in articles if (one.slug, one.lang) not in same], directory)
    known = same | {(row.article.slug, row.article.lang): row for row in fresh}
    rendered = tuple(known[one.slug, one.lang] for one in articles if (one.slug, one.lang) in known)
    return Editions(
        rendered, Shelves(library.notices, categories_for(library, audience), tuple(pictures)), pictures, faults
    )


def unchanged(articles: Sequence[Article], directory: Directory, before: Volume) -> dict[tuple[str, str], Rendered]:
    """Return the articles of a volume that are the same now, and speak of nothing that came or went."""
    then = directory_of((row.article for row in before.rendered.values()), before.shelves.media)
    moved = names_in(differences(then, directory))
    if len(moved) > MANY:
        return {}
    found = ((one, before.rendered.get((one.slug, one.lang))) for one in articles)
    return {(one.slug, one.lang): row for one, row in found
            if row and row.article == referring(one, directory) and not speaks_of(row, moved)}  # fmt: skip


def differences(one: Directory, other: Directory) -> set[str]:
    """Return the slugs, pages and pictures that only one of two directories has, or that lead elsewhere in them."""
    slugs = {name for name, _ in set((one.slugs or {}).items()) ^ set((other.slugs or {}).items())}
    pages = {name for name, _ in set(one.pages.items()) ^ set(other.pages.items())}
    return slugs | pages | (set(one.media or ()) ^ set(other.media or ()))


def names_in(paths: Iterable[str]) -> frozenset[str]:
    """Return what a link must hold to lead to one of these: the last part, without an ending."""
    return frozenset(path.rpartition("/")[2].partition(".")[0].lower() for path in paths)


def speaks_of(row: Rendered, names: frozenset[str]) -> bool:
    """Whether a link in an article may lead to one of these: in what its author wrote, or in what became of it."""
    if not names:
        return False
    text = unquote(f"{row.article.body}\n{row.html}").lower()
    return any(name in text for name in names)


def categories_for(library: Library, audience: Audience) -> tuple[Category, ...]:
    """Return the categories of an audience: the very name of one that is only internal may say too much."""
    shown = {article.category for article in library.articles if audience in ("internal", article.visibility)}
    hidden = {article.category for article in library.articles} - shown
    return tuple(category for category in library.categories if category.slug not in hidden)
