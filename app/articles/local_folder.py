"""Local folder: articles as they lie on this machine, and whether any of them has changed."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.articles.folder import DEEPEST
from app.articles.git import signature_of
from app.articles.publication import Trouble
from app.articles.pull import NotPulled, Pull

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTLED_SECONDS = 0.3
"""How long nothing must change before a folder is read: an editor or a copy may be in the middle of it."""
LOOKS = 20


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder that authors write into, or that another program keeps up to date."""

    folder: Path
    every: float = 2.0

    @property
    def name(self) -> str:
        """Its path as it was set."""
        return str(self.folder)

    def move(self) -> None:
        """Do nothing: it is up to date by itself."""

    def pull(self) -> Pull:
        """Return what lies there, once nothing moves; NotPulled when the folder is gone."""
        if not self.folder.is_dir():
            raise NotPulled(Trouble.NO_FOLDER, f"{self.folder} is not there.")
        return Pull(snapshot(self.folder), signature_of(self.folder))

    def settle(self) -> None:
        """Wait until nothing has changed for a moment, a few seconds at most."""
        before = snapshot(self.folder)
        for _ in range(LOOKS):
            time.sleep(SETTLED_SECONDS)
            now = snapshot(self.folder)
            if now == before:
                return
            before = now


def snapshot(folder: Path) -> str:
    """Return a digest of names, sizes and times, and of the last move in git; no file is opened."""
    digest = hashlib.sha256()
    for line in _lines(folder, 0):
        digest.update(line.encode("utf-8", "surrogateescape"))
    for parent in (folder.resolve(), *folder.resolve().parents):
        with suppress(OSError):
            digest.update(str((parent / ".git" / "logs" / "HEAD").stat().st_mtime_ns).encode())
    return digest.hexdigest()


def _lines(folder: Path, depth: int) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        with suppress(OSError):
            known = entry.stat(follow_symlinks=False)
            yield f"{entry.path}\0{known.st_size}\0{known.st_mtime_ns}\0{known.st_mode}\n"
        if depth <= DEEPEST and entry.is_dir(follow_symlinks=False):
            yield from _lines(Path(entry.path), depth + 1)
