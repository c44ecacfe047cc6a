"""A trial: articles are built beside the version in use and searched, before anybody else sees them.

The trial has a folder of versions of its own, `index/check`, which begins as a copy of the version in use: passages
that are known are not read anew, and what the authors' questions found is kept with it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.search.builder import build
from app.search.encoder import Encoder
from app.search.index import Index
from app.search.regression import Asked, Lost, Outcome, ask, concerned, lost, questions_of, touched
from app.search.versions import AUDIENCES, Audience, NoIndex, Versions

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.articles.article import Fault
    from app.articles.library import Library
    from app.search.regression import Outcomes

FOLDER, OUTCOMES = "check", "outcomes.json"

Progress = Callable[[int, int], None]
Pair = dict[Audience, Index]
"""Both audiences of one version."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A folder of versions to try articles in, and the versions in use."""

    used: Versions
    encoder: Encoder | None
    folder: str = FOLDER
    """Name of the folder in which it is tried, beside the versions in use."""
    versions: Versions = field(init=False)
    """Where it is tried."""

    def __post_init__(self) -> None:
        """Open the folder once, so that what was read of it is not read again."""
        object.__setattr__(self, "versions", Versions(self.used.root / self.folder))

    def build(self, library: Library, progress: Progress) -> tuple[Pair, tuple[Fault, ...]]:
        """Build the articles, open what was built, and return it with all faults; NoIndex when it cannot be read."""
        self._seed()
        built = build(self.versions, library, self.encoder, progress)
        return opened(self.versions), built.faults

    def before(self, library: Library, progress: Progress) -> Pair:
        """Build the articles as they were; nothing when there were none."""
        return self.build(library, progress)[0] if library.articles else {}

    def used_pair(self) -> Pair:
        """Return the version in use; nothing when there is none, or another model read it."""
        return self._comparable(self.used)

    def last(self) -> Pair:
        """Return what was tried last; nothing when nothing was, or another model read it."""
        return self._comparable(self.versions)

    def _comparable(self, versions: Versions) -> Pair:
        name = self.encoder.name if self.encoder else None
        with suppress(NoIndex):
            pair = opened(versions) if versions.names() else {}
            return pair if all(index.model == name for index in pair.values()) else {}
        return {}

    def lost(self, now: Pair, before: Pair, progress: Progress) -> list[Lost]:
        """Return the questions that changes since `before` can have spoilt, and that do not find their articles."""
        gone: list[Lost] = []
        for audience, asked in theirs(now).items():
            index, old = now[audience], before.get(audience)
            chosen = set(concerned(index, touched(old, index))) & asked if old else asked
            gone += self._lost(old, ask(index, sorted(chosen), progress), chosen)
        return gone

    def all_lost(self, now: Pair, before: Pair, tried: Pair, progress: Progress) -> list[Lost]:
        """Return the same of every question; what is known of those asked in `tried` is not asked again."""
        known = self._recalled(tried)
        kept: Outcomes = {}
        gone: list[Lost] = []
        for audience, asked in theirs(now).items():
            index, old = now[audience], before.get(audience)
            fresh = set(concerned(index, touched(tried[audience], index))) if tried else asked
            open_ = [one for one in sorted(asked) if one in fresh or one not in known]
            outcomes = {one: known[one] for one in asked if one in known} | ask(index, open_, progress)
            chosen = set(concerned(index, touched(old, index))) if old else set()
            gone += self._lost(old, outcomes, chosen)
            kept |= outcomes
        self._keep(now, kept)
        return gone

    def _lost(self, old: Index | None, outcomes: Outcomes, chosen: Collection[Asked]) -> list[Lost]:
        doubtful = [one for one, outcome in outcomes.items() if not outcome.found and one in chosen]
        return lost(outcomes, ask(old, doubtful, _silent) if old else {})

    def _seed(self) -> None:
        name = self.used.current()
        if self.versions.current() or not name or not (self.used.root / name).is_dir():
            return
        shutil.copytree(self.used.root / name, self.versions.root / name, copy_function=_linked, dirs_exist_ok=True)
        self.versions.switch(name)

    def _recalled(self, tried: Pair) -> Outcomes:
        try:
            read = json.loads((self.versions.root / OUTCOMES).read_text(encoding="utf-8"))
            rows = read["outcomes"] if tried and read["version"] == tried["public"].version else ()
            return {Asked(slug, lang, text): Outcome(rank, first) for slug, lang, text, rank, first in rows}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _keep(self, now: Pair, outcomes: Outcomes) -> None:
        rows = [[*asked, outcome.rank, outcome.first] for asked, outcome in outcomes.items()]
        text = json.dumps({"version": now["public"].version, "outcomes": rows}, ensure_ascii=False)
        fresh = self.versions.root / f"{OUTCOMES}.new"
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.versions.root / OUTCOMES)


def opened(versions: Versions) -> Pair:
    """Open both audiences of the current version; NoIndex when there is none."""
    return {audience: versions.load(audience) for audience in AUDIENCES}


def theirs(pair: Pair) -> dict[Audience, set[Asked]]:
    """Return the questions that are asked of each audience: those of articles only agents read, of agents."""
    public = set(questions_of(pair["public"]))
    return {"public": public, "internal": set(questions_of(pair["internal"])) - public}


def _silent(_done: int, _total: int) -> None:
    """Say nothing."""


def _linked(source: str, target: str) -> str:
    """Link a file, which is never changed; copy it where links are not to be had."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target
