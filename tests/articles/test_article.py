"""Tests of the article: which edition customers may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.articles.article import Fault, public_edition

if TYPE_CHECKING:
    from tests.articles.conftest import MakeArticle


def test_a_public_article_loses_its_text_for_agents(article: MakeArticle) -> None:
    """The edition for customers holds nothing from between the marks."""
    edition = public_edition(article("Anfang\n\n::: intern\nLEITSTAND\n:::\n\nEnde"))
    assert edition is not None
    assert "LEITSTAND" not in edition.body
    assert "Anfang" in edition.body
    assert "Ende" in edition.body


def test_an_internal_article_has_no_public_edition(article: MakeArticle) -> None:
    """There is nothing of it that customers may read."""
    assert public_edition(article(visibility="internal")) is None


def test_a_public_article_without_marks_stays_as_it_is(article: MakeArticle) -> None:
    """Nothing else is changed."""
    written = article("Nur Text.", related=("mesh",))
    assert public_edition(written) == written


def test_the_full_article_is_not_changed(article: MakeArticle) -> None:
    """Agents still read all of it."""
    written = article("a\n\n::: intern\nb\n:::")
    public_edition(written)
    assert "b" in written.body


def test_a_fault_reads_as_place_and_message() -> None:
    """Editors open the file at the line."""
    assert str(Fault("public/netz/vpn.md", 3, "Titel fehlt.")) == "public/netz/vpn.md:3: Titel fehlt."
