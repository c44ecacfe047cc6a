from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.search import calibrating
from app.search.calibrating import asked_by_authors, both, calibrated, read_strangers, strange
from app.search.calibration import Calibration
from app.search.encoder import HashingEncoder
from app.search.shelf import shelf_of
from app.search.strangers import STRANGERS
from tests.search.conftest import article

if TYPE_CHECKING:
    from app.search.index import Index
    from tests.search.conftest import Workshop

THINGS = "Router Toner Scanner Firewall Monitor Beamer Laptop Server".split()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Give an index in which each article answers two questions of its author."""
    from app.search.versions import Versions
    from tests.search.conftest import Workshop

    shop = Workshop(Versions(tmp_path_factory.mktemp("authors")))
    shop.write(*(
        article(one.lower(), f"Um den {one} einzurichten, öffnen Sie die Seite für {one}.", title=f"{one} einrichten",
                questions=(f"Wie richte ich den {one} ein?", f"Warum geht der {one} nicht?"))
        for one in THINGS
    ))  # fmt: skip
    return shop.searcher().index


def test_every_language_has_as_many_strangers() -> None:
    """Each once, and none in both."""
    assert len({*STRANGERS["de"], *STRANGERS["en"]}) == 2 * len(STRANGERS["de"]) == 2 * len(STRANGERS["en"])


def test_strangers_are_read_as_queries() -> None:
    """All of them, by their language."""
    told = read_strangers(HashingEncoder())
    assert {lang: tuple(text for text, _ in rows) for lang, rows in told.items()} == STRANGERS


def test_strangers_show_an_index_what_is_not_its_own(index: Index) -> None:
    """They stand nowhere."""
    shown = strange(shelf_of(index), "de", read_strangers(HashingEncoder())["de"])
    assert len(shown) == len(STRANGERS["de"])
    assert min(one["unknown"] for one in shown) > 0


def test_an_authors_question_is_asked_without_itself(index: Index) -> None:
    """It would find itself word by word; its article is still found, by the others."""
    number = next(place for place, one in enumerate(index.passages) if one.kind == "question")
    present, _ = both(shelf_of(index), number, index.passages[number])
    assert present.found.candidates[0].slug == index.passages[number].slug
    asked = [one.asked for one in present.found.candidates if one.asked]
    assert number not in {hit.number for hit in asked}
    assert present.surroundings
    assert present.surroundings.nearest < 0.999


def test_an_authors_question_is_asked_once_more_without_its_article(index: Index) -> None:
    """Nothing of it is left, and the first result stands out less."""
    number = next(place for place, one in enumerate(index.passages) if one.kind == "question")
    present, removed = both(shelf_of(index), number, index.passages[number])
    assert index.passages[number].slug not in {one.slug for one in removed.found.candidates}
    assert removed.first["lead"] < present.first["lead"]


def test_only_questions_that_find_their_article_are_told(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong anyway says nothing of being right."""
    shelf = shelf_of(index)
    assert len(list(asked_by_authors(shelf))) > len(THINGS)
    monkeypatch.setattr(calibrating, "both", lambda *asked: (both(*asked)[1],) * 2)
    assert list(asked_by_authors(shelf)) == []


def test_a_small_index_is_not_calibrated(index: Index) -> None:
    """Everything would be strange to it."""
    assert calibrated(index, read_strangers(HashingEncoder())) == Calibration({}, 0.0, len(index.passages))


def test_an_index_without_meaning_is_not_calibrated(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to measure."""
    monkeypatch.setattr(calibrating, "SECTIONS", 1)
    workshop.encoder = None
    workshop.write(article("vpn"))
    index = workshop.versions.load("public")
    assert calibrated(index, read_strangers(HashingEncoder())) == Calibration({}, 0.0, len(index.passages))


def test_calibrating_measures_bars_and_offset(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar for each language, and how large the index was."""
    monkeypatch.setattr(calibrating, "SECTIONS", len(THINGS))
    monkeypatch.setattr("app.search.calibration.ENOUGH", 1)
    found = calibrated(index, read_strangers(HashingEncoder()))
    assert set(found.bars) == {"de", "en"}
    assert found.offset != 0
    assert found.passages == len(index.passages)
