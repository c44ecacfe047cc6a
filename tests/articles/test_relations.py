"""Tests of relations: what articles say of each other, once all are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.articles.manuscript import Manuscript
from app.articles.relations import loose_ends, without_duplicates, without_false_redirects

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.articles.conftest import MakeArticle


@pytest.fixture
def manuscript(article: MakeArticle) -> Callable[..., Manuscript]:
    """Return a maker of manuscripts by path; fields stand in lines 3 and following, the body begins in line 10."""

    def make(path: str, body: str = "Text.", **fields: Any) -> Manuscript:
        top, _, name = path.split("/")
        slug, _, lang = name.removesuffix(".md").partition(".")
        fields = {"slug": slug, "lang": lang or "de", "visibility": top, "path": path} | fields
        return Manuscript(article(body, **fields), body_line=10, lines={"related": 3, "redirects": 4})

    return make


def test_of_two_articles_with_one_slug_and_language_the_first_is_kept(manuscript: Callable[..., Manuscript]) -> None:
    """The other one is told where the first lies."""
    kept, faults = without_duplicates([manuscript("public/b/wlan.md"), manuscript("public/a/wlan.md")])
    assert [one.valid.path for one in kept] == ["public/a/wlan.md"]
    assert [str(fault) for fault in faults] == [
        'public/b/wlan.md:1: "wlan" is already in public/a/wlan.md. Rename one of them.'
    ]


def test_a_public_article_is_kept_before_an_internal_one(manuscript: Callable[..., Manuscript]) -> None:
    """A new internal file takes no page from customers."""
    kept, _ = without_duplicates([manuscript("internal/a/wlan.md"), manuscript("public/b/wlan.md")])
    assert [one.valid.path for one in kept] == ["public/b/wlan.md"]


def test_translations_are_no_duplicates(manuscript: Callable[..., Manuscript]) -> None:
    """One slug, two languages."""
    kept, faults = without_duplicates([manuscript("public/a/wlan.md"), manuscript("public/a/wlan.en.md")])
    assert (len(kept), faults) == (2, ())


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (("mesh",), (), '"mesh" is the slug of public/a/mesh.md'),
        (("wlan",), (), '"wlan" is the slug of public/a/wlan.md'),
        (("mesh",), ("wlan",), '"mesh" is the slug of'),
        (("alt",), ("alt",), '"alt" already leads to public/a/wlan.md'),
    ],
)
def test_redirects_that_collide_or_go_in_circles_are_taken_out(
    manuscript: Callable[..., Manuscript], first: tuple[str, ...], second: tuple[str, ...], told: str
) -> None:
    """The articles stay, the good redirects too."""
    manuscripts = [
        manuscript("public/a/wlan.md", redirects=(*first, "gut")),
        manuscript("public/a/mesh.md", redirects=second),
    ]
    kept, faults = without_false_redirects(manuscripts)
    redirects = [old for one in kept for old in one.valid.redirects]
    assert len(kept) == 2
    assert sorted(redirects) == (["alt", "gut"] if first == ("alt",) else ["gut"])
    assert told in faults[0].message
    assert (faults[0].line, faults[0].hint) == (4, False)


def test_translations_may_share_a_redirect(manuscript: Callable[..., Manuscript]) -> None:
    """It leads to the same slug."""
    both = [manuscript(f"public/a/wlan{suffix}.md", redirects=("alt",)) for suffix in ("", ".en")]
    kept, faults = without_false_redirects(both)
    assert not faults
    assert [one.valid.redirects for one in kept] == [("alt",), ("alt",)]


def hints(*manuscripts: Manuscript) -> list[str]:
    """List loose ends; every one of them is a hint."""
    found = list(loose_ends(manuscripts, {"a/lampe.png"}))
    assert all(fault.hint for fault in found)
    return [str(fault).split(".md:", 1)[1] for fault in found]


def test_links_and_related_articles_that_are_there_need_no_hint(manuscript: Callable[..., Manuscript]) -> None:
    """By slug, old slug or file, and images beside the article."""
    body = "[a](mesh) [b](alt#x) [c](mesh.md) [d](https://x.example) ![e](lampe.png) `[f](fehlt)`"
    wlan = manuscript("public/a/wlan.md", body, related=("mesh",))
    assert hints(wlan, manuscript("public/a/mesh.md", redirects=("alt",))) == []


def test_what_leads_nowhere_is_hinted_at_with_its_line(manuscript: Callable[..., Manuscript]) -> None:
    """Related articles, links, references and images."""
    body = "a\n[b](fehlt)\n\n[c]: weg\n![d](fehlt.png)"
    found = hints(manuscript("public/a/wlan.md", body, related=("nichts",)))
    assert [line.split(" leads")[0] for line in found] == [
        *('3: "nichts"', '11: the link "fehlt"', '13: the link "weg"', '14: the link "fehlt.png"'),
    ]


def test_a_public_text_that_names_an_internal_article_is_hinted_at(manuscript: Callable[..., Manuscript]) -> None:
    """Customers will not see the link; in text for agents it is welcome."""
    body = "[a](dsl)\n\n::: intern\n[b](dsl)\n:::"
    found = hints(manuscript("public/a/wlan.md", body, related=("dsl",)), manuscript("internal/a/dsl.md", "[a](wlan)"))
    assert [line.split(" is left out")[0] for line in found] == [
        *('3: "dsl" leads to an internal article and', '10: the link "dsl" leads to an internal article and'),
    ]
