from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.database import StoreUnavailable, connect
from app.learning.journal import MAX_FEEDBACK, Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.conftest import Clock

    Rows = Callable[[str], list[dict[str, object]]]


@pytest.fixture
def journal(engine: Engine, clock: Clock) -> Journal:
    """Return a journal over the fresh database."""
    return Journal(engine, clock)


def test_feedback_is_written_down(journal: Journal, rows: Rows) -> None:
    """With its article, language, vote and text, cleaned."""
    journal.note_feedback("wlan", "en", helpful=False, text=" step 3\r\nis\x00 wrong ")
    (row,) = rows("SELECT slug, lang, helpful, text FROM feedback")
    assert row == {"slug": "wlan", "lang": "en", "helpful": False, "text": "step 3\nis wrong"}


def test_a_vote_needs_no_text(journal: Journal, rows: Rows) -> None:
    """The text is empty then."""
    journal.note_feedback("wlan", "de", helpful=True)
    assert rows("SELECT text FROM feedback") == [{"text": ""}]


def test_a_long_text_is_cut(journal: Journal, rows: Rows) -> None:
    """At 2,000 characters."""
    journal.note_feedback("wlan", "de", helpful=True, text="ä" * (MAX_FEEDBACK + 1))
    assert rows("SELECT text FROM feedback") == [{"text": "ä" * MAX_FEEDBACK}]


def test_what_helped_is_counted(journal: Journal, clock: Clock) -> None:
    """What solved a problem and what was called helpful counts, most first; the other votes do not."""
    journal.note_solved("b", "de")
    journal.note_solved("a", "de")
    journal.note_feedback("b", "en", helpful=True)
    journal.note_feedback("c", "de", helpful=False)
    assert journal.most_helpful(clock.now - timedelta(days=7), 5) == [("b", 2), ("a", 1)]


def test_only_the_most_helpful_are_told(journal: Journal, clock: Clock) -> None:
    """Of those with the same count the first by name."""
    for slug in ("c", "b", "a"):
        journal.note_solved(slug, "de")
    assert journal.most_helpful(clock.now, 2) == [("a", 1), ("b", 1)]


def test_what_is_long_ago_is_not_counted(journal: Journal, clock: Clock) -> None:
    """The moment given is the first that counts."""
    journal.note_solved("old", "de")
    clock.move(seconds=1)
    since = clock.now
    journal.note_solved("new", "de")
    assert journal.most_helpful(since, 5) == [("new", 1)]


def test_old_texts_are_forgotten_but_their_votes_count(journal: Journal, rows: Rows, clock: Clock) -> None:
    """What was written at the moment given stays; a second time there is nothing left to blank."""
    begin = clock.now
    journal.note_feedback("wlan", "de", helpful=True, text="Ich wohne in der Gartenstraße 7.")
    journal.note_feedback("wlan", "de", helpful=True)
    clock.move(days=1)
    journal.note_feedback("wlan", "de", helpful=False, text="Schritt 3 fehlt.")
    assert (journal.forget(clock.now), journal.forget(clock.now)) == (1, 0)
    assert [row["text"] for row in rows("SELECT text FROM feedback ORDER BY id")] == ["", "", "Schritt 3 fehlt."]
    assert journal.most_helpful(begin, 5) == [("wlan", 2)]


def test_an_empty_journal_tells_nothing(journal: Journal, clock: Clock) -> None:
    """That is no error."""
    assert journal.most_helpful(clock.now, 5) == []


def test_a_journal_without_database(clock: Clock, tmp_path: Path) -> None:
    """Each method says that it cannot be used now."""
    (tmp_path / "var").write_text("in the way")
    journal = Journal(connect(f"sqlite:///{tmp_path}/var/w.db"), clock)
    with pytest.raises(StoreUnavailable):
        journal.note_solved("a", "de")
    with pytest.raises(StoreUnavailable):
        journal.note_feedback("a", "de", helpful=True)
    with pytest.raises(StoreUnavailable):
        journal.forget(clock.now)
    with pytest.raises(StoreUnavailable):
        journal.most_helpful(clock.now, 5)
