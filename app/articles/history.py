"""History: when each article file was last changed, and in which commit the folder stands, from one call of git."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 20.0
"""Seconds git may take."""

_LOG = ("log", "--no-show-signature", "--no-renames", "--name-only", "--relative", "-z", "--format=format:%x01%H %cs")


@dataclass(frozen=True, slots=True)
class History:
    """What git knows of a folder; empty where git or a repository is missing."""

    commit: str = ""
    """The last commit that changed the folder."""
    days: Mapping[str, date] = field(default_factory=dict)
    """Day of each file's last commit, by path below the folder."""


def read_history(folder: Path) -> History:
    """Ask git for the history of the folder."""
    return _read(_ask(folder, *_LOG, "--", "."))


def last_commit(folder: Path) -> str:
    """Ask git only for the last commit that changed the folder; "" where it does not know."""
    return _ask(folder, "log", "--no-show-signature", "-1", "--format=format:%H", "--", ".").strip()


def _ask(folder: Path, *question: str) -> str:
    """Return what git says; "" where git or a repository is missing."""
    git = shutil.which("git")
    if git is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - git by its full path, arguments as a list, the folder is the operator's
            [git, "-C", str(folder), "--no-pager", *question],
            capture_output=True,
            check=True,
            timeout=LONGEST,
            env=environment(),
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def environment() -> dict[str, str]:
    """Return what git may know: without what would lead it to another repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


def _read(log: str) -> History:
    """Read commits, newest first: each a mark, its hash and day, a line end, and its files, parted by NUL."""
    commits = log.split("\x01")[1:]
    days: dict[str, date] = {}
    for commit in commits:
        head, _, files = commit.partition("\n")
        for path in filter(None, files.split("\0")):
            days.setdefault(path, date.fromisoformat(head.split(" ")[1]))
    return History(commits[0].split(" ")[0] if commits else "", days)
