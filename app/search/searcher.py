"""Searcher: one audience's index and the encoder, behind the few questions that pages ask."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app.search.ranking import Findings
from app.search.results import FIRST, findings
from app.search.shares import completed
from app.search.shelf import evidence, shelf_of, spoken
from app.search.sinking import sunk
from app.search.understood import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date

    from app.articles.article import Language, Rendered
    from app.search.encoder import Encoder, Reading
    from app.search.index import Index
    from app.search.results import Evidence
    from app.search.shelf import Shelf
    from app.search.understood import Understood
    from app.search.versions import Audience, Versions

log = logging.getLogger(__name__)


class Searcher:
    """Answers queries for one audience; `refresh` swaps in a new version while others are still searching."""

    def __init__(
        self, versions: Versions, audience: Audience, encoder: Encoder | None,
        today: Callable[[], date] | None = None,
    ) -> None:  # fmt: skip
        """Load the current version; NoIndex when there is none. Without `today` no review is ever overdue."""
        self._today = today
        self._versions, self._audience, self._encoder = versions, audience, encoder
        self._swap = threading.Lock()
        self._passed_over = ""
        self._shelf = shelf_of(versions.load(audience))

    @property
    def index(self) -> Index:
        """The version in use."""
        return self._shelf.index

    @property
    def by_meaning(self) -> bool:
        """Whether queries are understood by meaning: there is a model, and the vectors are its own."""
        return self._understands(self._shelf)

    def refresh(self) -> bool:
        """Swap in the current version if it is another one; a damaged one is tried once and passed over."""
        with self._swap:
            name = self._versions.current()
            if name in ("", self.index.version, self._passed_over):
                return False
            self._passed_over = name
            fresh = self._versions.load(self._audience)
            changed = fresh.version != self.index.version
            if changed:
                self._shelf = shelf_of(fresh)
            return changed

    def search(
        self, text: str, lang: Language, limit: int = 10, without: Collection[str] = (), *, exact: bool = False
    ) -> Findings:
        """Return the articles that answer `text`, each once, best first, none of those in `without`.

        `lang` is the reader's language; `exact` takes the words as they were typed, mistakes and all.
        """
        shelf = self._shelf
        return self._find(shelf, understand(shelf.index, text, lang, exact=exact), limit, without)

    def suggest(self, text: str, lang: Language, limit: int = 5, *, quick: bool = False) -> Findings:
        """Return the same while `text` is still being typed: its last word may be half a word.

        `quick` asks for words alone, which takes a few milliseconds: while keys are still being pressed.
        """
        shelf = self._shelf
        asked = understand(shelf.index, text, lang, exact=True)
        whole = replace(asked, words=completed(shelf.index, asked.query, asked.words))
        return self._find(shelf, whole, limit, quick=quick)

    def completions(self, text: str, lang: Language, limit: int = 3) -> tuple[str, ...]:
        """Return titles and authors' questions that `text`, half typed, may become."""
        return self.index.phrases[lang].completing(text, limit)

    def passages(self, text: str, lang: Language, exclude: Collection[str] = (), limit: int = 3) -> Findings:
        """Return passages for a description that is being typed, never of an article in `exclude`."""
        return self.search(text, lang, limit, exclude, exact=True)

    def related(self, slug: str, lang: Language, limit: int = 4) -> tuple[Rendered, ...]:
        """Return the articles nearest in meaning to an article's title and summary, without itself."""
        shelf = self._shelf
        key = (slug, lang, limit)
        if key not in shelf.related:
            shelf.related[key] = self._related(shelf, *key)
        return shelf.related[key]

    def _related(self, shelf: Shelf, slug: str, lang: Language, limit: int) -> tuple[Rendered, ...]:
        edition = shelf.index.edition(slug, lang)
        if edition is None:
            return ()
        text = f"{edition.article.title}. {edition.article.summary}"
        found = self.search(text, edition.article.lang, limit, {slug}, exact=True)
        rows = (shelf.index.edition(result.slug, lang) for result in found.results)
        return tuple(row for row in rows if row is not None)

    def evidence(self, text: str, lang: Language, without: Collection[str] = ()) -> Evidence:
        """Return what speaks for the articles found, before it is weighed into results: for fitting the weights."""
        shelf = self._shelf
        return self._evidence(shelf, understand(shelf.index, text, lang, exact=False), FIRST, without)

    def replay(self, text: str, lang: Language, limit: int = 3) -> tuple[Findings, float]:
        """Return what `search` returns, and how likely the knowledge base is about the question at all, 0 to 1.

        Where only words are looked for, the second is the share of them that stand somewhere.
        """
        shelf, understood = self._shelf, self._understands(self._shelf)
        asked = understand(shelf.index, text, lang, exact=False)
        if asked.query.empty:
            return self._find(shelf, asked, limit), 0.0
        found = self._evidence(shelf, asked, FIRST)
        told = findings(asked, found, limit, words_only=not understood)
        if not understood:
            return told, 1.0 - found.unknown
        return told, shelf.index.judge(asked.query.lang).chance(found.first).about if told.results else 0.0

    def _evidence(
        self, shelf: Shelf, asked: Understood, most: int, without: Collection[str] = (), *, quick: bool = False
    ) -> Evidence:
        reading = self._read(asked.text) if self._understands(shelf) and not quick else None
        query = spoken(shelf.index, reading) if reading else None
        return evidence(shelf, asked, query, shelf.layout.without(without) if without else None, most)

    def _find(
        self, shelf: Shelf, asked: Understood, limit: int, without: Collection[str] = (), *, quick: bool = False
    ) -> Findings:
        query, understood = asked.query, self._understands(shelf)
        if query.empty:
            return Findings(query.text, query.lang, "nothing", 0.0, (), not understood)
        found = self._evidence(shelf, asked, max(limit, FIRST), without, quick=quick)
        if self._today:
            order = sunk(found.found.candidates, shelf.index.overdue(self._today()))
            found = replace(found, found=replace(found.found, candidates=order))
        return findings(asked, found, limit, words_only=not understood)

    def _understands(self, shelf: Shelf) -> bool:
        return self._encoder is not None and shelf.index.model == self._encoder.name

    def _read(self, text: str) -> Reading | None:
        reading = self._encoder.queries([text])[0] if self._encoder else None
        return reading if reading and np.isfinite(reading.whole).all() and np.isfinite(reading.tokens).all() else None
