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
        shelves.json codebook.npz strangers.npz weights.json calibration.json media/
        shards/<number>/                    some of the articles; a shard that did not change is linked, not written
            articles.jsonl passages.jsonl vectors.faiss codes.npy ends.npy starts.npy keywords/ vocabulary.json
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from weakref import WeakValueDictionary

from pydantic import TypeAdapter
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from app.articles.article import Fault
from app.search.calibration import NEUTRAL, Calibration
from app.search.index import Index
from app.search.meaning import Meaning
from app.search.shard import read_shard
from app.search.sums import Sums
from app.search.volume import SHARDS, Contents, Volume, write_calibration, write_volume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.search.shard import Lot, Shard

Audience = Literal["public", "internal"]
AUDIENCES: tuple[Audience, ...] = ("public", "internal")

FORMAT = 4
KEPT = 3
"""Versions that stay on the disk: the one in use and two to fall back to."""
LEVELS = 3
"""Parts of the path of a shard in its version."""
MANIFEST, CURRENT = "manifest.json", "CURRENT"

log = logging.getLogger(__name__)

Read = TypeVar("Read")


class NoIndex(Exception):
    """There is no version that can be loaded; the text says what was tried and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A version about to be written: its contents for each audience, and their meaning if there is a model."""

    contents: Mapping[Audience, Contents]
    """The public one first."""
    meaning: Meaning | None
    model: str | None
    commit: str
    source: str
    """Digest of all that the version is made from; the same source gives the same version."""
    code: str = ""
    """Digest of the code that made it; only what the same code made is taken over."""
    folder: str = ""
    """Digest of the folder that the articles were read from."""
    faults: tuple[Fault, ...] = ()
    calibration: Calibration = NEUTRAL


class Manifest(TypedDict):
    """What a version says of itself."""

    format: int
    version: str
    model: str | None
    commit: str
    source: str
    code: str
    articles: dict[str, int]
    passages: dict[str, int]
    dimension: int | None
    folder: str
    """Digest of the folder it was read from; the same folder gives the same version."""
    faults: list[Fault]
    """What was wrong with the articles."""
    files: dict[str, str]
    """SHA-256 by path."""


MANIFEST_FILE = TypeAdapter(Manifest)


class Versions:
    """The folder of versions."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sums = Sums()
        self._shards: WeakValueDictionary[str, Shard] = WeakValueDictionary()
        """Shards that are in use, by the sums of their files."""

    @contextmanager
    def building(self) -> Iterator[None]:
        """Hold the folder for one builder at a time; a second one waits."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left_over in self.root.glob(".building-*"):
                shutil.rmtree(left_over, ignore_errors=True)
            yield

    def write(self, draft: Draft, calibrate: Callable[[Index], Calibration] | None = None) -> str:
        """Write a version, switch to it, drop the oldest; on any failure nothing has changed.

        `calibrate` is asked about the public index, and what it says holds for both.
        """
        beside = Path(tempfile.mkdtemp(prefix=".building-", dir=self.root))
        name = version_name(draft.source)
        try:
            for audience, contents in sharing(draft.contents, beside).items():
                write_volume(beside / audience, contents, draft.meaning, draft.calibration)
            if calibrate:
                self._calibrate(beside, draft, calibrate)
            write_manifest(beside, name, draft, self._sums)
            beside.chmod(0o755)
            beside.rename(self.root / name)
            self.switch(name)
        except BaseException:
            self._sweep(beside, name)
            raise
        self._prune(name)
        return name

    def _calibrate(self, beside: Path, draft: Draft, calibrate: Callable[[Index], Calibration]) -> None:
        read = lambda folder: read_shard(folder, understood=bool(draft.model))  # noqa: E731 - told to the volume
        calibration = calibrate(Index(Volume(beside / "public", "", draft.model, read)))
        for audience in draft.contents:
            write_calibration(beside / audience, calibration)

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
        return self._first(lambda name: Index(self._volume(name, audience)))

    def volume(self, audience: Audience) -> Volume:
        """Load what is written of it, without making it ready to be searched."""
        return self._first(lambda name: self._volume(name, audience))

    def _first(self, read: Callable[[str], Read]) -> Read:
        tried = []
        for name in self.names():
            try:
                return read(name)
            except (OSError, ValueError, RuntimeError) as error:
                log.error("index version %s cannot be used: %s", name, error)  # noqa: TRY400 - the reason is enough
                tried.append(name)
        raise NoIndex(f"No usable index in {self.root} (tried: {', '.join(tried) or 'none'}). Run scripts/build-index.")

    def _volume(self, name: str, audience: Audience) -> Volume:
        manifest = self.manifest(name)
        if manifest.get("format") != FORMAT:
            raise ValueError(f"{self.root / name / MANIFEST} has format {manifest.get('format')}, expected {FORMAT}")
        folder, files = self.root / name, manifest["files"]
        check_sums(folder, audience, files, self._sums)
        return Volume(folder / audience, name, manifest["model"], self._reader(folder, files, manifest["model"]))

    def _reader(self, folder: Path, files: Mapping[str, str], model: str | None) -> Callable[[Path], Shard]:
        digests = digests_of_shards(files)

        def shard_of(path: Path) -> Shard:
            digest = digests.get(path.relative_to(folder).as_posix())
            if digest is None:
                raise ValueError(f"{path} is not in {MANIFEST}")
            shard = self._shards.get(digest) or read_shard(path, understood=bool(model))
            self._shards[digest] = shard
            return shard

        return shard_of

    def _prune(self, current: str) -> None:
        """Delete the oldest; renamed first, so that the next build finds what a killed one has left of it."""
        others = [name for name in self.names() if name != current]
        for name in others[KEPT - 1 :]:
            gone = (self.root / name).rename(self.root / f".building-{name}")
            shutil.rmtree(gone, ignore_errors=True)


