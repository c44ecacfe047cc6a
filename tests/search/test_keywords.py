from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis.strategies import characters, text

from app.search.compounds import Splitter
from app.search.keywords import PARTS, Keywords, opened, parts_by, write_keywords
from app.search.language import stem
from app.search.passage import Passage
from app.search.vocabulary import vocabulary_of
from app.search.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from app.articles.article import Language

TEXTS: list[tuple[Language, str]] = [
    ("de", "Drucker drucken und druckten"),
    ("de", "Der Drucker an der FRITZ!Box meldet 0x80070005"),
    ("en", "The printer is printing"),
    ("de", "Einstellungen und Einstellungen, Einsteckkarte"),
    ("de", "Einstellungen im Einwahlknoten"),
]
COMPOUNDS = (
    Passage("a", "de", "section", (), "", "Ein Netzgerät. Das Starkstromnetzgerät summt.", "Netzgerät"),
    Passage("b", "de", "section", (), "", "Das Hochspannungsnetzgerät und das Routerpasswort.", "Strom"),
    Passage("c", "de", "section", ("Tausch",), "", "Der Router will ein Passwort bei Hochspannung.", "Geräte"),
    Passage("d", "en", "section", (), "", "The Router blinks.", "Routerpasswort"),
    Passage("e", "de", "section", ("Austausch",), "", "Nur ein Tausch.", ""),
)


def write(folder: Path, passages: Iterable[Passage]) -> None:
    """Write the keyword index of passages as a build does."""
    passages = list(passages)
    write_keywords(passages, parts_by(Splitter(vocabulary_of(passages).words["de"])), folder)


def asked(text: str) -> Passage:
    """Make a German question, which has text and nothing else."""
    return Passage("x", "de", "question", (), "", text, "")


def hits(keywords: Keywords, *terms: str, lang: Language = "de", limit: int = 10) -> list[tuple[int, float]]:
    """Look for terms of one language, each a word of its own."""
    return keywords.find({lang: [Wanted((term,)) for term in terms]}, limit)


