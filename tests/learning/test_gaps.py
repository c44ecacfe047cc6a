"""Gaps: written down without persons, gathered by meaning, in the order of what they cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.learning.asked import Asked, Askers, is_robot, masked
from app.learning.gap_finder import GapFinder, Replayed, Search, rest_after
from app.learning.gap_list import GapList, GapState, UnknownGap
from app.learning.gaps import Question, gaps_of, groups
from app.learning.notepad import MOST_WAITING, Notepad
from app.learning.questions import MOST_A_DAY, Questions
from app.search.encoder import HashingEncoder
from app.search.likeness import Likeness

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.conftest import Clock

VPN = ("vpn verbindet nicht", "vpn verbindet heute nicht", "mein vpn verbindet nicht")
STRANGE = ("wer malte die mona lisa", "wie wird das wetter", "rezept für apfelkuchen", "hauptstadt von peru")
vectors = Likeness(HashingEncoder(128)).vectors


def replay(text: str, _lang: str) -> Replayed:
    """Answer as a knowledge base of networks without an article about VPN."""
    if "drucker" in text:
        return Replayed(0.9, answered=True, nearest=("drucker-offline",))
    return Replayed(0.7 if "vpn" in text else 0.02, answered=False, nearest=("wlan-langsam",))


@pytest.fixture
def asked(clock: Clock) -> Asked:
    """Give a question of a visitor."""
    return Asked("vpn verbindet nicht", "de", "search", clock().date(), "v1")


@pytest.fixture
def questions(engine: Engine) -> Questions:
    """Give the questions of a fresh database."""
    return Questions(engine, Askers("secret"))


@pytest.fixture
def found(engine: Engine, clock: Clock) -> GapList:
    """Give the list of the same database."""
    return GapList(engine, clock)


@pytest.fixture
def finder(questions: Questions, found: GapList, clock: Clock) -> GapFinder:
    """Give who makes the list."""
    return GapFinder(questions, found, Search(replay, vectors, lambda: "1"), clock)


def test_what_is_kept_of_a_question_tells_nothing_of_a_person(
    questions: Questions, asked: Asked, rows: Callable[[str], list[dict[str, object]]]
) -> None:
    """Planted values of every kind are gone before they are stored."""
    planted = (
        "Ich heiße Erika Mustermann, erika@example.org, 0221 1234567, Kundennummer 4711-0815, Seriennummer XY12345, "
    )
    questions.add([replace(asked, text=f"{planted}DE89 3704 0044 0532 0130 00: vpn geht nicht")])
    ((text,),) = (row.values() for row in rows("SELECT text FROM questions"))
    assert text == ("Ich heiße [Name], [E-Mail], [Telefon], Kundennummer [Kundennummer], "
                    "Seriennummer [Seriennummer], [IBAN]: vpn geht nicht")  # fmt: skip


def test_the_same_question_of_the_same_visitor_counts_once_a_day(questions: Questions, asked: Asked) -> None:
    """Whoever asks it on another day has still found nothing."""
    again = replace(asked, text="VPN verbindet nicht", source="vote")
    later = replace(asked, day=asked.day + timedelta(days=1))
    assert questions.add([asked, again, replace(asked, asker="v2"), later]) == 3


def test_a_program_that_asks_all_day_is_not_believed(questions: Questions, asked: Asked) -> None:
    """Nobody has that many questions."""
    assert questions.add([replace(asked, text=f"frage {number}") for number in range(100)]) == MOST_A_DAY


def test_questions_are_forgotten(questions: Questions, asked: Asked, clock: Clock, found: GapList) -> None:
    """And with the last one the gap."""
    questions.add([asked])
    GapFinder(questions, found, Search(replay, vectors, lambda: "1"), clock).refresh()
    assert questions.forget(clock() + timedelta(days=1)) == 1
    assert found.every() == ()


def test_a_visitor_is_somebody_else_tomorrow(clock: Clock) -> None:
    """And in every process: the salt is kept nowhere."""
    askers, today = Askers("secret"), clock().date()
    first = askers.visitor(today, "192.0.2.7", "Firefox")
    assert first == askers.visitor(today, "192.0.2.7", "Firefox") != askers.visitor(today, "192.0.2.8", "Firefox")
    assert first != askers.visitor(today + timedelta(days=1), "192.0.2.7", "Firefox")
    assert first != Askers("secret").visitor(today, "192.0.2.7", "Firefox")


@pytest.mark.parametrize("agent", ["Googlebot/2.1", "", "curl/8.5", "python-requests/2"])
def test_robots_are_known(agent: str) -> None:
    """By what they say of themselves."""
    assert is_robot(agent)
    assert not is_robot("Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0")


def test_a_long_text_is_cut_after_it_was_masked(asked: Asked) -> None:
    """What would have been cut in two is whole when it is looked for."""
    assert masked(replace(asked, text="x" * 290 + " erika@example.org")).endswith("x [E-Mail]")


def test_the_notepad_stores_what_it_was_told_when_it_ends(questions: Questions, asked: Asked) -> None:
    """Nothing waits for it."""
    notepad = Notepad(questions)
    notepad.start()
    notepad.note(asked, replace(asked, asker="v2"))
    notepad.stop()
    assert questions.last() == 2


def test_without_a_database_questions_are_dropped_with_a_line(
    tmp_path: Path, asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a search nor the thread fails, and the line does not say what was asked."""
    from app.database import connect

    engine = connect(f"sqlite:///{tmp_path / 'none.db'}")
    notepad = Notepad(Questions(engine, Askers("secret")))
    notepad.note(*[asked] * (MOST_WAITING + 1))
    assert notepad.store() == 0
    engine.dispose()
    assert "left out of the gaps" in caplog.text
    assert asked.text not in caplog.messages[0]


