"""Asking: what agents ask back, and what of an internal article customers may hear."""

from __future__ import annotations

import pytest

from app.articles.article import Article, Visibility, public_edition
from app.articles.asking import questions_of, sayings_of

BODY = """Lesen Sie zuerst dies.

## Häufige Fragen

- Was kostet das?

::: intern
Rückfrage: Alle **Geräte** oder nur eines? Was steht im [Monitor](monitor)? Wenn nichts, `neu` starten.
Rückfragen kosten Zeit.
- Seit wann?
:::

## Ende
"""
INTERNAL = """## Rückfragen in dieser Reihenfolge

1. „Seit wann?“ – Meldezeit prüfen.
- **Ging gar nichts?** Dann weiter.
Kein Listenpunkt.

## Wichtige Parameter abfragen

- Nicht gefragt.

## Was wir dem Kunden sagen

- Bei Kulanz: „Ich schreibe Ihnen 10 Euro gut.“ Keine Zusage.
- Then: “We will call you back.”
- Nichts davon.
"""


def article(body: str, visibility: Visibility = "public") -> Article:
    """Return an article."""
    return Article("a", "de", "c", visibility, "A", body, "a.md")


def test_a_line_for_agents_is_parted_into_its_questions() -> None:
    """What follows a question and asks nothing stays with it; a public list of questions is none for agents."""
    assert questions_of(article(BODY)) == (
        "Alle Geräte oder nur eines?",
        "Was steht im Monitor? Wenn nichts, neu starten.",
        "Seit wann?",
    )


def test_of_a_public_edition_nothing_is_left_to_ask() -> None:
    """The lines for agents are not in it."""
    edition = public_edition(article(BODY))
    assert edition
    assert questions_of(edition) == ()


def test_the_lists_of_an_internal_article_are_asked_under_their_heading_alone() -> None:
    """What is asked of a device is no question to a caller."""
    asked = questions_of(article(INTERNAL, "internal"))
    assert asked == ("„Seit wann?“ – Meldezeit prüfen.", "Ging gar nichts? Dann weiter.")


@pytest.mark.parametrize(
    ("visibility", "said"),
    [("internal", ("Ich schreibe Ihnen 10 Euro gut.", "We will call you back.")), ("public", ())],
)
def test_customers_hear_what_is_in_quotation_marks(visibility: Visibility, said: tuple[str, ...]) -> None:
    """Under the heading that says so, of an internal article."""
    assert sayings_of(article(INTERNAL, visibility)) == said


@pytest.mark.parametrize("line", ["Ask: all devices?", "Ask back: all devices?"])
def test_english_articles_ask_as_well(line: str) -> None:
    """In either wording."""
    assert questions_of(article(f"::: intern\n{line}\n:::\n")) == ("All devices?",)
