from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.database import StoreUnavailable, writing
from app.tickets.files import Files
from app.tickets.retention import Retention
from app.tickets.state import TicketState
from app.tickets.store import TicketStore, UnknownTicket
from app.tickets.tables import tickets
from app.tickets.ticket import Attachment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from app.tickets.outbox import Outbox
    from app.tickets.ticket import TicketDraft
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]
    Rows = Callable[[str], list[dict[str, object]]]

LOG = Attachment("router.log", "text/plain", b"link down")
OTHER = Attachment("other.log", "text/plain", b"link up")
TABLES = ("tickets", "trail_entries", "messages", "changes", "attachments", "deliveries", "attempts")


def counts(rows: Rows) -> list[int]:
    """Return how many rows each table has."""
    return [len(rows(f"SELECT * FROM {table}")) for table in TABLES]  # noqa: S608


def age(file: Path, clock: Clock, **ago: float) -> None:
    """Let a file be as old as if it was written that long ago."""
    moment = (clock.now - timedelta(**ago)).timestamp()
    os.utime(file, (moment, moment))


def test_a_solved_ticket_is_forgotten_with_all_that_belongs_to_it(
    store: TicketStore, outbox: Outbox, make_draft: Draft, rows: Rows, clock: Clock,
) -> None:  # fmt: skip
    """No row of it is left, nor its file, and its key finds nothing; its number is not given again."""
    store.open_ticket(make_draft(attachment=LOG))
    store.solve("key-1")
    outbox.lease()
    (file,) = store.files.iterdir()
    clock.move(days=2)
    age(file, clock, days=2)
    assert store.forget(clock.now - timedelta(days=1)) == 1
    assert counts(rows) == [0] * len(TABLES)
    assert list(store.files.iterdir()) == []
    assert store.by_key("key-1") is None
    assert store.open_ticket(make_draft()).number == "W-2026-000002"


def test_a_closed_ticket_is_forgotten(store: TicketStore, make_draft: Draft, clock: Clock) -> None:
    """As a solved one is."""
    store.open_ticket(make_draft())
    with writing(store.engine) as connection:
        connection.execute(update(tickets).values(state=TicketState.CLOSED))
    clock.move(seconds=1)
    assert store.forget(clock.now) == 1


def test_what_is_younger_or_not_done_is_kept(store: TicketStore, make_draft: Draft, rows: Rows, clock: Clock) -> None:
    """The last change counts, not the first; a ticket that waits for an answer is never too old."""
    for key in ("old", "reopened", "young", "never-solved"):
        store.open_ticket(make_draft(key=key))
    for key in ("old", "reopened"):
        store.solve(key)
    store.answer("reopened", "Doch nicht", "m1")
    clock.move(days=1)
    moment = clock.now
    store.solve("young")
    assert (store.forget(moment), store.forget(moment)) == (1, 0)
    assert [row["number"] for row in rows("SELECT number FROM tickets ORDER BY id")] == [
        "W-2026-000002", "W-2026-000003", "W-2026-000004",
    ]  # fmt: skip


