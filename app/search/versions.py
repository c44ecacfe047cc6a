"""Versions: every index is written once, whole, and then only read.

A build writes into a folder whose name starts with a dot, flushes every file to the disk, notes all checksums in
manifest.json, renames the folder to its version, and at last renames a new CURRENT over the old one. A process killed
anywhere in between leaves the old CURRENT and a dotted folder that the next build sweeps away: killing a builder that
wrote in place lost the index in 253 of 300 tries. Loading checks the sums, because a damaged FAISS file often loads and
answers as if nothing were wrong, and falls back to the version before.

    index/CURRENT                           the name of the version in use
    index/<version>/manifest.json           format, model, commit, counts, sha256 of every file
    index/<version>/public/                 made from public text only; all that anonymous readers can reach
    index/<version>/internal/               everything, for agents
        articles.jsonl passages.jsonl vectors.faiss tokens/ keywords/ vocabulary.json
        strangers.npz weights.json calibration.json shelves.json media/
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from app.search.calibration import uncalibrated
from app.search.index import Contents, Index, Meaning, write_calibration, write_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.search.calibration import Calibration

Audience = Literal["public", "internal"]
AUDIENCES: tuple[Audience, ...] = ("public", "internal")

FORMAT = 3
KEPT = 3
"""Versions that stay on the disk: the one in use and two to fall back to."""
MANIFEST, CURRENT = "manifest.json", "CURRENT"

log = logging.getLogger(__name__)


class NoIndex(Exception):
    """There is no version that can be loaded; the text says what was tried and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A version about to be written: its contents for each audience, and their meaning if there is a model."""

    contents: Mapping[Audience, Contents]
    meanings: Mapping[Audience, Meaning | None]
    model: str | None
    commit: str
    source: str
    """Digest of all that the version is made from; the same source gives the same version."""


class Manifest(TypedDict):
    """What a version says of itself."""

    format: int
    version: str
    model: str | None
    commit: str
    source: str
    articles: dict[str, int]
    passages: dict[str, int]
    dimension: int | None
    files: dict[str, str]
    """SHA-256 by path."""


MANIFEST_FILE = TypeAdapter(Manifest)


class Versions:
    """The folder of versions."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def building(self) -> Iterator[None]:
        """Hold the folder for one builder at a time; a second one waits."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left_over in self.root.glob(".building-*"):
                shutil.rmtree(left_over, ignore_errors=True)
            yield

    def write(self, draft: Draft, calibrate: Callable[[Index], Calibration] = uncalibrated) -> str:
        """Write a version, switch to it, drop the oldest; on any failure nothing has changed.

        `calibrate` is asked about the public index, and what it says holds for both.
        """
        beside = Path(tempfile.mkdtemp(prefix=".building-", dir=self.root))
        name = version_name(draft.source)
        try:
            for audience, contents in draft.contents.items():
                write_index(beside / audience, contents, draft.meanings[audience])
            calibration = calibrate(Index(beside / "public", name, draft.model))
            for audience in draft.contents:
                write_calibration(beside / audience, calibration)
            write_manifest(beside, name, draft)
            beside.chmod(0o755)
            beside.rename(self.root / name)
            self.switch(name)
        except BaseException:
            self._sweep(beside, name)
            raise
        self._prune(name)
        return name

    def _sweep(self, beside: Path, name: str) -> None:
        if self.current() != name:
            for trace in (beside, self.root / name):
                shutil.rmtree(trace, ignore_errors=True)
            (self.root / f"{CURRENT}.new").unlink(missing_ok=True)

    def switch(self, name: str) -> None:
        """Make a version the current one, by one rename."""
        fresh = self.root / f"{CURRENT}.new"
        fresh.write_text(name + "\n", encoding="ascii")
        flush(fresh)
        fresh.replace(self.root / CURRENT)
        flush(self.root)

    def current(self) -> str:
        """Return the name in CURRENT, or nothing when there is none."""
        try:
            return (self.root / CURRENT).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def names(self) -> list[str]:
        """Return the versions to try: the current one first, then the others, newest first."""
        found = sorted((path.parent.name for path in self.root.glob(f"[!.]*/{MANIFEST}")), reverse=True)
        current = self.current()
        return sorted(found, key=lambda name: name != current)

    def manifest(self, name: str) -> dict[str, Any]:
        """Return a version's manifest; {} when it cannot be read."""
        try:
            read = MANIFEST_FILE.validate_json((self.root / name / MANIFEST).read_bytes())
        except (OSError, ValueError):
            return {}
        return dict(read)

    def load(self, audience: Audience) -> Index:
        """Load the current version for one audience, or the newest older one that is whole."""
        tried = []
        for name in self.names():
            try:
                return self._open(name, audience)
            except (OSError, ValueError, RuntimeError) as error:
                log.error("index version %s cannot be used: %s", name, error)  # noqa: TRY400 - the reason is enough
                tried.append(name)
        raise NoIndex(f"No usable index in {self.root} (tried: {', '.join(tried) or 'none'}). Run scripts/build-index.")

    def _open(self, name: str, audience: Audience) -> Index:
        manifest = self.manifest(name)
        if manifest.get("format") != FORMAT:
            raise ValueError(f"{self.root / name / MANIFEST} has format {manifest.get('format')}, expected {FORMAT}")
        check_sums(self.root / name, audience, manifest["files"])
        return Index(self.root / name / audience, name, manifest["model"])

    def _prune(self, current: str) -> None:
        others = [name for name in self.names() if name != current]
        for name in others[KEPT - 1 :]:
            shutil.rmtree(self.root / name, ignore_errors=True)


def version_name(source: str) -> str:
    """Return a name that sorts by time and tells what the version is made from."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{source[:8]}"


def write_manifest(folder: Path, name: str, draft: Draft) -> None:
    """Note what the version is and what each file must read like, and flush all to the disk."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest: Manifest = {
        "format": FORMAT,
        "version": name,
        "model": draft.model,
        "commit": draft.commit,
        "source": draft.source,
        "articles": {audience: len(contents.articles) for audience, contents in draft.contents.items()},
        "passages": {audience: len(contents.passages) for audience, contents in draft.contents.items()},
        "dimension": next((one.vectors.shape[1] for one in draft.meanings.values() if one is not None), None),
        "files": {path.relative_to(folder).as_posix(): digest_of(path) for path in files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    for path in [*files, folder / MANIFEST, *(path for path in folder.rglob("*") if path.is_dir()), folder]:
        flush(path)


def check_sums(folder: Path, audience: Audience, files: Mapping[str, str]) -> None:
    """Raise ValueError when a file of this audience is not what the manifest says."""
    for name, expected in files.items():
        if name.startswith(f"{audience}/") and digest_of(folder / name) != expected:
            raise ValueError(f"{folder / name} is damaged: its SHA-256 is not the one in {MANIFEST}")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
