from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.tickets.state import IllegalStep, TicketState
from app.tickets.store import KeyReused, TicketStore, UnknownTicket
from app.tickets.ticket import Author, Invalid, Problem, Urgency
from app.tickets.turn import Stale, Taken
from app.tickets.workplace import Workplace, WrongLevel
from tests.tickets.colleagues import ANNA, BEN, BOSS, CARLA

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.tickets.ticket import Ticket, TicketDraft
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]
    Rows = Callable[[str], list[dict[str, object]]]
    Act = Callable[[Workplace, Ticket], Ticket]

NUMBER = "W-2026-000001"
WITH_VERSION: dict[str, Act] = {
    "take": lambda place, ticket: place.take(ticket.number, BEN, ticket.version),
    "assign": lambda place, ticket: place.assign(ticket.number, BEN, BOSS, ticket.version),
    "reply": lambda place, ticket: place.reply(ticket.number, BEN, "Hallo", "r", ticket.version),
    "ask": lambda place, ticket: place.reply(ticket.number, BEN, "Hallo?", "r", ticket.version, waits=True),
    "solve": lambda place, ticket: place.solve(ticket.number, BEN, "Fertig", "r", ticket.version),
    "escalate": lambda place, ticket: place.escalate(ticket.number, BEN, 2, "Bekannt: nichts", ticket.version),
    "set_tags": lambda place, ticket: place.set_tags(ticket.number, BEN, "vpn", ticket.version),
    "set_category": lambda place, ticket: place.set_category(ticket.number, BEN, "vpn", ticket.version),
    "set_urgency": lambda place, ticket: place.set_urgency(ticket.number, BEN, Urgency.LOW, ticket.version),
}
"""What can be done with a new ticket, and is done only to the version that was seen."""


@pytest.fixture
def ticket(store: TicketStore, make_draft: Draft) -> Ticket:
    return store.open_ticket(make_draft())


def now(store: TicketStore) -> Ticket:
    """Return the only ticket as staff see it."""
    ticket = store.by_number(NUMBER)
    assert ticket is not None
    return ticket


def history(ticket: Ticket) -> list[tuple[str, str, str | None, str]]:
    """Return what agents changed: who, what, from what, to what."""
    return [(change.who, change.what, change.was, change.became) for change in ticket.changes[1:]]


def test_who_takes_a_ticket_has_it(store: TicketStore, workplace: Workplace, ticket: Ticket, clock: Clock) -> None:
    """It is open, and the history has the name of the agent."""
    clock.move(minutes=1)
    taken = workplace.take(NUMBER, ANNA, ticket.version)
    assert (taken.assignee, taken.state, taken.version, taken.changed_at) == ("1", TicketState.OPEN, 2, clock.now)
    assert history(taken) == [
        ("Anna Albers", "state", "new", "open"),
        ("Anna Albers", "assignee", "", "Anna Albers"),
    ]
    assert now(store) == taken


@pytest.mark.usefixtures("ticket")
def test_a_taken_ticket_is_not_taken_again(store: TicketStore, workplace: Workplace) -> None:
    """The second agent is told who has it, and nothing has changed; the first one may press twice."""
    taken = workplace.take(NUMBER, ANNA, 1)
    for version in (1, 2):
        with pytest.raises(Taken, match=r"Anna Albers has W-2026-000001. Ask Anna Albers to release") as caught:
            workplace.take(NUMBER, BEN, version)
        assert (caught.value.holder, caught.value.number) == ("Anna Albers", NUMBER)
    assert workplace.take(NUMBER, ANNA, 1) == taken == now(store)


@pytest.mark.usefixtures("ticket")
def test_two_agents_claim_one_ticket_at_the_same_moment(store: TicketStore, workplace: Workplace) -> None:
    """One has it, the other one is told so, and the history knows of one only."""
    start = threading.Barrier(2)

    def claim(agent: object) -> str:
        start.wait()
        try:
            return workplace.take(NUMBER, agent, 1).assignee or ""  # type: ignore[arg-type]
        except Taken as taken:
            return taken.holder

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(claim, (ANNA, BEN)))
    assert told in (["1", "Anna Albers"], ["Ben Brandt", "2"])
    assert len(history(now(store))) == 2


