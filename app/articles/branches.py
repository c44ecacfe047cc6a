"""Branches: a new article file is written onto a branch of its own, while the folder and what is checked out stay."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from app.articles.checkout import Remote
from app.articles.git import GitFailed
from app.articles.history import environment
from app.articles.pull import NotPulled
from app.articles.pushing import RemoteTaken, forget, push

LONGEST = 20.0
"""Seconds each call of git may take."""
PREFIX = "entwurf/"
MODE = "100644"
MUST_BE_NEW = ""
"""The old value of a reference that may not exist yet."""

_QUIET = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", "-c", "gc.auto=0")
_NO_MARKS = re.compile(r"[<>\x00-\x1f\x7f]")


class Reason(StrEnum):
    """Why nothing can be written. These are ids; the page has the words."""

    NO_GIT = "no_git"
    NO_REPOSITORY = "no_repository"
    NO_COMMIT = "no_commit"
    READ_ONLY = "read_only"
    FAILED = "failed"
    NOT_PUSHED = "not_pushed"


class CannotWrite(Exception):
    """The branch could not be written, and there is none: `reason` says why."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"No branch could be written: {reason}. {detail}".strip())
        self.reason = reason


class BranchTaken(Exception):
    """There is an article, or a branch with another text, of this name already; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote or committed something, as git says it."""

    name: str
    email: str

    def variables(self, role: str) -> dict[str, str]:
        """Return what tells git so: `role` is AUTHOR or COMMITTER."""
        return {f"GIT_{role}_NAME": _NO_MARKS.sub("", self.name).strip() or "?",
                f"GIT_{role}_EMAIL": _NO_MARKS.sub("", self.email).strip()}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewFile:
    """An article file that there is not yet."""

    slug: str
    path: str
    """Below the article folder."""
    text: str
    message: str
    """What the commit says."""

    @property
    def branch(self) -> str:
        """The branch that is made for it."""
        return f"{PREFIX}{self.slug}"


@dataclass(frozen=True, slots=True)
class Branches:
    """The branches of the repository that the article folder lies in."""

    folder: Path
    committer: Person
    remote: Remote | None = None
    """Where authors work, if that is another repository: a branch is pushed there, or not made at all."""

    def hindrance(self) -> Reason | None:
        """Return why no branch can be written; None where nothing is in the way."""
        try:
            objects = Path(self._git("rev-parse", "--path-format=absolute", "--git-path", "objects"))
            self._git("rev-parse", "--verify", "-q", "HEAD^{commit}", otherwise=Reason.NO_COMMIT)
        except CannotWrite as error:
            return error.reason
        return None if os.access(objects, os.W_OK) else Reason.READ_ONLY

    def add(self, file: NewFile, author: Person) -> str:
        """Write the file onto its branch, which begins where HEAD is, and return the name of the branch.

        The same file again changes nothing. Raise BranchTaken, and CannotWrite.
        """
        hindrance = self.hindrance()
        if hindrance:
            raise CannotWrite(hindrance)
        path = self._git("rev-parse", "--show-prefix") + file.path
        base, blob = self._git("rev-parse", "HEAD^{commit}"), self._blob(file.text)
        if not self._is_there(file, path, blob):
            self._refuse_known(file.slug)
            tree = self._tree(base, blob, path)
            self._point(file, self._commit(file, tree, base, author))
        if self.remote:
            self._push(file.branch, self.remote)
        return file.branch

    def _push(self, branch: str, remote: Remote) -> None:
        try:
            push(self.folder, remote, branch)
        except RemoteTaken:
            forget(self.folder, branch)
            raise BranchTaken(branch) from None
        except (GitFailed, NotPulled) as error:
            forget(self.folder, branch)
            raise CannotWrite(Reason.NOT_PUSHED, str(error)) from error

    def _is_there(self, file: NewFile, path: str, blob: str) -> bool:
        if not self._has(f"refs/heads/{file.branch}"):
            return False
        if not self._has(f"refs/heads/{file.branch}:{path}", blob):
            raise BranchTaken(file.branch)
        return True

    def _refuse_known(self, slug: str) -> None:
        names = self._git("ls-tree", "-r", "-z", "--name-only", "HEAD", "--", ".").split("\0")
        if slug in {PurePosixPath(name).name.split(".")[0] for name in names if name.endswith(".md")}:
            raise BranchTaken(slug)

    def _blob(self, text: str) -> str:
        return self._git("hash-object", "-w", "--stdin", "--no-filters", given=text, otherwise=Reason.READ_ONLY)

    def _tree(self, base: str, blob: str, path: str) -> str:
        """Return a tree with one more file, put together in an index of its own."""
        with tempfile.TemporaryDirectory(prefix="draft-") as folder:
            own = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", base, more=own)
            self._git("update-index", "--add", "--cacheinfo", f"{MODE},{blob},{path}", more=own)
            return self._git("write-tree", more=own)

    def _commit(self, file: NewFile, tree: str, base: str, author: Person) -> str:
        who = author.variables("AUTHOR") | self.committer.variables("COMMITTER")
        return self._git("commit-tree", tree, "-p", base, "-F", "-", given=file.message, more=who)

    def _point(self, file: NewFile, commit: str) -> None:
        """Make the branch, unless somebody else made it meanwhile."""
        name = f"refs/heads/{file.branch}"
        try:
            self._git("update-ref", "-m", "wegweiser: draft", name, commit, MUST_BE_NEW)
        except CannotWrite:
            if self._has(name):
                raise BranchTaken(file.branch) from None
            raise

    def _has(self, name: str, value: str = "") -> bool:
        try:
            found = self._git("rev-parse", "--verify", "-q", name)
        except CannotWrite:
            return False
        return not value or found == value

    def _git(
        self, *command: str, given: str = "", more: dict[str, str] | None = None, otherwise: Reason = Reason.FAILED,
    ) -> str:  # fmt: skip
        git = shutil.which("git")
        if git is None:
            raise CannotWrite(Reason.NO_GIT)
        if not self.folder.is_dir():
            raise CannotWrite(Reason.NO_REPOSITORY)
        try:
            done = subprocess.run(  # noqa: S603 - git by its full path, arguments as a list, texts by standard input
                [git, *_QUIET, "-C", str(self.folder), *command],
                input=given.encode(), capture_output=True, check=True, timeout=LONGEST,
                env=environment() | (more or {}),
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode("utf-8", "replace").strip()[:200]
            raise CannotWrite(Reason.NO_REPOSITORY if "not a git repository" in said else otherwise, said) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotWrite(otherwise, str(error)) from error
        return done.stdout.decode("utf-8", "replace").removesuffix("\n")
