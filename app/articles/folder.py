"""The folder: which files there are, read without ever following a link out of it."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from app.articles.article import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEEPEST = 12
"""Folders inside folders that are entered."""
LARGEST_FILE = 64_000_000
"""Bytes of a file that are looked at to tell whether it has changed."""


def walk(folder: Path) -> tuple[tuple[str, ...], tuple[Fault, ...]]:
    """List the files below the folder, sorted, as paths with forward slashes; links and submodules are refused."""
    found = list(_walk(folder, ""))
    files = sorted(entry for entry in found if isinstance(entry, str))
    doubles = tuple(_differing_in_case(files))
    refused = {fault.path for fault in doubles}
    faults = (*(entry for entry in found if isinstance(entry, Fault)), *doubles)
    return tuple(file for file in files if file not in refused), faults


def read_bytes(folder: Path, path: str, largest: int) -> bytes:
    """Read at most one byte more than `largest`; OSError when the file is gone, closed to us or a link by now."""
    descriptor = os.open(folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(largest + 1)


def digest_of(folder: Path, commit: str) -> str:
    """Return the digest of every name and byte in the folder, and of the commit that its days are told by."""
    files, faults = walk(folder)
    digest = hashlib.sha256(repr((commit, faults)).encode())
    for path in files:
        try:
            whole = hashlib.sha256(read_bytes(folder, path, LARGEST_FILE))
        except OSError as error:
            whole = hashlib.sha256(repr(error.errno).encode())
        digest.update(f"{path} {whole.hexdigest()}\n".encode())
    return digest.hexdigest()


def _walk(folder: Path, inside: str) -> Iterator[str | Fault]:
    try:
        entries = sorted(os.scandir(folder / inside), key=lambda entry: entry.name)
    except OSError as error:
        yield Fault(inside or ".", 1, f"the folder cannot be read ({error.strerror}). Check that it is there and open.")
        return
    for entry in entries:
        if not entry.name.startswith("."):
            yield from _entry(folder, f"{inside}/{entry.name}".lstrip("/"), entry)


def _entry(folder: Path, path: str, entry: os.DirEntry[str]) -> Iterator[str | Fault]:
    if not _is_text(path):
        yield Fault(path.encode("utf-8", "replace").decode(), 1, "the name is not UTF-8. Rename it.")
    elif entry.is_symlink():
        yield Fault(path, 1, "this is a symbolic link, which is never followed. Put the file itself here.")
    elif entry.is_dir(follow_symlinks=False):
        yield from _subfolder(folder, path)
    elif entry.is_file(follow_symlinks=False):
        yield path


def _subfolder(folder: Path, path: str) -> Iterator[str | Fault]:
    if os.path.lexists(folder / path / ".git"):
        yield Fault(path, 1, "this is a git repository of its own, which is not read. Put the files here.", hint=True)
    elif path.count("/") >= DEEPEST:
        yield Fault(path, 1, f"this lies deeper than {DEEPEST} folders and is not read. Move it up.")
    else:
        yield from _walk(folder, path)


def _differing_in_case(files: list[str]) -> Iterator[Fault]:
    """Refuse all but one; the one in small letters is kept, as only that can be an article."""
    seen: dict[str, str] = {}
    for path in sorted(files, key=lambda path: (path != path.lower(), path)):
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            yield Fault(path, 1, f'this differs from "{other}" only in case. Rename one of them.')


def _is_text(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
