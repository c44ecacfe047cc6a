from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import integers

from app.search import versions as module
from app.search.versions import FORMAT, KEPT, NoIndex, Versions
from tests.search.conftest import Workshop, article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
SEARCH_AS_NOBODY = """
import os, sys
from app.search.encoder import HashingEncoder
from app.search.searcher import Searcher
from app.search.versions import Versions
from pathlib import Path
def first(folder):
    return Searcher(Versions(Path(folder)), "public", HashingEncoder()).search("Text von Neu", "de").results[0].slug
own, foreign = sys.argv[1:]
first(own)  # Python loads parts of itself late, from where perhaps only root may read
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
assert not os.access(foreign, os.W_OK, effective_ids=True)
print(first(foreign))
"""


def truncate(file: Path) -> None:
    """Lose the second half, as a full disk does."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(file: Path) -> None:
    """Change one bit in the middle, as a bad disk does."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def newest(workshop: Workshop) -> Path:
    """Return the folder of the current version."""
    return workshop.versions.root / workshop.versions.current()


def everything(workshop: Workshop) -> set[Path]:
    """Return all files and folders but the builders' lock."""
    return set(workshop.versions.root.rglob("*")) - {workshop.versions.root / ".lock"}


def slugs(versions: Versions) -> set[str]:
    """Return what the version that loads is about."""
    return {slug for slug, _ in versions.load("public").rendered}


def test_the_current_version_is_loaded(two: Workshop) -> None:
    """CURRENT names it."""
    index = two.versions.load("public")
    assert index.version == two.versions.current()
    assert slugs(two.versions) == {"neu"}


@pytest.mark.parametrize("damage", [Path.unlink, truncate, flip])
@pytest.mark.parametrize(
    "file",
    ["public/shelves.json", "public/codebook.npz",
     *(f"public/shards/0000/{name}" for name in (
         "vectors.faiss", "passages.jsonl", "articles.jsonl", "vocabulary.json", "codes.npy", "ends.npy", "starts.npy",
         "keywords/meta.json", "keywords/*.store"))],
)  # fmt: skip
def test_a_damaged_file_falls_back_to_the_version_before(
    two: Workshop, file: str, damage: Callable[[Path], None]
) -> None:
    """Whatever is damaged, and in whatever way, the portal goes on with what is whole."""
    (path,) = newest(two).glob(file)
    damage(path)
    assert slugs(two.versions) == {"alt"}


@pytest.mark.parametrize("damage", [Path.unlink, truncate])
def test_a_damaged_manifest_falls_back_to_the_version_before(two: Workshop, damage: Callable[[Path], None]) -> None:
    """A version that cannot say what it holds is none."""
    damage(newest(two) / "manifest.json")
    assert slugs(two.versions) == {"alt"}


@pytest.mark.parametrize(
    "text",
    ["[]", "{}", f'{{"format": {FORMAT}}}', f'{{"format": {FORMAT}, "files": 7, "model": null}}', "null", "\xff"],
)
def test_a_manifest_that_says_nothing_falls_back(two: Workshop, text: str) -> None:
    """JSON of another shape is as bad as none."""
    (newest(two) / "manifest.json").write_text(text, encoding="latin-1")
    assert slugs(two.versions) == {"alt"}


def test_a_manifest_of_another_format_falls_back(two: Workshop) -> None:
    """A newer release may have written it, and been taken back."""
    manifest = json.loads((newest(two) / "manifest.json").read_bytes())
    (newest(two) / "manifest.json").write_text(json.dumps(manifest | {"format": FORMAT + 1}))
    assert slugs(two.versions) == {"alt"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=integers(0, 10_000), bit=integers(0, 7))
def test_a_flipped_bit_in_the_manifest_never_stops_the_portal(two: Workshop, position: int, bit: int) -> None:
    """It loads or falls back, and is never another error."""
    file = newest(two) / "manifest.json"
    whole = file.read_bytes()
    data = bytearray(whole)
    data[position % len(data)] ^= 1 << bit
    file.write_bytes(data)
    assert slugs(two.versions) in ({"alt"}, {"neu"})
    file.write_bytes(whole)


def test_damage_for_agents_does_not_touch_the_public(two: Workshop) -> None:
    """Each audience has its own files."""
    flip(newest(two) / "internal" / "shelves.json")
    assert slugs(two.versions) == {"neu"}


def test_the_reason_for_falling_back_is_logged(two: Workshop, caplog: pytest.LogCaptureFixture) -> None:
    """The operator reads which file it was."""
    flip(newest(two) / "public" / "shards" / "0000" / "passages.jsonl")
    two.versions.load("public")
    assert "passages.jsonl is damaged" in caplog.text


