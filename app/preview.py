"""Preview: one article file, watched while its author writes, and searched for in an index of its own.

What the file says is shown at once. Where it stands in a search is told by an index in which it has taken its place,
built in the background beside the version in use; of changes that follow each other quickly the last one is built.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.articles.library import read_library
from app.articles.proof import Proofs
from app.articles.quick_checks import QuickChecks
from app.main import WEB, site_of
from app.search.builder import previous_articles
from app.search.encoder import Encoder
from app.search.searcher import Searcher
from app.search.standing import standings
from app.search.trial import Trial
from app.search.versions import NoIndex, Versions
from app.web import preview as pages
from app.web.pages import Templates
from app.web.preview import Found, Shown
from app.web.statics import Statics
from app.web.words import read_words

if TYPE_CHECKING:
    import argparse

    from fastapi import FastAPI

    from app.articles.library import Library
    from app.articles.proof import Proof
    from app.settings import Settings

FOLDER = "preview"
"""Beside the versions in use: where the index with the file in it is built."""
HOST = "127.0.0.1"
TOPS = ("public", "internal")

log = logging.getLogger(__name__)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what is shown, and where."""
    command.add_argument("file", type=Path, metavar="FILE", help="article file, e.g. articles/public/software/vpn.md")
    command.add_argument("--port", type=int, metavar="N", help="port in place of PORT; 0 takes a free one")


def placed(articles: Path, file: Path) -> tuple[Path, str]:
    """Return the article folder of a file and its path in there; ValueError for a file that lies in none.

    A file outside of `articles` lies in the folder above its `public` or `internal`.
    """
    whole = file.parent.resolve() / file.name
    if whole.is_relative_to(articles.resolve()):
        return articles.resolve(), whole.relative_to(articles.resolve()).as_posix()
    tops = [folder for folder in whole.parents if folder.name in TOPS]
    if not tops:
        raise ValueError(f"{file} lies in no article folder. Put it into {articles}/public/<category>/, or name its "
                         "folder with --articles.")  # fmt: skip
    return tops[-1].parent, whole.relative_to(tops[-1].parent).as_posix()


@dataclass(frozen=True, slots=True)
class Desk:
    """What a preview works with."""

    folder: Path
    path: str
    checks: QuickChecks
    trial: Trial
    encoder: Callable[[], Encoder | None]
    """Made in the background: loading a model takes seconds."""


class Preview:
    """One watched file; `look` tells how it stands now."""

    def __init__(self, desk: Desk, library: Library) -> None:
        self._desk = desk
        self._proofs = Proofs(desk.folder, desk.path, library, desk.checks.language)
        self._reading, self._wake = threading.Lock(), threading.Event()
        self._done = False
        self._stamp: object = None
        self._proof: Proof | None = None
        self._shown = Shown(0, desk.path)
        self._searcher: Searcher | None = None
        self._builder = threading.Thread(target=self._build_always, name="preview", daemon=True)

    def start(self) -> None:
        """Begin to build in the background."""
        self._builder.start()

    def stop(self) -> None:
        """Build no more; a build that runs is not waited for."""
        self._done = True
        self._wake.set()

    def look(self) -> Shown:
        """Return what is to be shown, read anew when the file or its folder has changed since."""
        with self._reading:
            stamp = stamp_of(self._desk.folder / self._desk.path)
            if stamp != self._stamp:
                self._stamp = stamp
                self._read()
            return self._shown

    def searcher(self) -> Searcher | None:
        """Return what searches the index with the file in it; None while there is none."""
        return self._searcher

    def _read(self) -> None:
        before, proof = self._proof, self._proofs.read()
        self._proof = proof
        findings = self._desk.checks.findings(proof, datetime.now(UTC).date())
        self._show(proof=proof, findings=findings)
        if proof.article and (before is None or proof.library.articles != before.library.articles):
            self._show(found=replace(self._shown.found, state="building"))
            self._wake.set()

    def _show(self, **changed: object) -> None:
        self._shown = replace(self._shown, revision=self._shown.revision + 1, **changed)  # type: ignore[arg-type]

    def _build_always(self) -> None:
        trial = replace(self._desk.trial, encoder=self._desk.encoder())
        while not self._done:
            self._wake.wait()
            self._wake.clear()
            if not self._done and self._proof:
                self._build(trial, self._proof)

    def _build(self, trial: Trial, proof: Proof) -> None:
        try:
            trial.build(proof.library, self._progress)
            found = self._asked(trial, proof)
        except (NoIndex, OSError, ValueError, RuntimeError) as error:
            log.warning("The index for the preview cannot be built: %s", error)
            found = Found("failed", reason=str(error))
        with self._reading:
            self._show(found=replace(found, state="building") if self._wake.is_set() else found)

    def _asked(self, trial: Trial, proof: Proof) -> Found:
        article = proof.article
        if article is None:
            return Found("waiting")
        self._searcher = Searcher(trial.versions, article.visibility, trial.encoder)
        by_words = not self._searcher.by_meaning
        return Found("ready", standings(self._searcher, article), by_words=by_words)

    def _progress(self, done: int, total: int) -> None:
        with self._reading:
            self._show(found=replace(self._shown.found, done=done, total=total))


def stamp_of(file: Path) -> object:
    """Return what changes when a file does, or what lies beside it: images come and go."""
    marks: list[object] = []
    for path in (file, file.parent):
        with suppress(OSError):
            told = path.lstat()
            marks.append((path.name, told.st_mtime_ns, told.st_size, told.st_ino))
    return marks


def preview_of(settings: Settings, file: Path, encoder: Callable[[], Encoder | None]) -> Preview:
    """Return the preview of a file, not started yet; ValueError when it lies in no article folder."""
    folder, path = placed(settings.articles, file)
    versions, language = Versions(settings.index), settings.default_language
    library = read_library(folder, default_language=language, previous=previous_articles(versions))
    checks = QuickChecks(folder, language, (settings.site_phone, settings.site_mail))
    return Preview(Desk(folder, path, checks, Trial(versions, None, FOLDER), encoder), library)


def create_preview(settings: Settings, preview: Preview) -> FastAPI:
    """Return the one-page server of a preview."""
    words = read_words(WEB / "locale", settings.time_zone)
    templates = Templates(WEB / "templates", site_of(settings), Statics(WEB / "static"), words)
    return pages.create(preview, templates, lambda: datetime.now(UTC))
