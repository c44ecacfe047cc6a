"""Standing: where an article comes when its title and its author's questions are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.search.regression import FOUND, Asked, ask

if TYPE_CHECKING:
    from app.articles.article import Article
    from app.search.searcher import Searcher

SEEN = 20
"""Articles that are looked through."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one text finds."""

    text: str
    rank: int
    """Of the article; 0 when it is not among the first twenty."""
    first: str
    """Title of the article that comes first in its place; empty where none does."""
    is_title: bool = False

    @property
    def found(self) -> bool:
        """Whether readers see the article without scrolling."""
        return 0 < self.rank <= FOUND


def standings(searcher: Searcher, article: Article) -> tuple[Standing, ...]:
    """Return where the article stands for its title, then for each of its questions, which is asked without itself.

    About 20 milliseconds each.
    """
    asked = [Asked(article.slug, article.lang, text) for text in article.questions]
    outcomes = ask(searcher.index, asked, lambda _done, _total: None)
    rows = (Standing(one.text, found.rank, _other(searcher, article, found.first)) for one, found in outcomes.items())
    return (_of_title(searcher, article), *rows)


def _of_title(searcher: Searcher, article: Article) -> Standing:
    found = searcher.search(article.title, article.lang, SEEN)
    slugs = [result.slug for result in found.results]
    rank = slugs.index(article.slug) + 1 if article.slug in slugs else 0
    return Standing(article.title, rank, _other(searcher, article, slugs[0] if slugs else ""), is_title=True)


def _other(searcher: Searcher, article: Article, slug: str) -> str:
    edition = searcher.index.edition(slug, article.lang) if slug not in ("", article.slug) else None
    return edition.article.title if edition else ""
