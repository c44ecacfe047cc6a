"""What an article says on its page of what was wrong in it until lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from app.articles.corrected import DAYS
from app.articles.past_reader import PastBusy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.articles.article import Article
    from app.articles.past import Past
    from app.web.pages import Parts
    from app.web.reader import Reader


@dataclass(frozen=True, slots=True)
class Correction:
    """What stood in an article until a day, and where the change can be seen."""

    until: date
    text: str
    url: str


def corrections(parts: Parts, reader: Reader, article: Article) -> tuple[Correction, ...]:
    """Return what was put right in a public article in the last thirty days, newest first."""
    index = parts.searcher.index
    if not parts.past_reader or article.path not in parts.past_reader.corrected.paths(index.version, reader.now.date()):
        return ()
    try:
        past = parts.past_reader.past(article, index.version).for_customers().up_to(article)
    except PastBusy:
        return ()
    return tuple(_lately(past, reader, article))


def _lately(past: Past, reader: Reader, article: Article) -> Iterator[Correction]:
    for version, before in pairwise(past.versions):
        if reader.now - version.at <= timedelta(days=DAYS):
            url = reader.url(f"/articles/{article.slug}/compare", **{"from": before.short, "to": version.short})
            yield from (Correction(version.at.date(), text, url) for text in version.corrections)