@pytest.mark.usefixtures("ticket")
def test_two_replies_at_the_same_moment(store: TicketStore, workplace: Workplace) -> None:
    """Of eight agents who answer the same page one is heard, the others are shown what was said."""
    start = threading.Barrier(8)

    def send(i: int) -> int:
        start.wait()
        try:
            return len(workplace.reply(NUMBER, ANNA, f"Antwort {i}", f"k{i}", 1).messages)
        except Stale as stale:
            return -len(stale.messages)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(send, range(8))) == [-1] * 7 + [2]
    assert len(now(store).messages) == 2


@pytest.mark.usefixtures("ticket")
def test_a_released_ticket_can_be_taken(workplace: Workplace) -> None:
    """Only who has it may release it; where nobody has it, nothing changes."""
    workplace.take(NUMBER, ANNA, 1)
    with pytest.raises(Taken):
        workplace.release(NUMBER, BEN, 2)
    released = workplace.release(NUMBER, ANNA, 2)
    assert (released.assignee, released.state) == (None, TicketState.OPEN)
    assert history(released)[-1] == ("Anna Albers", "assignee", "Anna Albers", "")
    assert workplace.release(NUMBER, ANNA, 2) == released
    assert workplace.take(NUMBER, BEN, 3).assignee == "2"


@pytest.mark.usefixtures("ticket")
def test_a_ticket_is_assigned(workplace: Workplace) -> None:
    """Whoever had it; the history has who did it and both names, and the same again changes nothing."""
    workplace.take(NUMBER, ANNA, 1)
    assigned = workplace.assign(NUMBER, BEN, BOSS, 2)
    assert assigned.assignee == "2"
    assert history(assigned)[-1] == ("Dora Direktor", "assignee", "Anna Albers", "Ben Brandt")
    assert workplace.assign(NUMBER, BEN, BOSS, 2) == assigned


@pytest.mark.usefixtures("ticket")
def test_a_ticket_that_waits_goes_on_waiting_when_it_is_assigned(workplace: Workplace) -> None:
    """The customer has still to answer."""
    workplace.reply(NUMBER, ANNA, "Welcher Router?", "k", 1, waits=True)
    assert workplace.assign(NUMBER, BEN, BOSS, 2).state is TicketState.WAITING


@pytest.mark.parametrize(("waits", "state"), [(False, TicketState.OPEN), (True, TicketState.WAITING)])
@pytest.mark.usefixtures("ticket")
def test_the_customer_reads_a_reply(
    store: TicketStore, workplace: Workplace, rows: Rows, *, waits: bool, state: TicketState,
) -> None:  # fmt: skip
    """It is a message of the agent, by name, and no delivery: the helpdesk gets what customers write."""
    replied = workplace.reply(NUMBER, ANNA, " Starten Sie\r\nden Router neu. ", "k", 1, waits=waits)
    seen = store.by_key("key-1")
    assert seen is not None
    assert (replied.state, seen.state) == (state, state)
    assert seen.messages[-1] == replied.messages[-1]
    assert (seen.messages[-1].author, seen.messages[-1].who) == (Author.AGENT, "Anna Albers")
    assert seen.messages[-1].text == "Starten Sie\nden Router neu."
    assert len(rows("SELECT * FROM deliveries")) == 1


@pytest.mark.usefixtures("ticket")
def test_the_same_reply_twice_is_one(store: TicketStore, workplace: Workplace) -> None:
    """A repeat changes nothing, although the page has become stale by the reply itself."""
    replied = workplace.reply(NUMBER, ANNA, "Hallo", "k", 1)
    assert workplace.reply(NUMBER, ANNA, "Hallo", "k", 1) == replied == now(store)


