from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from app.tickets.queue import QueueName, UnknownQueue
from app.tickets.state import TicketState
from app.tickets.store import Limits, TicketStore
from app.tickets.ticket import Author, Urgency
from tests.tickets.colleagues import ANNA, BEN, BOSS, CARLA

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from app.tickets.queue import QueueRow
    from app.tickets.ticket import TicketDraft
    from app.tickets.turn import Agent
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]


@pytest.fixture
def open_tickets(store: TicketStore, make_draft: Draft, clock: Clock) -> Callable[..., list[str]]:
    """Return a function that opens so many tickets, a minute apart, and returns their numbers."""
    generous = replace(store, limits=Limits(tickets_per_sender=1000, tickets_per_hour=1000))

    def open_some(count: int, **fields: str) -> list[str]:
        numbers = []
        for _ in range(count):
            clock.move(minutes=1)
            numbers.append(generous.open_ticket(make_draft(key=f"key at {clock.now}", **fields)).number)
        return numbers

    return open_some


def numbers(rows: tuple[QueueRow, ...]) -> list[str]:
    """Return the numbers of a list of tickets."""
    return [row.number for row in rows]


@pytest.fixture
def scene(open_tickets: Callable[..., list[str]], workplace: Workplace, clock: Clock) -> list[str]:
    """Open six tickets: new, Anna's, Ben's that waits, one at level 2, one solved, one new; a minute between acts."""
    six = open_tickets(6)
    acts: list[Callable[[], object]] = [
        lambda: workplace.take(six[1], ANNA, 1),
        lambda: workplace.take(six[2], BEN, 1),
        lambda: workplace.reply(six[2], BEN, "Welcher Router?", "k", 2, waits=True),
        lambda: workplace.escalate(six[3], ANNA, 2, "Bitte", 1),
        lambda: workplace.take(six[4], ANNA, 1),
        lambda: workplace.solve(six[4], ANNA, "Fertig", "k", 2),
    ]
    for act in acts:
        clock.move(minutes=1)
        act()
    return six


@pytest.mark.parametrize(
    ("name", "agent", "places"),
    [
        ("mine", ANNA, [1]),
        ("mine", BEN, [2]),
        ("mine", BOSS, []),
        ("unassigned", ANNA, [0, 5]),
        ("unassigned", CARLA, [3]),
        ("unassigned", BOSS, [0, 3, 5]),
        ("level-1", CARLA, [0, 1, 5]),
        ("level-2", ANNA, [3]),
        ("level-3", ANNA, []),
        ("waiting", ANNA, [2]),
        ("solved", BEN, [4]),
        ("all", ANNA, [4, 3, 2, 1, 5, 0]),
    ],
)
def test_every_queue_has_its_tickets_in_its_order(
    workplace: Workplace, scene: list[str], name: str, agent: Agent, places: list[int]
) -> None:
    """What waits for us begins with the oldest, the rest with the newest change; the count says the same."""
    found = workplace.queue(name, agent)
    assert numbers(found) == [scene[place] for place in places]
    assert workplace.counts(agent)[QueueName(name)] == len(found)


def test_every_queue_is_counted(workplace: Workplace) -> None:
    """Also where there is no ticket at all."""
    assert workplace.counts(ANNA) == dict.fromkeys(QueueName, 0)


def test_a_row_says_what_a_list_needs(workplace: Workplace, scene: list[str]) -> None:
    """The beginning of the first message is the subject, on one line."""
    (row,) = workplace.queue("waiting", ANNA)
    assert (row.number, row.subject) == (scene[2], "Das WLAN geht nicht. Alle Lampen leuchten.")
    assert (row.state, row.level, row.category, row.urgency) == (TicketState.WAITING, 1, "router-wlan", Urgency.HIGH)
    assert (row.assignee, row.last_author, row.version) == ("2", Author.AGENT, 3)
    assert row.opened_at < row.changed_at