def version_name(source: str) -> str:
    """Return a name that sorts by time and tells what the version is made from."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{source[:8]}"


def sharing(contents: Mapping[Audience, Contents], beside: Path) -> dict[Audience, Contents]:
    """Let a shard of which everything is public be written once, for both audiences."""
    written = {name: replace(lot, written=beside / "public" / SHARDS / name)
               for name, lot in contents["public"].lots.items()}  # fmt: skip
    lots = {name: shared(lot, written[name]) for name, lot in contents["internal"].lots.items()}
    return {"public": contents["public"], "internal": replace(contents["internal"], lots=lots)}


def shared(lot: Lot, public: Lot) -> Lot:
    """Return the public lot, which is written by then, if the other one is the same; else the other one."""
    return public if lot.rendered == public.rendered else lot


def write_manifest(folder: Path, name: str, draft: Draft, sums: Sums) -> None:
    """Note what the version is and what each file must read like, and flush all to the disk that is new."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    fresh = [path for path in files if not sums.knows(path)]
    manifest: Manifest = {
        "format": FORMAT,
        "version": name,
        "model": draft.model,
        "commit": draft.commit,
        "source": draft.source,
        "code": draft.code,
        "articles": {audience: len(contents.articles) for audience, contents in draft.contents.items()},
        "passages": {audience: len(contents.passages) for audience, contents in draft.contents.items()},
        "dimension": draft.meaning.dimension if draft.meaning else None,
        "folder": draft.folder,
        "faults": list(draft.faults),
        "files": {path.relative_to(folder).as_posix(): sums.of(path) for path in files},
    }
    (folder / MANIFEST).write_bytes(MANIFEST_FILE.dump_json(manifest, indent=1) + b"\n")
    for path in [*fresh, folder / MANIFEST, *(path for path in folder.rglob("*") if path.is_dir()), folder]:
        flush(path)


def check_sums(folder: Path, audience: Audience, files: Mapping[str, str], sums: Sums) -> None:
    """Raise ValueError when a file of this audience is not what the manifest says."""
    for name, expected in files.items():
        if name.startswith(f"{audience}/") and sums.of(folder / name) != expected:
            raise ValueError(f"{folder / name} is damaged: its SHA-256 is not the one in {MANIFEST}")


def digests_of_shards(files: Mapping[str, str]) -> dict[str, str]:
    """Return the digest of each shard's files, by its path in the version, given the sums in the manifest."""
    own: dict[str, list[tuple[str, str]]] = {}
    for name, digest in sorted(files.items()):
        parts = name.split("/", 3)  # <audience>/shards/<number>/<file>
        if len(parts) > LEVELS and parts[1] == SHARDS:
            own.setdefault("/".join(parts[:LEVELS]), []).append((parts[LEVELS], digest))
    return {path: hashlib.sha256(repr(sums).encode()).hexdigest() for path, sums in own.items()}


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
