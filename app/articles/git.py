"""Git: one call of it, which asks nobody, runs no hook, follows no link and speaks only to what it is told to."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import datetime
from typing import TYPE_CHECKING

from app.articles.publication import Signature, Trouble
from app.articles.pull import NotPulled
from app.articles.revisions import environment

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 60.0
"""Seconds one call may take."""
HARMLESS = (
    "core.hooksPath=/dev/null", "core.symlinks=false", "core.fsmonitor=false", "core.autocrlf=false",
    "protocol.ext.allow=never", "submodule.recurse=false", "gc.autoDetach=false", "advice.detachedHead=false",
)  # fmt: skip
SILENT = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20", "GIT_LFS_SKIP_SMUDGE": "1",
}  # fmt: skip
PASSWORD = re.compile(r"(?<=://)[^/@\s]*@")


class GitFailed(Exception):
    """Git ended with an error, or did not end in time; the text is what it said, without passwords."""

    def __init__(self, said: str, code: int = -1) -> None:
        super().__init__(said)
        self.code = code


def git(folder: Path, *words: str, longest: float = LONGEST) -> str:
    """Run git in a folder and return what it prints; GitFailed, or NotPulled where there is none."""
    program = shutil.which("git")
    if program is None:
        raise NotPulled(Trouble.GIT, "There is no git on this machine. Install it.")
    settings = [word for one in HARMLESS for word in ("-c", one)]
    try:
        done = subprocess.run(  # noqa: S603 - git by its full path, arguments as a list
            [program, "-C", str(folder), "--no-pager", *settings, *words],
            capture_output=True, check=True, timeout=longest, env=environment() | SILENT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip()
        raise GitFailed(without_password(said), error.returncode) from None
    except (OSError, subprocess.SubprocessError) as error:
        raise GitFailed(without_password(str(error))) from None
    return done.stdout.decode("utf-8", "replace")


def signature_of(folder: Path) -> Signature:
    """Return the last commit that changed a folder; an empty one where git knows none."""
    try:
        said = git(folder, "log", "-1", "--no-show-signature", "--format=%H%x00%an%x00%cI", "--", ".").strip()
    except (GitFailed, NotPulled):
        return Signature()
    return signed(said)


def signed(line: str) -> Signature:
    """Read commit, author and time out of a line of git's log."""
    if not line:
        return Signature()
    commit, author, at = line.split("\0")
    return Signature(commit, author, datetime.fromisoformat(at))


def without_password(text: str) -> str:
    """Return a text in which no address carries a user's name or password."""
    return PASSWORD.sub("", text)
