"""Revisions: what git knows of article files, as they stood in a commit and as they changed since."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST = 60.0
"""Seconds one call of git may take."""
REVISION = re.compile(r"[0-9a-f]{7,40}")
NONE = re.compile(r"0{40,64}")
"""How git writes that there is no commit."""
EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree that holds nothing, which git knows in every repository."""


class NoRevision(ValueError):
    """Git cannot be asked, or does not know what it was asked for; the text names both and the way out."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One commit that is pushed, and the one that the other side already has."""

    commit: str
    base: str


class Revisions:
    """What git knows of one folder."""

    def __init__(self, folder: Path) -> None:
        """Look at a folder; nothing is asked of git yet."""
        self.folder = folder

    def changed_since(self, revision: str) -> frozenset[str]:
        """Return the files that were added, changed or removed since, saved but not committed ones too."""
        known = self.known(revision)
        changed = self._git("diff", "--name-only", "--no-renames", "--relative", "-z", known, "--", ".")
        fresh = self._git("ls-files", "--others", "--exclude-standard", "-z")
        return frozenset(filter(None, f"{changed}\0{fresh}".split("\0")))

    def known(self, revision: str) -> str:
        """Return the full name of a commit or tree; NoRevision when there is none of that name."""
        if revision == EMPTY:
            return EMPTY
        try:
            return self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
        except NoRevision as error:
            raise NoRevision(f'"{revision}" is no commit that git knows in {self.folder}. {error}'.strip()) from error

    def prefix(self) -> str:
        """Return the place of the folder in its repository, such as "articles/"; "" when it is the whole of it."""
        return self._git("rev-parse", "--show-prefix").strip()

    def hooks(self) -> Path:
        """Return the folder in which git looks for hooks."""
        return (self.folder / self._git("rev-parse", "--git-path", "hooks").strip()).resolve()

    def shares_hooks(self) -> bool:
        """Tell whether another program keeps the hooks, perhaps those of other repositories too."""
        try:
            return bool(self._git("config", "--get", "core.hooksPath").strip())
        except NoRevision:
            return False

    def text(self, revision: str, path: str) -> str | None:
        """Return a file as it stood in a commit, None when git has it no more or never had."""
        try:
            return self._git("show", "--end-of-options", f"{revision}:./{path}").replace("\r\n", "\n")
        except NoRevision:
            return None

    def last(self, path: str) -> str:
        """Return the last commit that changed a file; "" when there is none, or when it has changed since."""
        try:
            if self._git("status", "--porcelain", "--", path):
                return ""
            return self._git("log", "-1", "--format=%H", "--", path).strip()
        except NoRevision:
            return ""

    def pushed(self, lines: Iterable[str], remote: str) -> Iterator[Pushed]:
        """Read what git tells a pre-push hook: a line for each branch; what is deleted there has nothing to check."""
        for _, commit, _, theirs in (line.split() for line in lines if line.strip()):
            if not NONE.fullmatch(commit):
                yield Pushed(commit, self._base(commit, theirs, remote))

    def _base(self, commit: str, theirs: str, remote: str) -> str:
        """Return the commit the other side has: that of the branch, or the newest of any branch of it."""
        if not NONE.fullmatch(theirs):
            try:
                return self.known(theirs)
            except NoRevision:  # somebody else has pushed meanwhile: git will refuse, and tell
                pass
        fresh = self._git("rev-list", "--reverse", commit, "--not", f"--remotes={remote}").split()
        if not fresh:
            return commit
        return (self._git("rev-list", "--parents", "-1", fresh[0]).split()[1:] or [EMPTY])[0]

    @contextmanager
    def at(self, revision: str) -> Iterator[Path]:
        """Lay out the folder as it stood in a commit, and take it away again."""
        top = Path(self._git("rev-parse", "--show-toplevel").strip())
        prefix = self.prefix()
        with tempfile.TemporaryDirectory(prefix="wegweiser-") as place:
            tree = Path(place) / "tree"
            if self.known(revision) == EMPTY:
                (tree / prefix).mkdir(parents=True)
                yield tree / prefix
                return
            beside = Revisions(top)
            beside.lay_out(tree, self.known(revision))
            try:
                (tree / prefix).mkdir(parents=True, exist_ok=True)
                yield tree / prefix
            finally:
                beside.take_away(tree)

    def lay_out(self, tree: Path, commit: str) -> None:
        """Write the files of a commit into a new folder; hooks of the repository are not run for it."""
        self._git("-c", "core.hooksPath=/dev/null", "worktree", "add", "--detach", "--quiet", str(tree), commit)

    def take_away(self, tree: Path) -> None:
        """Delete such a folder, and let git forget it."""
        self._git("worktree", "remove", "--force", str(tree))

    def _git(self, *words: str) -> str:
        git = shutil.which("git")
        if git is None:
            raise NoRevision("There is no git on this machine. Install it.")
        try:
            done = subprocess.run(  # noqa: S603 - git by its full path, arguments as a list
                [git, "-C", str(self.folder), "--no-pager", *words],
                capture_output=True, check=True, timeout=LONGEST, env=environment(), stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            raise NoRevision(error.stderr.decode("utf-8", "replace").strip()) from error
        except (OSError, subprocess.SubprocessError) as error:
            raise NoRevision(str(error)) from error
        return done.stdout.decode("utf-8", "replace")


def environment() -> dict[str, str]:
    """Leave out what would lead git to another repository: a hook is started with it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
