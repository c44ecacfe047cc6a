"""What a translation says on its page when its original has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app.articles.article import Language

if TYPE_CHECKING:
    from app.articles.article import Article
    from app.web.pages import Parts


@dataclass(frozen=True, slots=True)
class Newer:
    """The original that is newer, and what changed in it."""

    lang: Language
    day: date
    url: str


def newer_original(parts: Parts, article: Article) -> Newer | None:
    """Return what is newer than a public translation; None for all others, and until that is known."""
    if parts.past_reader is None:
        return None
    index = parts.searcher.index
    lags = parts.past_reader.lags.known(index.version, lambda: (row.article for row in index.rendered.values()))
    lag = lags.get((article.slug, article.lang))
    if lag is None:
        return None
    lang = lag.original.lang
    query = urlencode({"lang": lang, "from": lag.since})
    return Newer(lang, lag.changed, f"/articles/{article.slug}/compare?{query}")
