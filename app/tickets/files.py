"""The folder of files: each attachment once, under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.database import StoreUnavailable


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
        """Return the bytes; raise StoreUnavailable when they are gone or damaged."""
        try:
            data = (self.folder / sha256).read_bytes()
        except OSError as error:
            raise StoreUnavailable(f"The attachment {sha256} cannot be read: {error}") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreUnavailable(f"The attachment {self.folder / sha256} is damaged. Restore it from the backup.")
        return data

    def _has(self, sha256: str, size: int) -> bool:
        path = self.folder / sha256
        return path.exists() and path.stat().st_size == size

    def _write(self, sha256: str, data: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")
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


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
