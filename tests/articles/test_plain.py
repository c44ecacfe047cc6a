"""Tests of plain folders: slugs for files that were named for another purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.articles.address import read_plain_address
from app.articles.manuscript import Manuscript
from app.articles.plain import folder_names, looks_internal, with_own_slugs

if TYPE_CHECKING:
    from tests.articles.conftest import MakeArticle


def named(article: MakeArticle, *paths: str) -> dict[str, tuple[str, str]]:
    """Give slug and language of each path."""
    manuscripts = []
    for path in paths:
        address = read_plain_address(path)
        manuscripts.append(Manuscript(article(path=path, slug=address.slug, lang=address.lang or "de")))
    articles = [manuscript.valid for manuscript in with_own_slugs(manuscripts)]
    return {one.path: (one.slug, one.lang) for one in articles}


def test_two_languages_of_one_name_are_translations(article: MakeArticle) -> None:
    """They share the slug."""
    assert named(article, "h-de/t/setup/01.de.md", "h-en/t/setup/01.en.md") == {
        "h-de/t/setup/01.de.md": ("setup", "de"),
        "h-en/t/setup/01.en.md": ("setup", "en"),
    }


def test_files_of_one_name_and_language_get_their_folder_in_front(article: MakeArticle) -> None:
    """And stay translations of each other."""
    assert named(article, "a-de/x/nextcloud/01.md", "b-de/y/nextcloud/01.md", "b-en/y/nextcloud/01.md") == {
        "a-de/x/nextcloud/01.md": ("x-nextcloud", "de"),
        "b-de/y/nextcloud/01.md": ("y-nextcloud", "de"),
        "b-en/y/nextcloud/01.md": ("y-nextcloud", "en"),
    }


def test_numbered_files_of_one_folder_keep_their_numbers(article: MakeArticle) -> None:
    """A tutorial in parts."""
    found = named(article, "h-de/t/veeam/02.de.md", "h-de/t/veeam/03.de.md", "h-en/t/veeam/02.en.md")
    assert [slug for slug, _ in found.values()] == ["veeam-02", "veeam-03", "veeam-02"]


def test_the_whole_path_is_the_last_resort(article: MakeArticle) -> None:
    """Where neither folder nor number tells two files apart."""
    found = named(article, "a/x/y/01.md", "b/x/y/01.md", "b/x/y/02.md")
    assert [slug for slug, _ in found.values()] == ["a-x-y-01", "b-x-y-01", "b-x-y-02"]


def test_a_longer_slug_takes_no_other_files_name(article: MakeArticle) -> None:
    """The other file had it first."""
    found = named(article, "x/home.md", "y/home.md", "z/x-home.md")
    assert found["z/x-home.md"] == ("x-home", "de")
    assert len({slug for slug, _ in found.values()}) == 2


@pytest.mark.parametrize(
    "name",
    ["Internal", "intern", "internes", "Interna", "INTERN_Support", "nur-intern", "interal", "private", "Vertraulich"],
)
def test_a_folder_that_seems_to_be_for_agents_is_recognised(name: str) -> None:
    """Better nothing is read than that customers read it."""
    assert looks_internal(name)


@pytest.mark.parametrize(
    "name", ["Internet", "internetanschluss", "Interview", "Dienste", "hetzner-de", "international", ""]
)
def test_other_folders_are_read(name: str) -> None:
    """The internet is not internal."""
    assert not looks_internal(name)


def test_categories_are_called_like_their_folders(article: MakeArticle) -> None:
    """Without the language; files at the top are simply articles."""
    manuscripts = [
        Manuscript(article(path="Geräte-de/a.md", category="geraete")),
        Manuscript(article(path="b.md", category="articles")),
    ]
    assert folder_names(manuscripts) == {"geraete": "Geräte", "articles": "Artikel"}
