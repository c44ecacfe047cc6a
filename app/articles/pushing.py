"""Pushing: a branch with a draft goes to the repository that authors work with, and to no branch that is there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from app.articles.checkout import ASK_SECONDS
from app.articles.git import GitFailed, git

if TYPE_CHECKING:
    from pathlib import Path

    from app.articles.checkout import Remote

PUSH_SECONDS = 30.0


class RemoteTaken(Exception):
    """The remote has a branch of this name with something else on it; nothing was changed."""


def push(folder: Path, remote: Remote, branch: str) -> None:
    """Make the branch of the repository around `folder` a new one of the remote; the same again changes nothing.

    Raise RemoteTaken, GitFailed with what git said, without passwords, and NotPulled where there is no git.
    """
    name = f"refs/heads/{branch}"
    mine = git(folder, "rev-parse", "--verify", name).strip()
    there = git(folder, "ls-remote", "--", remote.url, name, longest=ASK_SECONDS).split()
    if there and there[0] != mine:
        raise RemoteTaken(branch)
    if not there:
        must_be_new = f"--force-with-lease={name}:"
        git(folder, "push", "--quiet", "--no-verify", must_be_new, "--", remote.url, f"{name}:{name}",
            longest=PUSH_SECONDS)  # fmt: skip


def forget(folder: Path, branch: str) -> None:
    """Take a branch that could not be pushed away again, so that the next try begins anew."""
    with suppress(GitFailed):
        git(folder, "update-ref", "-d", f"refs/heads/{branch}")
