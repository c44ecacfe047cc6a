from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from, text

from app.search.spelling import Speller, slipped, sound
from app.search.vocabulary import Vocabulary

if TYPE_CHECKING:
    from app.articles.article import Language

GERMAN = """router passwort drucker drucken gerät größe überweisung einstellungen netzwerkverbindung rechnung haus hose
dose konto kosten karte sperren sperrung fahrrad größten""".split()
ENGLISH = "printer password settings device good grass connection".split()
CODES = {"0x80070005": 3, "0x80070006": 9, "0x80070007": 1, "0x80070008": 1, "7590": 2, "fritz!box": 4, "php.ini": 1}
VOCABULARY = Vocabulary({"de": dict.fromkeys(GERMAN, 2), "en": dict.fromkeys(ENGLISH, 2)}, CODES)
SPELLER = Speller(VOCABULARY)


def speller(**words: int) -> Speller:
    """Give a speller that knows only these German words."""
    return Speller(Vocabulary({"de": words, "en": {}}, {}))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ruoter", "router"),
        ("passwrot", "passwort"),
        ("paswort", "passwort"),
        ("drukcer", "drucker"),
        ("reechnung", "rechnung"),
        ("Einstelungen", "einstellungen"),
        ("netzwrekverbindug", "netzwerkverbindung"),
        ("hsus", "haus"),
    ],
)
def test_a_mistyped_word_is_the_nearest_known_one(typed: str, meant: str) -> None:
    """A letter too many, too few, a wrong one or two swapped is one edit; long words may have two."""
    assert SPELLER.correct(typed, "de") == meant


@pytest.mark.parametrize(
    ("word", "lang", "near"),
    [
        ("backen", "de", "balken"),
        ("Zeitung", "de", "leitung"),
        ("fuellen", "de", "fuehlen"),
        ("earning", "en", "warning"),
    ],
)
def test_a_word_that_the_knowledge_base_merely_lacks_stays(word: str, lang: Language, near: str) -> None:
    """One edit from a known one, and yet another word; also with umlauts written out."""
    knows = Speller(Vocabulary({"de": {near: 9}, "en": {near: 9}}, {}))
    assert knows.correct(word, lang) is None


@pytest.mark.parametrize("typed", ["ueberweisnug", "uberweisnug", "überweisnug"])
def test_umlauts_written_another_way_cost_no_edit(typed: str) -> None:
    """Who writes ue for ü may mistype as well."""
    assert SPELLER.correct(typed, "de") == "überweisung"


@pytest.mark.parametrize(
    "word",
    """Router routers GERAET gerat Größe groesse printer printing nicht muessen routerpasswort rotes abc 7590 x1234
    """.split(),
)
def test_what_is_known_in_any_way_stays(word: str) -> None:
    """Inflected, in the other language, with umlauts written out, as a compound, a number or too short to tell."""
    assert SPELLER.correct(word, "de") is None


@pytest.mark.parametrize("word", ["waschmaschine", "nciht", "rose", "fgutz", "k" * 61])
def test_what_is_near_to_nothing_stays(word: str) -> None:
    """Function words are never meant, and "rose" is no slip for "dose" or "hose"."""
    assert SPELLER.correct(word, "de") is None


def test_a_short_word_keeps_its_first_letter() -> None:
    """Food is no slip for good though the keys lie side by side, but ahus is one for haus."""
    assert (SPELLER.correct("food", "en"), SPELLER.correct("ahus", "de")) == (None, "haus")


def test_words_are_only_corrected_into_their_own_language() -> None:
    """A German query does not get English words."""
    assert (SPELLER.correct("deivce", "de"), SPELLER.correct("deivce", "en")) == (None, "device")


def test_fewer_edits_come_first() -> None:
    """Even a common word two edits away loses to a rare one that is nearer."""
    assert speller(anschlussart=1, anschlussort=50).correct("anschlusart", "de") == "anschlussart"


def test_between_equals_the_neighbouring_key_comes_first() -> None:
    """The s lies beside the a, the r does not."""
    assert speller(kartei=9, kastei=1).correct("kaatei", "de") == "kastei"


def test_between_equals_the_same_sound_comes_first() -> None:
    """An f for a v is heard, not mistyped."""
    assert speller(vorteil=1, zorteil=9, fortmil=9).correct("forteil", "de") == "vorteil"


def test_then_the_first_letter_and_the_frequency_count() -> None:
    """The first letter is seldom wrong, and what is written often is meant often."""
    assert speller(anmelden=1, zumelden=9).correct("aumelden", "de") == "anmelden"
    assert speller(messungen=1, messingen=9).correct("messkngen", "de") == "messingen"


def test_a_mistyped_code_is_offered_the_known_ones() -> None:
    """One wrong, missing, extra or swapped sign; at most three, the commonest first."""
    assert SPELLER.near_codes("0x80070009") == ("0x80070006", "0x80070005", "0x80070007")
    assert SPELLER.near_codes("7950") == ("7590",)
    assert SPELLER.near_codes("FRIZ!Box") == ("fritz!box",)


@pytest.mark.parametrize("code", ["0x80070005", "12", "router", "9" * 99, "0x99999999"])
def test_nothing_is_offered_for_known_codes_plain_words_and_strangers(code: str) -> None:
    """There must be something to correct, and something near it."""
    assert SPELLER.near_codes(code) == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Mein Druckr: paswort, bitte!", "Mein Drucker: passwort, bitte!"),
        ("DRUCKR", "DRUCKER"),
        ("WLAN-Paswort", "WLAN-Passwort"),
        ("Fehler 0x80070009 php.inu", "Fehler 0x80070009 php.inu"),
        ("", ""),
    ],
)
def test_a_query_is_corrected_word_by_word(typed: str, meant: str) -> None:
    """Signs, codes and capitals stay."""
    assert SPELLER.corrected(typed, "de") == meant


@pytest.mark.parametrize(
    ("one", "other", "lang", "slip"),
    [
        ("zest", "test", "de", True),
        ("zest", "test", "en", False),
        ("tset", "test", "en", True),
        ("tests", "test", "en", False),
    ],
)
def test_slips_depend_on_the_keyboard(one: str, other: str, lang: Language, *, slip: bool) -> None:
    """On a German keyboard the z lies where the English one has its y."""
    assert slipped(one, other, lang) is slip


@pytest.mark.parametrize(
    ("word", "digits"),
    [
        ("müllerlüdenscheidt", "65752682"),
        ("wikipedia", "3412"),
        ("breschnew", "17863"),
        ("axt", "0482"),
        ("", ""),
    ],
)
def test_words_sound_as_cologne_phonetics_says(word: str, digits: str) -> None:
    """The published examples come out."""
    assert sound(word) == digits


@given(text() | text("abdekrstuäöüß"), sampled_from(["de", "en"]))
def test_no_word_is_too_odd_to_ask_for(word: str, lang: Language) -> None:
    """A word is corrected to a known one or not at all."""
    assert SPELLER.correct(word, lang) in {None, *VOCABULARY.words[lang]}
    assert SPELLER.near_codes(word) in {(), *((code,) for code in CODES)}
    assert isinstance(SPELLER.corrected(word, lang), str)


@given(lists(sampled_from([*GERMAN, *ENGLISH, *CODES])), sampled_from([" ", ", ", "-", "! "]))
def test_a_text_of_known_words_stays(words: list[str], sign: str) -> None:
    """Nothing is corrected that is right."""
    known = sign.join(words)
    assert SPELLER.corrected(known, "de") == known
