"""Tests of branches: a real git gets a new file, and nothing else of it changes."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.articles.branches import Branches, BranchTaken, CannotWrite, NewFile, Person, Reason
from app.articles.checkout import Remote
from tests.articles.test_history import commit, git

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = "2026-01-01"
FILE = NewFile("neu", "public/wlan/neu.md", "---\r\ntitle: Größe\n---\n", "Draft: Größe\n")
RUTH = Person("Ruth <Sommer>", "ruth@example.org")
BRANCH = "entwurf/neu"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give an article folder inside of a repository, with work that is not committed, and hooks that would fail."""
    articles = tmp_path / "repository" / "articles"
    (articles / "public" / "wlan").mkdir(parents=True)
    (articles / "public" / "wlan" / "alt.md").write_text("alt")
    git(articles, DAY, "init", "-q", "-b", "main")
    commit(articles, DAY)
    (articles / "public" / "wlan" / "alt.md").write_text("in Arbeit")
    (articles / "vorgemerkt.md").write_text("x")
    git(articles, DAY, "add", "vorgemerkt.md")
    for name in ("reference-transaction", "post-index-change"):
        hook = articles / ".git" / "hooks" / name
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    return articles


@pytest.fixture
def branches(folder: Path) -> Branches:
    """Give the branches of that repository."""
    return Branches(folder, Person("Birkennetz", "hilfe@birkennetz.example"))


def state(folder: Path) -> tuple[str, ...]:
    """Return what may not change: branch, status, and the bytes of the index."""
    index = (folder / ".git" / "index").read_bytes().hex()
    return git(folder, DAY, "symbolic-ref", "HEAD"), git(folder, DAY, "rev-parse", "HEAD"), index


def test_a_file_is_on_its_branch_and_nowhere_else(branches: Branches, folder: Path) -> None:
    """Byte for byte, by the agent, committed by the portal; the work of others stays as it is, and no hook runs."""
    before = state(folder)
    assert branches.add(FILE, RUTH) == BRANCH
    assert state(folder) == before
    assert (folder / "public/wlan/alt.md").read_text() == "in Arbeit"
    assert not (folder / FILE.path).exists()
    size = git(folder, DAY, "cat-file", "-s", f"{BRANCH}:{FILE.path}")
    assert int(size) == len(FILE.text.encode())
    told = git(folder, DAY, "log", "-1", "--format=%an|%ae|%cn|%s", "--name-status", BRANCH)
    assert told == f"Ruth Sommer|ruth@example.org|Birkennetz|Draft: Größe\n\nA\t{FILE.path}"
    assert git(folder, DAY, "rev-parse", f"{BRANCH}^") == before[1]


def test_the_same_file_again_changes_nothing(branches: Branches, folder: Path) -> None:
    """Whoever lost the answer asks again."""
    branches.add(FILE, RUTH)
    before = git(folder, DAY, "rev-parse", BRANCH)
    assert branches.add(FILE, RUTH) == BRANCH
    assert git(folder, DAY, "rev-parse", BRANCH) == before


def test_another_text_never_takes_the_place_of_one(branches: Branches, folder: Path) -> None:
    """Neither of a draft, nor of an article in whatever folder."""
    branches.add(FILE, RUTH)
    before = git(folder, DAY, "rev-parse", BRANCH)
    known = (replace(FILE, text="anders"), NewFile("alt", "public/drucken/alt.en.md", "neu", "x"))
    for file in known:
        with pytest.raises(BranchTaken):
            branches.add(file, RUTH)
    assert git(folder, DAY, "branch", "--format=%(refname:short)").splitlines() == [BRANCH, "main"]
    assert git(folder, DAY, "rev-parse", BRANCH) == before


def test_the_folder_may_lie_deeper(folder: Path, branches: Branches) -> None:
    """Paths begin at the top of the repository."""
    deeper = replace(branches, folder=folder / "public")
    deeper.add(replace(FILE, path="wlan/neu.md"), RUTH)
    assert git(folder, DAY, "cat-file", "-t", f"{BRANCH}:public/wlan/neu.md") == "blob"


def _bare(folder: Path) -> None:
    shutil.rmtree(folder / ".git")


