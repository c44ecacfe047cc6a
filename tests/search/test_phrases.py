from __future__ import annotations

from app.search.phrases import phrases_of

PHRASES = phrases_of(
    ["VPN einrichten", "Wie komme ich ins VPN?", "Drucker einrichten", "Über Größen", "VPN einrichten"]
)


def test_a_phrase_completes_what_begins_one_of_its_words() -> None:
    """Those that begin with it come first, then the shorter ones."""
    assert PHRASES.completing("vp", 5) == ("VPN einrichten", "Wie komme ich ins VPN?")
    assert PHRASES.completing("einr", 5) == ("VPN einrichten", "Drucker einrichten")


def test_no_more_than_the_limit_is_completed() -> None:
    """The best ones are."""
    assert PHRASES.completing("VPN", 1) == ("VPN einrichten",)


def test_case_umlauts_and_spaces_make_no_difference() -> None:
    """Whoever types in a hurry leaves them out."""
    assert PHRASES.completing(" uber   gros", 5) == ("Über Größen",)


def test_what_is_typed_whole_is_not_completed() -> None:
    """It is there already."""
    assert PHRASES.completing("Drucker einrichten", 5) == ()


def test_a_letter_is_not_completed() -> None:
    """It could become anything."""
    assert PHRASES.completing("v", 5) == ()


def test_what_begins_no_word_completes_to_nothing() -> None:
    """The inside of a word is no beginning."""
    assert PHRASES.completing("richten", 5) == ()
    assert PHRASES.completing("zzz", 5) == ()
