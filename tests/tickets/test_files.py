from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.database import StoreUnavailable
from app.tickets.files import Files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Clock


def test_what_is_kept_is_read(tmp_path: Path) -> None:
    """The folder is made, and nothing but the file is in it."""
    files = Files(tmp_path / "new" / "files")
    sha256 = files.keep(b"link down")
    assert files.read(sha256) == b"link down"
    assert [path.name for path in files.folder.iterdir()] == [sha256]


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    """They have the same name, and are not written again."""
    files = Files(tmp_path)
    first = files.keep(b"x")
    written = (tmp_path / first).stat().st_mtime_ns
    assert files.keep(b"x") == first
    assert (tmp_path / first).stat().st_mtime_ns == written


def test_half_a_file_is_written_again(tmp_path: Path) -> None:
    """One that is too short is not taken for the whole."""
    files = Files(tmp_path)
    (tmp_path / files.keep(b"whole")).write_bytes(b"wh")
    assert files.read(files.keep(b"whole")) == b"whole"


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """It names the file."""
    with pytest.raises(StoreUnavailable, match="abc cannot be read"):
        Files(tmp_path).read("abc")


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    """It is not handed on."""
    files = Files(tmp_path)
    sha256 = files.keep(b"x")
    (tmp_path / sha256).write_bytes(b"y")
    with pytest.raises(StoreUnavailable, match="is damaged"):
        files.read(sha256)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot be kept"):
        Files(tmp_path / "files").keep(b"x")


def test_a_file_that_vanishes_while_the_folder_is_listed(tmp_path: Path, clock: Clock) -> None:
    """Another process finished or removed it: it is not there to be old."""
    (tmp_path / ("a" * 64)).symlink_to(tmp_path / "gone")
    assert Files(tmp_path).unchanged_since(clock.now) == frozenset()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The half-written file is removed."""

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.tickets.files.os.fsync", no_space)
    with pytest.raises(StoreUnavailable, match="No space left"):
        Files(tmp_path).keep(b"x")
    assert list(tmp_path.iterdir()) == []