def test_a_note_is_not_the_last_word(workplace: Workplace, open_tickets: Callable[..., list[str]]) -> None:
    """The customer wrote last, whatever we write down; nor does a note change the subject."""
    (number,) = open_tickets(1)
    workplace.note(number, ANNA, "Notiz", "n")
    (row,) = workplace.queue("all", ANNA)
    assert (row.last_author, row.subject[:8]) == (Author.VISITOR, "Das WLAN")


def test_a_long_subject_is_cut(workplace: Workplace, open_tickets: Callable[..., list[str]]) -> None:
    """To a hundred characters, the last of which says so."""
    open_tickets(1, description="ä" * 20_000)
    assert workplace.queue("all", ANNA)[0].subject == "ä" * 99 + "…"


def test_a_queue_has_pages_of_fifty(workplace: Workplace, open_tickets: Callable[..., list[str]]) -> None:
    """A page before the first is the first, one after the last is empty, however far."""
    opened = open_tickets(51)
    assert numbers(workplace.queue("unassigned", ANNA)) == opened[:50]
    assert numbers(workplace.queue("unassigned", ANNA, 2)) == opened[50:]
    assert numbers(workplace.queue("unassigned", ANNA, -7)) == opened[:50]
    assert workplace.queue("unassigned", ANNA, 3) == workplace.queue("unassigned", ANNA, 2**70) == ()


def test_a_queue_is_one_query(workplace: Workplace, open_tickets: Callable[..., list[str]], engine: Engine) -> None:
    """However many tickets there are, as are the counts and what is found."""
    open_tickets(20)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert len(workplace.queue("all", ANNA)) == len(workplace.find("wlan")) == workplace.counts(ANNA)[QueueName.ALL]
    assert len([statement for statement in asked if "SELECT" in statement]) == 3


@pytest.mark.parametrize("name", ["", "Mine", "level-4", "a\x00b", "x" * 1000])
def test_an_unknown_queue_is_named(workplace: Workplace, name: str) -> None:
    """The error says which there are."""
    with pytest.raises(UnknownQueue, match=r"is no queue. Choose one of mine, unassigned, level-1"):
        workplace.queue(name, ANNA)


@pytest.mark.parametrize("text", ["W-2026-000002", "w-2026-000002", " W-2026-000002\n", "2026-2", "2", "0002"])
def test_a_ticket_is_found_by_its_number(
    workplace: Workplace, open_tickets: Callable[..., list[str]], text: str
) -> None:
    """As it is written, or by its digits."""
    open_tickets(3)
    assert numbers(workplace.find(text)) == ["W-2026-000002"]


def test_a_number_comes_before_words(workplace: Workplace, open_tickets: Callable[..., list[str]]) -> None:
    """Digits may also stand in a message, of a newer ticket; that one comes second."""
    open_tickets(1)
    open_tickets(1, description="Fehler 1 im Log")
    assert numbers(workplace.find("1")) == ["W-2026-000001", "W-2026-000002"]


@pytest.mark.parametrize(
    "text",
    ["drucker", "DRUCKER", "streikt drucker", "özgür", "ÖZGÜR", "Özgür papier", "ozan@example", "Notiz", "geheimtipp"],
)
def test_a_ticket_is_found_by_its_words(
    workplace: Workplace, open_tickets: Callable[..., list[str]], text: str
) -> None:
    """In any message, the name or the address, in any order and case, also in what only staff can read."""
    open_tickets(1)
    (number,) = open_tickets(
        1, name="Özgür Ozan", email="ozan@example.org", description="Der Drucker streikt, Papier ist da"
    )
    workplace.note(number, ANNA, "Notiz mit Geheimtipp", "n")
    assert numbers(workplace.find(text)) == [number]


