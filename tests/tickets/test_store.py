from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from app.database import StoreUnavailable
from app.tickets.state import IllegalStep, TicketState
from app.tickets.store import KeyReused, Limits, TicketStore, TooMany, UnknownTicket, hash_key
from app.tickets.ticket import Attachment, Author, Invalid, Problem, Urgency
from app.tickets.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from app.tickets.ticket import TicketDraft
    from tests.conftest import Clock

    Spoil = Callable[[Engine, Path], Callable[[], None]]
    Draft = Callable[..., TicketDraft]
    Rows = Callable[[str], list[dict[str, object]]]

LOG = Attachment("router.log", "text/plain", b"link down")


def test_a_ticket_is_kept_as_it_was_written(store: TicketStore, make_draft: Draft, clock: Clock) -> None:
    """What was opened is what the key finds, with message, trail and times."""
    opened = store.open_ticket(make_draft(key="k"))
    assert store.by_key("k") == opened
    assert (opened.number, opened.state, opened.level) == ("W-2026-000001", TicketState.NEW, 1)
    assert (opened.name, opened.email, opened.category) == ("Erika Müller", "erika@example.org", "router-wlan")
    assert (opened.urgency, opened.lang, opened.opened_at) == (Urgency.HIGH, "de", clock.now)
    assert opened.messages[0].text == "Das WLAN geht nicht.\nAlle Lampen leuchten."
    assert opened.trail == make_draft().trail


def test_a_ticket_needs_no_trail(store: TicketStore, make_draft: Draft) -> None:
    """Who comes straight to the form has an empty trail."""
    assert store.open_ticket(make_draft(trail=Trail())).trail == Trail()


def test_a_ticket_comes_with_one_delivery(store: TicketStore, make_draft: Draft, rows: Rows) -> None:
    """The delivery is there as soon as the ticket is."""
    store.open_ticket(make_draft())
    assert [(row["kind"], row["state"], row["tries"]) for row in rows("SELECT * FROM deliveries")] == [
        ("ticket", "pending", 0),
    ]


def test_the_attachment_is_in_the_folder(store: TicketStore, make_draft: Draft) -> None:
    """The bytes lie under their SHA-256, which the message names."""
    (file,) = store.open_ticket(make_draft(attachment=LOG)).messages[0].files
    assert (file.name, file.media_type, file.size) == ("router.log", "text/plain", 9)
    assert (store.files / file.sha256).read_bytes() == b"link down"


def test_only_the_hash_of_a_key_is_stored(store: TicketStore, make_draft: Draft, rows: Rows) -> None:
    """Who reads the database cannot open a ticket's page."""
    store.open_ticket(make_draft(key="very-secret"))
    assert rows("SELECT key_hash FROM tickets") == [{"key_hash": hash_key("very-secret")}]
    assert "very-secret" not in str(rows("SELECT * FROM tickets") + rows("SELECT * FROM messages"))


@pytest.mark.parametrize("key", ["", "unknown", "\ud800", "a\x00b", "W-2026-000001", "x" * 10_000])
def test_an_unknown_key_finds_nothing(store: TicketStore, make_draft: Draft, key: str) -> None:
    """Neither a number nor any odd text is a key."""
    store.open_ticket(make_draft())
    assert store.by_key(key) is None


def test_staff_find_a_ticket_by_its_number(store: TicketStore, make_draft: Draft) -> None:
    """The number is for people who are signed in."""
    ticket = store.open_ticket(make_draft())
    staff = store.by_number(ticket.number)
    assert staff is not None
    assert replace(staff, times=ticket.times) == store.by_key("key-1") == ticket
    assert store.by_number("W-2026-999999") is None


def test_an_internal_message_is_not_loaded_for_the_visitor(store: TicketStore, make_draft: Draft) -> None:
    """The key shows public messages only, the number all of them."""
    from sqlalchemy import insert

    from app.database import writing
    from app.tickets.tables import messages

    opened = store.open_ticket(make_draft())
    with writing(store.engine) as connection:
        row = {"ticket_id": 1, "author": Author.AGENT, "internal": True, "text": "PLANTED", "key_hash": "x"}
        connection.execute(insert(messages).values(at=opened.opened_at, **row))
    staff = store.by_number(opened.number)
    assert store.by_key("key-1") == opened
    assert staff is not None
    assert [message.text for message in staff.messages][1:] == ["PLANTED"]


