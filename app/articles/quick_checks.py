"""Quick checks: what an author is told of one article in a second, without an index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.articles.alternatives import missing_alternatives
from app.articles.anchors import dead_anchors, ids_of, references
from app.articles.article import Language
from app.articles.confidential import confidential
from app.articles.directory import directory_of
from app.articles.finding import finding_of
from app.articles.readability import hard_to_read
from app.articles.rendering import render_all
from app.articles.reviews import stale_reviews
from app.articles.revisions import Revisions
from app.articles.source import Source, sources_of
from app.articles.translations import fallen_behind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from app.articles.finding import Finding
    from app.articles.proof import Proof


@dataclass(frozen=True, slots=True)
class QuickChecks:
    """The checks of a folder's articles, one by one."""

    folder: Path
    language: Language
    ours: tuple[str, ...]
    """The provider's own telephone number and address."""

    def findings(self, proof: Proof, today: date) -> tuple[Finding, ...]:
        """Return the faults of a proof, and what could be better where its file can be read; errors first, by line."""
        found = {*map(finding_of, proof.faults)}
        if proof.source:
            found.update(one for one in self._checked(proof, proof.source, today) if one.path == proof.path)
        return tuple(sorted(found, key=lambda one: (one.level != "error", one.line, one.rule, one.message)))

    def _checked(self, proof: Proof, source: Source, today: date) -> Iterator[Finding]:
        yield from missing_alternatives([source])
        yield from confidential([source], self.ours)
        yield from stale_reviews([source], today)
        yield from hard_to_read([source])
        yield from _headings(proof, source)
        editions = [one for one in proof.library.articles if one.slug == source.article.slug]
        yield from fallen_behind(sources_of(self.folder, editions), Revisions(self.folder), self.language)


def _headings(proof: Proof, source: Source) -> Iterator[Finding]:
    others = [Source(replace(one, body=""), "") for one in proof.library.articles if one.path != proof.path]
    found = [one for one in references([source, *others]) if one.source is source]
    slugs = {one.slug for one in found}
    articles = [one for one in proof.library.articles if one.slug in slugs]
    rendered, _ = render_all(articles, directory_of(articles))
    return dead_anchors(found, ids_of(rendered))
