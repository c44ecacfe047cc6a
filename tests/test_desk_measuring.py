"""The commands that measure the desk: small, so that it is known that they run, and that they would notice a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from app import commands
from app.desk_bench import write_articles
from app.desk_load import Acknowledged, Load, Verdict, judge, load_desk, refuse_used
from app.main import engine_of, now
from app.rehearsal import Figures, NotStarted, Visitor, own_settings, percentile, running, seat
from app.settings import Settings
from app.tickets.tables import numbers, tickets

if TYPE_CHECKING:
    from pathlib import Path

USUAL: dict[str, Any] = {}
"""No setting but those of the environment."""


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """Give the settings of a portal that lives in a folder of its own."""
    return own_settings(Settings(**USUAL), tmp_path)


def test_bench_tells_what_agents_wait_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Each page with its median and its 95th percentile, and how it was measured."""
    words = ["bench", "--desk", "--desk-articles", "12", "--desk-tickets", "30", "--rounds", "3"]
    assert commands.main(words) == 0
    printed = capsys.readouterr().out
    wanted = ("12 articles, 30 tickets", "p95 ms", "first key to the right article", "queue", "tickets by words",
              "ticket", "index by words only", "opened by itself in 100%", "Errors: none")  # fmt: skip
    assert [what for what in wanted if what not in printed] == []


def test_nothing_is_lost_and_nobody_has_a_ticket_twice(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A few seconds with a few people, in a real portal over either database."""
    assert load_desk(Settings(**USUAL), Load(agents=6, tickets=5, seconds=3, pause=0.5), database_url, articles=12) == 0
    printed = capsys.readouterr().out
    wanted = ("Acknowledged: 15 tickets", "Lost tickets: 0", "Lost messages: 0", "Double assignments: 0", "p99 ms",
              "SQLite" if database_url.startswith("sqlite") else "PostgreSQL")  # fmt: skip
    assert [what for what in wanted if what not in printed] == []


def test_what_is_lost_or_given_twice_is_noticed(own: Settings) -> None:
    """A ticket and a note that are nowhere, a ticket that two agents were told they have, one that nobody has."""
    seat(own, 1)
    kept = Acknowledged(tickets={"f" * 64}, texts={"Notiz"})
    kept.takers["W-2026-000001"] |= {1, 2}
    fill(own)
    assert judge(own, kept) == Verdict(lost_tickets=1, lost_messages=1, double_assignments=1)
    kept.takers["W-2026-000001"] = {2}
    assert judge(own, kept).double_assignments == 1


def fill(settings: Settings) -> None:
    """Put one ticket into the database, which nobody has."""
    engine, moment = engine_of(settings), now()
    with engine.begin() as connection:
        connection.execute(insert(numbers).values(year=moment.year, last=1))
        connection.execute(insert(tickets).values(
            number="W-2026-000001", key_hash="0" * 64, digest="", sender_hash="", state="new", level=1, lang="de",
            name="Anna", email="anna@example.org", category="wlan", urgency="low", opened_at=moment, changed_at=moment,
        ))  # fmt: skip
    engine.dispose()


def test_a_database_that_is_used_is_left_alone(own: Settings) -> None:
    """What is tried out belongs into none that holds tickets."""
    seat(own, 1)
    fill(own)
    with pytest.raises(ValueError, match=r"has 1 tickets\. Name an empty one\."):
        refuse_used(own)


@pytest.mark.parametrize(("agents", "many", "seconds"), [(0, 1, 1), (201, 1, 1), (1, 101, 1), (1, 1, 601)])
def test_a_load_has_bounds(agents: int, many: int, seconds: int) -> None:
    """It is a test and no attack."""
    with pytest.raises(ValueError, match=r"Choose 1 to"):
        Load(agents, many, seconds)


@pytest.mark.parametrize("pause", [0.0, -1.0, 60.5, float("nan")])
def test_agents_pause_and_come_back(pause: float) -> None:
    """Without a pause it is an attack, with a very long one nobody works."""
    with pytest.raises(ValueError, match=r"--pause is .* Choose more than 0, at most 60 seconds"):
        Load(1, 1, 1, pause)


def test_there_are_only_so_many_stories(tmp_path: Path) -> None:
    """No two articles are about the same."""
    written = write_articles(tmp_path, 5000)
    assert len({one.title for one in written}) == 5000
    with pytest.raises(ValueError, match=r"there are 5000 stories"):
        write_articles(tmp_path, 5001)


def test_a_portal_that_does_not_start_says_why(own: Settings) -> None:
    """What it printed is in the error."""
    own.articles.mkdir()
    wrong = own.model_copy(update={"helpdesk": "smtp"})
    with pytest.raises(NotStarted, match="HELPDESK_ADDRESS"), running(wrong):
        pass


def test_failures_and_silence_are_counted() -> None:
    """A refusal of the limiter, a failure, and a portal that is not there."""
    figures = Figures()
    for status in (200, 303, 409, 429, 503):
        figures.note("queue", 1.0, status)
    visitor = Visitor("http://127.0.0.1:9", figures, "token")
    assert visitor.ask("ticket", "/") is None
    visitor.close()
    assert figures.errors == {"queue: 429": 1, "queue: 503": 1, "ticket: ConnectError": 1}


def test_a_percentile_is_a_value_that_was_measured() -> None:
    """Of twenty values the 95th percentile leaves out the slowest one."""
    assert percentile([float(value) for value in range(1, 21)], 0.95) == 19.0
    assert percentile([7.0], 0.99) == 7.0
