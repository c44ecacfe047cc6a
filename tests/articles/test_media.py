"""Tests of media: which files are images, and for whom."""

from __future__ import annotations

from pathlib import Path

from app.articles.media import Medium, media_in

FOLDER = Path("/artikel")


def test_finds_images_and_who_may_see_them() -> None:
    """The folder decides, as for articles; a drawing that can hold scripts is no image."""
    files = ["internal/netz/plan.PNG", "public/netz/lampe.png", "public/netz/a.md", "public/netz/b.svg"]
    media, faults = media_in(FOLDER, files)
    assert not faults
    assert media == (
        Medium("public", "netz/lampe.png", FOLDER / "public/netz/lampe.png"),
        Medium("internal", "netz/plan.PNG", FOLDER / "internal/netz/plan.PNG"),
    )


def test_of_two_images_with_one_address_the_public_one_stays() -> None:
    """An internal image never takes the place of a public one, or the other way round."""
    media, faults = media_in(FOLDER, ["internal/netz/a.png", "public/netz/a.png"])
    assert [medium.visibility for medium in media] == ["public"]
    assert str(faults[0]).startswith('internal/netz/a.png:1: "netz/a.png" is already')


def test_a_name_that_needs_escaping_is_refused() -> None:
    """Addresses of images are plain."""
    media, faults = media_in(FOLDER, ["public/netz/a?b.png", "public/netz/Größe 1.png", "top.png"])
    assert [medium.path for medium in media] == ["netz/Größe 1.png", "top.png"]
    assert faults[0].path == "public/netz/a?b.png"
