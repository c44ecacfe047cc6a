"""Tests of rendering many articles: in order, in time, and none of another audience named."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from app.articles.article import public_edition
from app.articles.directory import ANYWHERE, directory_of
from app.articles.markdown import render
from app.articles.rendering import FEW, render_all

if TYPE_CHECKING:
    from app.articles.article import Article
    from tests.articles.conftest import MakeArticle

HOSTILE = "[" * 50_000
"""Takes Python-Markdown more than 20 seconds."""


@pytest.fixture
def articles(article: MakeArticle) -> tuple[Article, ...]:
    """Return more articles than one worker gets."""
    return tuple(article(f"## Teil {n}\n\n1. a\n   - b", slug=f"a{n}", related=("a1", "weg")) for n in range(FEW + 5))


def test_renders_like_one_article_after_the_other(articles: tuple[Article, ...]) -> None:
    """In the same order, with the same sections and steps."""
    rendered, faults = render_all(articles, directory_of(articles))
    assert faults == ()
    directory = directory_of(articles)
    assert rendered == tuple(render(article, directory) for article in articles)


def test_nothing_to_render_is_nothing_rendered() -> None:
    """An empty folder is no error."""
    assert render_all([], ANYWHERE) == ((), ())


def test_an_article_that_takes_too_long_is_a_fault_and_stops_no_other(article: MakeArticle) -> None:
    """Its worker ends itself and another one goes on."""
    some = [article("gut", slug="a"), article(HOSTILE, slug="b", path="public/netz/b.md"), article("auch", slug="c")]
    begin = time.monotonic()
    rendered, faults = render_all(some, ANYWHERE, seconds=0.5)
    assert [one.article.slug for one in rendered] == ["a", "c"]
    assert [str(fault).split(". ")[0] for fault in faults] == ["public/netz/b.md:1: this takes too long to render"]
    assert time.monotonic() - begin < 20


def test_an_article_that_breaks_the_renderer_is_a_fault(article: MakeArticle) -> None:
    """The worker lives on."""
    nested = "\n".join(f"{' ' * (2 * depth)}- a" for depth in range(300))
    rendered, faults = render_all([article(nested), article("gut", slug="b")], ANYWHERE, seconds=20)
    assert [one.article.slug for one in rendered] == ["b"]
    assert "this cannot be rendered (RecursionError)" in faults[0].message


def test_public_pages_name_no_internal_article(article: MakeArticle) -> None:
    """Neither in links nor as related; agents have the links."""
    public = article("[x](leitstand) und [y](mesh)", related=("leitstand", "mesh"))
    full = [public, article(slug="mesh"), article(slug="leitstand", visibility="internal")]
    editions = [edition for one in full if (edition := public_edition(one))]
    for_customers, for_agents = (render_all(some, directory_of(some))[0] for some in (editions, full))
    assert "leitstand" not in repr(for_customers[0]).replace(public.body, "")
    assert for_customers[0].article.related == ("mesh",)
    assert '<a href="/articles/leitstand">x</a>' in for_agents[0].html


def test_images_that_are_not_there_are_dropped(article: MakeArticle) -> None:
    """Where the caller says which there are."""
    some = [article("![a](a.png) ![b](b.png)")]
    assert render_all(some, directory_of(some, {"netz/a.png"}))[0][0].html.count("<img") == 1
    assert render_all(some, ANYWHERE)[0][0].html.count("<img") == 2