def test_the_others_keep_everything(
    store: TicketStore, outbox: Outbox, make_draft: Draft, rows: Rows, clock: Clock,
) -> None:  # fmt: skip
    """Of two tickets with the same rows, one stays whole."""
    for key in ("old", "other"):
        store.open_ticket(make_draft(key=key, attachment=LOG))
        outbox.lease()
    before = counts(rows)
    other = store.by_key("other")
    store.solve("old")
    clock.move(days=1)
    assert store.forget(clock.now) == 1
    assert counts(rows) == [count // 2 for count in before]
    assert store.by_key("other") == other


def test_a_file_that_another_ticket_names_stays(store: TicketStore, make_draft: Draft, clock: Clock) -> None:
    """The same screenshot came in two tickets."""
    store.open_ticket(make_draft(key="old", attachment=LOG))
    store.open_ticket(make_draft(key="other", attachment=LOG))
    store.solve("old")
    (file,) = store.files.iterdir()
    clock.move(days=2)
    age(file, clock, days=2)
    assert store.forget(clock.now) == 1
    assert file.read_bytes() == LOG.data


def test_files_without_ticket_go_after_a_day(store: TicketStore, make_draft: Draft, clock: Clock) -> None:
    """Whole or half-written; what is younger may be on its way, and what we did not write is not ours."""
    store.open_ticket(make_draft(attachment=OTHER))
    (kept,) = store.files.iterdir()
    spare, half, fresh, foreign = "a" * 64, ".new-abc", "b" * 64, "README"
    for name in (spare, half, fresh, foreign):
        (store.files / name).write_bytes(b"x")
    for name in (spare, half, foreign, kept.name):
        age(store.files / name, clock, days=1, seconds=1)
    age(store.files / fresh, clock, hours=23)
    assert store.forget(clock.now) == 0
    assert {file.name for file in store.files.iterdir()} == {kept.name, fresh, foreign}


def test_a_file_that_is_wanted_again_stays(
    store: TicketStore, make_draft: Draft, clock: Clock, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A ticket with the same attachment is opened after the spare files were listed, before they are removed."""
    listed = Files.unchanged_since
    spare = store.files / Files(store.files).keep(LOG.data)
    age(spare, clock, days=2)

    def list_then_open(files: Files, moment: datetime) -> frozenset[str]:
        found = listed(files, moment)
        store.open_ticket(make_draft(attachment=LOG))
        return found

    monkeypatch.setattr(Files, "unchanged_since", list_then_open)
    store.forget(clock.now)
    assert spare.read_bytes() == LOG.data


def test_without_attachments_there_is_no_folder(store: TicketStore, clock: Clock) -> None:
    """Nothing is swept, and none is made."""
    assert store.forget(clock.now) == 0
    assert not store.files.exists()


def test_a_folder_that_cannot_be_swept_is_an_error(store: TicketStore, make_draft: Draft, clock: Clock) -> None:
    """The tickets are gone all the same; the files go another day."""
    store.open_ticket(make_draft())
    store.solve("key-1")
    clock.move(days=1)
    store.files.write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot be listed"):
        store.forget(clock.now)
    assert store.by_key("key-1") is None


def test_a_file_that_cannot_be_removed_is_an_error(store: TicketStore, clock: Clock) -> None:
    """A folder has the name of a file."""
    (store.files / ("a" * 64)).mkdir(parents=True)
    age(store.files / ("a" * 64), clock, days=2)
    with pytest.raises(StoreUnavailable, match="cannot be removed"):
        store.forget(clock.now)


def test_what_cannot_be_deleted_is_not_deleted_by_half(
    sqlite_engine: Engine, tmp_path: Path, make_draft: Draft, clock: Clock,
) -> None:  # fmt: skip
    """The database fails at the last table: every row of the ticket is still there."""
    store = TicketStore(sqlite_engine, tmp_path / "files", clock)
    store.open_ticket(make_draft(attachment=LOG))
    solved = store.solve("key-1")
    clock.move(days=1)
    with writing(sqlite_engine) as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER keep BEFORE DELETE ON tickets BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
    with pytest.raises(StoreUnavailable):
        store.forget(clock.now)
    assert store.by_key("key-1") == solved
    assert len(list(store.files.iterdir())) == 1


def test_an_answer_and_forgetting_at_once(store: TicketStore, make_draft: Draft, clock: Clock) -> None:
    """One of the two comes first: the ticket is open again with its answer, or nobody knows it."""
    for _ in range(5):
        store.open_ticket(make_draft())
        store.solve("key-1")
        clock.move(days=1)
        forgetting = threading.Thread(target=store.forget, args=(clock.now,))
        forgetting.start()
        try:
            answered = store.answer("key-1", "Doch nicht", "m1")
        except UnknownTicket:
            answered = None
        forgetting.join()
        assert store.by_key("key-1") == answered
        clock.move(days=1)
        if answered:
            store.solve("key-1")
            clock.move(days=1)
            store.forget(clock.now)


class Forgetter:
    """Forgets a number of things, or cannot."""

    def __init__(self, *results: int | Exception) -> None:
        self.results = list(results)
        self.asked: list[datetime] = []

    def __call__(self, before: datetime) -> int:
        """Note the moment."""
        self.asked.append(before)
        result = self.results.pop(0) if self.results else 0
        if isinstance(result, Exception):
            raise result
        return result


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds, ten seconds at most."""
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    assert holds()


def test_what_is_older_than_promised_is_forgotten(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """The log says how many, and nothing where there was nothing."""
    caplog.set_level("INFO")
    some, none = Forgetter(3), Forgetter(0)
    Retention({"tickets": some, "texts": none}, timedelta(days=365), clock).run_once()
    assert some.asked == none.asked == [datetime(2025, 11, 22, 9, 30, tzinfo=UTC)]
    assert [record.message for record in caplog.records] == ["forgot 3 tickets from before 2025-11-22"]


@pytest.mark.parametrize("error", [StoreUnavailable("away"), RuntimeError("bug")])
def test_one_failure_does_not_stop_the_others(clock: Clock, caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    """It is named in the log."""
    good = Forgetter()
    Retention({"tickets": Forgetter(error), "texts": good}, timedelta(days=1), clock).run_once()
    assert len(good.asked) == 1
    assert "tickets" in caplog.text
    assert str(error) in caplog.text


def test_it_goes_on_every_day(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right after the start first, also after failures, until it is stopped."""
    monkeypatch.setattr("app.tickets.retention.ROUND", timedelta(seconds=0.01))
    forgetter = Forgetter(StoreUnavailable("away"), RuntimeError("bug"))
    retention = Retention({"tickets": forgetter}, timedelta(days=1), clock)
    retention.start()
    until(lambda: len(forgetter.asked) > 3)
    retention.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "retention"]


def test_a_start_forgets_once_and_waits(clock: Clock) -> None:
    """Stopping does not wait for the next day."""
    forgetter = Forgetter()
    retention = Retention({"tickets": forgetter}, timedelta(days=1), clock)
    retention.start()
    until(lambda: forgetter.asked)
    time.sleep(0.1)
    retention.stop()
    assert len(forgetter.asked) == 1


def test_what_never_started_can_be_stopped(clock: Clock) -> None:
    """A start that failed elsewhere stops everything."""
    Retention({}, timedelta(days=1), clock).stop()
