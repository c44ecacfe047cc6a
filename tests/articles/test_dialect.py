"""Tests of the dialect: CommonMark as authors write it, as Python-Markdown wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.articles.dialect import DEEPEST_QUOTE, translate

if TYPE_CHECKING:
    from collections.abc import Sequence


def translated(text: str) -> list[str]:
    """Translate a text and leave out empty lines; kept code shows as <language|code>."""
    return [line for line in translate(text.split("\n"), lambda code, lang: f"<{lang}|{code}>") if line.strip(" >")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1. a\n   - b\n   - c\n2. d", ["1. a", "    - b", "    - c", "2. d"]),
        ("- a\n  - b\n    - c", ["- a", "    - b", "        - c"]),
        ("10. a\n   - b", ["10. a", "    - b"]),
        ("1. a\n  1. b", ["1. a", "    1. b"]),
        ("1) a\n2) b", ["1. a", "2. b"]),
        ("- a\n  weiter\nnoch", ["- a", "    weiter", "    noch"]),
        ("1. a\n\n   Absatz", ["1. a", "    Absatz"]),
        ("1. a\n\nkein Absatz davon", ["1. a", "kein Absatz davon"]),
        ("1. a\n\n       code", ["1. a", "        code"]),
        ("    code\n\n    mehr", ["    code", "    mehr"]),
        ("-     a", ["- a"]),
        ("- a\n-\n- c", ["- a", "- ", "- c"]),
        ("- a\n## H", ["- a", "## H"]),
        ("- a\n\n---\n\n- b", ["- a", "---", "- b"]),
        ("- a\n---", ["- a", "---"]),
        ("* * *", ["* * *"]),
        ("#96*1* wählen", [r"\#96*1* wählen"]),
        ("\t- a", ["    - a"]),
    ],
)
def test_what_belongs_to_an_item_gets_four_spaces(text: str, wanted: list[str]) -> None:
    """Whatever indentation the author chose."""
    assert translated(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("```bash\nls\n\n  -l\n```\nText", ["<bash|ls\n\n  -l>", "Text"]),
        ("~~~ {.python}\n```\n~~~", ["<python|```>"]),
        ("````\n```\n````", ["<|```>"]),
        ("```\nohne Ende\n# x", ["<|ohne Ende\n# x>"]),
        ("1. a\n   ```sh title=x\n   ls\n     -l\n   ```\n   b\n2. c", ["1. a", "    <sh|ls\n  -l>", "    b", "2. c"]),
        ("1. a\n   ```\n   ls\n2. c", ["1. a", "    <|ls>", "2. c"]),
        ("1. a\n   ```\n   ls\n```\nb", ["1. a", "    <|ls>", "b"]),
        ("1. ```\n   ls\n   ```\n2. b", ["1. <|ls>", "2. b"]),
        ("> a\n> ```\n> ls\n> ```\n> b", ["> a", "> <|ls>", "> b"]),
        ("```\na\n::: intern\nb\n:::", ["<|a>", "::: intern", "b", ":::"]),
    ],
)
def test_code_blocks_are_kept_whole_wherever_they_stand(text: str, wanted: list[str]) -> None:
    """Also inside steps and quotations, also without an end; never past a mark for agents."""
    assert translated(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\n| b | c |\n|---|:-:|\n| d | e |", ["a", "| b | c |", "|---|:-:|", "| d | e |"]),
        ("b | c\n--- | ---\nd | e \\|", ["| b | c |", "| --- | --- |", r"| d | e \| |"]),
        ("a | b\nkeine Tabelle", ["a | b", "keine Tabelle"]),
        ("a | b", ["a | b"]),
        ("1. a\n   | b |\n   |---|\n   | c |", ["1. a", "    | b |", "    |---|", "    | c |"]),
    ],
)
def test_a_table_may_follow_its_sentence_and_miss_its_outer_bars(text: str, wanted: list[str]) -> None:
    """As GitHub shows it."""
    assert translated(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<details>\n<summary>x</summary>\n\n- a\n\n</details>",
         ["<None|<details>\n<summary>x</summary>>", "- a", "<None|</details>>"]),
        ("<pre>\n\n- a\n</pre> b\nc", ["<None|<pre>\n\n- a\n</pre> b>", "c"]),
        ("<!-- a\n\nb -->\nc", ["<None|<!-- a\n\nb -->>", "c"]),
        ("<!-- ohne Ende", ["<None|<!-- ohne Ende>"]),
        ("<div>\n::: intern\nx\n:::\n</div>", ["<None|<div>>", "::: intern", "x", ":::", "<None|</div>>"]),
        ("<b>a</b> c", ["<b>a</b> c"]),
    ],
)  # fmt: skip
def test_html_ends_where_commonmark_ends_it(text: str, wanted: list[str]) -> None:
    """There can be Markdown between two blocks of HTML, and marks for agents are never HTML."""
    assert translated(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a:\n- b", ["a:", "", "- b"]),
        ("a\n1. b", ["a", "", "1. b"]),
        ("a\n2. b", ["a", "2. b"]),
        ("a\n-", ["a", "-"]),
        ("- a\n1. b", ["- a", "", "1. b"]),
        ("1. a\n\n   b\n   - c\n2. d", ["1. a", "", "", "    b", "", "    - c", "", "2. d"]),
        ("a\n> b", ["a", "", "> b"]),
        ("a\n---", ["a", "---"]),
        ("a\n===", ["a", "==="]),
    ],
)
def test_an_empty_line_comes_where_a_block_begins(text: str, wanted: list[str]) -> None:
    """Lists and quotations may follow their sentence; years and dashes are no lists."""
    assert translate(text.split("\n"), lambda code, _: code) == wanted


def test_quotations_are_followed_only_so_deep() -> None:
    """A thousand nested ones cost no thousand calls."""
    assert translated(">" * 1000 + " a")[0].startswith("> " * DEEPEST_QUOTE)


LINES = [
    "",
    "A",
    "- B",
    "  - C",
    "1. D",
    "   E",
    "```",
    "    F",
    "> G",
    "| H | I |",
    "|---|---|",
    "<div>",
    "## J",
    "---",
]


@given(st.lists(st.sampled_from(LINES)))
def test_no_word_is_lost(lines: Sequence[str]) -> None:
    """Whatever is put together, each word of the author is still there."""
    text = "".join(translate(lines, lambda code, _: code))
    assert sorted(filter(str.isupper, text)) == sorted(filter(str.isupper, "".join(lines)))


@given(st.text())
def test_any_text_can_be_translated(text: str) -> None:
    """Nothing is raised."""
    translate(text.split("\n"), lambda code, _: code)