def test_removed_topics_come_before_what_strangers_ask(questions: Questions, finder: GapFinder, found: GapList,
                                                       asked: Asked) -> None:  # fmt: skip
    """However many strangers there are; and people's own words are shown, what most have in common first."""
    questions.add([replace(asked, text=text, asker=f"v{number}") for number, text in enumerate(STRANGE + VPN)])
    assert finder.refresh()
    first, *others = found.every()
    assert first.words[0] == "vpn verbindet nicht"
    assert set(first.words) == set(VPN)
    assert (first.people, first.tickets, first.nearest) == (3, 0, ("wlan-langsam",))
    assert {one.words[0] for one in others} == set(STRANGE)
    assert not finder.refresh()


def test_a_ticket_weighs_more_than_searches(clock: Clock) -> None:
    """Even where the articles seem to be about something else."""
    today = clock().date()
    searched = [Question(n, "a", today, f"v{n}", False, 0.5, False) for n in range(2)]  # noqa: FBT003 - fields
    ticket = Question(9, "b", today, "t9", True, 0.1, False)  # noqa: FBT003
    first, second = gaps_of([*searched, ticket], np.array([[1, 0], [1, 0], [0, 1]], np.float32), today)
    assert (first.questions, first.tickets) == ((ticket,), 1)
    assert second.people == 2


def test_what_an_article_answers_by_now_is_last(questions: Questions, finder: GapFinder, found: GapList,
                                                asked: Asked) -> None:  # fmt: skip
    """And said to be answered."""
    questions.add([asked, *(replace(asked, text="drucker druckt nicht", asker=f"v{n}") for n in range(5))])
    finder.refresh()
    assert [one.answered for one in found.every()] == [False, True]


def test_a_solved_gap_says_what_answers_and_since_when(
    questions: Questions, finder: GapFinder, found: GapList, asked: Asked, clock: Clock
) -> None:
    """The moment stays when the list is made anew."""
    since = clock()
    questions.add([replace(asked, text="drucker druckt nicht")])
    finder.refresh()
    clock.move(days=1)
    finder.refresh()
    (gap,) = found.every()
    assert (gap.answers, gap.answered_at, gap.made_at > since) == (("drucker-offline",), since, True)


