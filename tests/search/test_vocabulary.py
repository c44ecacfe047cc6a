from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis.strategies import text
from pydantic import TypeAdapter

from app.search.passage import Passage
from app.search.vocabulary import Vocabulary, codes_in, heading_of, is_code, lowered, text_of, vocabulary_of, words_in

if TYPE_CHECKING:
    from app.articles.article import Language


def passage(text: str, lang: Language = "de") -> Passage:
    return Passage("slug", lang, "question", (), "", text, "")


def test_a_word_counts_once_for_each_passage_it_stands_in() -> None:
    """Saying a word twice in one passage does not make it twice as common."""
    found = vocabulary_of([passage("Router, Router!"), passage("Der Router")])
    assert found.words["de"] == {"router": 2, "der": 1}


def test_the_languages_are_kept_apart() -> None:
    """A word of an English article is no German word."""
    found = vocabulary_of([passage("Gerät"), passage("device", "en")])
    assert found.words == {"de": {"gerät": 1}, "en": {"device": 1}}


def test_words_stand_as_they_were_written() -> None:
    """Umlauts and ß stay, however they were encoded, so that a word can be shown."""
    assert set(vocabulary_of([passage("Gro\u0308ße, Geraet")]).words["de"]) == {"größe", "geraet"}


def test_a_section_brings_its_title_and_headings() -> None:
    """A section is found by them, so their words are known."""
    section = Passage("slug", "de", "section", ("Ursache",), "", "Text", "Titel")
    assert set(vocabulary_of([section]).words["de"]) == {"titel", "ursache", "text"}


def test_only_a_section_has_headings_above_it() -> None:
    """A title or a question stands alone, though it knows its article's title."""
    section = Passage("slug", "de", "section", ("A", "B"), "b", "Text", "Titel")
    assert (heading_of(section), text_of(section)) == (("Titel", "A", "B"), "Titel\nA\nB\nText")
    assert (heading_of(replace(section, kind="question")), text_of(replace(section, kind="title"))) == ((), "Text")


def test_codes_are_kept_apart_from_words() -> None:
    """What holds a digit or a sign is a code of any language, whole, and its parts with digits as well."""
    found = vocabulary_of([passage("Fehler 0x80070005 bei WPA2-PSK an der FRITZ!Box 7590, siehe php.ini", "en")])
    assert set(found.codes) == {"0x80070005", "wpa2-psk", "wpa2", "fritz!box", "7590", "php.ini"}
    assert set(found.words["en"]) == {"fehler", "bei", "psk", "an", "der", "fritz", "box", "siehe", "php", "ini"}


def test_single_letters_and_endless_codes_are_left_out() -> None:
    """A letter says nothing, and nobody types an address of a hundred signs."""
    assert (words_in("a ab"), codes_in("x1 " + "1" * 61)) == ({"ab"}, {"x1"})


@pytest.mark.parametrize("word", ["0x80070005", "dns_probe_finished_nxdomain", "fritz!box", "7590", "c++", "php.ini"])
def test_digits_and_signs_make_a_code(word: str) -> None:
    """Error codes, product names and file names are to be found exactly."""
    assert is_code(word)


@pytest.mark.parametrize("word", ["router", "wlan-passwort", "und/oder", "z.b", "don't"])
def test_plain_words_are_no_codes(word: str) -> None:
    """Hyphen, slash, apostrophe and the dot of an abbreviation stand in plain words."""
    assert not is_code(word)


def test_a_vocabulary_can_be_stored_as_json() -> None:
    """It is written beside the index and read back the same."""
    adapter = TypeAdapter(Vocabulary)
    found = vocabulary_of([passage("Gerät 7590"), passage("device", "en")])
    assert adapter.validate_json(adapter.dump_json(found)) == found


@given(text())
def test_no_text_is_too_odd_to_count(anything: str) -> None:
    """Whatever an article holds, its words are letters and its codes are short."""
    found = vocabulary_of([passage(anything)])
    assert all(word.isalpha() for word in found.words["de"])
    assert all(code == lowered(code) for code in found.codes)
