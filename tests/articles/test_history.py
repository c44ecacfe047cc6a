"""Tests of history: days of change from a real git, and none where there is none."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.articles.history import History, last_commit, read_history

if TYPE_CHECKING:
    import pytest

    from tests.articles.conftest import Shelf


def git(folder: Path, day: str, *arguments: str) -> str:
    """Run git as nobody in particular, on a day."""
    noon = f"{day}T12:00:00+0000"
    nobody = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.example", "GIT_COMMITTER_NAME": "a",
              "GIT_COMMITTER_EMAIL": "a@b.example", "GIT_AUTHOR_DATE": noon, "GIT_COMMITTER_DATE": noon,
              "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}  # fmt: skip
    done = subprocess.run(["git", *arguments], cwd=folder, env=os.environ | nobody, check=True, capture_output=True)
    return done.stdout.decode().strip()


def commit(folder: Path, day: str) -> str:
    """Commit everything; gives the hash."""
    git(folder, day, "add", "-A")
    git(folder, day, "commit", "-q", "-m", "x")
    return git(folder, day, "rev-parse", "HEAD")


def test_gives_the_day_of_each_files_last_commit(shelf: Shelf) -> None:
    """Below the folder only, whatever the names hold, and the commit that last touched it."""
    git(shelf.folder, "2026-01-01", "init", "-q")
    shelf.write("artikel/größe und mehr.md", "1")
    shelf.write("artikel/b.md", "1")
    commit(shelf.folder, "2026-01-01")
    shelf.write("artikel/b.md", "2")
    last = commit(shelf.folder, "2026-05-05")
    shelf.write("anderes.md", "1")
    commit(shelf.folder, "2026-07-07")
    assert last_commit(shelf.folder / "artikel") == last
    assert read_history(shelf.folder / "artikel") == History(
        last, {"b.md": date(2026, 5, 5), "größe und mehr.md": date(2026, 1, 1)}
    )


def test_a_repository_without_commits_has_no_history(shelf: Shelf) -> None:
    """Nothing was changed yet."""
    git(shelf.folder, "2026-01-01", "init", "-q")
    assert read_history(shelf.folder) == History()
    assert not last_commit(shelf.folder)


def test_a_folder_outside_of_any_repository_has_no_history(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when the environment names another repository."""
    monkeypatch.setenv("GIT_DIR", str(Path(__file__).parents[2] / ".git"))
    assert read_history(shelf.folder) == History()


def test_without_git_there_is_no_history(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Articles are read all the same."""
    monkeypatch.setenv("PATH", str(shelf.folder))
    assert read_history(shelf.folder) == History()
