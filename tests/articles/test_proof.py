"""Tests of a proof: one file while its author writes, and what is told of it."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

import pytest

from app.articles import proof as proof_module
from app.articles.article import Fault
from app.articles.library import read_library
from app.articles.proof import Proofs
from app.articles.quick_checks import QuickChecks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.articles.proof import Proof

PATH = "public/netz/router.md"
GOOD = "---\ntitle: Router\n---\nZiehen Sie den Stecker.\n\n::: intern\nNur für uns.\n:::\n"
TODAY = date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give an article folder with one other article."""
    write(tmp_path, "public/netz/modem.md", "---\ntitle: Modem\n---\n## Lampen\n\nSie leuchten.\n")
    write(tmp_path, PATH, GOOD)
    return tmp_path


def write(folder: Path, path: str, text: str) -> None:
    """Write one file."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def proofs(folder: Path, path: str = PATH) -> Proofs:
    """Return what reads one file of a folder."""
    return Proofs(folder, path, read_library(folder), "de")


def told(folder: Path, proof: Proof) -> list[tuple[int, str, str]]:
    """Return what an author is told of a proof."""
    checks = QuickChecks(folder, "de", ())
    return [(one.line, one.rule, one.level) for one in checks.findings(proof, TODAY)]


def test_both_editions_are_ready(folder: Path) -> None:
    """Customers do not see what is for agents."""
    proof = proofs(folder).read()
    assert proof.current
    assert proof.internal is not None
    assert proof.public is not None
    assert ("Nur für uns" in proof.internal.html, "Nur für uns" in proof.public.html) == (True, False)
    assert told(folder, proof) == []


def test_an_internal_article_has_no_edition_for_customers(folder: Path) -> None:
    """There is nothing to be shown to them."""
    write(folder, "internal/netz/kasse.md", "---\ntitle: Kasse\n---\nGeheim.\n")
    proof = proofs(folder, "internal/netz/kasse.md").read()
    assert (proof.current, proof.public) == (True, None)


def test_an_article_of_a_plain_folder_is_read_too(tmp_path: Path) -> None:
    """It needs no front matter."""
    write(tmp_path, "netz/router.md", "# Der Router\n\nText.\n")
    article = proofs(tmp_path, "netz/router.md").read().article
    assert article is not None
    assert (article.title, article.category) == ("Der Router", "netz")


def removed(file: Path) -> None:
    """Remove the file."""
    file.unlink()


def made_folder(file: Path) -> None:
    """Put a folder in its place."""
    file.unlink()
    file.mkdir()


def made_link(file: Path) -> None:
    """Put a link in its place."""
    file.rename(file.with_name("ziel.txt"))
    file.symlink_to(file.with_name("ziel.txt"))


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (removed, "no such file"),
        (made_folder, "this is a folder"),
        (made_link, "links are not followed"),
        (lambda file: file.write_bytes(os.urandom(64) + b"\xff\xfe"), "not UTF-8"),
        (lambda file: file.write_bytes(b"x" * 10_000_000), "larger than 200 KB"),
        (lambda file: file.write_text("---\ntitle: [\n---\nText.\n"), ""),
        (lambda file: file.write_text("---\ntitle: Router\n---\n::: intern\nOffen.\n"), "intern"),
    ],
)
def test_what_cannot_be_shown_keeps_the_last_good_version(
    folder: Path, spoil: Callable[[Path], object], expected: str
) -> None:
    """With the reason; and what is good again is shown again."""
    reader = proofs(folder)
    file = folder / PATH
    spoil(file)
    proof = reader.read()
    assert (proof.current, bool(proof.faults)) == (False, True)
    assert expected in str(proof.faults[0])
    assert proof.article is not None
    assert proof.article.title == "Router"
    if file.is_dir():
        file.rmdir()
    file.unlink(missing_ok=True)
    write(folder, PATH, GOOD.replace("Router", "Neu"))
    again = reader.read()
    assert again.current
    assert again.article is not None
    assert again.article.title == "Neu"


def test_a_file_that_was_never_good_shows_nothing(folder: Path) -> None:
    """Only what is wrong."""
    proof = proofs(folder, "public/netz/fehlt.md").read()
    assert (proof.article, proof.public, len(proof.faults)) == (None, None, 1)


def test_a_slug_that_is_taken_is_told(folder: Path) -> None:
    """The other article stays."""
    write(folder, "public/anderes/modem.md", "---\ntitle: Zwei\n---\nText.\n")
    proof = proofs(folder, "public/netz/modem.md").read()
    assert (proof.current, "is already in public/anderes/modem.md" in str(proof.faults[0])) == (False, True)


def test_an_article_that_takes_too_long_keeps_the_last_good_version(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The renderer says so."""
    reader = proofs(folder)
    monkeypatch.setattr(proof_module, "render_one", lambda article, *_: Fault(article.path, 1, "too long"))
    proof = reader.read()
    assert (proof.current, proof.faults[-1].message, proof.article is not None) == (False, "too long", True)


def test_images_are_looked_for_beside_the_file_each_time(folder: Path) -> None:
    """One that is put there later is no dead link any more; folders that are gone change nothing."""
    write(folder, PATH, "---\ntitle: Router\n---\n![Die Rückseite des Routers](rueckseite.png)\n")
    reader = proofs(folder)
    assert [one.rule for one in reader.read().faults] == ["link"]
    (folder / "public/netz/rueckseite.png").write_bytes(b"png")
    proof = reader.read()
    assert (proof.faults, list(proof.pictures)) == ((), ["netz/rueckseite.png"])
    for file in (folder / "public/netz").iterdir():
        file.unlink()
    (folder / "public/netz").rmdir()
    assert not reader.read().current


def test_the_quick_checks_name_their_lines(folder: Path) -> None:
    """Errors first: alternative text, personal data, a heading that is not there, a review that is due."""
    write(folder, PATH, "---\ntitle: Router\nreview_after: 2020-01-01\n---\n[dort](modem#farben) [da](modem#lampen)\n\n"
                        "![](fehlt.png)\n\nRufen Sie Herrn Maier an: 0171 2345678.\n")  # fmt: skip
    found = told(folder, proofs(folder).read())
    assert found == [
        (5, "heading", "error"), (7, "alt", "error"), (7, "link", "error"), (9, "personal", "error"),
        (3, "review", "hint"),
    ]  # fmt: skip


def test_a_file_that_goes_while_it_is_read_is_no_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read first is shown; there are no lines to name."""
    reader, texts = proofs(folder), iter([GOOD.encode()])

    def read_once(*_: object) -> bytes:
        for text in texts:
            return text
        raise FileNotFoundError

    monkeypatch.setattr(proof_module, "read_bytes", read_once)
    proof = reader.read()
    assert proof.current
    assert proof.source is not None
    assert proof.source.text == ""
