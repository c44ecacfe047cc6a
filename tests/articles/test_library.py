"""Tests of the library: one broken file stops no other, and nothing internal is taken for public."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.articles.folder import read_bytes
from app.articles.library import Library, read_library

if TYPE_CHECKING:
    from tests.articles.conftest import Shelf

SHIPPED = Path(__file__).parents[2] / "articles"


def paths(library: Library) -> list[str]:
    """List the files that became articles."""
    return [article.path for article in library.articles]


def faults(library: Library) -> list[str]:
    """List faults as people see them, without hints."""
    return [str(fault) for fault in library.faults if not fault.hint]


def hints(library: Library) -> list[str]:
    """List hints as people see them."""
    return [str(fault) for fault in library.faults if fault.hint]


def test_reads_articles_notices_categories_and_media(shelf: Shelf) -> None:
    """Everything of a folder that was made for the portal."""
    shelf.article("public/netz/wlan.md", "![Lampe](lampe.png)")
    shelf.article("public/netz/wlan.en.md")
    shelf.article("internal/leitung/dsl.md")
    shelf.write("public/netz/lampe.png", "x")
    shelf.write("notices/wartung.md", "---\ntitle: W\nfrom: 2026-11-22 08:00\nuntil: 2026-11-23 08:00\n---\nText.")
    shelf.write("categories.yml", "netz:\n  title: {de: WLAN, en: Wi-Fi}\n")
    shelf.write("README.md", "x")
    library = read_library(shelf.folder)
    assert library.faults == ()
    assert paths(library) == ["public/netz/wlan.en.md", "public/netz/wlan.md", "internal/leitung/dsl.md"]
    assert [(medium.visibility, medium.path) for medium in library.media] == [("public", "netz/lampe.png")]
    assert [notice.slug for notice in library.notices] == ["wartung"]
    assert [category.title["en"] for category in library.categories] == ["Wi-Fi", "Leitung"]


def test_a_broken_file_stops_no_other(shelf: Shelf) -> None:
    """Each fault has its path, and the rest is read."""
    shelf.article("public/netz/gut.md")
    shelf.write("public/netz/kaputt.md", "---\ntitle: [\n---\n")
    shelf.write("public/netz/latin.md", "---\ntitle: T\n---\nGrün".encode("cp1252"))
    shelf.write("public/netz/gross.md", b"x" * 5_000_000)
    shelf.write("notices/kaputt.md", "kein Hinweis")
    shelf.write("notices/latin.md", b"\xfc")
    shelf.write("categories.yml", "netz: kaputt")
    library = read_library(shelf.folder)
    assert paths(library) == ["public/netz/gut.md"]
    assert [fault.split(": ")[0] for fault in faults(library)] == [
        *("categories.yml:1", "notices/kaputt.md:1", "notices/latin.md:1", "public/netz/gross.md:1"),
        *("public/netz/kaputt.md:2", "public/netz/latin.md:4"),
    ]


@pytest.mark.parametrize("now", ["---\ntitle: Neu\n---\n::: intern\n", b"\xfc", b"x" * 300_000])
def test_a_file_that_is_faulty_now_keeps_its_last_good_version(shelf: Shelf, now: str | bytes) -> None:
    """The fault is told all the same."""
    file = shelf.article("public/netz/wlan.md", "Gut.")
    before = {article.path: article for article in read_library(shelf.folder).articles}
    file.write_bytes(now.encode() if isinstance(now, str) else now)
    library = read_library(shelf.folder, previous=before)
    assert [article.body for article in library.articles] == ["Gut."]
    assert len(faults(library)) == 1
    assert read_library(shelf.folder).articles == ()


def test_a_file_that_moved_to_internal_is_no_longer_public(shelf: Shelf) -> None:
    """Its last good version belongs to its old path, which is gone."""
    shelf.article("public/netz/wlan.md")
    before = {article.path: article for article in read_library(shelf.folder).articles}
    (shelf.folder / "public/netz/wlan.md").unlink()
    shelf.write("internal/netz/wlan.md", "kaputt")
    assert read_library(shelf.folder, previous=before).articles == ()


def test_a_file_that_vanishes_while_it_is_read_is_gone(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a hint, and no last good version: it was deleted."""
    shelf.article("public/netz/a.md")
    shelf.article("public/netz/b.md")
    before = {article.path: article for article in read_library(shelf.folder).articles}

    def read_late(folder: Path, path: str, largest: int) -> bytes:
        if path.endswith("b.md"):
            (folder / path).unlink()
        return read_bytes(folder, path, largest)

    monkeypatch.setattr("app.articles.library.read_bytes", read_late)
    library = read_library(shelf.folder, previous=before)
    assert paths(library) == ["public/netz/a.md"]
    assert hints(library) == ["public/netz/b.md:1: the file was removed while it was read."]


