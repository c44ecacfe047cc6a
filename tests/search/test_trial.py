"""Tests of the trial of articles: which say the same, and which are found no longer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.articles.change import Change
from app.articles.library import Library
from app.articles.source import Source
from app.search import trial as trial_module
from app.search import twins as twins_module
from app.search.regression import Asked, Lost, Outcome, ask, concerned, lost, questions_of, touched
from app.search.told import told_questions, told_twins
from app.search.trial import Trial
from app.search.twins import twins_of
from app.search.versions import Versions
from tests.search.conftest import Progress, Workshop, article

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from app.articles.article import Article
    from app.search.index import Index

SAME = "Ziehen Sie den Stecker des Routers und warten Sie danach eine ganze Minute, bis alle Lampen wirklich aus sind."
PRINTER = article("drucker", "Der Drucker druckt nicht und zeigt offline an.", title="Drucker offline",
                  questions=("drucker zeigt offline an",))  # fmt: skip
ROUTER = article("router", SAME, title="Router neu starten", questions=("router stecker ziehen", "qwertz"))
RIVAL = article("rivale", "drucker zeigt offline an drucker zeigt offline an", title="drucker zeigt offline an")
FILLERS = tuple(article(f"anderes-{word}", f"Etwas über {word} steht hier.", title=word.capitalize())
                for word in ("toner", "scanner", "beamer", "laptop"))  # fmt: skip
ASKED = Asked("drucker", "de", "drucker zeigt offline an")


def index_of(workshop: Workshop, *articles: Article) -> Index:
    """Return the index of these articles."""
    workshop.write(*articles)
    return workshop.versions.load("public")


def sources(articles: Iterable[Article]) -> dict[Any, Source]:
    """Return sources of articles that were never in a file."""
    return {(one.slug, one.lang): Source(one, f"---\n---\n{one.body}", 3) for one in articles}


def test_two_articles_that_say_the_same_are_found(workshop: Workshop) -> None:
    """With both passages; once, and not across the translations of one article."""
    double = article("neustart", SAME, title="Router neu starten")
    english = replace(ROUTER, lang="en", path="public/netz/router.en.md")
    (pair,) = twins_of(index_of(workshop, ROUTER, double, english, PRINTER))
    assert (pair.one.slug, pair.other.slug, pair.one.lang, pair.cosine > 0.99) == ("neustart", "router", "de", True)


def test_what_every_article_ends_with_is_no_twin(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is alike on purpose; nor are a few words."""
    monkeypatch.setattr(twins_module, "ENDINGS", 2)
    ends = [article(f"artikel-{n}", f"Kurz {n}.\n\n## Sonst\n\n{SAME}", title="Gleich") for n in range(2)]
    assert twins_of(index_of(workshop, *ends)) == []


def test_without_vectors_there_are_no_twins(workshop: Workshop) -> None:
    """Words alone tell too little."""
    workshop.encoder = None
    assert twins_of(index_of(workshop, ROUTER, article("neustart", SAME))) == []


def test_twins_are_told_in_the_article_that_changed(workshop: Workshop) -> None:
    """With file and line of the other one, and both passages."""
    double = article("neustart", f"## Vorne\n\n{SAME}", title="Router neu starten")
    twins = twins_of(index_of(workshop, replace(ROUTER, body=f"## Vorne\n\n{SAME} {SAME}"), double))
    known = sources([ROUTER, double])
    (told,) = told_twins(twins, known, None)
    assert (told.path, told.line, told.level) == (double.path, 3, "hint")
    assert f"one of {ROUTER.path}:3" in told.message
    assert told.message.count("“Ziehen Sie den Stecker") == 2
    assert " …”" in told.message
    (turned,) = told_twins(twins, known, Change(frozenset({ROUTER.path})))
    assert turned.path == ROUTER.path
    assert list(told_twins(twins, sources([ROUTER]), None)) == []


def test_a_question_is_asked_without_itself(workshop: Workshop) -> None:
    """So that what finds the article is its text."""
    silent = replace(PRINTER, body="Bitte lesen.", title="Lesen")
    index = index_of(workshop, silent, RIVAL, ROUTER, *FILLERS)
    assert ask(index, [ASKED], Progress())[ASKED].first == "rivale"
    index = index_of(workshop, PRINTER, ROUTER, *FILLERS)
    assert ask(index, [ASKED], Progress())[ASKED] == Outcome(1, "drucker")


def test_by_words_alone_it_may_find_nothing(workshop: Workshop) -> None:
    """Then its rank is 0, and no article comes first; unknown questions are not asked."""
    workshop.encoder = None
    index = index_of(workshop, ROUTER, PRINTER)
    unknown = Asked("x", "de", "y")
    outcomes = ask(index, [*questions_of(index), unknown], Progress())
    assert outcomes[Asked("router", "de", "qwertz")] == Outcome(0, "")
    assert unknown not in outcomes
    assert len(concerned(index, ["router"])) == 3


