"""Tests of the check as authors and CI start it, and of the hook that starts it, in real repositories."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app import commands, hooks

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
PRINTER = "public/geraete/drucker.md"
GOOD = "---\ntitle: Drucker offline\nquestions: [mein drucker druckt nicht]\n---\nDer Drucker druckt nicht.\n"
BAD = "---\ntitle: Kaputt\n---\n[dort](nirgends)\n\n![](fehlt.png)\n"
NOTHING = "0" * 40


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a repository with one good article in its folder `articles`; there is no model."""
    for name, value in (("ARTICLES", tmp_path / "repo" / "articles"), ("INDEX", tmp_path / "index")):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("EMBEDDING_MODEL", "none")
    write(tmp_path / "repo", PRINTER, GOOD)
    git(tmp_path / "repo", "init", "-q", "-b", "main")
    git(tmp_path / "repo", "config", "user.name", "Mia")
    git(tmp_path / "repo", "config", "user.email", "mia@example.org")
    commit(tmp_path / "repo")
    return tmp_path / "repo"


def write(repository: Path, path: str, text: str) -> None:
    """Write one article."""
    file = repository / "articles" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="")


def git(repository: Path, *words: str) -> str:
    """Run git and return what it prints; the error shows what it said."""
    return subprocess.run(["git", "-C", str(repository), *words], capture_output=True, text=True, check=True).stdout


def commit(repository: Path) -> str:
    """Commit everything."""
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x")
    return git(repository, "rev-parse", "HEAD").strip()


def rules(out: str) -> list[tuple[str, str]]:
    """Return path and rule of each finding that was written as JSON."""
    return [(one["path"], one["rule"]) for one in json.loads(out)]


def check(*words: str) -> int:
    """Start the check."""
    return commands.main(["check-articles", *words])


@pytest.mark.parametrize("words", [(), ("--no-search",)])
def test_good_articles_pass(repository: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    """With a search and without; nothing stands on the standard output."""
    assert repository.is_dir()
    assert check(*words) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "Articles: 1 good. Faults: 0, hints: 0." in err


def test_every_finding_is_one_object_with_stable_fields(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Errors make the exit code 1; nothing else is on the standard output."""
    write(repository, "public/geraete/kaputt.md", BAD)
    assert check("--format", "json", "--no-search") == 1
    found = json.loads(capsys.readouterr().out)
    assert [(one["line"], one["rule"], one["level"]) for one in found] == [
        (4, "link", "error"), (6, "alt", "error"), (6, "link", "error"),
    ]  # fmt: skip
    assert all(set(one) == {"path", "line", "rule", "level", "message", "hint"} for one in found)


def test_sarif_names_files_from_the_top_of_the_repository(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a CI system finds them; outside of a repository from the folder."""
    write(repository, "public/geraete/kaputt.md", BAD)
    assert check("--format", "sarif", "--only", "alt") == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "articles/public/geraete/kaputt.md"
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repository.parent))
    (repository / ".git").rename(repository.parent / "elsewhere")
    assert check("--format", "sarif", "--only", "alt") == 1
    assert '"public/geraete/kaputt.md"' in capsys.readouterr().out


def test_one_rule_can_be_asked_for(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And several; an unknown one is refused with the list of those there are."""
    write(repository, "public/geraete/kaputt.md", BAD)
    assert check("--only", "review", "--only", "twin") == 0
    with pytest.raises(SystemExit):
        check("--only", "spelling")
    assert "readability" in capsys.readouterr().err


def test_only_what_changed_is_told(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was wrong before is not the fault of this change; a commit that is not known is named."""
    write(repository, "public/geraete/alt.md", BAD)
    first = commit(repository)
    assert check("--changed-since", first) == 0
    write(repository, "public/geraete/neu.md", BAD)
    assert check("--changed-since", first, "--format", "json", "--no-search") == 1
    assert {path for path, _ in rules(capsys.readouterr().out)} == {"public/geraete/neu.md"}
    assert check("--changed-since", "nirgends") == 1
    assert '"nirgends" is no commit that git knows' in capsys.readouterr().err


def test_an_article_taken_away_leaves_dead_links_that_are_told(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the files that link to it."""
    write(repository, "public/geraete/nachbar.md", "---\ntitle: Nachbar\n---\n[dort](drucker)\n")
    first = commit(repository)
    (repository / "articles" / PRINTER).unlink()
    assert check("--changed-since", first, "--format", "json", "--no-search") == 1
    assert rules(capsys.readouterr().out) == [("public/geraete/nachbar.md", "link")]


def test_a_question_that_a_new_article_takes_away_is_an_error(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the old article, which was not changed; by words alone too. Compared with a commit, or the version in use."""
    (repository / "articles/public/geraete/bild.png").write_bytes(b"")
    first = commit(repository)
    assert commands.main(["build-index"]) == 0
    for number in range(3):
        title = f"Mein Drucker druckt nicht {number}"
        write(repository, f"public/geraete/rivale-{number}.md", f"---\ntitle: {title}\n---\n{title}.\n")
    for words in (("--changed-since", first), ()):
        capsys.readouterr()
        assert check("--only", "question", *words) == 1
        out = capsys.readouterr().out
        assert f"{PRINTER}:3: error [question]" in out
        assert "no longer finds this article (rank 1 before): it now finds" in out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("---\r\ntitle: Gut\r\n---\r\nText.\r\n", None),
        ("---\ntitle: A\nquestions:\n\t- x\n---\nText.\n", ":4: error [contract] there is a tab in the front matter."),
        ("---\ntitle: A\n---\n<<<<<<< HEAD\nA\n=======\nB\n>>>>>>> b\n", ':4: error [contract] "<<<<<<<" was left by'),
        ("---\ntitle: A\nredirects: [drucker]\n---\nx\n", ':3: error [contract] "drucker" is the slug of'),
        ("---\ntitle: A\nrelated: [fall]\n---\nx\n", None),
    ],
)
def test_bad_input_is_named_by_file_and_line(
    repository: Path, capsys: pytest.CaptureFixture[str], text: str, told: str | None
) -> None:
    """Windows line ends are none, nor is a relation that leads back to the article itself."""
    write(repository, "public/geraete/fall.md", text)
    assert check("--no-search") == (1 if told else 0)
    out = capsys.readouterr().out
    assert (f"public/geraete/fall.md{told}" in out) if told else (out == "")


