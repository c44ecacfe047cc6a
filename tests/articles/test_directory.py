"""Tests of the directory: a link leads to an article of the same audience or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.articles.directory import ANYWHERE, Directory, directory_of, shelf

if TYPE_CHECKING:
    from tests.articles.conftest import MakeArticle

HERE = "public/netz/wlan.md"


@pytest.fixture
def directory(article: MakeArticle) -> Directory:
    """Return a directory of two articles, one of which had another slug before."""
    mesh = article(slug="mesh", redirects=("repeater",), path="public/netz/mesh.md")
    bill = article(slug="rechnung", path="Vertrag/Meine Rechnung.md")
    return directory_of([mesh, bill], media={"netz/lampe.png", "Vertrag/ü.png"})


@pytest.mark.parametrize(
    ("href", "leads"),
    [
        ("mesh", "/articles/mesh"),
        ("./mesh#aufbau", "/articles/mesh#aufbau"),
        ("/articles/mesh", "/articles/mesh"),
        ("repeater", "/articles/mesh"),
        ("mesh.md", "/articles/mesh"),
        ("../netz/mesh.md#x", "/articles/mesh#x"),
        ("../Vertrag/Meine%20Rechnung.md", "/articles/rechnung"),
        ("#teil", "#teil"),
        ("https://example.org/a", "https://example.org/a"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("/", "/"),
        ("/tickets/new", "/tickets/new"),
        ("/search?q=wlan", "/search?q=wlan"),
        ("/categories/netz", "/categories/netz"),
    ],
)
def test_follows_links_to_what_there_is(directory: Directory, href: str, leads: str) -> None:
    """By slug, old slug or file; other sites and own pages stay."""
    assert directory.follow(href, HERE) == leads


@pytest.mark.parametrize(
    "href", ["leitstand", "/articles/leitstand", "../../etc/passwd", "/desk", "//evil.example", "", "javascript:x"]
)
def test_a_link_to_anything_else_leads_nowhere(directory: Directory, href: str) -> None:
    """An internal article is not in the directory of the public ones, so no page names it."""
    assert directory.follow(href, HERE) is None


@pytest.mark.parametrize(
    ("src", "path", "found"),
    [
        ("lampe.png", HERE, "/media/netz/lampe.png"),
        ("./lampe.png", HERE, "/media/netz/lampe.png"),
        ("/media/netz/lampe.png", HERE, "/media/netz/lampe.png"),
        ("%C3%BC.png", "Vertrag/Meine Rechnung.md", "/media/Vertrag/%C3%BC.png"),
        ("fehlt.png", HERE, None),
        ("https://example.org/a.png", HERE, None),
        ("/static/logo.png", HERE, None),
        ("//evil.example/a.png", HERE, None),
        ("../../../etc/passwd", HERE, None),
    ],
)
def test_an_image_lies_beside_the_articles_or_is_dropped(
    directory: Directory, src: str, path: str, found: str | None
) -> None:
    """No page loads an image from elsewhere."""
    assert directory.image(src, path) == found


def test_without_neighbours_every_slug_is_taken_for_good() -> None:
    """A single text can be shown before the others are known."""
    assert ANYWHERE.follow("irgendwas#x", "") == "/articles/irgendwas#x"
    assert ANYWHERE.image("a.png", HERE) == "/media/netz/a.png"


@pytest.mark.parametrize(
    ("path", "name"), [(HERE, "netz"), ("internal/netz/a.md", "netz"), ("a/b/c.md", "a/b"), ("a.md", ""), ("", "")]
)
def test_a_shelf_is_a_folder_without_who_may_read_it(path: str, name: str) -> None:
    """Addresses do not tell whether something is internal."""
    assert shelf(path) == name