def test_numbers_count_within_a_year(store: TicketStore, make_draft: Draft, clock: Clock) -> None:
    """The first ticket of a year is number one."""
    numbers = [store.open_ticket(make_draft(key="a")).number, store.open_ticket(make_draft(key="b")).number]
    clock.now = datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)
    numbers.append(store.open_ticket(make_draft(key="c")).number)
    assert numbers == ["W-2026-000001", "W-2026-000002", "W-2027-000001"]


def test_the_same_form_twice_is_one_ticket(store: TicketStore, make_draft: Draft, rows: Rows) -> None:
    """A repeat returns the ticket and adds nothing; it uses up no number."""
    assert store.open_ticket(make_draft(attachment=LOG)) == store.open_ticket(make_draft(attachment=LOG))
    assert store.open_ticket(make_draft(key="other")).number == "W-2026-000002"
    assert [len(rows(f"SELECT * FROM {table}")) for table in ("tickets", "messages", "deliveries")] == [2, 2, 2]  # noqa: S608


@pytest.mark.parametrize(
    "other",
    [{"description": "Anders"}, {"email": "x@example.org"}, {"trail": Trail()}, {"attachment": LOG}, {"lang": "en"}],
)
def test_a_key_with_another_form_is_refused(store: TicketStore, make_draft: Draft, other: dict[str, object]) -> None:
    """Whatever differs, the key is used up, and the ticket stays as it is."""
    opened = store.open_ticket(make_draft())
    with pytest.raises(KeyReused):
        store.open_ticket(make_draft(**other))
    assert store.by_key("key-1") == opened


def test_a_repeat_from_another_network_is_a_repeat(store: TicketStore, make_draft: Draft) -> None:
    """A phone that changes from WLAN to mobile sends from another address."""
    assert store.open_ticket(make_draft(sender="a")) == store.open_ticket(make_draft(sender="b"))


def test_one_sender_is_limited(store: TicketStore, make_draft: Draft, clock: Clock) -> None:
    """The third ticket within an hour waits until the first one is an hour old; others may go on."""
    store = replace(store, limits=Limits(tickets_per_sender=2))
    store.open_ticket(make_draft(key="a"))
    clock.move(minutes=10)
    store.open_ticket(make_draft(key="b"))
    with pytest.raises(TooMany) as caught:
        store.open_ticket(make_draft(key="c"))
    store.open_ticket(make_draft(key="d", sender="sender-2"))
    assert caught.value.retry_after == 50 * 60
    clock.move(seconds=caught.value.retry_after)
    assert store.open_ticket(make_draft(key="c"))


def test_all_senders_together_are_limited(store: TicketStore, make_draft: Draft, rows: Rows) -> None:
    """The limit in total holds for whoever comes; what was refused left nothing."""
    store = replace(store, limits=Limits(tickets_per_hour=1))
    store.open_ticket(make_draft(key="a", sender="1"))
    with pytest.raises(TooMany, match="3600 seconds"):
        store.open_ticket(make_draft(key="b", sender="2", attachment=LOG))
    assert len(rows("SELECT * FROM tickets")) == 1
    assert not store.files.exists()


def test_a_repeat_is_not_limited(store: TicketStore, make_draft: Draft) -> None:
    """Who sends the same form again gets the ticket, however many there are."""
    store = replace(store, limits=Limits(tickets_per_sender=1))
    assert store.open_ticket(make_draft()) == store.open_ticket(make_draft())


def test_the_courier_is_woken_after_the_commit(store: TicketStore, make_draft: Draft) -> None:
    """When it looks, the ticket is there."""
    seen: list[object] = []
    store = replace(store, announce=lambda: seen.append(store.by_key("key-1")))
    assert seen == [] and store.open_ticket(make_draft()) == seen[0]  # noqa: PT018 - in this order


def test_an_answer_is_added_and_delivered(store: TicketStore, make_draft: Draft, rows: Rows, clock: Clock) -> None:
    """It stands last, comes from the visitor and has a delivery of its own."""
    store.open_ticket(make_draft())
    clock.move(minutes=1)
    ticket = store.answer("key-1", " Immer noch\r\nnicht. ", "m1")
    assert (ticket.messages[-1].text, ticket.messages[-1].author) == ("Immer noch\nnicht.", Author.VISITOR)
    assert ticket.changed_at == clock.now
    assert [row["kind"] for row in rows("SELECT kind FROM deliveries ORDER BY id")] == ["ticket", "answer"]


def test_the_same_answer_twice_is_one(store: TicketStore, make_draft: Draft, rows: Rows) -> None:
    """A repeat changes nothing, also not a ticket that was solved in between."""
    store.open_ticket(make_draft())
    store.answer("key-1", "Danke", "m1")
    solved = store.solve("key-1")
    assert store.answer("key-1", "Danke", "m1") == solved
    assert len(rows("SELECT * FROM deliveries")) == 3


