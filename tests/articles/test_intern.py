"""Tests of text for agents: whatever an author writes, customers never read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.articles.intern import hidden_lines, intern_mistakes, is_mark, without_intern

HARMLESS = ["Text", "", "- Punkt", "`C::internal()`", "tcp6 0 0 :::80", "IPv6 ist ::1", "|:---:|:---:|", "Hinweis:"]
MARKS = ["::: intern", ":::"]
MISSPELT = [
    *(" ::: intern", "> ::: intern", "- ::: intern", "1. ::: intern", "\u200b::: intern", "::: Intern", ":::intern"),
    *(
        "::: internal",
        "::: intern x",
        ":::: intern",
        "    :::",
        "`:::`",
        ":: intern",
        "：：： intern",
        "::: note",
        "a ::: intern",
    ),
]


def test_takes_out_the_text_between_the_marks_and_the_marks() -> None:
    """Customers get the article without the block for agents."""
    assert without_intern("vorher\n::: intern\ngeheim\n:::\nnachher") == "vorher\nnachher"


def test_a_trailing_space_behind_a_mark_changes_nothing() -> None:
    """What cannot be seen in an editor does no harm."""
    assert without_intern("a\n::: intern \ngeheim\n:::  \nb") == "a\nb"
    assert not list(intern_mistakes(["::: intern ", ":::  "]))


@pytest.mark.parametrize("line", MISSPELT)
def test_a_misspelt_mark_is_a_mistake_and_hides_what_follows(line: str) -> None:
    """A mark that is nearly right is reported, and should it ever be cut, nothing after it is shown."""
    assert [number for number, _ in intern_mistakes(["a", line, "geheim"])] == [2]
    assert "geheim" not in without_intern(f"a\n{line}\ngeheim")


@pytest.mark.parametrize("line", HARMLESS)
def test_ordinary_text_with_colons_stays(line: str) -> None:
    """Addresses, code and tables are no marks."""
    assert not list(intern_mistakes([line]))
    assert without_intern(line) == line


@pytest.mark.parametrize(
    ("lines", "number", "told"),
    [
        (["a", "::: intern", "b"], 2, "never closed"),
        (["a", ":::"], 2, "closes nothing"),
        (["::: intern", "::: intern", ":::"], 2, "opened in line 1"),
        (["```", ":::", "```"], 2, "closes nothing"),
        (["::: intern", ":::", ":::"], 3, "closes nothing"),
    ],
)
def test_names_the_line_of_an_unclosed_stray_or_nested_mark(lines: list[str], number: int, told: str) -> None:
    """Each mistake has its exact line and says what is wrong."""
    (mistake,) = intern_mistakes(lines)
    assert mistake[0] == number
    assert told in mistake[1]


def test_a_stray_closing_mark_hides_the_rest() -> None:
    """Where an opening mark may have been lost, rather too much goes than too little."""
    assert without_intern("a\n:::\nb\n:::\nc") == "a\nc"


def test_nested_marks_hide_until_both_are_closed() -> None:
    """A second opening mark needs a second closing one."""
    assert without_intern("::: intern\n::: intern\n:::\ngeheim\n:::\nb") == "b"


def test_only_the_exact_words_are_marks() -> None:
    """Nothing but the two lines opens or closes."""
    assert all(is_mark(line) for line in MARKS)
    assert not any(is_mark(line) for line in (*MISSPELT, *HARMLESS))


@given(st.lists(st.sampled_from([*HARMLESS, *MARKS, *MISSPELT]) | st.text(max_size=20)))
def test_without_mistakes_nothing_between_marks_is_left(lines: list[str]) -> None:
    """For every text without mistakes, exactly the lines outside of blocks stay."""
    lines = "\n".join(lines).split("\n")
    if list(intern_mistakes(lines)):
        return
    inside, kept = False, []
    for line in lines:
        if not is_mark(line) and not inside:
            kept.append(line)
        inside = (is_mark(line) and line.rstrip() != ":::") or (inside and not is_mark(line))
    assert without_intern("\n".join(lines)) == "\n".join(kept)


@given(st.lists(st.sampled_from([*HARMLESS, *MARKS, *MISSPELT])))
def test_text_between_the_first_mark_and_the_next_closing_one_is_never_shown(lines: list[str]) -> None:
    """Even in a text full of mistakes, a block that is opened hides what stands in it."""
    text = [*lines, "::: intern", "geheim", ":::"]
    assert "geheim" not in without_intern("\n".join(text))
    assert len(list(hidden_lines(text))) == len(text)


@given(st.text(alphabet=":\N{FULLWIDTH COLON} intern>-\n"))
def test_what_is_not_looked_through_line_by_line_hides_nothing(body: str) -> None:
    """The short way and the long one leave the same."""
    lines = body.split("\n")
    shown = [line for line, hidden in zip(lines, hidden_lines(lines), strict=True) if not hidden]
    assert without_intern(body).split("\n") == (shown or [""])
