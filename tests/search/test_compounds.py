from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import sampled_from, text

from app.search.compounds import Splitter

KNOWN = """netzgerät hochspannung router passwort wort pass kunden konto schule buch verbindung test drucken auftrag
meldung leitung bindung stellung gerät endung dns server vpn weise möglich ende licht prüfung schnell netzwerk drucker
fehler liste bericht tisch theorie hund tor laden karte mit teilung rahmen""".split()
SPLITTER = Splitter(dict.fromkeys(KNOWN, 4) | {"dns": 5, "vpn": 2, "tor": 90})


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("hochspannungsnetzgerät", ("hochspannung", "netzgerät")),
        ("routerpasswort", ("router", "passwort")),
        ("kundenkonto", ("kunden", "konto")),
        ("kontobuch", ("konto", "buch")),
        ("netzwerkdruckerfehlerliste", ("netzwerk", "drucker", "fehler", "liste")),
    ],
)
def test_a_compound_is_split_into_known_words(word: str, parts: tuple[str, ...]) -> None:
    """As few and as long ones as cover all of it."""
    assert SPLITTER.parts(word) == parts


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("verbindungstest", ("verbindung", "test")),
        ("schulbuch", ("schule", "buch")),
        ("ladekarte", ("laden", "karte")),
        ("hundeleitung", ("hund", "leitung")),
        ("routernetzgeräten", ("router", "netzgerät")),
    ],
)
def test_what_stands_between_parts_or_ends_them_belongs_to_none(word: str, parts: tuple[str, ...]) -> None:
    """Linking letters, dropped letters and inflection do not hide a known word."""
    assert SPLITTER.parts(word) == parts


def test_the_known_head_of_an_unknown_word_stands_alone() -> None:
    """The unknown rest is a fragment and is never given."""
    assert SPLITTER.parts("starkstromnetzgerät") == ("netzgerät",)


def test_an_inflected_head_is_found_when_it_is_long() -> None:
    """A short piece that only resembles a word after its ending is cut off is chance."""
    assert (SPLITTER.parts("starkstromleitungen"), SPLITTER.parts("starkstrombuche")) == (("leitung",), ())


@pytest.mark.parametrize(
    "word", "verbindung anmeldung umleitung kontakt störung gerät bericht versendung herunterladen mitteilung".split()
)
def test_a_prefix_makes_no_compound(word: str) -> None:
    """An Umleitung is no kind of Leitung."""
    assert SPLITTER.parts(word) == ()


@pytest.mark.parametrize("word", ["möglicherweise", "theoretisch", "testende", "kontomitteilung"])
def test_endings_that_are_also_words_are_no_parts(word: str) -> None:
    """Nothing in möglicherweise is about a Weise, nothing in theoretisch about a Tisch."""
    assert SPLITTER.parts(word) == ()


def test_a_word_commoner_than_its_parts_is_one_of_its_own() -> None:
    """Who looks for a word does not look for a password."""
    assert Splitter({"passwort": 30, "pass": 2, "wort": 2}).parts("passwort") == ()
    assert Splitter({"passwort": 2, "pass": 2, "wort": 2}).parts("passwort") == ("pass", "wort")


def test_words_of_three_letters_are_parts_when_they_are_common_and_not_last() -> None:
    """DNS-Server is written in one word, too; "vpn" is rare here, and short ends are chance."""
    assert SPLITTER.parts("dnsserver") == ("dns", "server")
    assert SPLITTER.parts("vpntest") == ()
    assert SPLITTER.parts("routertor") == ()


def test_a_known_compound_is_split_too() -> None:
    """An article about the Routerpasswort is to be found by Passwort."""
    assert Splitter({"routerpasswort": 1, "router": 1, "passwort": 1}).parts("routerpasswort") == ("router", "passwort")


@pytest.mark.parametrize("word", ["", "test", "test" * 16])
def test_very_short_and_very_long_words_are_left_alone(word: str) -> None:
    """Neither is a compound of known words."""
    assert SPLITTER.parts(word) == ()


def test_an_unknown_rest_must_end_like_a_word() -> None:
    """Of "kxzqleitung" nothing is known but letters at its end; a long rest gets the benefit of the doubt."""
    assert SPLITTER.parts("kxzqleitung") == ()
    assert SPLITTER.parts("donaudampfschiffleitung") == ("leitung",)


@given(text() | text("abdefghiklmnorstuwäöü") | sampled_from(KNOWN).flatmap(lambda word: text().map(word.__add__)))
def test_parts_are_always_known_words(word: str) -> None:
    """No word is too odd to ask for, and no fragment is ever given."""
    assert set(SPLITTER.parts(word)) <= set(KNOWN)