@pytest.mark.parametrize("text", ["%", "_", "100_", "100/%", "\\", "*", "' OR 1=1 --", "streikt wolke", "a\x00%"])
def test_a_wildcard_is_a_character(workplace: Workplace, open_tickets: Callable[..., list[str]], text: str) -> None:
    """It finds no ticket that does not have it."""
    open_tickets(1, description="Er streikt seit heute")
    assert workplace.find(text) == ()


@pytest.mark.parametrize("text", ["100%", "a_b", "c/d", "e\\f", '"c d"', "c AND d", "a:b", "(f", "100* NOT", "d & c"])
def test_signs_part_words(workplace: Workplace, open_tickets: Callable[..., list[str]], text: str) -> None:
    """None means anything else to a search; what programs take for an operator is a word like any other."""
    (number,) = open_tickets(1, description="100% a_b c/d e\\f and not")
    open_tickets(1, description="Ganz anderes")
    assert numbers(workplace.find(text)) == [number]


@pytest.mark.parametrize(
    "text", ["drucker", "Druck", "DRUCKERT", "mueller", "Müll", "MULLER", "strasse", "Straße", "0x80"]
)
def test_a_word_is_found_by_its_beginning(
    workplace: Workplace, open_tickets: Callable[..., list[str]], text: str
) -> None:
    """However capitals, umlauts and ß are written."""
    (number,) = open_tickets(
        1, name="Jörg Müller", description="Druckertreiber der Schloßstraße, Straße 5, STRASSE: Fehler 0x80070057"
    )
    open_tickets(1, description="Das Rucksackmüsli", name="Ed")
    assert numbers(workplace.find(text)) == [number]


def test_a_single_letter_is_a_word(workplace: Workplace, open_tickets: Callable[..., list[str]]) -> None:
    """Every ticket has a word that begins with it, so it finds only those where it stands alone."""
    (number,) = open_tickets(1, description="Laufwerk C fehlt")
    open_tickets(1, description="Computer fehlt")
    assert numbers(workplace.find("c")) == [number]


def test_tags_are_found(workplace: Workplace, open_tickets: Callable[..., list[str]]) -> None:
    """As long as the ticket has them."""
    (number,) = open_tickets(1)
    workplace.set_tags(number, ANNA, "serienfehler", 1)
    assert numbers(workplace.find("serienf")) == [number]
    workplace.set_tags(number, ANNA, "erledigt", 2)
    assert workplace.find("serienf") == ()


def test_what_is_forgotten_is_not_found(
    store: TicketStore, workplace: Workplace, open_tickets: Callable[..., list[str]], clock: Clock,
    rows: Callable[[str], list[dict[str, object]]],
) -> None:  # fmt: skip
    """Its words go with the ticket, those of others stay."""
    old, new = open_tickets(2)
    workplace.solve(old, ANNA, "Geheimtipp", "k", 1)
    clock.move(days=1)
    assert numbers(workplace.find("geheimtipp")) == [old]
    store.forget(clock())
    assert workplace.find("geheimtipp") == ()
    assert numbers(workplace.find("wlan")) == [new]
    assert len(rows("SELECT * FROM ticket_words")) == 1


@pytest.mark.parametrize(
    "text", ["", " \n ", "\x00", "\ud800", "x" * 100_000, "wort " * 10_000, "9" * 5000, "٣", "²", "🙂",
             '"' * 999, "'; DROP TABLE tickets", "NEAR(", "((", '"""', "x:*", "!&|", "\\'", "-x:"],
)  # fmt: skip
def test_any_text_can_be_searched_for(workplace: Workplace, open_tickets: Callable[..., list[str]], text: str) -> None:
    """Nothing, very much and what no database can take find nothing."""
    open_tickets(3)
    assert workplace.find(text) == ()


def test_no_more_than_fifty_are_found(workplace: Workplace, open_tickets: Callable[..., list[str]]) -> None:
    """Those that changed last."""
    opened = open_tickets(51)
    assert numbers(workplace.find("wlan")) == opened[:0:-1]