def test_an_answer_key_with_another_text_is_refused(store: TicketStore, make_draft: Draft) -> None:
    """Nothing is added."""
    store.open_ticket(make_draft())
    ticket = store.answer("key-1", "Danke", "m1")
    with pytest.raises(KeyReused):
        store.answer("key-1", "Doch nicht", "m1")
    assert store.by_key("key-1") == ticket


def test_an_empty_answer_is_refused(store: TicketStore, make_draft: Draft) -> None:
    """It has a problem, not an effect."""
    opened = store.open_ticket(make_draft())
    with pytest.raises(Invalid) as caught:
        store.answer("key-1", " \n ", "m1")
    assert caught.value.faults == {"text": Problem.MISSING}
    assert store.by_key("key-1") == opened


def test_answers_to_one_ticket_are_limited(store: TicketStore, make_draft: Draft, clock: Clock) -> None:
    """The first message counts too; after an hour there is room again."""
    store = replace(store, limits=Limits(messages_per_ticket=2))
    store.open_ticket(make_draft())
    store.answer("key-1", "eins", "m1")
    with pytest.raises(TooMany):
        store.answer("key-1", "zwei", "m2")
    clock.move(hours=1)
    assert store.answer("key-1", "zwei", "m2").messages[-1].text == "zwei"


def test_an_answer_opens_a_solved_ticket_again(store: TicketStore, make_draft: Draft) -> None:
    """The history tells each step."""
    store.open_ticket(make_draft())
    store.solve("key-1")
    ticket = store.answer("key-1", "Doch nicht", "m1")
    steps = [(change.was, change.became) for change in ticket.changes]
    assert ticket.state is TicketState.OPEN
    assert steps == [(None, "new"), ("new", "solved"), ("solved", "open")]
    assert {change.who for change in ticket.changes} == {"visitor"}


@pytest.mark.parametrize(("lang", "words"), [("de", "Das Problem ist gelöst."), ("en", "The problem is solved.")])
def test_solving_is_told_to_the_helpdesk(  # noqa: PLR0913, PLR0917 - an example with its fixtures
    store: TicketStore, make_draft: Draft, rows: Rows, clock: Clock, lang: str, words: str,
) -> None:  # fmt: skip
    """It is a message of the visitor, in the language of the ticket, with a delivery like that of an answer."""
    store.open_ticket(make_draft(lang=lang))
    clock.move(minutes=1)
    ticket = store.solve("key-1")
    said = ticket.messages[-1]
    assert (ticket.state, ticket.changed_at) == (TicketState.SOLVED, clock.now)
    assert (said.text, said.author, said.at, said.internal) == (words, Author.VISITOR, clock.now, False)
    (sent,) = rows("SELECT kind, state, message_id FROM deliveries WHERE kind = 'answer'")
    assert sent == {"kind": "answer", "state": "pending", "message_id": 2}


def test_solving_wakes_the_courier(store: TicketStore, make_draft: Draft) -> None:
    """After the commit."""
    seen: list[object] = []
    store.open_ticket(make_draft())
    store = replace(store, announce=lambda: seen.append(store.by_key("key-1")))
    assert store.solve("key-1") == seen[0]


def test_solving_twice_is_solving_once(store: TicketStore, make_draft: Draft, rows: Rows, clock: Clock) -> None:
    """The second press changes nothing, not even the time, and tells nobody."""
    store.open_ticket(make_draft())
    solved = store.solve("key-1")
    clock.move(minutes=1)
    assert store.solve("key-1") == solved
    assert len(rows("SELECT * FROM deliveries")) == 2


def test_many_presses_at_once_are_one(store: TicketStore, make_draft: Draft, rows: Rows) -> None:
    """Eight threads solve the same ticket in the same moment: one message, one delivery, one change."""
    store.open_ticket(make_draft())
    start = threading.Barrier(8)

    def press(_: int) -> int:
        start.wait()
        return len(store.solve("key-1").messages)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(press, range(8))) == {2}
    assert [len(rows(f"SELECT * FROM {table}")) for table in ("messages", "deliveries", "changes")] == [2, 2, 2]  # noqa: S608


def test_what_is_solved_again_is_told_again(store: TicketStore, make_draft: Draft) -> None:
    """A ticket that was reopened in between."""
    store.open_ticket(make_draft())
    store.solve("key-1")
    store.answer("key-1", "Doch nicht", "m1")
    words = [message.text for message in store.solve("key-1").messages[1:]]
    assert words == ["Das Problem ist gelöst.", "Doch nicht", "Das Problem ist gelöst."]