def numbers(keywords: Keywords, *terms: str, lang: Language = "de", limit: int = 10) -> list[int]:
    """Return the passages found, best first."""
    return [number for number, _ in hits(keywords, *terms, lang=lang, limit=limit)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a written keyword index."""
    folder = tmp_path_factory.mktemp("index") / "keywords"
    write(folder, [Passage("x", lang, "question", (), "", text, "") for lang, text in TEXTS])
    return folder


@pytest.fixture(scope="module")
def keywords(folder: Path) -> Keywords:
    """Give the index, opened."""
    return Keywords([folder])


@pytest.fixture(scope="module")
def compound_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the written index of sections with compounds."""
    folder = tmp_path_factory.mktemp("compounds") / "keywords"
    write(folder, COMPOUNDS)
    return folder


@pytest.fixture(scope="module")
def compounds(compound_folder: Path) -> Keywords:
    """Give it, opened."""
    return Keywords([compound_folder])


def test_a_term_finds_its_passages_best_first(keywords: Keywords) -> None:
    """The passage that says it more often in fewer words comes first."""
    found = hits(keywords, "druck")
    assert [number for number, _ in found] == [0, 1]
    assert found[0][1] > found[1][1] > 0


def test_terms_are_looked_for_in_passages_of_their_language_only(keywords: Keywords) -> None:
    """An English stem means nothing in a German text."""
    word = Wanted(("printer",))
    assert [number for number, _ in keywords.find({"de": [word], "en": [word]}, 10)] == [2]


def test_a_name_with_signs_is_one_term(keywords: Keywords) -> None:
    """Nothing in it is read as an operator."""
    assert numbers(keywords, "fritz!box") == [1]


@pytest.mark.parametrize("nothing", [[], [Wanted((), 0.0, typed="quetzal")]])
def test_no_terms_find_nothing(keywords: Keywords, nothing: list[Wanted]) -> None:
    """An empty query is no question to the index, nor are words that stand nowhere."""
    assert keywords.find({"de": nothing, "en": []}, 10) == []


def test_any_of_the_terms_of_a_word_will_do(keywords: Keywords) -> None:
    """A half-typed word may become several; the best of them counts."""
    (first, second) = hits(keywords, "einsteckkart", "einwahlknot")
    either = keywords.find({"de": [Wanted(("einsteckkart", "einwahlknot"))]}, 10)
    assert {number for number, _ in either} == {first[0], second[0]} == {3, 4}


def test_a_word_counts_what_it_is_worth(keywords: Keywords) -> None:
    """A code counts double, a corrected word a little less."""
    plain, double = (keywords.find({"de": [Wanted(("druck",), worth)]}, 1)[0][1] for worth in (1.0, 2.0))
    assert double == pytest.approx(2 * plain)


@pytest.mark.parametrize("term", ["*", 'de:"druck"', "(druck", "druck^2", "NOT", "[a TO z]", "x" * 70_000, "\0"])
def test_terms_are_never_read_as_query_syntax(keywords: Keywords, term: str) -> None:
    """A term is looked for letter by letter."""
    assert keywords.find({"de": [Wanted((term,))], "en": [Wanted((term,))]}, 10) == []


def test_no_more_than_the_limit_is_returned(keywords: Keywords) -> None:
    """The best ones are."""
    assert numbers(keywords, "druck", limit=1) == [0]


def test_a_compound_is_found_by_its_part(compounds: Keywords) -> None:
    """After those where the part stands as a word."""
    assert numbers(compounds, stem("netzgerät", "de")) == [0, 1]


def test_a_word_is_found_by_the_part_that_only_compounds_share(compounds: Keywords) -> None:
    """Who asks for a router and its password finds the Routerpasswort, too."""
    assert sorted(numbers(compounds, "rout", "passwort")) == [1, 2]


def test_parts_are_split_off_in_german_only(compounds: Keywords) -> None:
    """English writes its compounds apart."""
    assert numbers(compounds, "router", lang="en") == [3]
    assert numbers(compounds, "passwort", lang="en") == []


def test_no_left_over_fragment_stands_in_the_index(compound_folder: Path) -> None:
    """Every part is a word that stands by itself somewhere: of Starkstromnetzgerät only Netzgerät is one."""
    terms = {term for term, _ in opened([compound_folder]).searcher().terms_with_prefix(PARTS, "", limit=1000)}
    assert terms == {stem(word, "de") for word in ("netzgerät", "hochspannung", "router", "passwort")}


def test_a_heading_counts_more_than_the_text(compounds: Keywords) -> None:
    """It says what all of the section is about, even where the text is short."""
    assert numbers(compounds, "tausch") == [2, 4]


def test_a_title_counts_as_a_heading(compounds: Keywords) -> None:
    """A section is found by it."""
    assert numbers(compounds, stem("geräte", "de")) == [2]


def test_the_frequency_counts_what_stands_in_headings_and_compounds(compounds: Keywords) -> None:
    """A word that stands nowhere else is known all the same."""
    assert compounds.frequency("de", "strom") == 1
    assert compounds.frequency("de", stem("netzgerät", "de")) == 2


@settings(max_examples=30, deadline=None)
@given(anything=text(characters()))
def test_any_text_can_be_looked_for(compounds: Keywords, anything: str) -> None:
    """Lone surrogates are taken out of queries before."""
    assert isinstance(numbers(compounds, anything.encode(errors="ignore").decode()), list)


@pytest.mark.parametrize("length", [65_530, 65_535, 65_536, 200_000])
def test_a_word_of_any_length_can_be_written_and_looked_for(tmp_path: Path, length: int) -> None:
    """The index keeps words of up to 65,530 bytes; what is longer is left out, and what stands beside it is found."""
    endless = "a" * length
    write(tmp_path / "keywords", [asked(f"{endless} Drucker")])
    keywords = Keywords([tmp_path / "keywords"])
    assert numbers(keywords, "druck") == [0]
    assert numbers(keywords, endless) in ([0], [])
    assert keywords.frequency("de", endless) in (0, 1)


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


def test_no_lock_files_are_left(tmp_path: Path) -> None:
    """The index is only read from now on, perhaps by others."""
    write(tmp_path / "keywords", [])
    assert not list((tmp_path / "keywords").glob(".tantivy-*.lock"))


def test_an_empty_library_has_an_index_too(tmp_path: Path) -> None:
    """It finds nothing."""
    write(tmp_path / "keywords", [])
    assert numbers(Keywords([tmp_path / "keywords"]), "druck") == []


def test_a_folder_without_an_index_is_an_error(tmp_path: Path) -> None:
    """Nothing is made by opening."""
    with pytest.raises(FileNotFoundError, match=r"meta\.json"):
        Keywords([tmp_path])
    assert not list(tmp_path.iterdir())


def test_the_keywords_of_several_shards_are_one_index(tmp_path: Path) -> None:
    """Passages are numbered through, and a word is as rare as it is in all of them."""
    texts = ("Drucker", "Toner und Drucker", "Papier"), (), ("Drucker im Netz",)
    parts = parts_by(Splitter({}))
    for shard, found in enumerate(texts):
        write_keywords(map(asked, found), parts, tmp_path / f"{shard}", shard)
    write(tmp_path / "one", [asked(text) for found in texts for text in found])
    several = Keywords([tmp_path / f"{shard}" for shard in range(3)], (0, 3, 3))
    assert hits(several, "druck") == hits(Keywords([tmp_path / "one"]), "druck")
    assert {number for number, _ in hits(several, "druck")} == {0, 1, 3}


def test_reading_writes_nothing_into_the_index(tmp_path: Path) -> None:
    """A version is never changed."""
    write(tmp_path / "keywords", [])
    before = sorted(tmp_path.rglob("*"))
    keywords = Keywords([tmp_path / "keywords"])
    numbers(keywords, "druck")
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_opened_needs_no_file_any_more(tmp_path: Path) -> None:
    """A version may be pruned while others still search in it."""
    write(tmp_path / "keywords", [asked("Drucker")])
    keywords = Keywords([tmp_path / "keywords"])
    shutil.rmtree(tmp_path / "keywords")
    assert numbers(keywords, "druck") == [0]
    assert (keywords.frequency("de", "druck"), keywords.completions("de", "dru", 5)) == (1, ["druck"])


def test_opening_leaves_no_scratch_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many versions are swapped in, nothing piles up."""
    write(tmp_path / "keywords", [])
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    Keywords([tmp_path / "keywords"])
    assert not list((tmp_path / "scratch").iterdir())
