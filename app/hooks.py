"""Hooks: git checks the articles that are about to be pushed, in this repository or in one of their own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from app.articles.revisions import Revisions

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "pre-push"
MARK = "# Wegweiser: checks the articles that are pushed. Made by scripts/install-hooks."
ROOT = Path(__file__).parents[1]


def install(articles: Path, say: Callable[[str], None], root: Path = ROOT) -> int:
    """Write the hook and return 0; 1 when another one is there, which is never touched, but told what to add.

    NoRevision when the folder is in no repository.
    """
    revisions = Revisions(articles)
    folder = revisions.hooks()
    line = command(articles.resolve(), root)
    hook = folder / NAME
    if revisions.shares_hooks() or (hook.exists() and MARK not in hook.read_text("utf-8", "replace")):
        say(f"{hook} is not ours and stays as it is. Add this line to it, and give it git's standard input:\n{line}")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{MARK}\n{line}\n", encoding="utf-8")
    hook.chmod(0o755)
    say(f"{hook} checks the articles in {articles.resolve()} before each push; faults refuse it, hints are told.")
    return 0


def command(articles: Path, root: Path) -> str:
    """Return the line of the shell that checks a push; git gives the name of the other side as $1."""
    place = shlex.quote(str(root))
    return f'cd {place} && exec scripts/check-articles --articles {shlex.quote(str(articles))} --pre-push "$1"'