@pytest.mark.usefixtures("ticket")
def test_a_key_with_another_message_is_refused(store: TicketStore, workplace: Workplace) -> None:
    """Another text, and also the same one as a note: a reply may not get lost because the note was stored."""
    noted = workplace.note(NUMBER, ANNA, "Hallo", "k")
    with pytest.raises(KeyReused, match="fresh key"):
        workplace.note(NUMBER, ANNA, "Anders", "k")
    with pytest.raises(KeyReused):
        workplace.reply(NUMBER, ANNA, "Hallo", "k", 2)
    with pytest.raises(KeyReused):
        workplace.solve(NUMBER, ANNA, "Hallo", "k", 2)
    assert now(store) == noted


@pytest.mark.parametrize("act", WITH_VERSION.values(), ids=WITH_VERSION)
def test_a_stale_page_changes_nothing(store: TicketStore, workplace: Workplace, ticket: Ticket, act: Act) -> None:
    """The agent is shown what came since the page was loaded: all of it, and nothing that was there before."""
    workplace.note(NUMBER, ANNA, "Alt", "n")
    seen = now(store)
    workplace.reply(NUMBER, ANNA, "Ich war schneller", "k", seen.version)
    before = now(store)
    with pytest.raises(Stale, match=r"is at version 3, the page shows version 2. Read the 1 messages and 1 ") as caught:
        act(workplace, seen)
    assert [message.text for message in caught.value.messages] == ["Ich war schneller"]
    assert [(change.was, change.became) for change in caught.value.changes] == [("new", "open")]
    assert caught.value.ticket == before == now(store)
    assert ticket.version == 1


@pytest.mark.parametrize("act", WITH_VERSION.values(), ids=WITH_VERSION)
def test_a_fresh_page_is_taken(workplace: Workplace, ticket: Ticket, act: Act, clock: Clock) -> None:
    """Each act makes the next version, at the time of the clock."""
    clock.move(minutes=1)
    acted = act(workplace, ticket)
    assert (acted.version, acted.changed_at) == (2, clock.now)


@pytest.mark.parametrize("version", [-5, 0, 2, 2**70])
@pytest.mark.usefixtures("ticket")
def test_a_version_that_never_was_is_stale(store: TicketStore, workplace: Workplace, version: int) -> None:
    """Whatever number a form holds; nothing is stored."""
    before = now(store)
    with pytest.raises(Stale):
        workplace.reply(NUMBER, ANNA, "Hallo", "k", version)
    assert now(store) == before


@pytest.mark.usefixtures("ticket")
def test_what_the_customer_writes_makes_a_page_stale(store: TicketStore, workplace: Workplace) -> None:
    """An answer, and that the problem is solved, are versions too."""
    store.answer("key-1", "Noch etwas", "m1")
    with pytest.raises(Stale) as caught:
        workplace.reply(NUMBER, ANNA, "Hallo", "k", 1)
    assert [message.text for message in caught.value.messages] == ["Noch etwas"]
    store.solve("key-1")
    with pytest.raises(Stale, match="at version 3"):
        workplace.reply(NUMBER, ANNA, "Hallo", "k", 2)


@pytest.mark.usefixtures("ticket")
def test_a_note_has_room_for_20_000_characters(store: TicketStore, workplace: Workplace) -> None:
    """One more is refused, as is none at all, and nothing is stored."""
    noted = workplace.note(NUMBER, ANNA, "ä" * 20_000, "n")
    assert (noted.messages[-1].text, noted.messages[-1].internal) == ("ä" * 20_000, True)
    for text, problem in (("ä" * 20_001, Problem.TOO_LONG), (" \n\x00", Problem.MISSING)):
        with pytest.raises(Invalid) as caught:
            workplace.note(NUMBER, ANNA, text, "n2")
        assert caught.value.faults == {"text": problem}
    assert now(store) == noted


