"""Reviews: articles whose review date has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.articles.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from app.articles.source import Source


def stale_reviews(sources: Iterable[Source], today: date) -> Iterator[Finding]:
    """Yield the articles that were to be reviewed before today, and those reviewed in the future."""
    for source in sources:
        article = source.article
        if article.review_after and article.review_after < today:
            days = (today - article.review_after).days
            yield Finding(
                article.path, source.line_of("review_after"), "review", "hint",
                f"this was to be reviewed on {article.review_after}, {days} {'day' if days == 1 else 'days'} ago.",
                'Read it, mend it, and set "reviewed" and "review_after" anew.',
            )  # fmt: skip
        if article.reviewed and article.reviewed > today:
            yield Finding(
                article.path, source.line_of("reviewed"), "review", "hint",
                f'"reviewed" is {article.reviewed}, a day that has not come yet.', "Write the day it was read last.",
            )  # fmt: skip
