from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Engine, Integer, MetaData, Table, event, insert, inspect, select, text

import app.desk.tables
import app.learning.journal
import app.tickets.tables  # noqa: F401 - all put their tables into the metadata
from app.database import Moment, StoreUnavailable, connect, metadata, migrate, reading, writing

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
MIGRATE = "import sys; from app.database import connect, migrate; migrate(connect(sys.argv[1]))"


def test_the_migrations_make_the_tables_of_the_code(engine: Engine) -> None:
    """Alembic finds no difference between the migrated database and the metadata."""
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": is_of_the_code}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def is_of_the_code(name: str | None, _kind: str, _parents: object) -> bool:
    """Leave out the index of words: SQLite makes tables of its own for it, and each database has another kind."""
    return not (name or "").startswith("ticket_words_index")


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    """Every start migrates; a ticket that is there stays."""
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO numbers VALUES (2026, 7)"))
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT last FROM numbers")).scalar_one() == 7


def _start_two(url: str, folder: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", MIGRATE, url]
    both = [subprocess.Popen(command, cwd=folder, env={"PYTHONPATH": str(ROOT)}) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]


def test_two_processes_may_migrate_sqlite_at_once(tmp_path: Path) -> None:
    """From any working directory; the folder of the file is made."""
    url = f"sqlite:///{tmp_path}/new folder/100%/w.db"
    _start_two(url, tmp_path)
    engine = connect(url)
    assert inspect(engine).has_table("tickets")
    engine.dispose()


def test_two_processes_may_migrate_postgresql_at_once(empty_postgres: str, tmp_path: Path) -> None:
    """One waits for the other."""
    _start_two(empty_postgres, tmp_path)
    engine = connect(empty_postgres)
    assert inspect(engine).has_table("tickets")
    engine.dispose()


def test_a_database_of_a_newer_version_is_not_touched(engine: Engine) -> None:
    """The error says so."""
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer version"):
        migrate(engine)


def test_the_first_migration_cannot_be_undone(engine: Engine) -> None:
    """It would delete every ticket."""
    from alembic import command

    from app.database import migration_config

    with pytest.raises(NotImplementedError, match="backup"), writing(engine) as connection:
        command.downgrade(migration_config(connection), "base")


def test_sqlite_is_opened_for_safety(sqlite_engine: Engine) -> None:
    """A commit is on the disk, readers do not wait for a writer, a reference must lead somewhere."""
    with reading(sqlite_engine) as connection:
        values = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert values == ["wal", 2, 1, 200]


@pytest.mark.parametrize("url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg2://u:p@h/d"])
def test_every_address_of_postgresql_means_psycopg_3(url: str) -> None:
    """Also the old one that some hosters print."""
    assert connect(url).dialect.driver == "psycopg"


def test_another_kind_of_database_is_refused() -> None:
    """The error says what may be written."""
    with pytest.raises(ValueError, match=r'names the database "mysql". Write sqlite:///'):
        connect("mysql://h/d")


def test_what_is_no_address_is_refused() -> None:
    """Without repeating it: it may hold a password."""
    with pytest.raises(ValueError, match="DATABASE_URL is no address") as caught:
        connect("secret@host")
    assert "secret" not in str(caught.value)


def test_what_fails_leaves_nothing(engine: Engine) -> None:
    """A transaction is whole or not at all."""

    def fail() -> None:
        with writing(engine) as connection:
            connection.execute(text("INSERT INTO numbers VALUES (2026, 7)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM numbers")).scalar_one() == 0


def test_a_moment_keeps_its_instant(engine: Engine) -> None:
    """Whatever the zone it came in, it comes back the same, in UTC; none stays none."""
    table = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", Moment))
    cologne = datetime(2026, 7, 1, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    with writing(engine) as connection:
        table.create(connection)
        connection.execute(insert(table), [{"id": 1, "at": cologne}, {"id": 2, "at": None}])
        found = connection.scalars(select(table.c.at).order_by(table.c.id)).all()
    assert found == [cologne, None]
    assert found[0] is not None
    assert found[0].utcoffset() == timedelta(0)


def _write(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO numbers VALUES (2026, 7)"))


def _read(engine: Engine) -> None:
    with reading(engine) as connection:
        connection.execute(text("SELECT * FROM numbers"))


def test_a_database_locked_by_another_program(sqlite_engine: Engine, tmp_path: Path) -> None:
    """A writer gives up after its patience."""
    other = sqlite3.connect(tmp_path / "wegweiser.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        _write(sqlite_engine)
    other.close()


def test_a_writer_has_the_lock_from_the_start(sqlite_engine: Engine) -> None:
    """Before its first statement: two that read first and write then could not both go on."""
    other = connect(str(sqlite_engine.url), patience_seconds=0.1)
    with writing(sqlite_engine), pytest.raises(StoreUnavailable, match="locked"):
        _write(other)
    other.dispose()


def test_a_writer_that_does_not_end(sqlite_engine: Engine) -> None:
    """Another thread gives up after its patience, and readers do not notice."""
    caught: list[BaseException] = []

    def second() -> None:
        try:
            _write(sqlite_engine)
        except StoreUnavailable as error:
            caught.append(error)

    with writing(sqlite_engine):
        thread = threading.Thread(target=second)
        thread.start()
        _read(sqlite_engine)
        thread.join()
    assert "another writer" in str(caught)
    _write(sqlite_engine)


@pytest.mark.usefixtures("sqlite_engine")
def test_a_read_only_database(tmp_path: Path) -> None:
    """It can be read and not written."""
    read_only = connect(f"sqlite:///file:{tmp_path}/wegweiser.db?mode=ro&uri=true")
    _read(read_only)
    with pytest.raises(StoreUnavailable, match="readonly"):
        _write(read_only)
    read_only.dispose()


def test_a_full_disk(sqlite_engine: Engine) -> None:
    """The database may not grow: nothing is stored."""
    event.listen(sqlite_engine, "begin", lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1"))
    with pytest.raises(StoreUnavailable, match="full"), writing(sqlite_engine) as connection:
        connection.execute(text("CREATE TABLE big AS SELECT zeroblob(1000000)"))


def _not_a_database(path: Path) -> None:
    path.write_bytes(b"this is no database, but long enough to be read as one" * 100)


@pytest.mark.parametrize("spoil", [_not_a_database, Path.mkdir])
def test_a_file_that_is_no_database(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """A letter, or a folder, in its place."""
    spoil(tmp_path / "w.db")
    engine = connect(f"sqlite:///{tmp_path / 'w.db'}")
    with pytest.raises(StoreUnavailable):
        _read(engine)
    engine.dispose()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file stands in the way."""
    (tmp_path / "var").write_text("")
    with pytest.raises(StoreUnavailable):
        _read(connect(f"sqlite:///{tmp_path}/var/w.db"))


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    """The error does not show the password."""
    with pytest.raises(StoreUnavailable) as caught:
        _read(connect(f"postgresql://u:secret@/d?host={tmp_path}"))
    assert "secret" not in str(caught.value)


def test_a_connection_that_broke_is_replaced(empty_postgres: str) -> None:
    """After a restart of the server the next visitor notices nothing."""
    engine, other = connect(empty_postgres), connect(empty_postgres)
    migrate(engine)
    with other.connect() as connection:
        others = "pid <> pg_backend_pid() AND datname = current_database()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))  # noqa: S608
    _read(engine)
    engine.dispose()
    other.dispose()
