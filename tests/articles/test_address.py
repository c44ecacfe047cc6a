"""Tests of addresses: what the place of a file says about its article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.articles.address import SLUG, Address, plain_slugs, read_address, read_plain_address, slugify


def test_reads_slug_language_category_and_visibility() -> None:
    """The path holds everything."""
    assert read_address("public/e-mail/outlook.en.md") == Address("outlook", "en", "e-mail", "public")
    assert read_address("internal/netz/dsl.md") == Address("dsl", None, "netz", "internal")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("wlan.md", "not in its place"),
        ("public/wlan.md", "not in its place"),
        ("public/netz/tief/wlan.md", "not in its place"),
        ("Internal/netz/wlan.md", "not in its place"),
        ("public/netz/Wlan Größe.md", 'Call it "wlan-groesse"'),
        ("public/netz/日本.md", 'Call it "new-name"'),
        ("public/netz/.md", "may only hold"),
        ("public/Netz/wlan.md", 'Call it "netz"'),
        ("public/netz/wlan.fr.md", '".fr" is no language'),
        ("public/netz/wlan.en.de.md", '".en.de" is no language'),
    ],
)
def test_says_what_is_wrong_with_a_place(path: str, told: str) -> None:
    """Each refusal names a way out."""
    with pytest.raises(ValueError, match=r"\. (Put|Call)") as caught:
        read_address(path)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("Anleitungen/IRC/ZNC-Bouncer.md", Address("znc-bouncer", None, "anleitungen")),
        ("hetzner-de/tutorials/install-windows/01.de.md", Address("install-windows", "de", "hetzner")),
        ("netcup-en/community/x/01-en.md", Address("x", "en", "netcup")),
        ("hetzner-de/tutorials/install/01..de.md", Address("install", "de", "hetzner")),
        ("handbuch-en/setup.md", Address("setup", "en", "handbuch")),
        ("Übersicht/README.md", Address("uebersicht", None, "uebersicht")),
        ("Datenträger prüfen.md", Address("datentraeger-pruefen", None, "articles")),
        ("de.md", Address("de", None, "articles")),
        ("日本/日本.md", Address("article", None, "articles")),
        ("01.md", Address("01", None, "articles")),
    ],
)
def test_makes_an_address_for_a_plain_file(path: str, address: Address) -> None:
    """Umlauts, numbers, languages and readme files get a slug that people understand."""
    assert read_plain_address(path) == address


def test_lists_longer_slugs_for_files_of_one_name() -> None:
    """Name, folder and name, name and number, whole path."""
    assert plain_slugs("hetzner-en/tutorials/veeam/02.en.md") == (
        *("veeam", "tutorials-veeam", "veeam-02", "hetzner-tutorials-veeam-02"),
    )
    assert plain_slugs("Dienste/Home.md") == ("home", "dienste-home", "home", "dienste-home")


@given(st.text())
def test_a_slug_is_always_a_slug(text: str) -> None:
    """Whatever a name holds, only a-z, 0-9 and hyphens are left."""
    assert not slugify(text) or SLUG.fullmatch(slugify(text))


@pytest.mark.parametrize(
    ("text", "slug"), [("Größe & Maß", "groesse-mass"), ("u\u0308ber Café", "ueber-cafe"), ("ẞ", "ss")]
)
def test_german_letters_are_written_out(text: str, slug: str) -> None:
    """As Germans would type them without their keyboard."""
    assert slugify(text) == slug
