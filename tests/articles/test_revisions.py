"""Tests of revisions and translations, in real repositories."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from app.articles.library import read_library
from app.articles.revisions import EMPTY, NoRevision, Pushed, Revisions
from app.articles.source import sources_of
from app.articles.translations import fallen_behind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.articles.finding import Finding
    from tests.articles.conftest import Shelf

GERMAN, ENGLISH = "public/netz/wlan.md", "public/netz/wlan.en.md"
NOTHING = "0" * 40


@pytest.fixture
def git(shelf: Shelf) -> Callable[..., str]:
    """Make the shelf a repository and return a function that runs git there."""

    def run(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(shelf.folder), *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    run("init", "-q", "-b", "main")
    run("config", "user.name", "Mia")
    run("config", "user.email", "mia@example.org")
    return run


def commit(git: Callable[..., str]) -> str:
    """Commit all there is."""
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", "x")
    return git("rev-parse", "HEAD")


def behind(shelf: Shelf) -> list[Finding]:
    """Return what is told of the translations on the shelf."""
    read = sources_of(shelf.folder, read_library(shelf.folder).articles)
    return list(fallen_behind(read, Revisions(shelf.folder), "de"))


def test_changed_are_added_edited_removed_and_unsaved_files(shelf: Shelf, git: Callable[..., str]) -> None:
    """With paths below the folder, umlauts as they are."""
    for name in ("weg", "neu", "gleich"):
        shelf.article(f"a/public/netz/{name}.md")
    first = commit(git)
    (shelf.folder / "a/public/netz/weg.md").unlink()
    shelf.article("a/public/netz/neu.md", "Anders.")
    commit(git)
    shelf.article("a/public/netz/für.md")
    shelf.article("anderswo/x.md")
    changed = Revisions(shelf.folder / "a").changed_since(first)
    assert changed == {"public/netz/weg.md", "public/netz/neu.md", "public/netz/für.md"}


@pytest.mark.parametrize("name", ["nirgends", "--all", "HEAD:x"])
def test_a_commit_nobody_knows_is_named(shelf: Shelf, git: Callable[..., str], name: str) -> None:
    """And is never an option of git."""
    commit(git)
    with pytest.raises(NoRevision, match="is no commit that git knows"):
        Revisions(shelf.folder).changed_since(name)


def test_without_a_repository_nothing_is_known(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor without git."""
    revisions = Revisions(shelf.folder)
    with pytest.raises(NoRevision, match="not a git repository"):
        revisions.prefix()
    assert (revisions.last("x.md"), revisions.text("abcdef0", "x.md"), revisions.shares_hooks()) == ("", None, False)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(NoRevision, match="no git on this machine"):
        revisions.prefix()


def test_a_git_that_does_not_answer_is_named(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for no longer than a minute."""
    monkeypatch.setattr("app.articles.revisions.LONGEST", 0.0)
    with pytest.raises(NoRevision, match="timed out"):
        Revisions(shelf.folder).prefix()


def test_a_folder_is_laid_out_as_it_stood(shelf: Shelf, git: Callable[..., str]) -> None:
    """And taken away again, with nothing left in the repository; at the beginning it was empty."""
    shelf.article(f"a/{GERMAN}", "Alt.")
    first = commit(git)
    shelf.article(f"a/{GERMAN}", "Neu.")
    revisions = Revisions(shelf.folder / "a")
    with revisions.at(first) as folder:
        assert "Alt." in (folder / GERMAN).read_text()
    with revisions.at(EMPTY) as empty:
        assert list(empty.iterdir()) == []
    assert not folder.exists()
    assert git("worktree", "list").count("\n") == 0


def test_a_push_is_compared_with_what_the_other_side_has(shelf: Shelf, git: Callable[..., str], tmp_path: Path) -> None:
    """Its branch; for a new branch the newest commit of any of its branches; at first nothing at all."""
    shelf.article(GERMAN)
    first = commit(git)
    revisions = Revisions(shelf.folder)
    new = f"refs/heads/main {first} refs/heads/main {NOTHING}"
    assert list(revisions.pushed([new], "origin")) == [Pushed(first, EMPTY)]
    git("init", "-q", "--bare", str(tmp_path / "there.git"))
    git("remote", "add", "origin", str(tmp_path / "there.git"))
    git("push", "-q", "origin", "main")
    second = commit(git)
    rows = (f"refs/heads/main {second} refs/heads/main {first}", f"refs/heads/b {second} refs/heads/b {NOTHING}",
            f"(delete) {NOTHING} refs/heads/c {first}", f"refs/heads/d {first} refs/heads/d {NOTHING}",
            f"refs/heads/e {second} refs/heads/e {'1' * 40}", "")  # fmt: skip
    assert list(revisions.pushed(rows, "origin")) == [
        Pushed(second, first), Pushed(second, first), Pushed(first, first), Pushed(second, first),
    ]  # fmt: skip


def test_a_translation_is_told_which_paragraphs_changed(shelf: Shelf, git: Callable[..., str]) -> None:
    """Since the revision it names; a changed question makes it no older."""
    shelf.article(GERMAN, "Anfang.\n\n1. Eins.\n2. Zwei.\n\nEnde.\n\nWeg damit.")
    base = commit(git)
    shelf.article(ENGLISH, translation_of_revision=base[:10])
    assert behind(shelf) == []
    shelf.article(GERMAN, "Anfang.\n\n1. Eins.\n2. Zwei, aber anders.\n\nEnde.", questions="[neu]")
    last = commit(git)
    (told,) = behind(shelf)
    assert (told.path, told.line, told.level) == (ENGLISH, 3, "hint")
    assert told.message == f'{GERMAN} has changed since {base[:8]}: line 8 ("2. Zwei, aber anders. …"), 1 removed.'
    assert f"translation_of_revision: {last[:10]}" in told.hint


def test_a_translation_that_names_no_revision_is_as_old_as_its_last_commit(
    shelf: Shelf, git: Callable[..., str]
) -> None:
    """While it is being edited it is taken for new; and of many paragraphs a few are named."""
    shelf.article(GERMAN)
    shelf.article(ENGLISH)
    commit(git)
    shelf.article(GERMAN, "\n\n".join(f"Absatz {number}." for number in range(5)))
    commit(git)
    (told,) = behind(shelf)
    assert told.message.endswith('line 6 ("Absatz 1. …"), line 8 ("Absatz 2. …"), 2 more.')
    shelf.article(ENGLISH, "Edited.")
    assert behind(shelf) == []


def test_a_revision_that_git_does_not_know_is_told(shelf: Shelf, git: Callable[..., str]) -> None:
    """Whatever was written there."""
    shelf.article(GERMAN)
    commit(git)
    shelf.article(ENGLISH, translation_of_revision="'--all'")
    assert [finding.message for finding in behind(shelf)] == [f'git knows no revision "--all" of {GERMAN}.']


def test_without_git_translations_are_not_told_of(shelf: Shelf) -> None:
    """Nobody could tell; a named revision is another matter."""
    shelf.article(GERMAN)
    shelf.article(ENGLISH)
    assert behind(shelf) == []
    shelf.article(ENGLISH, translation_of_revision="abcdef012")
    assert "the commit of the original" in behind(shelf)[0].hint


def test_the_edition_that_names_a_revision_is_the_translation(shelf: Shelf, git: Callable[..., str]) -> None:
    """Also where the default language was translated."""
    shelf.article(ENGLISH, "First.")
    base = commit(git)
    shelf.article(GERMAN, translation_of_revision=base)
    shelf.article(ENGLISH, "Second.")
    assert [finding.path for finding in behind(shelf)] == [GERMAN]
