"""Anchors: links to a heading, in the same article or in another one, and whether that heading is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING
from urllib.parse import unquote

from app.articles.article import Language
from app.articles.directory import directory_of
from app.articles.finding import Finding
from app.articles.prose import targets
from app.articles.source import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from app.articles.article import Rendered

_ID = re.compile(r'\sid="([^"]+)"')

Ids = Mapping[tuple[str, Language], "Collection[str]"]
"""Every id on the page of each edition, by slug and language."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One link to a heading."""

    source: Source
    line: int
    target: str
    slug: str
    anchor: str


def references(sources: Sequence[Source]) -> Iterator[Reference]:
    """Yield every link to a heading of an article there is; links to other pages and sites have none to check."""
    directory = directory_of(source.article for source in sources)
    for source in sources:
        for number, target in targets(source.body):
            page, hash_, anchor = target.partition("#")
            slug = directory.slug(page, source.article.path) if page else source.article.slug
            if hash_ and anchor and slug:
                yield Reference(source, source.body_line + number - 1, target, slug, unquote(anchor))


def ids_of(rendered: Iterable[Rendered]) -> Ids:
    """Return where on each page a link can lead."""
    return {(row.article.slug, row.article.lang): frozenset(_ID.findall(row.html)) for row in rendered}


def dead_anchors(found: Iterable[Reference], ids: Ids) -> Iterator[Finding]:
    """Yield the links to headings that are not there; a reader of another language sees that edition's headings."""
    for one in found:
        lang = one.source.article.lang
        known = ids.get((one.slug, lang)) or next((ids[key] for key in ids if key[0] == one.slug), None)
        if known is not None and one.anchor not in known:
            message = f'the link "{one.target[:80]}" leads to no heading of "{one.slug}".'
            yield Finding(one.source.article.path, one.line, "heading", "error", message, _advice(one.anchor, known))


def _advice(anchor: str, known: Collection[str]) -> str:
    if near := get_close_matches(anchor, sorted(known), n=1):
        return f'Did you mean "#{near[0]}"?'
    return "Write the heading in small letters, ä as ae, with hyphens between the words."
