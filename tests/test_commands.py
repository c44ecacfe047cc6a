"""The commands as they are typed: what they print, what they return, what they say when something is wrong."""

from __future__ import annotations

import getpass
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from app import commands
from app.desk.agent import Role
from app.main import accounts_of
from app.search import measuring, model
from app.search.encoder import HashingEncoder
from app.search.versions import Versions
from app.search.weights import WEIGHTS
from app.settings import Settings
from tests.search.conftest import write_sets

if TYPE_CHECKING:
    from pathlib import Path

MIA = ["add-agent", "--name", "Mia Weber", "--email", "Mia@example.org"]
PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
ARTICLE = "---\ntitle: Drucker offline\nquestions: [mein drucker druckt nicht]\n---\nDer Drucker zeigt „Offline“.\n"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a small knowledge base, and an environment that names it; there is no model."""
    articles = tmp_path / "articles" / "public" / "geraete"
    articles.mkdir(parents=True)
    (articles / "drucker.md").write_text(ARTICLE, encoding="utf-8")
    for name, value in (("ARTICLES", tmp_path / "articles"), ("INDEX", tmp_path / "index"), ("DATA", tmp_path / "var")):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("EMBEDDING_MODEL", "none")
    return tmp_path


def test_good_articles_pass_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    """With a count, and 0 for scripts."""
    assert commands.main(["check-articles"]) == 0
    assert "Articles: 1 good. Faults: 0" in capsys.readouterr().err


def test_a_faulty_article_is_named_by_path_and_line(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong stands on the standard output, where other tools can read it."""
    (folders / "articles" / "public" / "geraete" / "kaputt.md").write_text("---\nsummary: ohne Titel\n---\nText\n")
    assert commands.main(["check-articles"]) == 1
    assert "public/geraete/kaputt.md:" in capsys.readouterr().out


def test_building_says_what_it_came_to(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second time nothing is new."""
    assert commands.main(["build-index"]) == 0
    assert "index new" in capsys.readouterr().err
    first = Versions(folders / "index").current()
    assert commands.main(["build-index"]) == 0
    assert "index unchanged" in capsys.readouterr().err
    assert Versions(folders / "index").current() == first


def test_another_folder_can_be_named_on_the_command_line(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In place of the setting."""
    (folders / "wiki").mkdir()
    (folders / "wiki" / "seite.md").write_text("# Seite\n\nText\n")
    assert commands.main(["check-articles", "--articles", str(folders / "wiki")]) == 0
    assert "Articles: 1 good" in capsys.readouterr().err


def test_a_setting_that_makes_no_sense_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the name under which it was set."""
    monkeypatch.setenv("PORT", "many")
    assert commands.main(["check-articles"]) == 1
    assert "PORT: " in capsys.readouterr().err


def test_evaluating_prints_and_writes_its_figures(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From one command to table, figures and run."""
    questions = folders / "questions.jsonl"
    lines = [{"id": "1", "text": "drucker offline", "lang": "de", "expected": "drucker"},
             {"id": "2", "text": "apfelkuchen backen", "lang": "de", "expected": None}]  # fmt: skip
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines))
    out, run = folders / "out.json", folders / "run.jsonl"
    words = [
        "evaluate",
        "--articles",
        str(folders / "articles"),
        "--queries",
        str(questions),
        "--peers",
        "--json",
        str(out),
    ]
    assert commands.main([*words, "--run", str(run)]) == 0
    assert "Hit@1" in capsys.readouterr().out
    figures = {(row["group"], row["way"]): row["figures"] for row in json.loads(out.read_text())}
    assert figures["de", "wegweiser"]["Hit@1"] == 1
    assert figures["de nothing answers", "wegweiser"]["answered"] == 0
    assert json.loads(run.read_text().splitlines()[0])["results"][0]["id"] == "drucker"


