from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import sampled_from, text

from app.search.language import dull_terms, terms
from app.search.passage import Passage
from app.search.spelling import Speller
from app.search.vocabulary import vocabulary_of
from app.search.wanted import CODE, MEANT, Lookup, Wanted, wanted

GERMAN = "Der Router will ein Passwort. Fehler 0x80070005 an der FRITZ!Box 7, WLAN-Schlüssel aus der Gerätefunktion."
ENGLISH = "The device needs a password."
PASSAGES = (
    Passage("x", "de", "question", (), "", GERMAN, ""),
    Passage("x", "en", "question", (), "", ENGLISH, ""),
)
SPELLER = Speller(vocabulary_of(PASSAGES))
DE = Lookup("de", set(terms(GERMAN, "de")).__contains__, SPELLER, corrects=True)
EN = Lookup("en", set(terms(ENGLISH, "en")).__contains__, SPELLER, corrects=True)
ODD = """* "Router" Router·AND·NOT·+x·-y·~2·^3 [a·TO·z] (((( 🖨️🔥 a \\ ß İ""".split()


def test_a_known_word_is_looked_for_by_its_stem() -> None:
    """However it is inflected or written."""
    assert wanted("Routers, PASSWORT!", DE) == (Wanted(("rout",)), Wanted(("passwort",)))


@pytest.mark.parametrize(("code", "term"), [("0X80070005", "0x80070005"), ("Fritz!Box", "fritz!box")])
def test_a_known_code_is_looked_for_whole_and_counts_double(code: str, term: str) -> None:
    """In all that could be found, too; its parts would only find what is less exact."""
    assert wanted(code, DE) == (Wanted((term,), CODE, CODE),)


def test_of_an_unknown_code_the_parts_are_looked_for() -> None:
    """Half of a product's name is better than nothing."""
    assert wanted("fritz!fon", DE) == (Wanted(("fritz",)), Wanted((), 0.0, typed="fon"))


def test_a_lone_digit_is_a_plain_word() -> None:
    """It stands in any list of steps."""
    assert wanted("Router 7", DE) == (Wanted(("rout",)), Wanted(("7",)))


def test_a_hyphenated_word_is_looked_for_whole_and_in_parts() -> None:
    """Others may write it apart."""
    assert [word.terms for word in wanted("WLAN-Schlüssel", DE)] == [("wlan-schlussel",), ("wlan",), ("schlussel",)]


def test_an_unknown_compound_is_looked_for_by_the_known_words_it_is_made_of() -> None:
    """What stands under Router and Passwort is found by Routerpasswort."""
    assert wanted("Routerpasswort", DE) == (Wanted(("rout",)), Wanted(("passwort",)))


def test_english_words_are_not_split() -> None:
    """English writes its compounds apart."""
    assert wanted("devicepassword", replace(EN, corrects=False)) == (Wanted((), 0.0, typed="devicepassword"),)


def test_a_mistyped_word_is_looked_for_as_the_word_it_was_meant_to_be() -> None:
    """It counts a little less than one that was typed so."""
    assert wanted("Paswort", DE) == (Wanted(("passwort",), MEANT),)


def test_a_mistyped_word_is_put_right_only_in_the_language_of_the_query() -> None:
    """In the other one it stands nowhere."""
    assert wanted("Paswort", replace(DE, corrects=False)) == (Wanted((), 0.0, typed="paswort"),)


def test_two_words_that_stand_nowhere_are_two() -> None:
    """Each lowers what could be found."""
    assert wanted("Quetzal Mixcoatl", DE) == (Wanted((), 0.0, typed="quetzal"), Wanted((), 0.0, typed="mixcoatl"))


def test_each_word_is_looked_for_once() -> None:
    """However often and in whatever case it was typed."""
    assert wanted("Router router, ROUTER", DE) == (Wanted(("rout",)),)


def test_function_words_are_left_out_where_there_are_others() -> None:
    """They say nothing about the problem."""
    assert wanted("wie will der Router", DE) == (Wanted(("rout",)),)


def test_function_words_are_looked_for_where_there_are_no_others() -> None:
    """Whoever types only these may get results; they are never put right."""
    assert [word.terms for word in wanted("wie der", DE)] == [("wie",), ("der",)]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("lookup", [DE, EN], ids=["de", "en"])
def test_odd_texts_are_no_error(odd: str, lookup: Lookup) -> None:
    """Operators, quotes and brackets are signs like any other."""
    assert isinstance(wanted(odd.replace("·", " "), lookup), tuple)


@pytest.mark.parametrize(("times", "words"), [(0, 0), (10_000, 1)])
def test_a_text_may_have_no_words_or_ten_thousand(times: int, words: int) -> None:
    """The same one is looked for once."""
    assert len(wanted("Router " * times, DE)) == words


@given(text() | text("abdekrstuäöüß!-. "), sampled_from([DE, EN]))
def test_only_what_is_known_is_ever_looked_for(anything: str, lookup: Lookup) -> None:
    """No fragment of a word and no guess that stands nowhere."""
    found = {term for word in wanted(anything, lookup) for term in word.terms}
    assert all(lookup.known(term) or term in dull_terms(lookup.lang) for term in found)
