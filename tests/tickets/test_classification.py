"""Classification: what is suggested, and why; nothing where nothing is near."""

from __future__ import annotations

import pytest

from app.tickets.classification import Near, Past, Proposal, Reason, nearest_past, propose_category, propose_urgency
from app.tickets.ticket import Urgency


def test_the_nearest_articles_and_tickets_vote() -> None:
    """Each with its likeness; the reasons say how many there were of either."""
    articles = [Near("email", 0.9), Near("email", 0.3), Near("wlan", 0.6)]
    found = propose_category(articles, [Past("email", Urgency.LOW, 0.4)])
    assert found == Proposal("email", (Reason("articles", 2), Reason("tickets", 1)))


@pytest.mark.parametrize(
    "articles",
    [[], [Near("email", 0.1)], [Near("email", 0.4), Near("wlan", 0.35), Near("drucken", 0.35)], [Near("email", 0.0)]],
)
def test_a_guess_is_not_suggested(articles: list[Near]) -> None:
    """Where nothing is near, or the neighbours do not agree."""
    assert propose_category(articles, []) is None


@pytest.mark.parametrize(
    ("text", "urgency", "words"),
    [
        ("Bitte dringend: unser Betrieb steht!", "high", ("dringend", "betrieb steht")),
        ("Es geht gar nichts mehr", "high", ("geht gar nichts mehr",)),
        ("This is URGENT, our site is completely down", "high", ("urgent", "completely down")),
        ("Ist nicht dringend, nur eine Frage", "low", ("nicht dringend", "nur eine frage")),
        ("kein Notfall", "low", ("kein notfall",)),
        ("No rush, whenever you can", "low", ("no rush", "whenever you can")),
        ("Eilt nicht, aber ein Rechner braucht sofort Hilfe", "high", ("sofort",)),
    ],
)
def test_words_tell_how_pressing_it_is(text: str, urgency: str, words: tuple[str, ...]) -> None:
    """In both languages; "not urgent" is not urgent, and what presses counts more than what does not."""
    assert propose_urgency(text, []) == Proposal(urgency, (Reason("words", len(words), words),))


def test_past_tickets_tell_how_pressing_it_is_when_they_agree() -> None:
    """One alone says nothing, nor do two that differ."""
    high, low = Past("a", Urgency.HIGH, 0.5), Past("a", Urgency.LOW, 0.5)
    assert propose_urgency("Drucker", [high, high]) == Proposal("high", (Reason("tickets", 2),))
    assert propose_urgency("Drucker", [high]) is None
    assert propose_urgency("Drucker", [high, low]) is None


def test_past_tickets_are_near_by_the_rare_words_they_share() -> None:
    """Words that all have, and short ones, bring nobody near; at most five are returned, nearest first."""
    known = [("email", Urgency.LOW, "Mein Postfach ist voll"), ("email", Urgency.HIGH, "Postfach voll, Hallo bitte"),
             ("wlan", Urgency.LOW, "Hallo, das Internet geht leider nicht"), ("x", Urgency.LOW, "")] * 3  # fmt: skip
    found = nearest_past("Hallo, leider ist das Postfach voll", known)
    assert {one.category for one in found} == {"email"}
    assert len(found) == 5
    assert [one.likeness for one in found] == sorted((one.likeness for one in found), reverse=True)


def test_a_text_without_words_is_near_to_nothing() -> None:
    """Not even to another one without words."""
    assert nearest_past("!!!", [("a", Urgency.LOW, "?")]) == ()
