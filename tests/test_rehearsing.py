"""The commands that rehearse the way from push to live: small, with one change of each kind and few kills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app import commands
from app.articles.publication import Publications
from app.changes import KINDS, make
from app.desk_bench import write_articles
from app.git_server import Repository
from app.keeper import Keeper
from app.killing import Times, Trial
from app.pushing import ALL, Story, served_wrongly
from app.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

USUAL: dict[str, Any] = {}
"""No setting but those of the environment."""


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Give a small folder of articles."""
    write_articles(tmp_path / "articles", 12)
    return tmp_path / "articles"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Give a repository that nobody serves."""
    return Repository(tmp_path, "")


def test_each_kind_of_change_comes_to_what_it_must(articles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Good ones are found in seconds, bad ones named and never served, and no reader waits in vain."""
    words = ["rehearse", "--articles", str(articles), "--pushes", str(len(ALL)), "--readers", "20", "--kills", "0"]
    code = commands.main(words)
    printed = capsys.readouterr().out
    assert (code, [kind for kind in ALL if kind not in printed]) == (0, []), printed
    assert "Failed requests: none. Not as it must be: nothing." in printed


def test_a_killed_builder_leaves_a_whole_version_and_no_litter(
    articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At whichever moment it was killed."""
    code = commands.main(["rehearse", "--articles", str(articles), "--pushes", "0", "--kills", "8"])
    printed = capsys.readouterr().out
    assert code == 0, printed
    assert "Killed 8 times" in printed


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_one_that_git_takes(repository: Repository, kind: str) -> None:
    """With the good article that comes with it."""
    make(repository, "new article", 0)
    repository.push()
    outcome = make(repository, kind, 1)
    repository.push(*(["--force"] if outcome.force else []))
    assert "articles/public/probe/probe-1.md" in repository.git("ls-files")


def test_what_is_not_as_it_must_be_is_noticed(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal that is not there finds nothing, says nothing and shows nothing."""
    story = Story(repository, "http://127.0.0.1:9", "secret", "")
    monkeypatch.setattr("app.pushing.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(Story, "_told", lambda *_: False)
    monkeypatch.setattr(Story, "_finds", lambda *_: False)
    monkeypatch.setattr(Story, "_page", lambda *_: "")
    monkeypatch.setattr(Story, "_shows", lambda *_: True)
    make(repository, "new article", 0)
    repository.push()
    story.play("tabs in YAML", 1)
    story.close()
    told = " ".join(story.wrong)
    wanted = (
        "webhook was not taken",
        "good article is not found",
        "does not say",
        "is not there",
        "what is wrong is found",
    )
    assert [what for what in wanted if what not in told] == []


def test_what_customers_could_read_is_looked_through(tmp_path: Path) -> None:
    """In every version that is kept, word by word."""
    folder = tmp_path / "2026/public/shards/0000"
    folder.mkdir(parents=True)
    (folder / "passages.jsonl").write_text('{"text": "babababaxan bababakexan"}')
    assert [line.rpartition(" ")[2] for line in served_wrongly(tmp_path, 1)] == ["bababakexan", "version"]


def test_leftovers_and_a_lost_version_are_noticed(tmp_path: Path, repository: Repository) -> None:
    """Folders of half a build, locks, half fetches, and an index that nobody can search."""
    given: dict[str, Any] = {"index": tmp_path / "index", "data": tmp_path / "var"}
    trial = Trial(repository, Settings(**given), Keeper(()))
    for name in (
        "index/.building-a",
        "index/.building-b",
        "index/2026",
        "var/checkout.new",
        "var/checkout/.git/objects",
    ):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "var/checkout/.git/objects/tmp_pack_x").touch()
    trial.look()
    assert any("0: 5 leftovers" in line for line in trial.wrong)
    assert len([line for line in trial.wrong if "No usable index" in line]) == 2


def test_moments_are_mostly_those_of_building() -> None:
    """And now and then any other."""
    times = Times(fetched=3.0, live=4.0)
    assert all(2.5 <= times.moment(often=True) <= 4.5 for _ in range(50))
    assert all(0.0 <= times.moment(often=False) <= 4.8 for _ in range(50))


@pytest.mark.parametrize(("option", "value"), [("pushes", "2001"), ("readers", "201"), ("kills", "10001")])
def test_a_rehearsal_has_bounds(option: str, value: str, articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a test and no attack."""
    told: list[str] = []
    monkeypatch.setattr(commands.console, "print", lambda *words, **_: told.extend(map(str, words)))
    given = {"pushes": "0", "kills": "0"} | ({"pushes": "1"} if option == "readers" else {}) | {option: value}
    words = [word for name, one in given.items() for word in (f"--{name}", one)]
    assert commands.main(["rehearse", "--articles", str(articles), *words]) == 1
    assert f"--{option} is {value}. Choose 1 to" in told[0]


def test_a_builder_that_keeps_dying_is_told_until_it_has_looked(tmp_path: Path) -> None:
    """Once is none; what began when is kept."""
    publications = Publications(tmp_path / "publish")
    publications.note_death(1, "SIGKILL")
    assert publications.read().failure is None
    publications.note_death(2, "SIGKILL")
    first = publications.read().failure
    publications.note_death(3, "exit code 1")
    failure = publications.read().failure
    assert first
    assert failure
    assert (failure.trouble, failure.at) == ("dies", first.at)
    assert "3 times in a row, at last by exit code 1" in failure.detail