def test_data_that_cannot_be_read_is_named(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """File and line, and no traceback."""
    (folders / "q.jsonl").write_text("kein JSON\n")
    words = ["evaluate", "--articles", str(folders / "articles"), "--queries", str(folders / "q.jsonl")]
    assert commands.main(words) == 1
    assert "q.jsonl:1" in capsys.readouterr().err


def test_fitting_writes_weights_and_prints_what_they_reach(
    folders: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From one folder of sets; here two, so that each can be checked by the other."""
    monkeypatch.setattr(commands, "prepared_encoder", lambda _settings: HashingEncoder())
    monkeypatch.setattr(measuring, "FITTED", folders / "fitted.json")
    assert commands.main(["fit", "--data", str(write_sets(folders / "data", "eins", "zwei"))]) == 0
    assert WEIGHTS.validate_json((folders / "fitted.json").read_bytes())
    assert "eins de→de" in capsys.readouterr().out


def test_without_a_model_nothing_is_fitted(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights stay as they are."""
    monkeypatch.setattr(measuring, "FITTED", folders / "fitted.json")
    assert commands.main(["fit", "--data", str(folders)]) == 1
    assert not (folders / "fitted.json").exists()


def test_a_folder_without_sets_is_named(
    folders: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is written."""
    monkeypatch.setattr(commands, "prepared_encoder", lambda _settings: HashingEncoder())
    monkeypatch.setattr(measuring, "FITTED", folders / "fitted.json")
    (folders / "empty").mkdir()
    assert commands.main(["fit", "--data", str(folders / "empty")]) == 1
    assert "queries.jsonl" in capsys.readouterr().err
    assert not (folders / "fitted.json").exists()


def test_bench_prints_times(capsys: pytest.CaptureFixture[str]) -> None:
    """For building and for searching."""
    assert commands.main(["bench"]) == 0
    assert "unchanged build" in capsys.readouterr().out


def test_a_model_that_cannot_be_had_leaves_search_by_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The portal starts all the same, and says why it does not understand meaning."""

    def fail(_folder: Path, _say: object) -> None:
        raise model.ModelUnavailable("no connection")

    monkeypatch.setenv("EMBEDDING_MODEL", "")
    monkeypatch.setattr(model, "prepare", fail)
    assert commands.main(["build-index"]) == 0
    assert "search is by words only: no connection" in capsys.readouterr().err
    assert commands.main(["prepare-model"]) == 1


def test_an_index_that_cannot_be_written_is_said(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is there goes on being used; with nothing there the way out is named."""
    (folders / "index").write_text("no folder")
    assert commands.main(["build-index"]) == 1
    assert "could not be built" in capsys.readouterr().err


class Terminal(io.StringIO):
    """A standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


def typed(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Let somebody sit at a terminal and answer each question."""
    left = list(answers)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: left.pop(0))


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let a program write to the standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def settings_of(**given: Any) -> Settings:
    """Return the settings of the environment, but for those that are given."""
    return Settings(**given)


def signed_in(password: str) -> bool:
    """Return whether the password opens the account, in the database that the settings name."""
    accounts = accounts_of(settings_of())
    opened = accounts.sign_in("mia@example.org", password)
    accounts.engine.dispose()
    return opened is not None


def test_an_agent_is_added_with_a_password_from_a_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line of the standard input; the tables are made where there are none."""
    piped(monkeypatch, f"{PASSWORD}\nand more\n")
    assert commands.main([*MIA, "--role", "second", "--password-stdin"]) == 0
    assert "Mia Weber (second) can sign in as mia@example.org." in capsys.readouterr().err
    assert signed_in(PASSWORD)


def test_an_agent_of_the_single_sign_on_needs_no_password(capsys: pytest.CaptureFixture[str]) -> None:
    """None is asked for, and none opens the account."""
    assert commands.main([*MIA, "--role", "first", "--single-sign-on"]) == 0
    assert "Mia Weber (first) can sign in as mia@example.org at the provider of OIDC_ISSUER." in capsys.readouterr().err
    assert not signed_in("")


def test_at_a_terminal_the_password_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is not seen."""
    typed(monkeypatch, PASSWORD, PASSWORD)
    assert commands.main([*MIA, "--role", "first"]) == 0
    assert signed_in(PASSWORD)


@pytest.mark.parametrize(
    ("words", "answers", "sentence"),
    [
        (["--role", "first"], (PASSWORD, "another"), "The two passwords are not the same."),
        (["--role", "first"], ("short", "short"), "The password has 5 characters."),
        ([], (PASSWORD, PASSWORD), "A new agent needs a role. Give --role with one of first, second"),
        (["--disable"], (), "No agent has the address 'mia@example.org'."),
    ],
)
def test_what_stops_an_account_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], answers: tuple[str, ...],
    sentence: str,
) -> None:  # fmt: skip
    """And nobody is added."""
    typed(monkeypatch, *answers)
    assert commands.main([*MIA, *words]) == 1
    assert sentence in capsys.readouterr().err
    assert not signed_in(PASSWORD)


def test_an_agent_gets_a_new_password_and_is_disabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """By address alone."""
    accounts = accounts_of(settings_of())
    accounts.add("Mia", "mia@example.org", Role.FIRST, PASSWORD)
    accounts.engine.dispose()
    piped(monkeypatch, "ein anderes Passwort\n")
    assert commands.main(["add-agent", "--email", "mia@example.org", "--new-password"]) == 0
    assert signed_in("ein anderes Passwort")
    assert commands.main(["add-agent", "--email", "mia@example.org", "--disable"]) == 0
    assert not signed_in("ein anderes Passwort")