def _gone(folder: Path) -> None:
    shutil.rmtree(folder)


def _unborn(folder: Path) -> None:
    shutil.rmtree(folder / ".git")
    git(folder, DAY, "init", "-q")


@pytest.mark.parametrize(("happen", "reason"), [
    (_bare, Reason.NO_REPOSITORY), (_gone, Reason.NO_REPOSITORY), (_unborn, Reason.NO_COMMIT),
])  # fmt: skip
def test_where_nothing_can_be_written_the_reason_is_told(
    branches: Branches, folder: Path, happen: Callable[[Path], None], reason: Reason
) -> None:
    """Before, so that a page can offer something else, and when it is tried."""
    happen(folder)
    assert branches.hindrance() is reason
    with pytest.raises(CannotWrite) as caught:
        branches.add(FILE, RUTH)
    assert caught.value.reason is reason


def test_without_git_there_is_a_reason(branches: Branches, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the portal works."""
    monkeypatch.setenv("PATH", str(folder))
    assert branches.hindrance() is Reason.NO_GIT


def test_a_repository_that_may_not_be_written_is_told(branches: Branches, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a read-only volume."""
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name != "objects")
    assert branches.hindrance() is Reason.READ_ONLY


def test_a_branch_in_the_way_of_the_name_is_a_failure(branches: Branches, folder: Path) -> None:
    """Nothing is left of it."""
    git(folder, DAY, "-c", f"core.hooksPath={os.devnull}", "branch", "entwurf")
    with pytest.raises(CannotWrite) as caught:
        branches.add(FILE, RUTH)
    assert caught.value.reason is Reason.FAILED


def test_another_repository_in_the_environment_is_not_written(
    branches: Branches, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Git looks only where the folder lies."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    branches.add(FILE, RUTH)
    monkeypatch.delenv("GIT_DIR")
    assert git(folder, DAY, "cat-file", "-t", BRANCH) == "commit"


@pytest.fixture
def pushing(branches: Branches, folder: Path, tmp_path: Path) -> Branches:
    """Give branches whose remote is another repository on this machine."""
    bare = tmp_path / "remote.git"
    git(folder, DAY, "clone", "-q", "--bare", str(folder), str(bare))
    return replace(branches, remote=Remote(str(bare)))


def remote_tip(pushing: Branches) -> str:
    """Return what the remote has under the name of the branch."""
    assert pushing.remote
    return git(Path(pushing.remote.url), DAY, "for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}").strip()


def test_a_branch_is_pushed_to_where_authors_work(pushing: Branches, folder: Path) -> None:
    """Whole; the same again changes nothing."""
    assert pushing.add(FILE, RUTH) == BRANCH
    tip = remote_tip(pushing)
    assert tip == git(folder, DAY, "rev-parse", BRANCH).strip()
    assert pushing.add(FILE, RUTH) == BRANCH
    assert remote_tip(pushing) == tip


def test_a_branch_of_somebody_else_is_never_overwritten(pushing: Branches, folder: Path) -> None:
    """The name is taken, and nothing is left behind here."""
    assert pushing.remote
    git(Path(pushing.remote.url), DAY, "branch", BRANCH, "main")
    before = remote_tip(pushing)
    with pytest.raises(BranchTaken):
        pushing.add(FILE, RUTH)
    assert (remote_tip(pushing), git(folder, DAY, "branch", "--list", BRANCH)) == (before, "")


@pytest.mark.parametrize("broken", ["gone", "refusing"])
def test_a_remote_that_does_not_take_it_is_said(pushing: Branches, folder: Path, broken: str) -> None:
    """No branch is left, so that the next try begins anew; a password in its address is not said."""
    assert pushing.remote
    hook = Path(pushing.remote.url) / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho no drafts here >&2\nexit 1\n")
    hook.chmod(0o755)
    if broken == "gone":
        pushing = replace(pushing, remote=Remote("http://mia:geheim@127.0.0.1:1/wissen.git"))
    with pytest.raises(CannotWrite) as said:
        pushing.add(FILE, RUTH)
    assert said.value.reason is Reason.NOT_PUSHED
    assert "geheim" not in str(said.value)
    assert git(folder, DAY, "branch", "--list", BRANCH) == ""
