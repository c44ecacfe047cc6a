"""Corrected: which article files were lately put right, as the messages of their commits say."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from app.articles.git_answer import ask

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

DAYS = 30
"""How long an article tells that it was wrong."""
SECONDS = 20.0
LARGEST = 4_000_000
_LOG = (
    "log", "-m", "--first-parent", "--no-show-signature", "--no-renames", "--diff-filter=d", "--name-only",
    "--relative", "-z", "--format=format:", "--extended-regexp", "--grep=^(Korrektur|Correction) *(\\([a-z0-9-]+\\))?:",
)  # fmt: skip


class Corrected:
    """Looks once for each version of the index and each day, in a thread of its own: no reader waits for it."""

    def __init__(self, folder: Path) -> None:
        """Look at a folder; nothing is asked of git yet."""
        self._folder = folder
        self._lock = threading.Lock()
        self._known: tuple[str, date] | None = None
        self._paths: frozenset[str] = frozenset()

    def paths(self, version: str, today: date) -> frozenset[str]:
        """Return the files, below the folder; those of the version before until the new ones are known."""
        with self._lock:
            if self._known != (version, today):
                self._known = (version, today)
                threading.Thread(target=self._look, args=(today,), name="corrected", daemon=True).start()
            return self._paths

    def _look(self, today: date) -> None:
        since = f"--since={today - timedelta(days=DAYS + 1)}T00:00:00Z"
        said = ask(self._folder, *_LOG, since, "--", ".", seconds=SECONDS, most=LARGEST).said
        names = said.decode("utf-8", "replace").replace("\n", "\0").split("\0")
        self._paths = frozenset(filter(None, names))
