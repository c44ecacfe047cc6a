"""Tests of categories: their order, their names, and folders that nobody named."""

from __future__ import annotations

import pytest

from app.articles.article import Category
from app.articles.categories import parse_categories, with_folders


def test_reads_categories_in_their_order_and_both_languages() -> None:
    """A name that is the same in both, or missing in one, need not be written twice."""
    text = 'vertrag:\n  title: {de: "Vertrag", en: "Contract"}\n  summary: {de: "Rechnung"}\nnetz:\n  title: WLAN\n'
    categories, faults = parse_categories(text)
    assert not faults
    assert categories == (
        Category("vertrag", {"de": "Vertrag", "en": "Contract"}, {"de": "Rechnung", "en": "Rechnung"}),
        Category("netz", {"de": "WLAN", "en": "WLAN"}, {"de": "", "en": ""}),
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("netz: WLAN", 'categories.yml:1: "netz" is no group of fields.'),
        ("a:\n  title: A\nnetz:\n  summary: x", 'categories.yml:4: "netz" has no title.'),
        ("Große Netze:\n  title: x", 'categories.yml:1: "Große Netze" is not a folder name.'),
        ("netz:\n  title: {fr: x}", 'categories.yml:2: "netz" is "fr", no language'),
        ("netz:\n  title: x\nnetz:\n  title: y", 'categories.yml:3: "netz" is there twice, first in line 1.'),
        ("- netz", "categories.yml:1: the front matter holds no fields."),
    ],
)
def test_names_what_is_wrong_and_where(text: str, fault: str) -> None:
    """A wrong category is left out."""
    categories, faults = parse_categories(text)
    assert [category.slug for category in categories if category.slug != "a"] == (["netz"] if "twice" in fault else [])
    assert str(faults[0]).startswith(fault)


def test_folders_that_nobody_named_come_last_with_their_own_name() -> None:
    """Authors can begin a new shelf without touching the list."""
    (named,) = parse_categories("netz:\n  title: WLAN")[0]
    categories = with_folders([named], {"netz": "netz", "geraete": "Geräte_und mehr", "e": "---", "a-b": "a-b"})
    assert [category.title["de"] for category in categories] == ["WLAN", "A b", "E", "Geräte und mehr"]
