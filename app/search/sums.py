"""Sums: the SHA-256 of files that are never changed, read once by each process."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Identity = tuple[int, int, int, int]


class Sums:
    """Remembers the sums of files, by what the disk says of them; another link to the same file is the same one."""

    def __init__(self) -> None:
        self._known: dict[Identity, str] = {}

    def knows(self, path: Path) -> bool:
        """Whether this very file was read before; OSError when it is not there."""
        return identity(path) in self._known

    def of(self, path: Path) -> str:
        """Return the SHA-256 of a file; OSError when it cannot be read."""
        key = identity(path)
        if key not in self._known:
            self._known[key] = digest_of(path)
        return self._known[key]


def identity(path: Path) -> Identity:
    """Return what tells a file from every other one and from itself before it was written again."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
