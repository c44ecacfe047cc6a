from __future__ import annotations

from dataclasses import replace

from app.articles.article import Block, Rendered, Section
from app.articles.markdown import render
from app.search.passage import MAX_WORDS, Passage, lines_of, passages_of, windows
from tests.search.conftest import article

SECTION = Passage("vpn", "de", "section", ("Windows", "Starten"), "starten", "Klicke hier.", "VPN")


def test_an_article_gives_title_questions_and_sections() -> None:
    """In this order, and each knows where it stands."""
    rendered = render(article("vpn", "Lead.\n\n## Windows\n\nKlicke.", title="VPN", questions=("Wie?",)))
    found = [(one.kind, one.text, one.headings, one.anchor) for one in passages_of(rendered)]
    assert found == [
        ("title", "VPN", (), ""), ("question", "Wie?", (), ""),
        ("section", "Lead.", (), ""), ("section", "Klicke.", ("Windows",), "windows"),
    ]  # fmt: skip


def test_a_document_without_a_title_gives_sections_only() -> None:
    """Documents of a corpus may have no title."""
    sections = (Section("", (), (Block("Text."),)),)
    (found,) = passages_of(Rendered(article("x", title=""), "", sections, ()))
    assert (found.kind, found.meaning) == ("section", "Text.")


def test_a_section_is_read_with_its_title_and_headings() -> None:
    """A section that says "click here" means little without them."""
    assert SECTION.meaning == "VPN › Windows › Starten\nKlicke hier."


def test_a_question_is_read_alone() -> None:
    """It is compared with what visitors type."""
    assert Passage("vpn", "de", "question", (), "", "Wie?", "VPN").meaning == "Wie?"


def test_the_digest_of_a_passage_does_not_depend_on_its_article() -> None:
    """A renamed article keeps its vectors."""
    assert Passage("neu", "de", *(getattr(SECTION, name) for name in ("kind", "headings", "anchor", "text", "title"))
                   ).digest == SECTION.digest  # fmt: skip


def test_a_title_and_a_section_of_the_same_text_have_two_digests() -> None:
    """They are encoded in two ways."""
    title = Passage("x", "de", "title", (), "", "Text", "")
    section = Passage("x", "de", "section", (), "", "Text", "")
    assert title.meaning == section.meaning
    assert title.digest != section.digest


def test_the_same_text_in_two_languages_has_two_digests() -> None:
    """The mean token of its language is taken off each."""
    assert replace(SECTION, lang="en").digest != SECTION.digest


def test_short_blocks_stay_together() -> None:
    """One passage, one line a block."""
    assert list(windows([Block("eins"), Block("zwei")])) == ["eins\nzwei"]


def test_a_long_section_is_cut_between_blocks() -> None:
    """No block is torn as long as it fits."""
    blocks = [Block("a " * 100), Block("b " * 100), Block("c " * 40)]
    assert [set(text.split()) for text in windows(blocks)] == [{"a"}, {"b", "c"}]


def test_a_block_of_the_largest_size_fits_whole() -> None:
    """The limit itself is allowed."""
    assert [len(text.split()) for text in windows([Block("a " * MAX_WORDS)])] == [MAX_WORDS]


def test_a_longer_block_is_cut_itself() -> None:
    """No passage is longer than the model reads."""
    assert [len(line.split()) for line in lines_of(Block("a " * (2 * MAX_WORDS + 1)))] == [MAX_WORDS, MAX_WORDS, 1]


def test_a_section_without_text_gives_no_passage() -> None:
    """There would be nothing to show."""
    assert list(windows([Block(" ")])) == []
