"""A repository of articles with a past, for tests: real git, made-up days and authors."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

HEAD = "---\ntitle: {title}\n{fields}---\n"


@dataclass(frozen=True)
class PastRepository:
    """A folder of articles inside a repository."""

    folder: Path

    def git(self, *arguments: str, day: str = "2026-01-01", author: str = "Mia Weber") -> str:
        """Run git as somebody, on a day."""
        noon = f"{day}T12:00:00+0000"
        somebody = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "a@b.example", "GIT_COMMITTER_NAME": "c",
                    "GIT_COMMITTER_EMAIL": "c@b.example", "GIT_AUTHOR_DATE": noon, "GIT_COMMITTER_DATE": noon,
                    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}  # fmt: skip
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=os.environ | somebody, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def write(self, path: str, body: str, title: str = "Titel", fields: str = "") -> None:
        """Write one article."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(HEAD.format(title=title, fields=fields) + body + "\n", encoding="utf-8")

    def commit(self, message: str, day: str = "2026-01-01", author: str = "Mia Weber") -> str:
        """Commit everything; gives the hash."""
        self.git("add", "-A", day=day)
        self.git("commit", "-q", "--allow-empty", "-m", message, day=day, author=author)
        return self.git("rev-parse", "HEAD")


def repository_in(folder: Path) -> PastRepository:
    """Make an empty one, whose articles lie in a folder of their own."""
    repository = PastRepository(folder / "articles")
    repository.folder.mkdir(parents=True)
    repository.git("init", "-q", "-b", "main", "..")
    return repository
