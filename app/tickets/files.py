"""The folder of files: each attachment once, under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.database import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Lost(StoreUnavailable):
    """The bytes of a file are gone or damaged, though all else can be used."""


_UNFINISHED = ".new-"
_OURS = re.compile(rf"[0-9a-f]{{64}}|{re.escape(_UNFINISHED)}.*")
"""What we write into the folder; anything else in it is not ours to remove."""


@dataclass(frozen=True, slots=True)
class Files:
    """A folder in which a file is whole or not there; one that no ticket names any more does no harm."""

    folder: Path

    def keep(self, data: bytes) -> str:
        """Store the bytes so that they survive a power cut, and return their SHA-256; raise StoreUnavailable."""
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self._has(sha256, len(data)):
                self._write(sha256, data)
        except OSError as error:
            raise StoreUnavailable(f"The attachment cannot be kept in {self.folder}: {error}") from error
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return the bytes; raise Lost when they are gone or damaged."""
        try:
            data = (self.folder / sha256).read_bytes()
        except OSError as error:
            raise Lost(f"The attachment {sha256} cannot be read: {error}") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Lost(f"The attachment {self.folder / sha256} is damaged. Restore it from the backup.")
        return data

    def unchanged_since(self, moment: datetime) -> frozenset[str]:
        """Return the names of files, whole or half-written, that are older than that; raise StoreUnavailable."""
        try:
            return frozenset(entry.name for entry in self._entries() if _older(entry, moment))
        except OSError as error:
            raise StoreUnavailable(f"The attachments in {self.folder} cannot be listed: {error}") from error

    def remove(self, names: Iterable[str]) -> None:
        """Remove the files with these names; raise StoreUnavailable."""
        try:
            for name in names:
                (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"An attachment cannot be removed from {self.folder}: {error}") from error

    def _entries(self) -> list[os.DirEntry[str]]:
        if not self.folder.exists():
            return []
        with os.scandir(self.folder) as entries:
            return [entry for entry in entries if _OURS.fullmatch(entry.name)]

    def _has(self, sha256: str, size: int) -> bool:
        path = self.folder / sha256
        return path.exists() and path.stat().st_size == size

    def _write(self, sha256: str, data: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=_UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.folder / sha256)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync(self.folder)
        _sync(self.folder.parent)


def _older(entry: os.DirEntry[str], moment: datetime) -> bool:
    try:
        return entry.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False  # finished under its own name, or removed, in this very moment


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
