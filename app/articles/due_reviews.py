"""Due reviews: articles that were to be read again by a day that has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from app.articles.article import Article


def overdue_since(article: Article, today: date) -> date | None:
    """Return the day by which an article was to be reviewed, when it has passed."""
    due = article.review_after
    return due if due and due < today else None


def overdue(articles: Iterable[Article], today: date) -> tuple[Article, ...]:
    """Return the articles that are overdue, the longest first."""
    late = [(due, article) for article in articles if (due := overdue_since(article, today))]
    return tuple(article for _, article in sorted(late, key=lambda one: (one[0], one[1].path)))
