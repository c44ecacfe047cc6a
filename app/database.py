"""The database: SQLite by default, PostgreSQL by its address; all that differs between the two stands here."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import (
    URL,
    DateTime,
    Integer,
    MetaData,
    TypeDecorator,
    cast,
    column,
    create_engine,
    event,
    extract,
    func,
    literal_column,
    make_url,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Dialect, Engine, Select, Table

PATIENCE_SECONDS = 10.0  # how long a writer waits for another one
CONNECT_SECONDS = 5  # how long PostgreSQL may take to accept a connection
STATEMENT_SECONDS = 30  # how long PostgreSQL may work on one statement
MIGRATION_LOCK = 0x57656701  # any number that no other program takes for an advisory lock
WAY_OUT = "Write sqlite:///path/to/file.db or postgresql://user:password@host/name."
MIGRATIONS = Path(__file__).parent / "tickets" / "migrations"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


class StoreUnavailable(Exception):
    """The database or the folder of files cannot be used now; nothing was stored by half, and the cause is chained."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no time zone: it is taken off on the way in and put on again on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what the driver stores."""
        if value is None:
            return None
        return value.astimezone(UTC).replace(tzinfo=None if dialect.name == "sqlite" else UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a moment with its zone."""
        del dialect
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


def connect(url: str | URL, patience_seconds: float = PATIENCE_SECONDS) -> Engine:
    """Return the engine for `sqlite:///path/to/file.db` or `postgresql://…`; nothing is opened yet.

    A SQLite file's folder is made when it is missing. Raise ValueError for any other kind of database.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError(f"DATABASE_URL is no address of a database. {WAY_OUT}") from None  # it may hold a password
    kind = address.get_backend_name()
    if kind == "sqlite":
        return _sqlite(address, patience_seconds)
    if kind in {"postgresql", "postgres"}:
        return _postgresql(address, patience_seconds)
    raise ValueError(f'DATABASE_URL names the database "{kind}". {WAY_OUT}')


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection to read one consistent state; raise StoreUnavailable."""
    with _unavailable(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in one transaction that is committed at the end, or not at all; raise StoreUnavailable."""
    writer = engine.execution_options(writes=True)
    with _unavailable(engine), _one_writer(engine), writer.begin() as connection:
        yield connection


def alone(connection: Connection, lock: int) -> None:
    """Let every other transaction that asks for the lock wait until this one ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def containing(connection: Connection, column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Match what has the word in it, in small letters or capitals; `%` and `_` are characters like any other.

    SQLite's LIKE, and PostgreSQL's ILIKE under some locales, know the two cases of ASCII only: a word with others is
    looked for in each spelling. SQLAlchemy's own way calls lower() on SQLite, which takes twice as long.
    """
    spellings = {word} if word.isascii() else {word.lower(), word.upper(), word.capitalize()}
    find = column.contains if connection.dialect.name == "sqlite" else column.icontains
    return or_(*(find(spelling, autoescape=True) for spelling in sorted(spellings)))


def keys_with_words(connection: Connection, words: Column[str], beginnings: Sequence[str]) -> Select[Any]:
    """Select the keys of the rows whose words begin like each of these; a single letter is a word of its own.

    The column holds folded words with spaces between them. It is indexed by FTS5 on SQLite, in a table called like its
    own with `_index`, and by GIN on PostgreSQL, without any parser: both part words at spaces and nowhere else.
    """
    if connection.dialect.name == "sqlite":
        asked = " AND ".join(f'"{word}"{_star(word, "*")}' for word in beginnings)
        index = table(f"{words.table.name}_index", column("rowid"))
        return select(index.c.rowid).where(literal_column(index.name).bool_op("MATCH")(asked))
    asked = " & ".join(f"'{word}'{_star(word, ':*')}" for word in beginnings)
    indexed = func.array_to_tsvector(func.string_to_array(words, literal_column("' '")))
    return select(*words.table.primary_key.columns).where(indexed.bool_op("@@")(cast(asked, TSQUERY)))


def purge_words(connection: Connection, words: Table) -> None:
    """Take out of SQLite's index what was deleted: until then its files still have the words. PostgreSQL vacuums."""
    if connection.dialect.name == "sqlite":
        index = f"{words.name}_index"
        connection.execute(text(f"INSERT INTO {index} ({index}) VALUES ('optimize')"))  # noqa: S608 - our own name


def _star(word: str, star: str) -> str:
    return star if len(word) > 1 else ""


def seconds_of(connection: Connection, moment: ColumnElement[datetime]) -> ColumnElement[int]:
    """Return a moment as whole seconds since 1970."""
    if connection.dialect.name == "sqlite":
        return cast(func.strftime("%s", moment), Integer)
    return cast(func.floor(extract("epoch", moment)), Integer)


def migrate(engine: Engine) -> None:
    """Bring the tables up to date in one transaction. Processes that start together do it one after the other."""
    with writing(engine) as connection:
        alone(connection, MIGRATION_LOCK)
        try:
            command.upgrade(migration_config(connection), "head")
        except CommandError as error:
            raise StoreUnavailable(f"{engine.url!r} cannot be migrated. Was it made by a newer version?") from error


def migration_config(connection: Connection) -> Config:
    """Return Alembic's settings for our migrations over an open connection, for the folder this file is in."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _unavailable(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreUnavailable(f"{engine.url!r} cannot be used now: {error}") from error


def _one_writer(engine: Engine) -> AbstractContextManager[Any]:
    gate: AbstractContextManager[Any] = engine.get_execution_options().get("one_writer", nullcontext())
    return gate


class _Gate:
    """Lets one writer of a process through at a time: SQLite's own waiting is not fair and slow with many threads."""

    def __init__(self, patience_seconds: float) -> None:
        self._lock = threading.Lock()
        self._patience_seconds = patience_seconds

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._patience_seconds):
            raise TimeoutError(f"another writer has been at work for {self._patience_seconds} seconds")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _sqlite(address: URL, patience_seconds: float) -> Engine:
    engine = create_engine(
        address,
        connect_args={"timeout": patience_seconds, "isolation_level": None},
        pool_timeout=patience_seconds,
        execution_options={"one_writer": _Gate(patience_seconds)},
    )
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "do_connect", _make_folder)
    return engine


def _make_folder(_dialect: Dialect, _record: object, args: list[Any], _kwargs: dict[str, Any]) -> None:
    if args and not str(args[0]).startswith(("file:", ":")):
        Path(args[0]).parent.mkdir(parents=True, exist_ok=True)


def _open_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start: a reader that becomes a writer half-way fails without waiting."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(address: URL, patience_seconds: float) -> Engine:
    options = f"-c lock_timeout={patience_seconds * 1000:.0f} -c statement_timeout={STATEMENT_SECONDS * 1000}"
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": options},
        pool_timeout=patience_seconds,
        pool_pre_ping=True,
    )
