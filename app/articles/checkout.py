"""Checkout: a copy of a remote repository that follows one branch of it, wherever that is moved.

The remote is asked for the tip of the branch, which costs one short answer; only a new tip is fetched. Whatever a
killed git left behind is cleared away before the next call, and a copy that git cannot use is made anew.
"""

from __future__ import annotations

import logging
import re
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.articles.article import Fault
from app.articles.git import GitFailed, git, signed, without_password
from app.articles.publication import Trouble
from app.articles.pull import NotPulled, Pull

BRANCH = re.compile(r"(?![-/.])(?!.*(\.\.|//|@\{|/\.|\.lock(/|$)))[\w./+@-]+(?<![/.])")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*::?", re.IGNORECASE)
KNOWN = ("https:", "http:", "ssh:", "git:", "file:")
ASK_SECONDS = 20.0
FETCH_SECONDS = 900.0
"""What the first fetch may take: a repository may have years of history."""
PUBLISHED = "refs/remotes/origin/published"
LINK, SUBMODULE = "120000", "160000"
NO_BRANCH = 2
"""How git ends when a remote answers, but has not what was asked for."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository and the branch of it that is published."""

    url: str
    """Address or path."""
    branch: str = "main"

    def __post_init__(self) -> None:
        """Take nothing that git would understand as an option or a command; ValueError says what is taken."""
        if self.url.startswith("-") or self._scheme() not in ("", *KNOWN):
            raise ValueError(f'ARTICLES_REMOTE is "{without_password(self.url)}". '
                             f"Give a path, user@host:path, or an address with one of {' '.join(KNOWN)}")  # fmt: skip
        if not BRANCH.fullmatch(self.branch):
            raise ValueError(f'ARTICLES_BRANCH is "{self.branch}", which is no name of a branch. Example: main')

    @property
    def ref(self) -> str:
        """The branch as the remote knows it."""
        return f"refs/heads/{self.branch}"

    def _scheme(self) -> str:
        found = SCHEME.match(self.url)
        is_scheme = found and (found[0].endswith("::") or self.url[found.end() :].startswith("//"))
        return found[0].lower() if found and is_scheme else ""


class Checkout:
    """The copy in `root`; articles are read in the folder `inside` of it."""

    def __init__(self, root: Path, remote: Remote, inside: Path = Path(), every: float = 30.0) -> None:
        """Name all; nothing is fetched yet. ValueError for a folder that is not inside."""
        if inside.is_absolute() or ".." in inside.parts or ".git" in inside.parts:
            raise ValueError(f'ARTICLES is "{inside}". With ARTICLES_REMOTE it is a folder in that repository, '
                             'such as "articles", or "." for all of it.')  # fmt: skip
        self.root, self.remote, self.every = root, remote, every
        self.folder = root / inside
        self._prefix = "" if inside == Path() else f"{PurePosixPath(inside)}/"
        self._whole, self._rewritten = False, ""

    @property
    def name(self) -> str:
        """Repository and branch."""
        return f"{without_password(self.remote.url)} ({self.remote.branch})"

    def move(self) -> None:
        """Move to the tip of the branch; NotPulled when it cannot be had, and all stays as it was."""
        tip = self._tip()
        if self._whole and tip == self._head():
            return
        try:
            self._follow(tip)
        except (GitFailed, OSError) as error:
            log.warning("The copy in %s is made anew: %s", self.root, error)
            self._start_anew(tip)

    def settle(self) -> None:
        """Do nothing: nobody else writes here."""

    def pull(self) -> Pull:
        """Return what was fetched last; NotPulled when nothing was, or the folder is not in it."""
        head = self._head()
        if not head:
            raise NotPulled(Trouble.GIT, f"Nothing was fetched yet from {self.name}.")
        if not self.folder.is_dir():
            raise NotPulled(Trouble.NO_FOLDER, f'There is no folder "{self._prefix}" in commit {head[:12]}.')
        said = git(self.root, "log", "-1", "--no-show-signature", "--format=%H%x00%an%x00%cI")
        return Pull(head, signed(said.strip()), tuple(self._refused()), rewritten=self._rewritten == head)

    def _tip(self) -> str:
        self.root.parent.mkdir(parents=True, exist_ok=True)
        try:
            said = git(self.root.parent, "ls-remote", "--exit-code", "--", self.remote.url, self.remote.ref,
                       longest=ASK_SECONDS)  # fmt: skip
        except GitFailed as error:
            if error.code == NO_BRANCH:
                raise NotPulled(Trouble.NO_BRANCH, f'There is no branch "{self.remote.branch}".') from None
            raise NotPulled(Trouble.UNREACHABLE, str(error)) from None
        return said.split()[0]

    def _head(self) -> str:
        try:
            return git(self.root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").strip() if self._is_own() else ""
        except GitFailed:
            return ""

    def _is_own(self) -> bool:
        """Whether git would work in this very folder, and not in a repository around it."""
        return (self.root / ".git" / "HEAD").is_file()

    def _start_anew(self, tip: str) -> None:
        fresh = Checkout(self.root.with_name(f"{self.root.name}.new"), self.remote)
        try:
            shutil.rmtree(fresh.root, ignore_errors=True)
            fresh._follow(tip)
            shutil.rmtree(self.root, ignore_errors=True)
            fresh.root.rename(self.root)
        except (GitFailed, OSError) as error:
            shutil.rmtree(fresh.root, ignore_errors=True)
            raise NotPulled(Trouble.GIT, str(error)) from None
        self._whole = True

    def _follow(self, tip: str) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        if not self._is_own():
            git(self.root, "init", "--quiet", "--template=")
        for left_over in (*(self.root / ".git").rglob("*.lock"), *(self.root / ".git/objects").rglob("tmp_*")):
            left_over.unlink()
        before = self._head()
        self._fetch(tip)
        if before and before != tip and not self._descends(tip, before):
            self._rewritten = tip
        git(self.root, "reset", "--quiet", "--hard", tip)
        git(self.root, "clean", "--quiet", "-ffdx")
        self._whole = True

    def _fetch(self, tip: str) -> None:
        if self._head() == tip:
            return
        git(self.root, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
            "--", self.remote.url, f"+{self.remote.ref}:{PUBLISHED}", longest=FETCH_SECONDS)  # fmt: skip
        git(self.root, "cat-file", "-e", f"{tip}^{{commit}}")

    def _descends(self, tip: str, before: str) -> bool:
        try:
            git(self.root, "merge-base", "--is-ancestor", before, tip)
        except GitFailed:
            return False
        return True

    def _refused(self) -> list[Fault]:
        """Name links and submodules, and take the links away: git wrote where they lead into a file of their name."""
        rows = (row.partition("\t") for row in git(self.root, "ls-files", "--stage", "-z").split("\0") if row)
        special = [(mode[:6], path) for mode, _, path in rows if mode[:6] in (LINK, SUBMODULE)]
        for mode, path in special:
            if mode == LINK and not (self.root / path).is_dir():
                (self.root / path).unlink(missing_ok=True)
        return [Fault(path.removeprefix(self._prefix), 1, REFUSED[mode])
                for mode, path in special if path.startswith(self._prefix)]  # fmt: skip


REFUSED = {
    LINK: "this is a symbolic link, which is never followed. Put the file itself here.",
    SUBMODULE: "this is a submodule, which is not read. Put the files here.",
}
