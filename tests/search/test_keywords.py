from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from app.search.keywords import Keywords, words_of, write_keywords
from app.search.passage import Passage

if TYPE_CHECKING:
    from pathlib import Path

    from app.articles.article import Language

TEXTS: list[tuple[Language, str]] = [
    ("de", "Drucker drucken und druckten"),
    ("de", "Der Drucker an der FRITZ!Box meldet 0x80070005"),
    ("en", "The printer is printing"),
    ("de", "Einstellungen und Einstellungen, Einsteckkarte"),
    ("de", "Einstellungen im Einwahlknoten"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a written keyword index."""
    folder = tmp_path_factory.mktemp("index") / "keywords"
    write_keywords([Passage("x", lang, "question", (), "", text, "") for lang, text in TEXTS], folder)
    return folder


@pytest.fixture(scope="module")
def keywords(folder: Path) -> Keywords:
    """Give the index, opened."""
    return Keywords(folder)


def test_a_term_finds_its_passages_best_first(keywords: Keywords) -> None:
    """The passage that says it more often in fewer words comes first."""
    found = keywords.find({"de": ("druck",), "en": ()}, 10)
    assert [number for number, _ in found] == [0, 1]
    assert found[0][1] > found[1][1] > 0


def test_terms_are_looked_for_in_passages_of_their_language_only(keywords: Keywords) -> None:
    """An English stem means nothing in a German text."""
    assert [number for number, _ in keywords.find({"de": ("printer",), "en": ("printer",)}, 10)] == [2]


def test_a_name_with_signs_is_one_term(keywords: Keywords) -> None:
    """Nothing in it is read as an operator."""
    assert [number for number, _ in keywords.find({"de": ("fritz!box",), "en": ()}, 10)] == [1]


def test_no_terms_find_nothing(keywords: Keywords) -> None:
    """An empty query is no question to the index."""
    assert keywords.find({"de": (), "en": ()}, 10) == []


@pytest.mark.parametrize("term", ["*", 'de:"druck"', "(druck", "druck^2", "NOT", "[a TO z]", "x" * 70_000, "\0"])
def test_terms_are_never_read_as_query_syntax(keywords: Keywords, term: str) -> None:
    """A term is looked for letter by letter."""
    assert keywords.find({"de": (term,), "en": (term,)}, 10) == []


def test_no_more_than_the_limit_is_returned(keywords: Keywords) -> None:
    """The best ones are."""
    assert len(keywords.find({"de": ("druck",), "en": ()}, 1)) == 1


def test_the_frequency_counts_passages(keywords: Keywords) -> None:
    """Not occurrences."""
    assert keywords.frequency("de", "druck") == 2
    assert keywords.frequency("en", "druck") == 0


def test_completions_come_commonest_first(keywords: Keywords) -> None:
    """What stands in most passages is most likely meant."""
    assert keywords.completions("de", "ein", 2) == ["einstell", "einsteckkart"]


def test_a_start_is_not_its_own_completion(keywords: Keywords) -> None:
    """The word itself is looked for anyway."""
    assert keywords.completions("de", "fritz!", 5) == ["fritz!box"]
    assert keywords.completions("de", "fritz!box", 5) == []


def test_one_letter_is_not_completed(keywords: Keywords) -> None:
    """It could become anything."""
    assert keywords.completions("de", "e", 5) == []


def test_a_section_is_found_by_its_title_and_headings() -> None:
    """They say what it is about."""
    assert words_of(Passage("x", "de", "section", ("A", "B"), "b", "Text", "Titel")) == "Titel\nA\nB\nText"


def test_no_lock_files_are_left(tmp_path: Path) -> None:
    """The index is only read from now on, perhaps by others."""
    write_keywords([], tmp_path / "keywords")
    assert not list((tmp_path / "keywords").glob(".tantivy-*.lock"))


def test_an_empty_library_has_an_index_too(tmp_path: Path) -> None:
    """It finds nothing."""
    write_keywords([], tmp_path / "keywords")
    assert Keywords(tmp_path / "keywords").find({"de": ("druck",), "en": ()}, 10) == []


def test_a_folder_without_an_index_is_an_error(tmp_path: Path) -> None:
    """Nothing is made by opening."""
    with pytest.raises(ValueError, match=r"(?i)file|exist|directory"):
        Keywords(tmp_path)


def test_reading_writes_nothing_into_the_index(tmp_path: Path) -> None:
    """A version is never changed."""
    write_keywords([], tmp_path / "keywords")
    before = sorted(tmp_path.rglob("*"))
    keywords = Keywords(tmp_path / "keywords")
    keywords.find({"de": ("druck",), "en": ()}, 10)
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_opened_needs_no_file_any_more(tmp_path: Path) -> None:
    """A version may be pruned while others still search in it."""
    write_keywords([Passage("x", "de", "title", (), "", "Drucker", "")], tmp_path / "keywords")
    keywords = Keywords(tmp_path / "keywords")
    shutil.rmtree(tmp_path / "keywords")
    assert [number for number, _ in keywords.find({"de": ("druck",), "en": ()}, 10)] == [0]
    assert (keywords.frequency("de", "druck"), keywords.completions("de", "dru", 5)) == (1, ["druck"])


def test_opening_leaves_no_scratch_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many versions are swapped in, nothing piles up."""
    write_keywords([], tmp_path / "keywords")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    Keywords(tmp_path / "keywords")
    assert not list((tmp_path / "scratch").iterdir())
