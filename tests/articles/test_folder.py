"""Tests of the folder: every file is found, no link is followed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from app.articles.folder import DEEPEST, digest_of, read_bytes, walk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.articles.conftest import Shelf


def test_lists_files_sorted_with_forward_slashes(shelf: Shelf) -> None:
    """Dot files and dot folders are not there."""
    for path in ("b/c.md", "a.md", ".hidden", ".git/config", "b/.x/y.md"):
        shelf.write(path, "")
    assert walk(shelf.folder) == (("a.md", "b/c.md"), ())


def test_links_to_files_and_folders_are_refused(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing from outside becomes an article."""
    outside = tmp_path_factory.mktemp("draussen")
    (outside / "geheim.md").write_text("x")
    (shelf.folder / "datei.md").symlink_to(outside / "geheim.md")
    (shelf.folder / "ordner").symlink_to(outside)
    files, faults = walk(shelf.folder)
    assert files == ()
    assert [(fault.path, "symbolic link" in fault.message) for fault in faults] == [
        ("datei.md", True),
        ("ordner", True),
    ]


def test_a_file_that_became_a_link_is_not_read(shelf: Shelf) -> None:
    """Between listing and reading there is time."""
    (shelf.folder / "a.md").symlink_to("/etc/hostname")
    with pytest.raises(OSError, match="symbolic links"):
        read_bytes(shelf.folder, "a.md", 100)


def test_reads_at_most_one_byte_too_many(shelf: Shelf) -> None:
    """A file of any size costs no more memory than the limit."""
    shelf.write("a.md", "x" * 1000)
    assert len(read_bytes(shelf.folder, "a.md", 100)) == 101


def test_a_repository_inside_is_not_entered(shelf: Shelf) -> None:
    """Submodules hold other people's files."""
    shelf.write("fremd/.git", "gitdir: x")
    shelf.write("fremd/a.md", "x")
    files, faults = walk(shelf.folder)
    assert files == ()
    assert [(fault.path, fault.hint) for fault in faults] == [("fremd", True)]


def test_names_that_differ_only_in_case_are_refused(shelf: Shelf) -> None:
    """On other machines they would be one file."""
    for path in ("a/Wlan.md", "a/wlan.md"):
        shelf.write(path, "")
    files, faults = walk(shelf.folder)
    assert files == ("a/wlan.md",)
    assert str(faults[0]) == 'a/Wlan.md:1: this differs from "a/wlan.md" only in case. Rename one of them.'


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """It is named, not raised."""
    files, (fault,) = walk(tmp_path / "nirgends")
    assert files == ()
    assert "cannot be read (No such file or directory)" in fault.message


def test_folders_are_entered_only_so_deep(shelf: Shelf) -> None:
    """A runaway program's folders stop nobody."""
    shelf.write("/".join(["x"] * (DEEPEST + 3)) + "/a.md", "")
    files, (fault,) = walk(shelf.folder)
    assert files == ()
    assert "lies deeper than" in fault.message


def test_a_name_that_is_not_utf_8_is_a_fault(shelf: Shelf) -> None:
    """Such a file cannot be named in any address."""
    (shelf.folder / os.fsdecode(b"b\xfcro.md")).write_text("x")
    files, (fault,) = walk(shelf.folder)
    assert files == ()
    assert str(fault) == "b?ro.md:1: the name is not UTF-8. Rename it."


def test_a_pipe_is_no_file(shelf: Shelf) -> None:
    """Reading it would wait for ever."""
    os.mkfifo(shelf.folder / "a.md")
    assert walk(shelf.folder) == ((), ())


def test_the_digest_of_a_folder_tells_every_change(tmp_path: Path) -> None:
    """A byte, a name, a new file, a link, a commit; and nothing else."""
    (tmp_path / "public").mkdir()
    file = tmp_path / "public" / "a.md"
    file.write_text("eins")
    seen = [digest_of(tmp_path, "")]
    for change in (
        lambda: file.write_text("zwei"),
        lambda: file.rename(tmp_path / "public" / "b.md"),
        lambda: (tmp_path / "public" / "c.md").write_text(""),
        lambda: (tmp_path / "public" / "d.md").symlink_to(tmp_path / "public" / "b.md"),
    ):
        change()
        seen.append(digest_of(tmp_path, ""))
    seen.append(digest_of(tmp_path, "f00"))
    assert len(set(seen)) == 6
    assert digest_of(tmp_path, "f00") == seen[-1]


def test_the_digest_of_a_folder_outlives_a_file_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may vanish between the listing and the reading."""
    (tmp_path / "a.md").write_text("eins")

    def gone(*_: object) -> bytes:
        raise FileNotFoundError(2, "gone")

    before = digest_of(tmp_path, "")
    monkeypatch.setattr("app.articles.folder.read_bytes", gone)
    assert digest_of(tmp_path, "") != before