@pytest.mark.usefixtures("ticket")
def test_a_note_needs_no_fresh_page(store: TicketStore, workplace: Workplace) -> None:
    """It contradicts nobody; the same note twice is one, and a closed ticket takes one too."""
    store.solve("key-1")
    noted = workplace.note(NUMBER, ANNA, "Rückruf versprochen", "n")
    assert workplace.note(NUMBER, ANNA, "Rückruf versprochen", "n") == noted
    assert (noted.state, len(noted.messages)) == (TicketState.SOLVED, 3)


@pytest.mark.usefixtures("ticket")
def test_a_solved_ticket_is_reopened(workplace: Workplace) -> None:
    """The agent who had it has it still."""
    workplace.take(NUMBER, ANNA, 1)
    solved = workplace.solve(NUMBER, ANNA, "Neuer Router ist da.", "k", 2)
    assert (solved.state, solved.messages[-1].internal) == (TicketState.SOLVED, False)
    reopened = workplace.reopen(NUMBER, ANNA, 3)
    assert (reopened.state, reopened.assignee) == (TicketState.OPEN, "1")


@pytest.mark.parametrize(
    "act",
    [
        lambda place: place.reply(NUMBER, ANNA, "Hallo", "k", 2),
        lambda place: place.reply(NUMBER, ANNA, "Hallo", "k", 2, waits=True),
        lambda place: place.take(NUMBER, ANNA, 2),
        lambda place: place.assign(NUMBER, ANNA, BOSS, 2),
        lambda place: place.escalate(NUMBER, ANNA, 2, "Bitte", 2),
    ],
)
@pytest.mark.usefixtures("ticket")
def test_an_illegal_step_changes_nothing(
    store: TicketStore, workplace: Workplace, act: Callable[[Workplace], Ticket]
) -> None:
    """A solved ticket has to be reopened first; the error says what it can."""
    store.solve("key-1")
    before = now(store)
    with pytest.raises(IllegalStep, match=r'that is "solved" cannot .* It can answer, solve, close, reopen'):
        act(workplace)
    assert now(store) == before


@pytest.mark.usefixtures("ticket")
def test_what_is_not_solved_cannot_be_reopened(store: TicketStore, workplace: Workplace) -> None:
    """Nothing changes, and nobody is woken."""
    before = now(store)
    with pytest.raises(IllegalStep):
        replace(workplace, announce=lambda: pytest.fail("announced")).reopen(NUMBER, ANNA, 1)
    assert now(store) == before


@pytest.mark.usefixtures("ticket")
def test_a_ticket_climbs_with_a_summary(store: TicketStore, workplace: Workplace) -> None:
    """The next level finds it on top, nobody has the ticket, and the history tells it."""
    workplace.take(NUMBER, ANNA, 1)
    climbed = workplace.escalate(NUMBER, ANNA, 2, " Bekannt: Log zeigt Konflikt.\r\nGefragt: welcher? ", 2)
    assert (climbed.level, climbed.assignee, climbed.state) == (2, None, TicketState.OPEN)
    assert climbed.summary == "Bekannt: Log zeigt Konflikt.\nGefragt: welcher?"
    assert history(climbed)[2:] == [
        ("Anna Albers", "level", "1", "2"),
        ("Anna Albers", "assignee", "Anna Albers", ""),
    ]
    assert climbed == now(store)


@pytest.mark.usefixtures("ticket")
def test_a_ticket_comes_back_with_an_answer(workplace: Workplace) -> None:
    """It may skip a level in both directions; no summary is lost when the next one takes its place."""
    workplace.escalate(NUMBER, ANNA, 3, "Website nicht erreichbar", 1)
    back = workplace.hand_back(NUMBER, CARLA, 1, "DNS war falsch, bitte informieren", 2)
    assert (back.level, back.summary, back.assignee) == (1, "DNS war falsch, bitte informieren", None)
    assert [(message.who, message.text, message.internal) for message in back.messages[1:]] == [
        ("Anna Albers", "Website nicht erreichbar", True),
        ("Carla Claus", "DNS war falsch, bitte informieren", True),
    ]


