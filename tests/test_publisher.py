"""The publisher, over a real git server: what is pushed is live, and what is wrong leaves the last good version."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app import publisher as module
from app.articles.checkout import Checkout, Remote
from app.articles.local_folder import LocalFolder
from app.articles.publication import Publications, Trouble
from app.git_server import served
from app.publisher import Publisher, place_of
from app.search.searcher import Searcher
from app.search.versions import Versions
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.articles.pull import Place
    from app.git_server import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    """Give a repository with one article, which is served."""
    (tmp_path / "server").mkdir()
    with served(tmp_path / "server") as repository:
        repository.article("wlan", "WLAN langsam")
        repository.push()
        yield repository


@pytest.fixture
def publisher(tmp_path: Path, repository: Repository) -> Publisher:
    """Give who publishes its branch main, and has done so once."""
    made = publisher_for(tmp_path, checkout(tmp_path, repository.url))
    assert made.publish(always=True)
    return made


def checkout(tmp_path: Path, url: str, branch: str = "main", inside: str = "articles") -> Checkout:
    """Return a copy that is to be made."""
    return Checkout(tmp_path / "var" / "checkout", Remote(url, branch), Path(inside), 0.2)


def publisher_for(tmp_path: Path, place: Place) -> Publisher:
    """Return who publishes a place, by words only."""
    return Publisher(place, Versions(tmp_path / "index"), Publications(tmp_path / "publish"), lambda: None, quiet)


@contextmanager
def quiet(_title: str) -> Iterator[Callable[[int, int], None]]:
    """Show nothing."""
    yield lambda _done, _total: None


def found(publisher: Publisher, text: str) -> list[str]:
    """Return what a search finds in the current version."""
    return [one.slug for one in Searcher(publisher.versions, "public", None).search(text, "de").results]


def trouble(publisher: Publisher) -> Trouble | None:
    """Return what stands in the way."""
    failure = publisher.publications.read().failure
    return failure.trouble if failure else None


def test_what_is_pushed_is_found(publisher: Publisher, repository: Repository) -> None:
    """With commit, author and counts; a second look finds nothing new."""
    repository.article("drucker", "Drucker offline")
    commit = repository.push()
    assert publisher.publish()
    noted = publisher.publications.read()
    assert found(publisher, "drucker offline") == ["drucker"]
    assert (noted.signature.commit, noted.signature.author, noted.internal) == (commit, "Mia Weber", 2)
    assert noted.version == publisher.versions.current()
    assert publisher.publish() is None


def test_a_branch_moved_by_force_is_followed_and_told(publisher: Publisher, repository: Repository) -> None:
    """Until something is pushed on top of it."""
    repository.git("checkout", "-q", "--orphan", "anew")
    repository.git("rm", "-rfq", ".")
    repository.article("mesh", "Mesh aufstellen")
    repository.push("--force")
    assert publisher.publish()
    assert publisher.publications.read().rewritten
    assert (found(publisher, "mesh"), found(publisher, "wlan langsam")) == (["mesh"], [])
    assert publisher.publish(always=True)
    assert publisher.publications.read().rewritten
    repository.push()
    publisher.publish()
    assert not publisher.publications.read().rewritten


def test_a_remote_that_is_gone_leaves_what_is_there(publisher: Publisher, repository: Repository) -> None:
    """Says so with the same time at every look, and is forgotten when it is back."""
    repository.bare.rename(repository.bare.with_suffix(".away"))
    publisher.publish()
    first = publisher.publications.read().failure
    publisher.publish()
    assert first
    assert (trouble(publisher), publisher.publications.read().failure) == (Trouble.UNREACHABLE, first)
    assert found(publisher, "wlan langsam") == ["wlan"]
    repository.bare.with_suffix(".away").rename(repository.bare)
    publisher.publish()
    assert trouble(publisher) is None


def test_a_branch_that_is_deleted_is_told(publisher: Publisher, repository: Repository) -> None:
    """By what it is, not as a network that fails."""
    repository.git("push", "-q", "origin", "HEAD:refs/heads/other")
    (repository.bare / "HEAD").write_text("ref: refs/heads/other\n")
    repository.git("push", "-q", "origin", ":refs/heads/main")
    publisher.publish()
    assert (trouble(publisher), found(publisher, "wlan langsam")) == (Trouble.NO_BRANCH, ["wlan"])


def test_faulty_files_keep_their_last_good_edition(publisher: Publisher, repository: Repository) -> None:
    """Conflict marks, a huge file, half a file: named by line, and the good change beside them is live."""
    for slug in ("konflikt", "riesig", "halb"):
        repository.article(slug, f"Gut {slug}")
    repository.push()
    publisher.publish()
    repository.article("konflikt", "Schlecht", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other")
    repository.article("riesig", "Schlecht", "x" * 300_000)
    repository.write("articles/public/netz/halb.md", "---\ntitle: Schlecht\nquest")
    repository.article("neu", "Etwas Neues")
    repository.push()
    publisher.publish()
    noted = publisher.publications.read()
    assert {one.path.rpartition("/")[2] for one in noted.faults} == {"konflikt.md", "riesig.md", "halb.md"}
    assert (trouble(publisher), found(publisher, "etwas neues")) == (None, ["neu"])
    assert "riesig" in found(publisher, "gut riesig")
    assert found(publisher, "schlecht") == []


def test_links_and_submodules_are_named_and_not_read(publisher: Publisher, repository: Repository) -> None:
    """Neither as files of their name nor as what they lead to."""
    (repository.work / "articles/public/netz/link.md").symlink_to("/etc/passwd")
    (repository.work / "articles/public/ordner").symlink_to("/etc")
    head = repository.git("rev-parse", "HEAD")
    repository.git("add", "-A")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{head},articles/public/fremd")
    repository.git("commit", "-q", "-m", "x")
    repository.git("push", "-q", "origin", "HEAD:refs/heads/main")
    publisher.publish()
    told = {one.path: one.message for one in publisher.publications.read().faults}
    assert "symbolic link" in told["public/netz/link.md"]
    assert "symbolic link" in told["public/ordner"]
    assert "submodule" in told["public/fremd"]
    assert found(publisher, "wlan langsam") == ["wlan"]


@pytest.mark.parametrize(("path", "expected"), [
    ("articles", Trouble.NO_FOLDER), ("articles/public", Trouble.EMPTY),
])  # fmt: skip
def test_an_emptied_repository_leaves_what_is_there(
    publisher: Publisher, repository: Repository, path: str, expected: Trouble
) -> None:
    """Somebody deleted too much; who means it can delete the index."""
    repository.write("articles/categories.yml", "netz:\n  title: {de: Netz, en: Network}\n")
    repository.push()
    repository.git("rm", "-rq", path)
    repository.push()
    publisher.publish()
    assert (trouble(publisher), found(publisher, "wlan langsam")) == (expected, ["wlan"])


def test_a_build_that_fails_leaves_what_is_there(
    publisher: Publisher, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is tried again."""
    repository.article("drucker", "Drucker offline")
    repository.push()
    with monkeypatch.context() as broken:
        broken.setattr(module, "build", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        publisher.publish()
    assert (trouble(publisher), found(publisher, "wlan langsam")) == (Trouble.BUILD, ["wlan"])
    assert publisher.publish()
    assert (trouble(publisher), found(publisher, "drucker offline")) == (None, ["drucker"])


def test_what_a_killed_git_left_behind_is_cleared(publisher: Publisher, repository: Repository, tmp_path: Path) -> None:
    """Locks, a file that is half written, and a copy that is broken altogether."""
    place = publisher.place
    (tmp_path / "var/checkout/.git/index.lock").touch()
    (place.folder / "public/netz/wlan.md").write_text("halb")
    (place.folder / "public/netz/fremd.md").write_text("---\ntitle: Fremd\n---\n")
    repository.article("drucker", "Drucker offline")
    repository.push()
    publisher.publish()
    assert (found(publisher, "drucker offline"), found(publisher, "fremd")) == (["drucker"], [])
    for file in (tmp_path / "var/checkout/.git/objects").rglob("*"):
        if file.is_file():
            file.unlink()
    repository.article("mesh", "Mesh aufstellen")
    repository.push()
    publisher.publish()
    assert (trouble(publisher), found(publisher, "mesh")) == (None, ["mesh"])


def test_a_hook_or_filter_of_the_copy_is_not_run(publisher: Publisher, repository: Repository, tmp_path: Path) -> None:
    """Whatever lies there."""
    hook = tmp_path / "var/checkout/.git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        hook.with_name(name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        hook.with_name(name).chmod(0o755)
    repository.article("drucker", "Drucker offline")
    repository.push()
    assert publisher.publish()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("url", ["--upload-pack=touch x", "ext::sh -c touch% x", "ftp://x/y", "fd::17"])
def test_a_remote_that_is_an_option_or_a_command_is_refused(url: str) -> None:
    """Before git sees it."""
    with pytest.raises(ValueError, match="ARTICLES_REMOTE"):
        Remote(url)


@pytest.mark.parametrize("url", ["/srv/git/x.git", "mia@host:x.git", "https://h/x", "ssh://h/x", "file:///x", "../x"])
def test_a_remote_that_git_knows_is_taken(url: str) -> None:
    """Addresses and paths."""
    assert Remote(url).ref == "refs/heads/main"


@pytest.mark.parametrize("branch", ["-x", "", "a..b", "a b", "a:b", "a.lock", "/a", "a/", "a@{1}", "+a:b"])
def test_a_branch_that_is_no_name_is_refused(branch: str) -> None:
    """It would be an option, or more than a branch."""
    with pytest.raises(ValueError, match="ARTICLES_BRANCH"):
        Remote("/x", branch)


@pytest.mark.parametrize("inside", ["/etc", "../x", ".git"])
def test_a_folder_outside_of_the_repository_is_refused(tmp_path: Path, inside: str) -> None:
    """With what would be right."""
    with pytest.raises(ValueError, match="ARTICLES is"):
        checkout(tmp_path, "/x", inside=inside)


def test_a_password_in_the_address_is_never_told(tmp_path: Path) -> None:
    """Neither as the source nor in what git says."""
    publisher = publisher_for(tmp_path, checkout(tmp_path, "http://mia:geheim@127.0.0.1:9/x.git"))
    publisher.publish()
    noted = publisher.publications.read()
    assert noted.failure
    assert noted.failure.trouble is Trouble.UNREACHABLE
    assert "geheim" not in noted.failure.detail + publisher.place.name


def test_a_local_folder_is_read_once_it_has_settled(tmp_path: Path) -> None:
    """An unchanged one is not built again; a folder that is gone leaves what is there."""
    folder = tmp_path / "articles"
    (folder / "public/netz").mkdir(parents=True)
    (folder / "public/netz/wlan.md").write_text("---\ntitle: WLAN langsam\n---\nText.\n")
    publisher = publisher_for(tmp_path, LocalFolder(folder))
    assert publisher.publish()
    assert publisher.publish() is None
    (folder / "public/netz/neu.md").write_text("---\ntitle: Etwas Neues\n---\nText.\n")
    assert publisher.publish()
    assert found(publisher, "etwas neues") == ["neu"]
    folder.rename(tmp_path / "away")
    publisher.publish()
    assert (trouble(publisher), len(found(publisher, "etwas neues"))) == (Trouble.NO_FOLDER, 1)


def test_it_looks_when_it_is_woken(tmp_path: Path, repository: Repository) -> None:
    """And ends when told."""
    place = Checkout(tmp_path / "var/checkout", Remote(repository.url), Path("articles"), 0)
    publisher, done = publisher_for(tmp_path, place), threading.Event()
    thread = threading.Thread(target=publisher.run, args=(done,))
    thread.start()
    wait_for(publisher.versions.current)
    repository.article("drucker", "Drucker offline")
    repository.push()
    publisher.publications.wake()
    wait_for(lambda: publisher.publications.read().internal == 2)
    done.set()
    thread.join(10)
    assert not thread.is_alive()


def test_what_a_build_needs_is_at_hand_after_the_first_look(publisher: Publisher) -> None:
    """The model too; where it cannot be had, the builder goes on all the same."""
    asked: list[str] = []
    anew = Publisher(publisher.place, publisher.versions, publisher.publications, lambda: asked.append("model"), quiet)
    assert anew.publish() is None
    assert asked == []
    anew.warm_up()
    anew.warm_up()
    assert asked == ["model"]
    broken = Publisher(publisher.place, publisher.versions, publisher.publications, lambda: 1 / 0, quiet)  # type: ignore[arg-type,return-value]
    broken.warm_up()
    assert broken.publish() is None


def test_what_a_killed_fetch_left_behind_is_cleared(
    publisher: Publisher, repository: Repository, tmp_path: Path
) -> None:
    """It may be as large as the whole history."""
    left_over = tmp_path / "var/checkout/.git/objects/pack/tmp_pack_x"
    left_over.parent.mkdir(exist_ok=True)
    left_over.touch()
    repository.article("drucker", "Drucker offline")
    repository.push()
    publisher.publish()
    assert not left_over.exists()


def test_a_new_file_takes_no_articles_place(publisher: Publisher, repository: Repository) -> None:
    """Neither one whose name differs only in case, nor one with the same slug; both are named."""
    repository.write("articles/public/netz/Wlan.md", "---\ntitle: Falsch\n---\nText.\n")
    repository.write("articles/public/a/wlan.md", "---\ntitle: Falsch\n---\nText.\n")
    repository.push()
    publisher.publish()
    told = {one.path: one.message for one in publisher.publications.read().faults}
    assert "only in case" in told["public/netz/Wlan.md"]
    assert "already in public/netz/wlan.md" in told["public/a/wlan.md"]
    assert (found(publisher, "wlan langsam"), found(publisher, "falsch")) == (["wlan"], [])


def test_settings_name_the_place(tmp_path: Path) -> None:
    """A remote, or the folder as it lies here."""
    given: dict[str, Any] = {"data": tmp_path, "articles": "wissen"}
    settings = Settings(**given)
    assert (place_of(settings).folder, place_of(settings).every) == (Path("wissen"), 2)
    remote = place_of(settings.model_copy(update={"articles_remote": "/srv/x.git"}))
    assert (remote.folder, remote.every) == (tmp_path / "checkout/wissen", 30)


def wait_for(done: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)
