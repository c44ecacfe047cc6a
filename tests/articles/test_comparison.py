"""Comparison: words that came and went, in the paragraphs they stand in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from app.articles.article import Block, Rendered, Section
from app.articles.comparison import Compared, Paragraph, Piece, changes, compare, paragraphs_of, stretches

if TYPE_CHECKING:
    from tests.articles.conftest import MakeArticle


def texts(*lines: str) -> tuple[Paragraph, ...]:
    """Return paragraphs; one that begins with # is a heading."""
    return tuple(Paragraph(line.lstrip("# "), line.startswith("#")) for line in lines)


def fates(rows: tuple[Compared, ...]) -> list[tuple[str, str]]:
    """Return what became of each paragraph, with its words."""
    return [(row.change, "".join(piece.text for piece in row.pieces)) for row in rows]


def test_words_are_marked_inside_their_paragraph() -> None:
    """What stayed is said once."""
    (row,) = compare(texts("Der Port ist 995 bei uns."), texts("Der Port ist 993 bei uns."))
    assert row == Compared(
        "changed", (Piece("Der Port ist "), Piece("995 ", "removed"), Piece("993 ", "added"), Piece("bei uns."))
    )


def test_paragraphs_come_and_go_in_their_order() -> None:
    """A paragraph that is like none before is new, one that nothing became of is gone."""
    before = texts("# Anfang", "Alpha beta gamma.", "Wird gestrichen, ganz.", "Ende gut.")
    now = texts("# Anfang", "Ganz anderes hier.", "Alpha beta delta.", "Ende gut.", "Noch eins.")
    assert fates(compare(before, now)) == [
        ("same", "Anfang"),
        ("added", "Ganz anderes hier."),
        ("changed", "Alpha beta gamma.delta."),
        ("removed", "Wird gestrichen, ganz."),
        ("same", "Ende gut."),
        ("added", "Noch eins."),
    ]


def test_what_stood_before_a_changed_paragraph_is_gone_before_it() -> None:
    """Old paragraphs keep their place."""
    found = fates(compare(texts("Ganz weg.", "Eins zwei drei vier."), texts("Eins zwei drei fünf.")))
    assert found == [("removed", "Ganz weg."), ("changed", "Eins zwei drei vier.fünf.")]


def test_a_heading_never_becomes_a_sentence() -> None:
    """Even with the same words."""
    assert fates(compare(texts("# Eins"), texts("Eins"))) == [("added", "Eins"), ("removed", "Eins")]


def test_far_from_every_change_paragraphs_are_folded() -> None:
    """One of them alone is not."""
    same = Compared("same", (Piece("x"),))
    new = Compared("added", (Piece("y", "added"),))
    found = stretches((*(same,) * 4, new, same, same))
    assert [(len(one.rows), one.folded) for one in found] == [(3, True), (3, False), (1, False)]
    assert stretches(()) == ()


def test_an_article_is_compared_as_it_is_read(article: MakeArticle) -> None:
    """Title, summary, headings and what stands below them; nothing is said twice."""
    sections = (
        Section("", (), (Block("Vorweg."),)),
        Section("a", ("Oben",), (Block("Text."),)),
        Section("b", ("Oben", "Unten"), (Block("Schritt.", 1),)),
    )
    found = paragraphs_of(Rendered(article(title="Titel"), "", sections, ()))
    assert found == texts("# Titel", "Vorweg.", "# Oben", "Text.", "# Unten", "Schritt.")


def test_changed_paragraphs_are_counted() -> None:
    """Items of a list are paragraphs; what was only removed counts too."""
    assert changes("Eins.\n\n1. a\n2. b\n\nWeg.", "Eins.\n\n1. a\n2. c") == 2
    assert changes("Eins.", "Eins.") == 0


@pytest.mark.parametrize("text", ["a\n\n" * 60_000, "a " * 90_000, "\n\n".join(f"{n} x" for n in range(20_000))])
def test_no_text_takes_long_to_compare(text: str) -> None:
    """Not even one that repeats a word as often as a file can hold it."""
    start = time.monotonic()
    changes(text, text.replace("a", "b", 50) + "Ende")
    rows = [Paragraph(line) for line in text.split("\n\n")][:2000]
    compare(rows, [*rows[5:], Paragraph("Ende")])
    assert time.monotonic() - start < 10
