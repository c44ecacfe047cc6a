"""Lags: translations whose originals say something else by now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from app.articles.lags import Lags
from app.articles.library import read_library
from tests.articles.past_repository import PastRepository, repository_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from app.articles.lags import Edition, Lag

DE, EN = "public/netz/wlan.md", "public/netz/wlan.en.md"


@pytest.fixture
def repository(tmp_path: Path) -> PastRepository:
    """Give an article and its translation, made in one commit."""
    one = repository_in(tmp_path)
    one.write(DE, "Erster Absatz.\n\nZweiter Absatz.")
    one.write(EN, "First paragraph.\n\nSecond paragraph.")
    one.commit("beide", "2026-01-01")
    return one


def lags(repository: PastRepository, *, internal: bool = True) -> Mapping[Edition, Lag]:
    """Return what is known of the articles as they lie there, for agents or for customers."""
    from app.articles.article import public_edition

    articles = read_library(repository.folder).articles
    shown = articles if internal else tuple(one for row in articles if (one := public_edition(row)))
    return Lags(repository.folder, "de").find("v1", shown, internal=internal)


def test_a_translation_made_with_its_original_is_up_to_date(repository: PastRepository) -> None:
    """Nothing is told of it."""
    assert lags(repository) == {}


def test_a_changed_original_leaves_its_translation_behind(repository: PastRepository) -> None:
    """With the commit it was made from, the day of the change, and the paragraphs."""
    first = repository.git("rev-parse", "HEAD")
    repository.write(DE, "Erster Absatz.\n\nZweiter Absatz, ganz neu.")
    repository.commit("de", "2026-03-03")
    lag = lags(repository)["wlan", "en"]
    assert (lag.since, lag.changed.isoformat(), lag.paragraphs, lag.count) == (
        first[:12], "2026-03-03", ("Zweiter Absatz, ganz neu.",), 1,
    )  # fmt: skip
    assert lag.original.lang == "de"


def test_a_translation_that_was_committed_later_has_caught_up(repository: PastRepository) -> None:
    """Without a revision it is as old as its last commit."""
    repository.write(DE, "Neu.")
    repository.commit("de", "2026-03-03")
    repository.write(EN, "New.")
    repository.commit("en", "2026-03-04")
    assert lags(repository) == {}


def test_a_named_revision_counts_more_than_a_later_commit(repository: PastRepository) -> None:
    """Somebody mended a word in the translation and did not carry the change over."""
    first = repository.git("rev-parse", "--short", "HEAD")
    repository.write(DE, "Neu.")
    repository.commit("de", "2026-03-03")
    repository.write(EN, "First.", fields=f"translation_of_revision: {first}\n")
    repository.commit("en", "2026-03-04")
    assert lags(repository)["wlan", "en"].since == repository.git("rev-parse", "HEAD~2")[:12]


def test_a_revision_nobody_knows_says_nothing(repository: PastRepository) -> None:
    """Then the last commit of the translation does."""
    repository.write(EN, "First.", fields="translation_of_revision: 0123abc\n")
    repository.commit("en", "2026-03-04")
    repository.write(DE, "Neu.")
    repository.commit("de", "2026-03-05")
    assert lags(repository)["wlan", "en"].changed.isoformat() == "2026-03-05"


def test_other_questions_make_no_translation_wrong(repository: PastRepository) -> None:
    """Only what is read counts."""
    repository.write(DE, "Erster Absatz.\n\nZweiter Absatz.", fields="questions: [wlan weg]\n")
    repository.commit("de")
    assert lags(repository) == {}


def test_text_for_agents_is_no_news_to_customers(repository: PastRepository) -> None:
    """Agents are told; customers are told neither of it nor of what was internal then."""
    repository.write(DE, "Erster Absatz.\n\nZweiter Absatz.\n\n::: intern\nGeheim.\n:::")
    repository.commit("de")
    assert ("wlan", "en") in lags(repository)
    assert lags(repository, internal=False) == {}


def test_an_original_that_moved_is_still_the_same(repository: PastRepository) -> None:
    """Another category is no other article."""
    repository.git("rm", "-q", DE)
    repository.write("public/funk/wlan.md", "Anders.")
    repository.commit("de")
    assert lags(repository)["wlan", "en"].count == 2


def test_without_git_nothing_is_told(tmp_path: Path) -> None:
    """A folder that no repository knows."""
    stray = PastRepository(tmp_path)
    stray.write(DE, "Eins.")
    stray.write(EN, "One.")
    assert lags(stray) == {}


def test_no_reader_waits(repository: PastRepository) -> None:
    """What is not known yet is told a moment later."""
    repository.write(DE, "Neu.")
    repository.commit("de")
    known, articles = Lags(repository.folder, "de"), read_library(repository.folder).articles
    until = time.monotonic() + 10
    assert known.known("v1", lambda: articles) == {}
    while not known.known("v1", lambda: articles, internal=False) and time.monotonic() < until:
        time.sleep(0.02)
    assert ("wlan", "en") in known.known("v1", lambda: articles)