def test_a_change_concerns_its_own_questions_and_those_it_comes_near(workshop: Workshop) -> None:
    """Of the others nothing has to be asked."""
    before = index_of(workshop, PRINTER, ROUTER, *FILLERS)
    now = index_of(workshop, PRINTER, ROUTER, RIVAL, *FILLERS)
    changed = touched(before, now)
    assert changed == {"rivale"}
    assert concerned(now, changed) == [ASKED]
    assert concerned(now, ["drucker"]) == [ASKED]
    assert concerned(now, ["weg"]) == []
    assert touched(now, now) == frozenset()


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (Outcome(2, "x"), Outcome(1, "drucker"), None),
        (Outcome(4, "x"), Outcome(3, "x"), 3),
        (Outcome(4, "x"), Outcome(5, "x"), None),
        (Outcome(4, "x"), None, None),
        (Outcome(0, "x"), None, 0),
        (Outcome(0, "x"), Outcome(7, "x"), 7),
    ],
)
def test_lost_is_what_was_found_before_or_is_not_found_at_all(
    now: Outcome, before: Outcome | None, told: int | None
) -> None:
    """A rank among the first that gets worse is lost; one further down is not."""
    gone = lost({ASKED: now}, {ASKED: before} if before else {})
    assert [one.before for one in gone] == ([] if told is None else [told])


def test_a_lost_question_is_an_error_and_one_never_found_a_hint() -> None:
    """Each says what is found in its place."""
    known = sources([PRINTER])
    rows = [Lost(ASKED, Outcome(5, "rivale"), 2), Lost(ASKED, Outcome(0, "rivale"), 1), Lost(ASKED, Outcome(0, "")),
            Lost(Asked("x", "de", "y"), Outcome(0, ""))]  # fmt: skip
    told = list(told_questions(rows, known))
    assert [one.level for one in told] == ["error", "error", "hint"]
    assert told[0].message == ('the question "drucker zeigt offline an" no longer finds this article (rank 2 before): '
                               'it now finds "rivale", this article at rank 5.')  # fmt: skip
    assert told[1].message.endswith('it now finds "rivale".')
    assert told[2].message.endswith("would not find this article by itself: it finds nothing.")


def library(*articles: Article) -> Library:
    """Return a library of these and of what fills the shelves."""
    return Library(articles=(*articles, *FILLERS))


RIVALS = tuple(replace(RIVAL, slug=f"rivale-{n}", path=f"public/netz/rivale-{n}.md") for n in range(3))


def test_a_change_that_takes_readers_from_another_article_is_noticed(workshop: Workshop) -> None:
    """Compared with the articles as they were; nothing of the version in use has changed."""
    workshop.build(PRINTER, *FILLERS)
    used = workshop.versions.current()
    tried = Trial(workshop.versions, workshop.encoder)
    before = tried.before(library(PRINTER), Progress())
    now, _ = tried.build(library(PRINTER, *RIVALS), Progress())
    (gone,) = tried.lost(now, before, Progress())
    assert (gone.asked, gone.regressed, gone.now.first.startswith("rivale")) == (ASKED, True, True)
    assert workshop.versions.current() == used
    assert Versions(workshop.versions.root / "check").names()[-1] == used


def test_the_whole_check_compares_with_the_version_in_use_and_remembers(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time only what changed is asked again, and the same is told."""
    workshop.build(PRINTER, ROUTER, *FILLERS)
    tried = Trial(workshop.versions, workshop.encoder)
    asked: list[list[Asked]] = []

    def counting(index: Index, questions: Iterable[Asked], progress: Progress) -> Any:
        asked.append(list(questions))
        return ask(index, asked[-1], progress)

    monkeypatch.setattr(trial_module, "ask", counting)

    def told() -> list[Lost]:
        asked.clear()
        last = tried.last()
        now, _ = tried.build(library(PRINTER, ROUTER, *RIVALS), Progress())
        return tried.all_lost(now, tried.used_pair(), last, Progress())

    first = told()
    assert [one.asked for one in first if one.regressed] == [ASKED]
    assert len(asked[0]) == 3
    assert told() == first
    assert asked[0] == []


def test_questions_of_internal_articles_are_asked_where_agents_search(workshop: Workshop) -> None:
    """A customer never finds them, and need not."""
    secret = article("geheim", "Der Tresor liegt im Keller.", visibility="internal", questions=("tresor keller",))
    tried = Trial(workshop.versions, workshop.encoder)
    now, _ = tried.build(library(secret, PRINTER), Progress())
    asked = trial_module.theirs(now)
    assert (asked["public"], asked["internal"]) == ({ASKED}, {Asked("geheim", "de", "tresor keller")})
    assert tried.lost(now, {}, Progress()) == []


def test_without_anything_before_nothing_is_compared(workshop: Workshop, tmp_path: Path) -> None:
    """Nor with what another model has read, nor where outcomes cannot be read."""
    tried = Trial(workshop.versions, workshop.encoder)
    assert (tried.last(), tried.used_pair(), tried.before(Library(), Progress())) == ({}, {}, {})
    workshop.build(PRINTER, *FILLERS)
    assert Trial(workshop.versions, None).used_pair() == {}
    now, _ = tried.build(library(PRINTER), Progress())
    (tmp_path / "index" / "check" / "outcomes.json").write_text("[]")
    assert tried.all_lost(now, tried.used_pair(), tried.last(), Progress()) == []


def test_where_files_cannot_be_linked_they_are_copied(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another disk, or one that knows no links."""

    def refuse(_source: str, _target: str) -> None:
        raise OSError

    workshop.build(PRINTER, *FILLERS)
    monkeypatch.setattr("os.link", refuse)
    now, _ = Trial(workshop.versions, workshop.encoder).build(Library(articles=(PRINTER, *FILLERS)), Progress())
    assert np.isfinite(now["public"].vectors).all() if now["public"].vectors is not None else False
