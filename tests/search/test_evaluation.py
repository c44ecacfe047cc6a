from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.search.evaluation import (
    NEGATIVE,
    Asked,
    BadData,
    Question,
    Row,
    ask,
    figures,
    read_corpus,
    read_negatives,
    read_qrels,
    read_questions,
    recall,
    rows_of,
    write_figures,
    write_run,
)

if TYPE_CHECKING:
    from pathlib import Path

    from app.articles.article import Language
    from app.search.searcher import Searcher


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    """Write one JSON object a line, letters as they are."""
    path.write_bytes("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
    return path


def asked(answers: str, ranking: str, milliseconds: float = 1.0, *, answered: bool = False) -> Asked:
    """Make a question about articles of one letter each, and what was found."""
    question = Question("?", "de", "", frozenset(answers))
    return Asked(question, tuple((slug, 0.5) for slug in ranking), answered, milliseconds)


def test_figures_of_four_questions_by_hand() -> None:
    """Ranks 1, 2 and 6, and one not found; the second has two answers of which one is found."""
    group = [
        asked("a", "abc", 10, answered=True),
        asked("bx", "abc", 20),
        asked("f", "abcdef", 30),
        asked("z", "ab", 40),
    ]
    assert figures(group) == {
        "Hit@1": 1 / 4,
        "Hit@5": 2 / 4,
        "MRR@10": pytest.approx((1 + 1 / 2 + 1 / 6 + 0) / 4),
        "Recall@50": (1 + 1 / 2 + 1 + 0) / 4,
        "answered": 1 / 4,
        "kept": 1,
        "p50 ms": 25,
        "p95 ms": 40,
    }


def test_a_rank_below_ten_counts_nothing_for_the_reciprocal_rank() -> None:
    """The measure ends there, recall does not."""
    found = figures([asked("k", "abcdefghijk")])
    assert (found["MRR@10"], found["Recall@50"]) == (0, 1)


def test_questions_that_nothing_answers_count_only_as_answered_or_not() -> None:
    """There is no right article to rank."""
    found = figures([asked("", "a", answered=True), asked("", "b"), asked("", ""), asked("", "")])
    assert found == {"answered": 1 / 4, "p50 ms": 1, "p95 ms": 1}


def test_the_rank_is_that_of_the_first_right_article() -> None:
    """Counted from 1; nothing when none is right."""
    assert (asked("bc", "abc").rank, asked("x", "abc").rank) == (2, None)


def test_recall_is_the_share_of_right_articles_found() -> None:
    """Wherever they stand."""
    assert recall(asked("acx", "abc")) == pytest.approx(2 / 3)


def test_each_language_and_kind_has_its_own_row() -> None:
    """German and English are never mixed into one figure."""
    asked_for: list[tuple[Language, str]] = [("de", ""), ("en", ""), ("de", "faq"), ("de", "")]
    questions = [Question("?", lang, kind, frozenset("a")) for lang, kind in asked_for]
    group = [Asked(question, (), answered=False, milliseconds=1) for question in questions]
    assert [(row.group, row.way, row.questions) for row in rows_of(group, "words")] == [
        ("de", "words", 2), ("en", "words", 1), ("de faq", "words", 1),
    ]  # fmt: skip


def test_a_corpus_is_read_as_public_articles(tmp_path: Path) -> None:
    """Title and language may be missing."""
    path = lines(
        tmp_path / "c.jsonl", {"id": "a/b", "text": "Text", "title": "Titel", "lang": "en"}, {"id": 7, "text": ""}
    )
    first, second = read_corpus(path, "")
    assert (first.slug, first.title, first.body, first.lang, first.visibility) == (
        "a/b",
        "Titel",
        "Text",
        "en",
        "public",
    )
    assert (second.slug, second.title, second.lang) == ("7", "", "de")


def test_only_documents_of_the_asked_language_are_read(tmp_path: Path) -> None:
    """To see how German questions do with English articles."""
    path = lines(tmp_path / "c.jsonl", {"id": "a", "text": "", "lang": "de"}, {"id": "b", "text": "", "lang": "en"})
    assert [one.slug for one in read_corpus(path, "en")] == ["b"]


def test_a_line_separator_inside_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    """JSON may hold U+2028 and U+0085 as they are."""
    path = lines(tmp_path / "c.jsonl", {"id": "a", "text": "eins\u2028zwei\x85drei"})
    assert read_corpus(path, "")[0].body == "eins\u2028zwei\x85drei"


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    """Windows tools write one."""
    path = tmp_path / "c.jsonl"
    path.write_text('{"id": "a", "text": ""}', encoding="utf-8-sig")
    assert len(read_corpus(path, "")) == 1


def test_questions_with_expected_answers(tmp_path: Path) -> None:
    """Those nothing answers are kept, those whose answer is not there are left out."""
    rows: list[dict[str, Any]] = [
        {"text": "eins", "expected": "vpn", "kind": "faq (same language)"},
        {"text": "nie", "expected": None, "lang": "en"},
        {"text": "fehlt", "expected": "unbekannt"},
    ]
    found = read_questions(lines(tmp_path / "q.jsonl", *rows), None, "", frozenset({"vpn"}))
    assert found == [Question("eins", "de", "faq", frozenset({"vpn"})), Question("nie", "en", NEGATIVE, frozenset())]


def test_questions_with_qrels(tmp_path: Path) -> None:
    """Only known articles count, and a question without any is left out."""
    (tmp_path / "r.tsv").write_text("query\tdoc\trelevance\n1\tvpn\t1\n1\tgone\t1\n2\tvpn\t0\n3\tgone\t1\n")
    rows = [{"id": str(number), "text": f"Frage {number}", "lang": "de"} for number in (1, 2, 3)]
    questions = lines(tmp_path / "q.jsonl", *rows)
    found = read_questions(questions, tmp_path / "r.tsv", "", frozenset({"vpn"}))
    assert found == [Question("Frage 1", "de", "", frozenset({"vpn"}))]


def test_only_questions_of_the_asked_language_are_read(tmp_path: Path) -> None:
    """To see how one language does."""
    rows = [{"text": lang, "lang": lang, "expected": None} for lang in ("de", "en")]
    assert [one.text for one in read_questions(lines(tmp_path / "q.jsonl", *rows), None, "en", frozenset())] == ["en"]


def test_questions_of_our_own_field_that_nothing_answers_are_told_apart(tmp_path: Path) -> None:
    """They are harder to refuse than those about something else."""
    rows = lines(tmp_path / "q.jsonl", {"text": "PUK vergessen", "expected": None, "kind": "own field"})
    assert [one.kind for one in read_questions(rows, None, "", frozenset())] == [f"{NEGATIVE} own field"]


def test_negatives_are_questions_that_nothing_answers(tmp_path: Path) -> None:
    """They are a kind of their own, whatever they are called in the file."""
    (found,) = read_negatives(lines(tmp_path / "n.jsonl", {"text": "Wer gewinnt?", "lang": "de", "kind": "sport"}))
    assert (found.kind, found.answers) == (NEGATIVE, frozenset())


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{kaputt", "not a JSON object"), ("", "not a JSON object"), ("7", "not a JSON object"),
        ('["id", "text"]', "not a JSON object"), ('"id text"', "not a JSON object"), ("null", "not a JSON object"),
        ('{"text": "x"}', "id is missing"), ("{}", "id, text is missing"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_by_file_and_line(tmp_path: Path, line: str, wrong: str) -> None:
    """And says what is wrong with it."""
    (tmp_path / "c.jsonl").write_text(f'{{"id": "a", "text": ""}}\n{line}\n')
    with pytest.raises(BadData, match=rf"c\.jsonl:2: {wrong}"):
        read_corpus(tmp_path / "c.jsonl", "")


@pytest.mark.parametrize("line", ["1 vpn 1", "1\tvpn", "1\tvpn\tja", "1\tvpn\t1\tx", ""])
def test_a_bad_relevance_is_named_by_file_and_line(tmp_path: Path, line: str) -> None:
    """Three values by tabs, the last a number."""
    (tmp_path / "r.tsv").write_text(f"query\tdoc\trelevance\n{line}\n1\tvpn\t1\n")
    with pytest.raises(BadData, match=r"r\.tsv:2: .*separated by tabs"):
        read_qrels(tmp_path / "r.tsv")


@pytest.mark.parametrize(("qrels", "missing"), [(True, "id"), (False, "expected")])
def test_a_question_without_its_answer_is_named_by_file_and_line(tmp_path: Path, qrels: bool, missing: str) -> None:  # noqa: FBT001 - a column
    """With qrels it needs an id, without them the answer itself."""
    (tmp_path / "r.tsv").write_text("query\tdoc\trelevance\n")
    questions = lines(tmp_path / "q.jsonl", {"text": "?"})
    with pytest.raises(BadData, match=rf"q\.jsonl:1: {missing} is missing"):
        read_questions(questions, tmp_path / "r.tsv" if qrels else None, "", frozenset())


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    """With the way out."""
    (tmp_path / "c.jsonl").write_bytes(b'{"id": "a", "text": "\xe4"}')
    with pytest.raises(BadData, match=r"c\.jsonl: not UTF-8 .*Save it as UTF-8"):
        read_corpus(tmp_path / "c.jsonl", "")


def test_every_question_is_put_to_the_portal(searcher: Searcher) -> None:
    """And each is told, so that a bar can be drawn."""
    said: list[str] = []
    questions = [Question("Papierstau im Drucker", "de", "", frozenset({"papierstau"})),
                 Question("?!", "de", NEGATIVE, frozenset())]  # fmt: skip
    first, second = ask(searcher, questions, lambda: said.append("asked"))
    assert (first.rank, first.milliseconds > 0) == (1, True)
    assert (second.ranking, second.answered, len(said)) == ((), False, 2)


def test_a_run_is_written_one_question_a_line(tmp_path: Path) -> None:
    """For tools that compare runs."""
    found = Asked(Question("Größe?", "de", "", frozenset()), (("vpn", 0.123456),), answered=True, milliseconds=1)
    write_run(tmp_path / "run.jsonl", [found, found])
    text = '{"query": "Größe?", "answered": true, "results": [{"id": "vpn", "confidence": 0.1235}]}\n'
    assert (tmp_path / "run.jsonl").read_text(encoding="utf-8") == 2 * text


def test_figures_are_written_as_json(tmp_path: Path) -> None:
    """With the group and the way they belong to."""
    write_figures(tmp_path / "out.json", [Row("de", "words", 2, {"Hit@1": 0.5})])
    assert json.loads((tmp_path / "out.json").read_bytes()) == [
        {"group": "de", "way": "words", "questions": 2, "figures": {"Hit@1": 0.5}},
    ]


def test_kept_is_the_share_of_right_first_results_that_are_shown_as_answers() -> None:
    """What is answered wrongly does not count, and without right first results nothing is kept."""
    group = [asked("a", "ab", answered=True), asked("a", "ab"), asked("b", "ab", answered=True)]
    assert figures(group)["kept"] == 1 / 2
    assert figures(group[2:])["kept"] == 0
