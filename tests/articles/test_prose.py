"""Tests of prose: what can be read from Markdown without rendering it."""

from __future__ import annotations

import pytest

from app.articles.prose import prose, targets, title_in, without_title


def test_code_is_not_prose() -> None:
    """Fenced and inline code are left out, line numbers stay."""
    lines = ["a `b` c", "~~~ bash", "```", "~~~", "``d ` e`` f", "  ```", "x"]
    assert list(prose(lines)) == [(1, "a  c"), (5, " f")]


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["", "# Titel"], "Titel"),
        (["# Titel ##"], "Titel"),
        (["# C#"], "C#"),
        (["## Zwei", "# Eins"], "Eins"),
        (["#Titel", "```", "# Kommentar", "```"], ""),
        (["# #"], "#"),
        ([], ""),
    ],
)
def test_finds_the_first_heading_of_the_first_level(lines: list[str], title: str) -> None:
    """It is the title of a file that has no other."""
    assert title_in(lines) == title


@pytest.mark.parametrize(
    ("lines", "start"),
    [
        (["", "# `VPN`  einrichten", "", "Text"], 3),
        (["VPN einrichten", "===", "Text"], 2),
        (["VPN einrichten", "", "Text"], 0),
        (["# VPN", "Text"], 0),
        (["", ""], 2),
        (["# VPN einrichten"], 1),
    ],
)
def test_skips_a_heading_that_repeats_the_title(lines: list[str], start: int) -> None:
    """However it is marked up."""
    assert without_title(lines, "VPN einrichten") == start


def test_finds_the_targets_of_links_images_and_references() -> None:
    """With their lines, and not in code."""
    lines = ["[a](wlan) ![b](<bild.png>) [c](mesh#teil 'x')", "`[x](y)`", "[ref]: glasfaser", "[leer]()"]
    assert list(targets(lines)) == [(1, "wlan"), (1, "bild.png"), (1, "mesh#teil"), (3, "glasfaser")]