def test_names_that_differ_only_in_case_and_slugs_there_twice_are_named(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On another system one file would overwrite the other."""
    write(repository, "public/geraete/Drucker.md", GOOD)
    write(repository, "public/netz/wlan.md", GOOD)
    write(repository, "internal/netz/wlan.md", GOOD)
    assert check("--no-search") == 1
    out = capsys.readouterr().out
    assert (
        'public/geraete/Drucker.md:1: error [contract] this differs from "public/geraete/drucker.md" only in case'
        in out
    )
    assert '"wlan" is already in public/netz/wlan.md' in out


def test_relations_and_redirects_in_a_circle_end(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two that are related to each other are no fault; two that redirect to each other are two."""
    for one, other in (("a", "b"), ("b", "a")):
        write(repository, f"public/netz/{one}.md", f"---\ntitle: X\nrelated: [{other}]\nredirects: [{other}]\n---\nx\n")
    assert check("--no-search") == 1
    out = capsys.readouterr().out
    assert out.count("Remove it.") == 2
    assert "related" not in out


def push(repository: Path, monkeypatch: pytest.MonkeyPatch, *rows: str) -> int:
    """Start the check as git does before a push."""
    assert repository.is_dir()
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(rows)))
    return check("--no-search", "--pre-push", "origin")


def test_a_push_is_checked_as_it_is_committed(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not as the folder happens to be; and only what is new to the other side."""
    first = git(repository, "rev-parse", "HEAD").strip()
    write(repository, "public/geraete/kaputt.md", BAD)
    second = commit(repository)
    (repository / "articles/public/geraete/kaputt.md").unlink()
    assert push(repository, monkeypatch, f"refs/heads/main {second} refs/heads/main {first}") == 1
    out, err = capsys.readouterr()
    assert "public/geraete/kaputt.md:4: error [link]" in out
    assert "Nothing was pushed." in err
    write(repository, "public/geraete/kaputt.md", "nie gespeichert")
    assert push(repository, monkeypatch, f"refs/heads/x {first} refs/heads/x {NOTHING}") == 0


def test_a_push_without_articles_is_not_checked(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is a branch that is deleted."""
    first = git(repository, "rev-parse", "HEAD").strip()
    (repository / "code.py").write_text("x = 1\n")
    second = commit(repository)
    rows = (f"refs/heads/main {second} refs/heads/main {first}", f"(delete) {NOTHING} refs/heads/x {first}")
    assert push(repository, monkeypatch, *rows) == 0
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    """Give a place that stands for this one, whose check is the real one without its environment being made."""
    script = tmp_path / "por tal" / "scripts" / "check-articles"
    script.parent.mkdir(parents=True)
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m app.commands check-articles --no-search "$@"\n')
    script.chmod(0o755)
    (tmp_path / "por tal" / "app").symlink_to(ROOT / "app")
    return tmp_path / "por tal"


def test_the_hook_refuses_a_real_push_with_faults_and_lets_a_good_one_through(
    repository: Path, portal: Path, tmp_path: Path
) -> None:
    """In a repository of the articles alone, with a folder of another name."""
    told: list[str] = []
    git(tmp_path, "init", "-q", "--bare", "there.git")
    git(repository, "remote", "add", "origin", str(tmp_path / "there.git"))
    assert hooks.install(repository / "articles", told.append, portal) == 0
    assert hooks.install(repository / "articles", told.append, portal) == 0
    write(repository, "public/geraete/kaputt.md", BAD)
    commit(repository)
    words = ["git", "-C", str(repository), "push", "-q", "origin", "main"]
    refused = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ)
    assert refused.returncode != 0
    assert "public/geraete/kaputt.md:4: error [link]" in refused.stdout + refused.stderr
    write(repository, "public/geraete/kaputt.md", GOOD)
    commit(repository)
    git(repository, "push", "-q", "origin", "main")
    assert git(tmp_path / "there.git", "rev-parse", "main") == git(repository, "rev-parse", "main")


def other_hook(repository: Path) -> Path:
    """Put a hook there that is not ours."""
    hook = repository / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 0\n")
    return hook


def shared_hooks(repository: Path) -> Path:
    """Let another program keep the hooks."""
    git(repository, "config", "core.hooksPath", ".husky")
    return repository / ".husky" / "pre-push"


@pytest.mark.parametrize("prepare", [other_hook, shared_hooks])
def test_hooks_of_others_are_never_touched(
    repository: Path, capsys: pytest.CaptureFixture[str], prepare: Callable[[Path], Path]
) -> None:
    """The line to add to them is told."""
    hook = prepare(repository)
    before = hook.read_text() if hook.exists() else None
    assert commands.main(["install-hooks"]) == 1
    assert (hook.read_text() if hook.exists() else None) == before
    assert "scripts/check-articles --articles" in capsys.readouterr().err


def test_a_folder_in_no_repository_gets_no_hook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And it is said why."""
    assert commands.main(["install-hooks", "--articles", str(tmp_path)]) == 1
    assert "not a git repository" in capsys.readouterr().err
