from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import text

from app.search.highlight import marked, shortened, snippet
from app.search.language import telling


def shown(text: str, query: str, size: int = 240) -> str:
    """Return a snippet as text, marked words in brackets."""
    segments = snippet(text, telling(query, "de"), "de", size)
    return "".join(f"[{one.text}]" if one.marked else one.text for one in segments)


def test_a_snippet_marks_inflected_forms() -> None:
    """Who asks for printers also sees where one printer stands."""
    assert shown("Die Druckern helfen, wenn ein Drucker klemmt.", "Druckers") == (
        "Die [Druckern] helfen, wenn ein [Drucker] klemmt."
    )


def test_a_snippet_marks_a_name_with_signs_whole() -> None:
    """Its parts are asked for too, but one mark is enough."""
    assert shown("An der FRITZ!Box.", "fritz!box") == "An der [FRITZ!Box]."


def test_a_snippet_shows_the_sentences_with_most_wanted_words() -> None:
    """Two different words beat one word twice."""
    text = "Router, Router. Hier nichts. Der Router braucht ein Passwort."
    assert shown(text, "Router Passwort", size=40) == "Der [Router] braucht ein [Passwort]."


def test_of_equals_the_first_sentences_are_shown() -> None:
    """As an article begins, so does its snippet."""
    assert shown("Erstens dies. Zweitens das.", "nirgends", size=15) == "Erstens dies."


def test_as_many_sentences_are_shown_as_fit() -> None:
    """Whole ones."""
    assert shown("Eins A. Zwei B. Drei C.", "x", size=16) == "Eins A. Zwei B."


def test_an_abbreviation_does_not_end_a_sentence() -> None:
    """A small letter follows."""
    assert shown("Gilt z. b. hier oben. Danach.", "x", size=22) == "Gilt z. b. hier oben."


def test_a_line_ends_a_sentence() -> None:
    """List items have no full stops."""
    assert shown("eins\nzwei drei", "zwei", size=10) == "[zwei] drei"


def test_a_long_sentence_is_cut_at_a_word() -> None:
    """An ellipsis says so."""
    assert shortened("eins zwei drei", 10) == "eins zwei …"


def test_no_text_has_no_snippet() -> None:
    """An article may hold pictures only."""
    assert snippet(" \n ", ["x"], "de") == ()


def test_a_text_without_wanted_words_is_one_segment() -> None:
    """Nothing is marked."""
    (segment,) = marked("Nichts davon.", ["druck"], "de")
    assert (segment.text, segment.marked) == ("Nichts davon.", False)


@given(text(), text(min_size=1, max_size=20))
def test_marking_changes_no_character(anything: str, query: str) -> None:
    """The segments put together are the text."""
    assert "".join(one.text for one in marked(anything, telling(query, "de"), "de")) == anything
