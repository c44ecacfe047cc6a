"""Index: everything one audience may read and find, made ready for searching and never changed."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from app.articles.article import LANGUAGES, Article, Category, Language, Notice, Rendered
from app.articles.due_reviews import overdue
from app.search.keywords import Keywords
from app.search.phrases import Phrases, phrases_of
from app.search.shard import KEYWORDS
from app.search.spelling import Speller
from app.search.tokens import Tokens
from app.search.volume import MEDIA, SHARDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from app.search.confidence import Judge
    from app.search.encoder import Matrix
    from app.search.passage import Passage
    from app.search.shard import Shard
    from app.search.volume import Volume


class Index:
    """One audience of one version."""

    def __init__(self, volume: Volume) -> None:
        """Open a volume; OSError or ValueError when its keywords cannot be read."""
        self.volume, self.version, self.model = volume, volume.version, volume.model
        self.rendered, self.shelves = volume.rendered, volume.shelves
        self.weights, self.calibration, self.strangers = volume.weights, volume.calibration, volume.strangers
        shards = tuple(volume.shards.values())
        self.passages: list[Passage] = [passage for shard in shards for passage in shard.passages]
        folders = [volume.folder / SHARDS / name / KEYWORDS for name in volume.shards]
        firsts = tuple(accumulate((len(shard.passages) for shard in shards), initial=0))
        self.keywords = Keywords(folders, firsts)
        self.speller = Speller(volume.vocabulary)
        self.vectors = vectors_of(shards) if volume.codebook else None
        packed = [shard.tokens for shard in shards if shard.tokens]
        self._overdue: tuple[date | None, frozenset[str]] = (None, frozenset())
        self.tokens = Tokens(volume.codebook, packed) if volume.codebook else None

    @property
    def notices(self) -> tuple[Notice, ...]:
        """All notices, also those not yet or no longer in force."""
        return self.shelves.notices

    @property
    def categories(self) -> tuple[Category, ...]:
        """Categories in the order in which they are shown."""
        return self.shelves.categories

    @cached_property
    def media(self) -> Mapping[str, Path]:
        """Picture files by the address below /media/; nothing else is ever served from there."""
        return {name: self.volume.folder / MEDIA / name for name in self.shelves.media}

    @cached_property
    def redirects(self) -> Mapping[str, str]:
        """Slugs of today by the slugs they once had."""
        return {old: slug for (slug, _), row in self.rendered.items() for old in row.article.redirects}

    @cached_property
    def phrases(self) -> Mapping[Language, Phrases]:
        """What a query that is being typed may become: titles and the authors' questions, by language."""
        asked = [one for one in self.passages if one.kind in ("title", "question")]
        return {lang: phrases_of(one.text for one in asked if one.lang == lang) for lang in LANGUAGES}

    def editions(self, slug: str) -> tuple[Rendered, ...]:
        """Return an article in each of its languages, German first; nothing for an unknown slug."""
        return tuple(self.rendered[slug, lang] for lang in LANGUAGES if (slug, lang) in self.rendered)

    def edition(self, slug: str, lang: Language) -> Rendered | None:
        """Return an article in `lang`, or in the other language when that is all there is."""
        editions = self.editions(slug)
        return next((row for row in editions if row.article.lang == lang), editions[0] if editions else None)

    def first_passage(self, slug: str, lang: Language) -> Passage:
        """Return the first section of an edition, or its title when it has no text."""
        own = self.passages_by_edition[slug, lang]
        return next((passage for passage in own if passage.kind == "section"), own[0])

    @cached_property
    def passages_by_edition(self) -> Mapping[tuple[str, Language], list[Passage]]:
        """The passages of each edition in their order."""
        grouped: dict[tuple[str, Language], list[Passage]] = {}
        for passage in self.passages:
            grouped.setdefault((passage.slug, passage.lang), []).append(passage)
        return grouped

    def in_category(self, slug: str, lang: Language) -> tuple[Rendered, ...]:
        """Return a category's articles by title, each once, in `lang` where it exists."""
        return self._by_category.get((slug, lang), ())

    @cached_property
    def _by_category(self) -> Mapping[tuple[str, Language], tuple[Rendered, ...]]:
        grouped: dict[tuple[str, Language], list[Rendered]] = {}
        for category, slug in {(row.article.category, row.article.slug) for row in self.rendered.values()}:
            for lang in LANGUAGES:
                if row := self.edition(slug, lang):
                    grouped.setdefault((category, lang), []).append(row)
        by_title = {key: sorted(rows, key=lambda row: row.article.title.casefold()) for key, rows in grouped.items()}
        return {key: tuple(rows) for key, rows in by_title.items()}

    def overdue(self, today: date) -> frozenset[str]:
        """Return the slugs of articles whose review is overdue."""
        if self._overdue[0] != today:
            self._overdue = today, frozenset(one.slug for one in overdue(self._articles(), today))
        return self._overdue[1]

    def _articles(self) -> Iterator[Article]:
        return (row.article for row in self.rendered.values())

    def judge(self, lang: Language) -> Judge:
        """Return who tells how likely results answer a query in `lang`."""
        return self.calibration.judge(self.weights, lang)


def vectors_of(shards: tuple[Shard, ...]) -> Matrix:
    """Return the vectors of all passages, of which there is at least one: shape (passages, dimension)."""
    return np.concatenate([shard.vectors for shard in shards if shard.vectors is not None])