def test_a_file_that_becomes_a_link_while_it_is_read_is_a_fault(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last good version stays, and what the link leads to is never read."""
    file = shelf.article("public/netz/a.md", "Gut.")
    before = {article.path: article for article in read_library(shelf.folder).articles}

    def read_late(folder: Path, path: str, largest: int) -> bytes:
        file.unlink()
        file.symlink_to("/etc/hostname")
        return read_bytes(folder, path, largest)

    monkeypatch.setattr("app.articles.library.read_bytes", read_late)
    library = read_library(shelf.folder, previous=before)
    assert [article.body for article in library.articles] == ["Gut."]
    assert faults(library)[0].startswith(
        "public/netz/a.md:1: the file cannot be read (Too many levels of symbolic links)"
    )


def test_duplicates_and_false_redirects_are_faults(shelf: Shelf) -> None:
    """Within the whole folder."""
    shelf.article("public/a/wlan.md", redirects="[mesh]")
    shelf.article("public/b/wlan.md")
    shelf.article("public/b/mesh.md")
    library = read_library(shelf.folder)
    assert paths(library) == ["public/a/wlan.md", "public/b/mesh.md"]
    assert [fault.split(". ")[0] for fault in faults(library)] == [
        'public/a/wlan.md:3: "mesh" is the slug of public/b/mesh.md',
        'public/b/wlan.md:1: "wlan" is already in public/a/wlan.md',
    ]


def test_loose_ends_are_hints(shelf: Shelf) -> None:
    """The article is read."""
    shelf.article("public/a/wlan.md", "[x](fehlt)")
    library = read_library(shelf.folder)
    assert paths(library) == ["public/a/wlan.md"]
    assert hints(library)[0].startswith('public/a/wlan.md:4: the link "fehlt" leads to nothing')


def test_what_lies_where_nothing_is_read_is_named(shelf: Shelf) -> None:
    """A folder that was meant to be read, or kept from customers, is a fault; others are hints."""
    shelf.article("public/a/wlan.md")
    for path in ("Internal/a/x.md", "Public/a/y.md", "entwurf/z.md", "public/a/notiz.txt"):
        shelf.write(path, "x")
    library = read_library(shelf.folder)
    assert paths(library) == ["public/a/wlan.md"]
    assert [fault.split(". ")[0] for fault in faults(library)] == [
        *('Internal:1: "Internal" is not read', 'Public:1: "Public" is not read'),
    ]
    assert [hint.split(":")[0] for hint in hints(library)] == ["entwurf", "public/a/notiz.txt"]


def test_a_folder_of_internal_articles_only_is_internal(shelf: Shelf) -> None:
    """It is not taken for a folder of other Markdown."""
    shelf.article("internal/a/dsl.md")
    assert [article.visibility for article in read_library(shelf.folder).articles] == ["internal"]


def test_the_default_language_is_for_articles_and_notices(shelf: Shelf) -> None:
    """Files without a language have it."""
    shelf.article("public/a/wlan.md")
    shelf.write("notices/x.md", "---\ntitle: W\nfrom: 2026-11-22 08:00\nuntil: 2026-11-23 08:00\n---\n")
    library = read_library(shelf.folder, default_language="en")
    assert {library.articles[0].lang, library.notices[0].lang} == {"en"}


def test_a_plain_folder_is_read_as_it_is(shelf: Shelf) -> None:
    """Any Markdown, with or without front matter, nested or not, all of it public."""
    shelf.write("Geräte/Router/VPN Setup.md", "# VPN einrichten\n\nText. ![x](a.png)")
    shelf.write("Geräte/Router/a.png", "x")
    shelf.write("hilfe-en/start/01.md", "---\ntitle: Start\ntags: [x]\n---\nText.")
    shelf.write("liesmich.txt", "x")
    library = read_library(shelf.folder)
    assert library.faults == ()
    assert [(one.slug, one.lang, one.category, one.title, one.visibility) for one in library.articles] == [
        ("vpn-setup", "de", "geraete", "VPN einrichten", "public"),
        ("start", "en", "hilfe", "Start", "public"),
    ]
    assert [category.title["de"] for category in library.categories] == ["Geräte", "Hilfe"]
    assert [medium.path for medium in library.media] == ["Geräte/Router/a.png"]
    assert library.notices == ()


def test_a_plain_folder_with_a_part_that_seems_internal_is_not_read_at_all(shelf: Shelf) -> None:
    """One misspelt name would otherwise publish what only agents may know."""
    shelf.write("Internes/passwoerter.md", "# Geheim")
    shelf.write("Dienste/dns.md", "# DNS")
    library = read_library(shelf.folder)
    assert (library.articles, library.media) == ((), ())
    assert faults(library)[0].startswith('Internes:1: "Internes" is not read. For agents only: call it "internal"')


@pytest.mark.parametrize("missing", [True, False])
def test_an_empty_or_missing_folder_is_said_to_be_so(shelf: Shelf, *, missing: bool) -> None:
    """There is a library, with nothing in it."""
    library = read_library(shelf.folder / "nirgends" if missing else shelf.folder)
    assert library.articles == ()
    assert ("cannot be read" in str(library.faults)) is missing
    assert any("there is no article here" in hint for hint in hints(library))


def test_the_shipped_articles_are_without_fault() -> None:
    """What this project ships keeps its own rules."""
    library = read_library(SHIPPED)
    assert faults(library) == []
    assert len(library.articles) > 100