def test_when_no_version_is_whole_the_error_says_what_to_do(two: Workshop) -> None:
    """It names the folder, what was tried, and the way out."""
    names = two.versions.names()
    for name in names:
        flip(two.versions.root / name / "public" / "shards" / "0000" / "vectors.faiss")
    with pytest.raises(NoIndex, match=r"Run scripts/build-index") as caught:
        two.versions.load("public")
    assert all(part in str(caught.value) for part in (str(two.versions.root), *names))


def test_an_empty_folder_has_no_index(tmp_path: Path) -> None:
    """The first start says so."""
    with pytest.raises(NoIndex, match=r"tried: none"):
        Versions(tmp_path).load("public")


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"20990101T000000.000000Z-00000000\n", b"../../etc\n"])
def test_a_damaged_current_falls_back_to_the_newest(two: Workshop, text: bytes) -> None:
    """The versions are still there."""
    (two.versions.root / "CURRENT").write_bytes(text)
    assert slugs(two.versions) == {"neu"}


def test_current_may_name_an_older_version(two: Workshop) -> None:
    """That is how an operator goes back."""
    two.versions.switch(two.versions.names()[1])
    assert slugs(two.versions) == {"alt"}


def test_the_last_three_versions_are_kept(two: Workshop) -> None:
    """The one in use and two to fall back to."""
    names = [two.write(article(f"nr-{number}")) for number in range(KEPT)]
    assert two.versions.names() == names[::-1]


def test_what_is_no_version_is_never_removed(two: Workshop) -> None:
    """The model lies in the same folder."""
    (two.versions.root / "model").mkdir()
    for number in range(KEPT):
        two.write(article(f"nr-{number}"))
    assert (two.versions.root / "model").is_dir()


@pytest.mark.parametrize("broken", ["write_volume", "write_manifest", "flush"])
def test_a_failed_build_leaves_no_trace(two: Workshop, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk at any step changes nothing."""
    before = everything(two)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, broken, full)
    with pytest.raises(OSError, match="No space left"):
        two.write(article("zu-viel"))
    assert everything(two) == before


def test_a_version_that_cannot_become_the_current_one_leaves_no_trace(
    two: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may be full at the very last step."""
    before = two.versions.names()

    def full(_name: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(two.versions, "switch", full)
    with pytest.raises(OSError, match="No space left"):
        two.write(article("zu-viel"))
    assert two.versions.names() == before


def test_a_version_that_became_the_current_one_stays(two: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error after the switch must not take away what others read already."""
    switch = two.versions.switch

    def late(name: str) -> None:
        switch(name)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(two.versions, "switch", late)
    with pytest.raises(OSError, match="Input/output"):
        two.write(article("doch"))
    assert slugs(two.versions) == {"doch"}


def test_what_a_killed_builder_left_is_swept_away(two: Workshop) -> None:
    """By the next one."""
    (two.versions.root / ".building-left").mkdir()
    with two.versions.building():
        assert not (two.versions.root / ".building-left").exists()


def test_only_one_builds_at_a_time(workshop: Workshop) -> None:
    """A second builder waits for the first."""
    entered = threading.Event()

    def second() -> None:
        with workshop.versions.building():
            entered.set()

    with workshop.versions.building():
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.1)
    thread.join()
    assert entered.is_set()


def test_the_manifest_tells_what_the_version_is(two: Workshop) -> None:
    """For operators, and for the next build."""
    manifest = two.versions.manifest(two.versions.current())
    assert manifest["version"] == two.versions.current()
    assert manifest["articles"] == {"public": 1, "internal": 1}
    assert (manifest["model"], manifest["dimension"]) == ("hashing-64", 64)


@pytest.fixture
def open_folder(two_written: Path) -> Iterator[Path]:
    """Copy two versions to where any user may read them, and nobody may write."""
    top = Path(tempfile.mkdtemp())
    top.chmod(0o755)
    shutil.copytree(two_written, top / "index", ignore=shutil.ignore_patterns(".lock", ".tantivy-*.lock"))
    for path in (top / "index").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    (top / "index").chmod(0o555)
    yield top / "index"
    for path in (top / "index", *(path for path in (top / "index").rglob("*") if path.is_dir())):
        path.chmod(0o755)
    shutil.rmtree(top)


def test_an_index_that_may_only_be_read_can_be_searched(open_folder: Path, two: Workshop) -> None:
    """Many machines read versions from one shared disk."""
    command = [sys.executable, "-c", SEARCH_AS_NOBODY, str(two.versions.root), str(open_folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("neu", 0), done.stderr
