"""Relations: what articles say of each other, checked once all of them are known."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from app.articles.article import Fault
from app.articles.directory import directory_of
from app.articles.intern import hidden_lines
from app.articles.prose import targets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from app.articles.article import Article, Language
    from app.articles.directory import Directory
    from app.articles.manuscript import Manuscript

_IMAGE = re.compile(r"\.(png|jpe?g|gif|webp|avif|svg)$", re.IGNORECASE)


def without_duplicates(
    manuscripts: Iterable[Manuscript], known: Collection[str] = ()
) -> tuple[tuple[Manuscript, ...], tuple[Fault, ...]]:
    """Keep one article for each slug and language: one whose path is known, a public one, then by path.

    Known are the paths of what is live: a new file that uses a slug once more takes no article's place.
    """
    kept: dict[tuple[str, Language], Manuscript] = {}
    faults = []
    for manuscript in sorted(manuscripts, key=lambda one: (one.valid.path not in known, *_rank(one))):
        article = manuscript.valid
        first = kept.setdefault((article.slug, article.lang), manuscript).valid
        if first.path != article.path:
            faults.append(Fault(article.path, 1, f'"{article.slug}" is already in {first.path}. Rename one of them.'))
    return tuple(kept.values()), tuple(faults)


def without_false_redirects(manuscripts: Sequence[Manuscript]) -> tuple[tuple[Manuscript, ...], tuple[Fault, ...]]:
    """Take out redirects from a slug that is in use or that redirects elsewhere; so none can go in a circle."""
    slugs = {manuscript.valid.slug: manuscript.valid.path for manuscript in manuscripts}
    owners: dict[str, Article] = {}
    kept, faults = [], []
    for manuscript in manuscripts:
        article = manuscript.valid
        for old in article.redirects:
            owner = owners.setdefault(old, article)
            if old in slugs:
                faults.append(_fault(manuscript, "redirects", f'"{old}" is the slug of {slugs[old]}. Remove it.'))
            elif owner.slug != article.slug:
                faults.append(_fault(manuscript, "redirects", f'"{old}" already leads to {owner.path}. Remove one.'))
        good = tuple(old for old in article.redirects if old not in slugs and owners[old].slug == article.slug)
        kept.append(replace(manuscript, article=replace(article, redirects=good)))
    return tuple(kept), tuple(faults)


def loose_ends(manuscripts: Sequence[Manuscript], media: Collection[str]) -> Iterator[Fault]:
    """Hint at links, images and related articles that lead nowhere, or from a public text to an internal article."""
    articles = [manuscript.valid for manuscript in manuscripts]
    everything = directory_of(articles, media)
    public = directory_of((article for article in articles if article.visibility == "public"), media)
    for manuscript in manuscripts:
        yield from _related(manuscript, everything, public)
        yield from _links(manuscript, everything, public)


def _related(manuscript: Manuscript, everything: Directory, public: Directory) -> Iterator[Fault]:
    article = manuscript.valid
    for slug in article.related:
        if problem := _problem(article, slug, everything, public):
            yield replace(_fault(manuscript, "related", f'"{slug}" {problem}', hint=True), rule=_rule(problem))


def _links(manuscript: Manuscript, everything: Directory, public: Directory) -> Iterator[Fault]:
    article = manuscript.valid
    for number, target, hidden in _targets(article.body):
        audience = everything if hidden else public
        if problem := _problem(article, target, everything, audience):
            line = manuscript.body_line + number - 1
            yield Fault(article.path, line, f'the link "{target[:80]}" {problem}', hint=True, rule=_rule(problem))


@lru_cache(maxsize=1 << 14)
def _targets(body: str) -> tuple[tuple[int, str, bool], ...]:
    """Give the targets in a text with their lines, and whether they are for agents; a text is looked through once."""
    lines = body.split("\n")
    hidden = tuple(hidden_lines(lines))
    return tuple((number, target, hidden[number - 1]) for number, target in targets(lines))


def _problem(article: Article, target: str, everything: Directory, public: Directory) -> str:
    leads = everything.image if _IMAGE.search(target) else everything.follow
    if leads(target, article.path) is None:
        return _NOTHING
    if article.visibility == "public" and not _IMAGE.search(target) and public.follow(target, article.path) is None:
        return "leads to an internal article and is left out for customers. Remove it, or put it into ::: intern."
    return ""


_NOTHING = "leads to nothing there is. Write the slug of an article or the name of an image beside this file."


def _rule(problem: str) -> str:
    return "link" if problem == _NOTHING else "internal-link"


def _fault(manuscript: Manuscript, field: str, message: str, *, hint: bool = False) -> Fault:
    return Fault(manuscript.valid.path, manuscript.lines.get(field, 1), message, hint)


def _rank(manuscript: Manuscript) -> tuple[bool, str]:
    return manuscript.valid.visibility != "public", manuscript.valid.path