@pytest.mark.usefixtures("ticket")
def test_a_ticket_that_waits_for_the_customer_is_open_for_the_next_level(workplace: Workplace) -> None:
    """Otherwise it would not stand in the queue of that level."""
    workplace.reply(NUMBER, ANNA, "Welcher Router?", "k", 1, waits=True)
    assert workplace.escalate(NUMBER, ANNA, 2, "Bitte", 2).state is TicketState.OPEN


@pytest.mark.parametrize("level", [-1, 0, 1, 4, 2**70])
@pytest.mark.usefixtures("ticket")
def test_a_ticket_climbs_to_a_higher_level_only(store: TicketStore, workplace: Workplace, level: int) -> None:
    """The error says what is possible, and nothing has changed."""
    before = now(store)
    with pytest.raises(WrongLevel, match=f"is at level 1 and cannot be escalated to {level}. Choose a higher one"):
        workplace.escalate(NUMBER, ANNA, level, "Bitte", 1)
    assert now(store) == before


@pytest.mark.parametrize("level", [-1, 0, 2, 3])
@pytest.mark.usefixtures("ticket")
def test_a_ticket_goes_back_to_a_lower_level_only(store: TicketStore, workplace: Workplace, level: int) -> None:
    """The error says what is possible, and nothing has changed."""
    before = workplace.escalate(NUMBER, ANNA, 2, "Bitte", 1)
    with pytest.raises(WrongLevel, match=f"is at level 2 and cannot be handed back to {level}. Choose a lower one"):
        workplace.hand_back(NUMBER, CARLA, level, "Erledigt", 2)
    assert now(store) == before


@pytest.mark.parametrize(("summary", "problem"), [(" ", Problem.MISSING), ("x" * 4001, Problem.TOO_LONG)])
@pytest.mark.usefixtures("ticket")
def test_nobody_hands_over_without_a_summary(
    store: TicketStore, workplace: Workplace, summary: str, problem: Problem
) -> None:
    """It has 1 to 4,000 characters, and nothing changes without."""
    before = now(store)
    for hand in (workplace.escalate, workplace.hand_back):
        with pytest.raises(Invalid) as caught:
            hand(NUMBER, ANNA, 2, summary, 1)
        assert caught.value.faults == {"summary": problem}
    assert now(store) == before
    assert workplace.escalate(NUMBER, ANNA, 2, "x" * 4000, 1).summary == "x" * 4000


@pytest.mark.usefixtures("ticket")
def test_agents_classify(workplace: Workplace) -> None:
    """Tags, category and urgency stand in the history with what they were; what is said already changes nothing."""
    workplace.set_tags(NUMBER, ANNA, "VPN, netz vpn", 1)
    workplace.set_category(NUMBER, ANNA, "vpn", 2, {"vpn"})
    workplace.set_urgency(NUMBER, ANNA, Urgency.LOW, 3)
    workplace.set_urgency(NUMBER, ANNA, Urgency.LOW, 3)
    classified = workplace.set_tags(NUMBER, ANNA, "", 4)
    assert (classified.tags, classified.category, classified.urgency) == ((), "vpn", Urgency.LOW)
    assert [change[1:] for change in history(classified)] == [
        ("tags", "", "vpn netz"),
        ("category", "router-wlan", "vpn"),
        ("urgency", "high", "low"),
        ("tags", "vpn netz", ""),
    ]


@pytest.mark.usefixtures("ticket")
def test_a_classification_that_cannot_be_is_refused(store: TicketStore, workplace: Workplace) -> None:
    """An unknown category, tags that are too long together; nothing changes."""
    before = now(store)
    with pytest.raises(Invalid, match="category: unknown"):
        workplace.set_category(NUMBER, ANNA, "gibt-es-nicht", 1, {"vpn"})
    with pytest.raises(Invalid, match="tags: too_long"):
        workplace.set_tags(NUMBER, ANNA, "a" * 101, 1)
    assert now(store) == before
    assert workplace.set_tags(NUMBER, ANNA, "ü" * 100, 1).tags == ("ü" * 100,)


