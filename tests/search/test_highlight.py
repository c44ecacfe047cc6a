from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import text

from app.search.highlight import answering, marked, sentences, shortened, snippet
from app.search.language import telling


def shown(text: str, query: str, size: int = 240) -> str:
    """Return a snippet as text, marked words in brackets."""
    wanted = telling(query, "de")
    segments = snippet(text, answering(text, wanted, "de"), wanted, "de", size)
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


def test_what_comes_before_the_answer_is_shown_where_nothing_comes_after() -> None:
    """As many whole sentences as fit."""
    assert shown("Eins A. Zwei B. Drei C.", "Drei", size=16) == "Zwei B. [Drei] C."


def test_the_answer_begins_what_is_shown_where_enough_comes_after() -> None:
    """Readers see it first."""
    assert shown("Eins A. Zwei B. Drei C.", "Zwei", size=16) == "[Zwei] B. Drei C."


def test_a_text_without_its_answer_is_shown_from_its_beginning() -> None:
    """Nothing is found, and yet something can be read."""
    assert "".join(one.text for one in snippet("Eins A. Zwei B.", "anderswo", [], "de", 10)) == "Eins A."


def test_the_answer_is_the_sentence_nearest_in_meaning() -> None:
    """Where words say nothing."""
    text = "Öffne die Klappe. Ziehe das Papier. Fertig."
    assert (
        answering(text, ["jam"], "de", lambda parts: [float(start == 18) for start, _ in parts]) == "Ziehe das Papier."
    )


def test_words_and_meaning_choose_the_answer_together() -> None:
    """Half of the words are beaten by a meaning that is much nearer."""
    text = "Der Router blinkt. Halte den Knopf."
    wanted = telling("Router zurücksetzen", "de")
    near = {0: 0.2, 19: 0.9}
    assert answering(text, wanted, "de", lambda parts: [near[start] for start, _ in parts]) == "Halte den Knopf."
    assert answering(text, wanted, "de", lambda parts: [near[start] / 2 for start, _ in parts]) == "Der Router blinkt."


def test_the_sentences_of_a_text_know_where_they_stand() -> None:
    """Empty lines are none."""
    text = "Eins A. Zwei B!\n\n \nDrei"
    assert [text[start:end] for start, end in sentences(text)] == ["Eins A.", "Zwei B!", "Drei"]


@given(text())
def test_the_sentences_of_any_text_hold_all_of_its_words(anything: str) -> None:
    """In order, none twice."""
    parts = [anything[start:end] for start, end in sentences(anything)]
    assert " ".join(parts).split() == anything.split()


def test_a_line_ends_a_sentence() -> None:
    """List items have no full stops."""
    assert shown("eins\nzwei drei", "zwei", size=10) == "[zwei] drei"


def test_a_long_sentence_is_cut_at_a_word() -> None:
    """An ellipsis says so."""
    assert shortened("eins zwei drei", 10) == "eins zwei …"


def test_no_text_has_no_snippet() -> None:
    """An article may hold pictures only."""
    assert snippet(" \n ", answering(" \n ", ["x"], "de"), ["x"], "de") == ()


def test_a_text_without_wanted_words_is_one_segment() -> None:
    """Nothing is marked."""
    (segment,) = marked("Nichts davon.", ["druck"], "de")
    assert (segment.text, segment.marked) == ("Nichts davon.", False)


@given(text(), text(min_size=1, max_size=20))
def test_marking_changes_no_character(anything: str, query: str) -> None:
    """The segments put together are the text."""
    assert "".join(one.text for one in marked(anything, telling(query, "de"), "de")) == anything
