from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.articles.library import Library
from app.search import measuring
from app.search.encoder import HashingEncoder
from app.search.measuring import (
    FITTED_COLUMNS,
    BadData,
    add_options,
    bench,
    evaluate,
    fit,
    library_of,
    name_of,
    texts_of,
)
from app.search.weights import WEIGHTS, fitted
from tests.search.conftest import LIBRARY, Progress, article

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.search.fitting import Row

CORPUS = [
    {"id": "stau", "title": "Papierstau", "text": "Ziehe das Papier aus dem Drucker.", "lang": "de"},
    {"id": "vpn", "title": "VPN", "text": "Starte den Tunnel.", "lang": "de"},
]
QUESTIONS = [
    {"id": "1", "text": "Papierstau im Drucker", "lang": "de", "expected": "stau"},
    {"id": "2", "text": "Tunnel starten", "lang": "de", "expected": "vpn"},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Write a corpus, questions and negatives."""
    negatives = [{"text": "Quetzalcoatl", "lang": "de"}]
    for name, rows in (("c", CORPUS), ("q", QUESTIONS), ("n", negatives)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "r.tsv").write_text("query-id\tdoc-id\trelevance\n1\tstau\t1\n2\tvpn\t1\n")
    return tmp_path


@pytest.fixture
def options(data: Path) -> Callable[..., argparse.Namespace]:
    """Return a function that reads the words of a command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=Path)
    add_options(parser)

    def read(*words: str) -> argparse.Namespace:
        return parser.parse_args(
            [str(data / word) if word.startswith(("c.", "q.", "n.", "r.", "o.")) else word for word in words]
        )

    return read


def measured(root: Path, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Evaluate, and return the figures that were written."""
    assert evaluate(root / "index", HashingEncoder(), arguments, Progress()) == 0
    rows: list[dict[str, Any]] = json.loads(arguments.json.read_bytes())
    return rows


def test_a_corpus_is_measured(
    data: Path, options: Callable[..., argparse.Namespace], capsys: pytest.CaptureFixture[str]
) -> None:
    """Through the portal's own pipeline; the figures are printed and written."""
    given = [
        "--corpus",
        "c.jsonl",
        "--queries",
        "q.jsonl",
        "--negatives",
        "n.jsonl",
        "--json",
        "o.json",
        "--run",
        "o.jsonl",
    ]
    rows = measured(data, options(*given))
    assert [(row["group"], row["way"], row["questions"]) for row in rows] == [
        ("de", "wegweiser", 2), ("de nothing answers", "wegweiser", 1),
    ]  # fmt: skip
    assert rows[0]["figures"]["Hit@1"] == 1
    assert "Hit@1" in capsys.readouterr().out
    assert len((data / "o.jsonl").read_text().splitlines()) == 3


def test_peers_are_measured_beside_it(data: Path, options: Callable[..., argparse.Namespace]) -> None:
    """On the questions that something answers."""
    rows = measured(data, options(*"--corpus c.jsonl --queries q.jsonl --qrels r.tsv --peers --json o.json".split()))
    assert [row["way"] for row in rows] == ["wegweiser", "words", "vectors", "rank fusion"]


def test_questions_are_asked_again_without_their_answer(
    data: Path, options: Callable[..., argparse.Namespace], capsys: pytest.CaptureFixture[str]
) -> None:
    """And how well that is noticed is printed, a language a line."""
    measured(data, options(*"--corpus c.jsonl --queries q.jsonl --remove-answers --json o.json".split()))
    printed = capsys.readouterr().out
    assert "answer taken away" in printed
    assert re.search(r"de\W+2\W+[01]\.\d{3}", printed)


def test_questions_can_be_asked_with_a_slip(data: Path, options: Callable[..., argparse.Namespace]) -> None:
    """They are written down as they were asked."""
    measured(data, options(*"--corpus c.jsonl --queries q.jsonl --misspelt --json o.json --run o.jsonl".split()))
    asked = [json.loads(line)["query"] for line in (data / "o.jsonl").read_text().splitlines()]
    assert all(text == text.lower() for text in asked)
    assert asked != [str(one["text"]).lower() for one in QUESTIONS]


def test_fitting_writes_the_weights_and_prints_what_others_reach(
    fitting_rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row of the table for each row of the sets."""
    monkeypatch.setattr(measuring, "FITTED", tmp_path / "fitted.json")
    monkeypatch.setattr(measuring, "rows_below", lambda *_: fitting_rows)
    fit(tmp_path, HashingEncoder(), tmp_path, (), Progress())
    found = WEIGHTS.validate_json((tmp_path / "fitted.json").read_bytes())
    assert found.about != fitted().about
    printed = capsys.readouterr().out
    assert all(
        text in printed for text in ("without the set itself", *FITTED_COLUMNS, *(one.name for one in fitting_rows))
    )


def test_an_article_folder_is_measured(data: Path, options: Callable[..., argparse.Namespace]) -> None:
    """In place of a corpus."""
    for slug, document in (("stau", CORPUS[0]), ("vpn", CORPUS[1])):
        (data / "own" / "public" / "netz").mkdir(parents=True, exist_ok=True)
        text = f"---\ntitle: {document['title']}\n---\n{document['text']}\n"
        (data / "own" / "public" / "netz" / f"{slug}.md").write_text(text)
    arguments = options("--articles", str(data / "own"), "--queries", "q.jsonl", "--json", "o.json")
    assert measured(data, arguments)[0]["questions"] == 2


def test_questions_that_no_article_answers_are_an_error(data: Path, options: Callable[..., argparse.Namespace]) -> None:
    """There would be nothing to measure."""
    arguments = options(*"--corpus c.jsonl --queries q.jsonl --query-lang en".split())
    with pytest.raises(BadData, match=r"q\.jsonl has no question that these articles answer"):
        evaluate(data / "index", HashingEncoder(), arguments, Progress())


def test_neither_corpus_nor_articles_is_an_error(options: Callable[..., argparse.Namespace]) -> None:
    """The text says what to give."""
    with pytest.raises(BadData, match=r"--corpus nor --articles"):
        library_of(options("--queries", "q.jsonl"))


def test_each_corpus_and_language_has_its_own_index(options: Callable[..., argparse.Namespace]) -> None:
    """And finds it again the next time."""
    corpus, questions = ["--corpus", "c.jsonl"], ["--queries", "q.jsonl"]
    names = [name_of(options(*questions, *more)) for more in (corpus, [*corpus, "--corpus-lang", "de"], [])]
    assert len(set(names)) == 3
    assert name_of(options(*questions, *corpus)) == names[0]


def test_bench_prints_how_long_building_and_searching_take(capsys: pytest.CaptureFixture[str]) -> None:
    """With the authors' questions."""
    assert bench(LIBRARY, HashingEncoder()) == 0
    printed = capsys.readouterr().out
    assert all(what in printed for what in ("first build", "unchanged build", "search", "suggest", "ms"))


def test_bench_searches_with_titles_where_nobody_wrote_questions() -> None:
    """Any folder of Markdown can be measured."""
    assert texts_of(Library(articles=(article("vpn"),))) == ["Vpn"]


def test_bench_without_articles_says_what_to_do() -> None:
    """Instead of dividing by nothing."""
    with pytest.raises(BadData, match=r"--articles"):
        bench(Library(), HashingEncoder())