@pytest.mark.parametrize("number", ["W-2026-000002", "", "key-1", "a\x00b", "\ud800", "x" * 10_000])
@pytest.mark.usefixtures("ticket")
def test_an_unknown_number_changes_nothing(store: TicketStore, workplace: Workplace, number: str) -> None:
    """Any text may stand in an address; the error says what numbers look like."""
    before = now(store)
    with pytest.raises(UnknownTicket, match="Numbers look like W-2026-000123"):
        workplace.take(number, ANNA, 1)
    assert store.by_number(number) is None
    assert now(store) == before


def test_a_visitor_never_sees_anything_internal(
    store: TicketStore, workplace: Workplace, ticket: Ticket, clock: Clock
) -> None:
    """After all that agents do among themselves the page is the same, but for the level and what customers chose."""
    clock.move(minutes=1)
    workplace.note(NUMBER, ANNA, "PLANTED note", "n")
    workplace.set_tags(NUMBER, ANNA, "planted-tag", 2)
    assert store.by_key("key-1") == ticket
    workplace.escalate(NUMBER, ANNA, 2, "PLANTED summary", 3)
    workplace.hand_back(NUMBER, CARLA, 1, "PLANTED answer", 4)
    assert store.by_key("key-1") == ticket
    staff = now(store)
    assert str(staff).count("PLANTED") == 4
    assert "planted-tag" in str(staff)


def test_a_visitor_does_not_see_who_has_the_ticket(
    store: TicketStore, workplace: Workplace, ticket: Ticket, clock: Clock
) -> None:
    """That it is open now, and when that was; not by whom, nor for whom."""
    clock.move(minutes=1)
    workplace.assign(NUMBER, BEN, ANNA, 1)
    seen = store.by_key("key-1")
    assert seen is not None
    assert [(change.who, change.what, change.became) for change in seen.changes[1:]] == [("agent", "state", "open")]
    assert seen == replace(ticket, state=TicketState.OPEN, changed_at=clock.now, changes=seen.changes)
    assert not any(word in str(seen) for word in ("Anna", "Ben"))


def test_what_the_store_returns_to_a_visitor_is_public(
    store: TicketStore, workplace: Workplace, ticket: Ticket
) -> None:
    """Also after an answer, and after the problem is solved."""
    workplace.escalate(NUMBER, ANNA, 2, "PLANTED", ticket.version)
    returned = [store.answer("key-1", "Hallo", "m1"), store.solve("key-1")]
    assert "PLANTED" not in str(returned)
    assert {shown.version for shown in returned} == {1}


@pytest.mark.usefixtures("ticket")
def test_others_are_told_after_the_commit(store: TicketStore, workplace: Workplace) -> None:
    """When they look, the reply is there."""
    seen: list[Ticket] = []
    telling = replace(workplace, announce=lambda: seen.append(now(store)))
    replied = telling.reply(NUMBER, ANNA, "Hallo", "k", 1)
    assert seen == [replied]


@pytest.mark.usefixtures("ticket")
def test_a_ticket_goes_with_all_that_agents_wrote(
    store: TicketStore, workplace: Workplace, rows: Rows, clock: Clock
) -> None:
    """Retention leaves no row of it."""
    workplace.note(NUMBER, ANNA, "Notiz", "n")
    workplace.escalate(NUMBER, ANNA, 2, "Bitte", 2)
    workplace.solve(NUMBER, CARLA, "Fertig", "k", 3)
    clock.move(days=1)
    assert store.forget(clock.now) == 1
    assert [rows(f"SELECT * FROM {table}") for table in ("tickets", "messages", "changes")] == [[], [], []]  # noqa: S608
