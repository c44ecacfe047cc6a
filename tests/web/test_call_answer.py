"""Call answer: what is said and copied comes from the public edition, whatever is asked for."""

from __future__ import annotations

from dataclasses import replace

from app.articles.article import Article, Block, Rendered, Section
from app.web.call_answer import Answer, answer_of

ARTICLE = Article("a", "de", "c", "public", "A", "", "a.md")


def rendered(*sections: Section) -> Rendered:
    """Return an article of these sections."""
    return Rendered(ARTICLE, "", sections, ())


PUBLIC = rendered(
    Section("", (), (Block("Der Drucker schweigt. Das Kabel ist lose."), Block("WLAN · an · gut"))),
    Section("s", ("So",), (Block("Stecken Sie es ein.", 1), Block("ping", 1), Block("Drucken Sie.", 2))),
)


def test_the_sentence_and_the_next_one_are_said_and_the_first_steps_are_copied() -> None:
    """Trouble alone helps nobody."""
    answer = answer_of(PUBLIC, PUBLIC, "Das Kabel ist lose.")
    assert answer.say == ("Das Kabel ist lose.", "WLAN: an: gut")
    assert answer.passage.endswith("1. Stecken Sie es ein.\nping\n2. Drucken Sie.")
    assert answer.found


def test_a_sentence_that_only_agents_read_is_never_in_it() -> None:
    """The beginning takes its place."""
    answer = answer_of(PUBLIC, PUBLIC, "Geheim: zweite Ebene.")
    assert (answer.say[0], answer.found) == ("Der Drucker schweigt.", False)
    assert "Geheim" not in answer.passage


def test_an_article_without_text_or_steps_has_what_there_is() -> None:
    """Nothing is made up."""
    plain = rendered(Section("", (), (Block("Nur ein Satz."),)))
    assert answer_of(plain, plain, "") == Answer(("Nur ein Satz.",), "Nur ein Satz.")
    assert answer_of(rendered(), rendered(), "x") == Answer()


def test_in_place_of_what_is_wrong_the_summary_and_the_first_step_are_said() -> None:
    """What is wrong the caller has just said himself."""
    article = replace(ARTICLE, summary="So druckt der Drucker wieder.")
    public = replace(PUBLIC, article=article, steps=("Stecken Sie es ein. Dann warten Sie.", "Drucken Sie."))
    said = ("So druckt der Drucker wieder.", "Stecken Sie es ein.")
    assert answer_of(public, public, "Das Kabel ist lose.").say == said
    assert answer_of(public, public, "Drucken Sie.").say == ("Drucken Sie.",)
