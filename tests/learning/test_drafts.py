"""Tests of drafts: what an article begins with, without the persons, and with no Markdown but ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.articles.directory import ANYWHERE
from app.articles.manuscript import parse
from app.articles.markdown import render_body
from app.learning.drafts import MOST_QUESTIONS, Known, Persons, make_draft, masks_in, steps_in

if TYPE_CHECKING:
    from app.articles.article import Article

ANNA = Persons(("Anna Beispiel", "Ruth Sommer"), ("anna@example.org",), ("0221 4710 100",))
SOLUTION = """Hallo Frau Beispiel,
das hilft:
1. BIOS 1.8 laden.
2) Einspielen,
   dann warten.
- Neu starten.
Viele Grüße
Ruth Sommer"""


def known(**given: object) -> Known:
    """Return something to make an article of."""
    usual = {"questions": ("PC stürzt ab", "Dreimal am Tag geht er aus. Was nun?"), "lang": "de",
             "category": "computer", "cause": "WHEA 18: BIOS ist alt.", "solution": SOLUTION,
             "owner": "software", "applies_to": ("Windows 11",)}  # fmt: skip
    return Known(**(usual | given))  # type: ignore[arg-type]


def article_of(text: str) -> Article:
    """Read a draft as the portal does."""
    found = parse("public/computer/neu.md", text)
    assert found.faults == ()
    return found.valid


def test_a_draft_is_an_article_with_what_is_known() -> None:
    """Title, questions, owner and what it applies to in front; cause for agents only, and the steps below."""
    article = article_of(make_draft(known(), ANNA).text)
    assert (article.title, article.owner, article.applies_to) == ("PC stürzt ab", "software", ("Windows 11",))
    assert article.questions == ("PC stürzt ab", "Dreimal am Tag geht er aus. Was nun?")
    assert "::: intern\n\nWHEA 18: BIOS ist alt.\n\n:::" in article.body
    assert "1. BIOS 1.8 laden.\n2. Einspielen, dann warten.\n3. Neu starten." in article.body
    assert "Hallo" not in article.body


def test_nothing_of_a_person_is_left() -> None:
    """Known by name or address, or told by its shape, in every part; the provider's number stays."""
    said = "ANNA rief an, anna@example.org, 0171 2345678, Kundennummer 4711-0815, DE89370400440532013000. 0221 4710 100"
    draft = make_draft(known(questions=(f"Hilfe! {said}",), cause=said, solution=f"1. {said} Annas Sohn"), ANNA)
    assert not [one for one in ("anna", "example.org", "2345678", "0815", "DE89") if one in draft.text.lower()]
    assert draft.text.count("0221 4710 100") == 4
    assert set(draft.masked) >= {"[Name]", "[E-Mail]", "[Telefon]", "[Kundennummer]", "[IBAN]"}


@pytest.mark.parametrize("text", [
    "# Kopf", "[hier](http://evil.example)", "![x](http://evil.example/x.png)", "<script>alert(1)</script>", "> z",
    "::: intern", "---", "===", "| a | b |", "{: onclick=x }", "`code`", "<img src=x>", "- Punkt", "~~~", "7) sieben",
])  # fmt: skip
def test_what_people_write_is_no_markdown(text: str) -> None:
    """Neither in a step nor in the cause: it is shown as it was written, and closes no block."""
    for part in ("cause", "solution"):
        body = article_of(make_draft(known(**{part: f"Vorher\n{text}\nNachher"}), Persons()).text).body
        assert body.count(":::") == 2
        html, *_ = render_body(body.replace("::: intern", "").replace(":::", ""), "public/computer/neu.md", ANYWHERE)
        assert not [one for one in ("<a ", "<img", "<script", "<blockquote", "<table", "<pre", "<hr", "<h1",
                                    "onclick=x>") if one in html]  # fmt: skip


@pytest.mark.parametrize("title", ["--- x", "a: b # c", "- x", "{x: y}", "yes", "2026-01-01", "*a", "&a", "!!int 3"])
def test_no_question_ends_the_front_matter(title: str) -> None:
    """The library quotes it."""
    article = article_of(make_draft(known(questions=(title,)), Persons()).text)
    assert article.questions == (title,)


def test_questions_are_few_short_and_each_once() -> None:
    """What holds nothing but placeholders asks nothing."""
    many = ["anna@example.org", "Wlan weg", "WLAN weg", "x" * 150 + " " + "y" * 150, *(f"Frage {n}" for n in range(20))]
    asked = article_of(make_draft(known(questions=tuple(many)), Persons()).text).questions
    assert asked[:3] == ("Wlan weg", "x" * 150, "Frage 0")
    assert len(asked) == MOST_QUESTIONS


def test_a_long_question_is_cut_before_a_placeholder() -> None:
    """Half of one would be no placeholder."""
    text = "Wort " * 38 + "Name: Anna Beispiel " + "Wort " * 20
    (asked,) = article_of(make_draft(known(questions=(text,)), Persons()).text).questions
    assert asked.count("[") == asked.count("]")


def test_where_nothing_is_known_the_author_is_told() -> None:
    """In the language of the article, which is valid all the same."""
    article = article_of(make_draft(Known((), "en", "computer"), Persons()).text)
    assert (article.title, article.questions) == ("New article", ())
    assert "The steps have yet to be told." in article.body
    assert "Die Ursache ist noch zu nennen." in make_draft(known(cause=""), Persons()).text


def test_sentences_are_steps_where_nothing_is_numbered() -> None:
    """An abbreviation ends no sentence."""
    said = "Guten Tag,\nöffnen Sie z. B. Windows Update. Starten Sie neu.\n\nMfg"
    assert steps_in(said) == ([], ["öffnen Sie z. B. Windows Update.", "Starten Sie neu."])


def test_placeholders_are_found_as_markdown_writes_them() -> None:
    """Each once."""
    assert masks_in("[Name] \\[E-Mail\\] [Name] [x]") == ("[Name]", "[E-Mail]")
