"""Sinking: what is overdue comes a little later, and never far."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from app.articles.library import read_library
from app.search.builder import build
from app.search.ranking import Candidate
from app.search.searcher import Searcher
from app.search.sinking import OVERDUE, sunk
from app.search.versions import Versions

if TYPE_CHECKING:
    from pathlib import Path


def candidates(*scores: float) -> list[Candidate]:
    """Return candidates a, b, c … with these scores."""
    return [Candidate(slug, score, 0.0, None, {}) for slug, score in zip("abc", scores, strict=False)]


def test_an_overdue_article_lets_one_pass_that_is_nearly_as_good() -> None:
    """And stays before one that is clearly worse."""
    found = sunk(candidates(2.0, 2.0 - OVERDUE / 2, 1.0), {"a"})
    assert [one.slug for one in found] == ["b", "a", "c"]


def test_where_nothing_is_overdue_nothing_moves() -> None:
    """Not even equal scores."""
    found = candidates(1.0, 2.0)
    assert sunk(found, {"x"}) is found


def test_a_search_lets_the_reviewed_article_pass(tmp_path: Path) -> None:
    """Of two that say the same; without a calendar, as when weights are fitted, the first in the alphabet is first."""
    for slug, until in (("alt", "2026-10-01"), ("neu", "2027-10-01")):
        file = tmp_path / "articles" / "public" / "netz" / f"{slug}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\ntitle: Router neu starten\nreview_after: {until}\n---\nStecker ziehen.\n", "utf-8")
    versions = Versions(tmp_path / "index")
    build(versions, read_library(tmp_path / "articles"), None, lambda _done, _total: None)

    def first(searcher: Searcher) -> str:
        return searcher.search("Router neu starten", "de").results[0].slug

    assert first(Searcher(versions, "public", None)) == "alt"
    assert first(Searcher(versions, "public", None, lambda: date(2026, 11, 22))) == "neu"
    assert first(Searcher(versions, "public", None, lambda: date(2026, 10, 1))) == "alt"
