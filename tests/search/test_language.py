from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis.strategies import sampled_from, text

from app.search.language import detect, spellings, stem, telling, terms

if TYPE_CHECKING:
    from app.articles.article import Language


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("mein Drucker geht nicht", "de"),
        ("how do I reset my router", "en"),
        ("Gerät", "de"),
        ("Geraet koppeln", "de"),
        ("Router zuruecksetzen, muesste gehen", "de"),
        ("it doesn’t work", "en"),
    ],
)
def test_the_language_of_a_text_is_told_by_its_function_words(text: str, lang: Language) -> None:
    """Small words and umlauts tell German from English."""
    assert {detect(text, "de"), detect(text, "en")} == {lang}


@pytest.mark.parametrize("word", "issue values does continue guest blue goes colleagues doesn't user Quelle".split())
def test_vowels_that_also_meet_in_english_do_not_tell(word: str) -> None:
    """Not every ue and oe is an umlaut written out."""
    assert (detect(word, "en"), detect(f"{word} error", "en")) == ("en", "en")


@pytest.mark.parametrize("otherwise", ["de", "en"])
def test_a_text_that_tells_nothing_is_in_the_readers_language(otherwise: Language) -> None:
    """A product name alone is in the language of the one who typed it."""
    assert detect("Outlook 0x80070005", otherwise) == otherwise


def test_what_is_written_with_signs_is_found_whole_and_in_parts() -> None:
    """FRITZ!Box is a term of its own, and so are its parts."""
    found = list(terms("Fehler 0x80070005 an der FRITZ!Box", "de"))
    assert found == ["fehl", "0x80070005", "an", "der", "fritz!box", "fritz", "box"]


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("Drucker", "Druckern", "de"),
        ("Größe", "GRÖSSE", "de"),
        ("Ger\u00e4t", "Gera\u0308t", "de"),
        ("Geraet", "Gerät", "de"),
        ("Gerat", "Gerät", "de"),
        ("zuruecksetzen", "zurücksetzen", "de"),
        ("printing", "Printed", "en"),
    ],
)
def test_spellings_of_one_word_meet(one: str, other: str, lang: Language) -> None:
    """Inflection, capitals and umlauts do not keep a word from being found."""
    assert stem(one.casefold(), lang) == stem(other.casefold(), lang)


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("gerät", ("geraet", "gerat")),
        ("geraet", ("gerät", "gerat")),
        ("gerat", ()),
        ("straße", ("strasse",)),
        ("gebaeude", ("gebäude", "gebaude")),
    ],
)
def test_umlauts_are_written_in_three_ways(word: str, others: tuple[str, ...]) -> None:
    """With dots, with an e, or with neither."""
    assert spellings(word) == others


@pytest.mark.parametrize("word", "neue quelle steuer frauen feuer bauen queue".split())
def test_vowels_that_meet_by_chance_are_no_umlaut(word: str) -> None:
    """Neue is not neü, and its stem keeps its letters."""
    assert spellings(word) == ()
    assert word.startswith(stem(word, "de"))


def test_only_telling_terms_are_looked_for() -> None:
    """Function words say nothing about the problem."""
    assert telling("Wie kann ich den Drucker verbinden, Drucker!", "de") == ("druck", "verbind")


def test_a_query_of_function_words_looks_for_all_of_them() -> None:
    """Words that say little are better than none."""
    assert telling("was ist das", "de") == ("was", "ist", "das")


@given(text(), sampled_from(["de", "en"]))
def test_terms_hold_no_white_space(anything: str, lang: Language) -> None:
    """The keyword index cuts its text at white space, so a term must not hold any."""
    assert all(len(term.split()) == 1 for term in terms(anything, lang))
