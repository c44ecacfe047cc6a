"""The directory: which articles and images there are, so that a link leads to one of them or nowhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.articles.article import Article

_SLUG = re.compile(r"[a-z0-9-]+")
_ELSEWHERE = re.compile(r"(https?|mailto):", re.IGNORECASE)
_MEDIA = "/media/"
_OWN_PAGES = re.compile(r"/(search|tickets/new|categories/[a-z0-9-]+)?([?#].*)?")


@dataclass(frozen=True, slots=True)
class Directory:
    """The articles of one audience: a link to anything else on this site is dropped, its text stays.

    So a public page can never name an internal article: it is not in the directory of the public ones.
    """

    slugs: Mapping[str, str] | None = None
    """Slug of an article, or an old slug that redirects to it → slug; None when every slug is taken for good."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Path of a file without its ending, in lower case → slug."""
    media: Collection[str] | None = None
    """Paths of the images there are; None when they are not known and every one is taken for there."""

    def follow(self, href: str, path: str) -> str | None:
        """Tell where a link in the file at `path` leads on the site; None when there is nothing."""
        if href.startswith("#") or _ELSEWHERE.match(href) or _OWN_PAGES.fullmatch(href):
            return href
        target, hash_, anchor = href.partition("#")
        slug = self.slug(target, path)
        return f"/articles/{slug}{hash_}{anchor}" if slug else None

    def image(self, src: str, path: str) -> str | None:
        """Tell where an image in the file at `path` lies on the site; None when it is not there or not ours."""
        if _ELSEWHERE.match(src) or (src.startswith("/") and not src.startswith(_MEDIA)):
            return None
        found = src.removeprefix(_MEDIA) if src.startswith(_MEDIA) else _joined(shelf(path), unquote(src))
        return f"{_MEDIA}{quote(found)}" if self.media is None or found in self.media else None

    def slug(self, target: str, path: str) -> str | None:
        """Find the slug of the article that a relative link without its anchor names, by slug or by file."""
        name = target.removeprefix("/articles/").removeprefix("./")
        if _SLUG.fullmatch(name) and (self.slugs is None or name in self.slugs):
            return name if self.slugs is None else self.slugs[name]
        return self.pages.get(_page(_joined(shelf(path), unquote(target))))


ANYWHERE = Directory()
"""The directory for texts whose neighbours are not known: every link and image is taken for there."""


def shelf(path: str) -> str:
    """Give the folder of a file as pages know it, without public/ or internal/."""
    folder = posixpath.dirname(path)
    for top in ("public/", "internal/"):
        if folder.startswith(top):
            return folder[len(top) :]
    return folder


def directory_of(articles: Iterable[Article], media: Collection[str] | None = None) -> Directory:
    """Make the directory of these articles, their old slugs included."""
    articles = tuple(articles)
    slugs = {old: article.slug for article in articles for old in article.redirects}
    slugs |= {article.slug: article.slug for article in articles}
    pages = {_page(_joined(shelf(one.path), posixpath.basename(one.path))): one.slug for one in articles}
    return Directory(slugs, pages, media)


def _joined(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(folder, target))


def _page(path: str) -> str:
    return path.removesuffix(".md").lower()