def test_a_closed_ticket_cannot_be_solved(store: TicketStore, make_draft: Draft) -> None:
    """The table has no such step, and nothing has changed."""
    from sqlalchemy import update

    from app.database import writing
    from app.tickets.tables import tickets

    store.open_ticket(make_draft())
    with writing(store.engine) as connection:
        connection.execute(update(tickets).values(state=TicketState.CLOSED))
    closed = store.by_key("key-1")
    with pytest.raises(IllegalStep):
        store.solve("key-1")
    assert store.by_key("key-1") == closed


def test_an_unknown_ticket_takes_no_answer(store: TicketStore) -> None:
    """Nor can it be solved."""
    with pytest.raises(UnknownTicket):
        store.answer("unknown", "Hallo", "m1")
    with pytest.raises(UnknownTicket):
        store.solve("unknown")


def test_two_at_once_with_one_key_are_one_ticket(store: TicketStore, make_draft: Draft) -> None:
    """A double click reaches two threads in the same moment."""
    start = threading.Barrier(2)

    def send(_: int) -> str:
        start.wait()
        return store.open_ticket(make_draft()).number

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(send, range(2))) == {"W-2026-000001"}


def test_many_at_once_get_numbers_of_their_own(store: TicketStore, make_draft: Draft) -> None:
    """Fifty tickets from eight threads are numbered from 1 to 50."""
    store = replace(store, limits=Limits(tickets_per_sender=50))
    with ThreadPoolExecutor(8) as pool:
        numbers = pool.map(lambda i: store.open_ticket(make_draft(key=f"k{i}")).number, range(50))
    assert sorted(numbers) == [f"W-2026-{i:06d}" for i in range(1, 51)]


def test_a_limit_holds_for_many_at_once(store: TicketStore, make_draft: Draft, rows: Rows) -> None:
    """Of eight at the same time no more than three pass."""
    store = replace(store, limits=Limits(tickets_per_sender=3))

    def send(i: int) -> bool:
        try:
            return bool(store.open_ticket(make_draft(key=f"k{i}")))
        except TooMany:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(send, range(8))) == 3
    assert len(rows("SELECT * FROM tickets")) == 3


def _lock(engine: Engine, folder: Path) -> Callable[[], None]:
    del engine
    other = sqlite3.connect(folder / "wegweiser.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def _fill_disk(engine: Engine, folder: Path) -> Callable[[], None]:
    """Let the database not grow by a page more than it has."""
    del folder

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}").close()

    engine.dispose()
    event.listen(engine, "connect", limit)

    def end() -> None:
        event.remove(engine, "connect", limit)
        engine.dispose()

    return end


def _forbid_writing(engine: Engine, folder: Path) -> Callable[[], None]:
    """Answer as SQLite does on a disk that is mounted read-only."""
    del folder

    def forbid(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON").close()

    engine.dispose()
    event.listen(engine, "connect", forbid)

    def end() -> None:
        event.remove(engine, "connect", forbid)
        engine.dispose()

    return end


def _block_files(engine: Engine, folder: Path) -> Callable[[], None]:
    del engine
    (folder / "files").write_text("in the way")
    return (folder / "files").unlink


@pytest.mark.parametrize("spoil", [_lock, _fill_disk, _forbid_writing, _block_files])
def test_what_cannot_be_stored_is_not_stored_by_half(
    sqlite_engine: Engine, tmp_path: Path, clock: Clock, make_draft: Draft, spoil: Spoil,
) -> None:  # fmt: skip
    """One error, no rows; when the trouble is over the same form is taken, under the first number."""
    store = TicketStore(sqlite_engine, tmp_path / "files", clock)
    written = make_draft(description="x" * 20_000, attachment=LOG)
    end = spoil(sqlite_engine, tmp_path)
    with pytest.raises(StoreUnavailable) as caught:
        store.open_ticket(written)
    end()
    assert caught.value.__cause__
    assert store.by_key("key-1") is None
    assert store.open_ticket(written).number == "W-2026-000001"


def test_two_processes_with_one_key_are_one_ticket(database_url: str, tmp_path: Path) -> None:
    """Two web processes on one database get the same form in the same moment."""
    command = [sys.executable, str(Path(__file__).parent / "open_once.py"), database_url, str(tmp_path / "files")]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) for _ in range(2)]
    assert {process.communicate(timeout=60)[0] for process in both} == {"W-2026-000001\n"}