def test_a_gap_returns_when_it_is_answered_no_more(
    questions: Questions, found: GapList, asked: Asked, clock: Clock
) -> None:
    """Also one that an author has ticked off, on the same day; answered again it counts from then."""
    version, answers = ["1"], [True]
    search = Search(
        lambda *_: Replayed(0.9, answered=answers[0], nearest=("vpn",)),
        lambda texts: np.ones((len(texts), 1), np.float32), lambda: version[0],
    )  # fmt: skip
    finder = GapFinder(questions, found, search, clock)
    questions.add([asked])
    finder.refresh()
    found.decide(found.every()[0].id, GapState.DONE)
    seen = []
    for answered in (False, True):
        clock.move(minutes=1)
        version[0] += "1"
        answers[0] = answered
        finder.refresh()
        (gap,) = found.every()
        seen.append((gap.state, gap.answers, gap.answered_at))
    assert seen == [(GapState.OPEN, ("",), None), (GapState.OPEN, ("vpn",), clock())]


@pytest.mark.parametrize(("worked", "rests"), [(0.0, 5.0), (1.0, 20.0), (60.0, 300.0)])
def test_the_finder_rests_much_longer_than_it_works(worked: float, rests: float) -> None:
    """Between five seconds and five minutes."""
    assert rest_after(worked) == rests


def test_weeks_are_counted_back_from_today(clock: Clock) -> None:
    """The latest last, each asker once a week."""
    today = clock().date()
    days = [(0, "v1"), (0, "v1"), (6, "v2"), (7, "v3"), (100, "v4")]
    asked = [Question(n, "a", today - timedelta(days=d), who, False, 0.5, False) for n, (d, who) in enumerate(days)]  # noqa: FBT003
    (gap,) = gaps_of(asked, np.ones((5, 1), np.float32), today)
    assert gap.weeks == (0, 0, 0, 0, 0, 0, 1, 2)


def test_nothing_asked_is_no_gap(finder: GapFinder, found: GapList) -> None:
    """Not even an error."""
    assert groups(np.zeros((0, 1), np.float32)) == []
    assert finder.refresh()
    assert found.every() == ()


def test_a_decision_stays_until_it_is_asked_again(
    questions: Questions, finder: GapFinder, found: GapList, asked: Asked, clock: Clock
) -> None:
    """What is done and asked anew is open again; what is ignored is not."""
    other = replace(asked, text="hauptstadt von peru", asker="v7")
    questions.add([asked, other])
    finder.refresh()
    vpn, peru = sorted(found.every(), key=lambda one: one.words, reverse=True)
    found.decide(vpn.id, GapState.DONE)
    found.decide(peru.id, GapState.IGNORED)
    clock.move(days=1)
    finder.refresh()
    assert {one.id: one.state for one in found.every()} == {vpn.id: GapState.DONE, peru.id: GapState.IGNORED}
    questions.add([replace(one, day=clock().date(), asker="v8") for one in (asked, other)])
    finder.refresh()
    assert {one.id: one.state for one in found.every()} == {vpn.id: GapState.OPEN, peru.id: GapState.IGNORED}
    found.decide(vpn.id, GapState.OPEN)
    with pytest.raises(UnknownGap):
        found.decide(999, GapState.DONE)


def test_the_thread_makes_the_list_soon_after_the_start(questions: Questions, finder: GapFinder, found: GapList,
                                                        asked: Asked) -> None:  # fmt: skip
    """And ends when it is told to."""
    import time

    questions.add([asked])
    finder.start()
    until = time.monotonic() + 20
    while not found.every() and time.monotonic() < until:
        time.sleep(0.05)
    finder.stop()
    assert len(found.every()) == 1
