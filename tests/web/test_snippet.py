"""Snippets: the answering sentence in its place, words of the query marked throughout."""

from __future__ import annotations

from app.search.ranking import Segment
from app.web.snippet import Snippet, parted

TEXT = (Segment("Erst "), Segment("Router", marked=True), Segment(" aus. Dann "), Segment("Kabel", marked=True))


def test_a_sentence_is_set_off_with_its_marks() -> None:
    """Segments that reach beyond it are cut in two."""
    after = (Segment("Dann "), Segment("Kabel", marked=True))
    assert parted(TEXT, "Router aus.") == Snippet(TEXT[:1], (TEXT[1], Segment(" aus.")), (Segment(" Dann "), after[1]))
    assert parted(TEXT, "Dann Kabel").answer == after


def test_a_sentence_that_was_cut_is_the_answer() -> None:
    """It was too long, so nothing else is there."""
    segments = (Segment("Erst der Router, dann das …"),)
    assert parted(segments, "Erst der Router, dann das Kabel.") == Snippet((), segments, ())


def test_without_an_answer_nothing_is_set_off() -> None:
    """Nor with one that stands elsewhere, nor in an empty text."""
    assert parted(TEXT, "") == parted(TEXT, "Drucker") == Snippet((), (), TEXT)
    assert parted((), "") == Snippet((), (), ())
