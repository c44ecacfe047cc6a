"""Rehearsal: a portal of its own in a process of its own, on 127.0.0.1, for the commands that measure it."""

from __future__ import annotations

import logging
import math
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from app.desk.agent import Role
from app.main import accounts_of
from app.web.desk import desk_cookie

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.settings import Settings

ROOT = Path(__file__).parents[1]
START_SECONDS = 1800.0
"""How long the portal may take to build its index."""
STOP_SECONDS = 30.0
PATIENCE_SECONDS = 30.0
KEEP_SECONDS = 3.0
"""How long a connection without a request is kept: the portal hangs up after 5, and not in the middle of a request."""
REFUSED = 429
FAILED = 500

_READY = re.compile(r"ready: (http://\S+)")


class NotStarted(OSError):
    """The portal that was to be measured did not start; what it printed is in the text."""


def own_settings(settings: Settings, folder: Path, **own: Any) -> Settings:
    """Return settings for a portal that lives in a folder alone, searches by words, and mails to nobody."""
    kept = {"articles": folder / "articles", "index": folder / "index", "data": folder / "var"}
    quiet = {"embedding_model": "none", "helpdesk": "console", "host": "127.0.0.1", "port": 0, "base_url": ""}
    closed = {"allowed_hosts": "", "oidc_issuer": "", "desk_rules": "", "trusted_proxies": ""}
    return settings.model_copy(update={"database_url": "", **kept, **quiet, **closed, **own})


@contextmanager
def running(settings: Settings) -> Iterator[str]:
    """Start the portal, give its address, and end it afterwards; NotStarted when it does not get that far."""
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # not a line for each of thousands of requests
    settings.data.mkdir(parents=True, exist_ok=True)
    log = settings.data / "log"
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.commands", "serve"], cwd=ROOT, env=os.environ | environment_of(settings),
            stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the settings as the environment holds them."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    plain = {name: getattr(value, "get_secret_value", lambda value=value: value)() for name, value in values.items()}
    paths = {name: value.resolve() if isinstance(value, Path) else value for name, value in plain.items()}
    return {name.upper(): str(value) for name, value in paths.items()}


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if found := _READY.search(log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.1)
    raise NotStarted(f"The portal to be measured did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def seat(settings: Settings, count: int, role: Role = Role.FIRST) -> list[str]:
    """Add agents to the portal's database, and return the session token of each."""
    accounts = accounts_of(settings)
    found = []
    for number in range(count):
        accounts.add(f"Agent {number}", f"agent{number}@example.org", role, None)
        session = accounts.enter(f"agent{number}@example.org")
        assert session  # noqa: S101 - it was added just now
        found.append(session[0])
    accounts.engine.dispose()
    return found


@dataclass(slots=True)
class Figures:
    """How long each route took, in milliseconds, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, route: str, milliseconds: float, status: int) -> None:
        """Note one answer; a refusal of the limiter and a failure are errors, told with their status."""
        with self._lock:
            self.times[route].append(milliseconds)
            if status == REFUSED or status >= FAILED:
                self.errors[f"{route}: {status}"] += 1

    def fail(self, route: str, error: Exception) -> None:
        """Note that there was no answer."""
        with self._lock:
            self.errors[f"{route}: {type(error).__name__}"] += 1


@dataclass(slots=True)
class Visitor:
    """Somebody who asks the portal, with a session or without one."""

    address: str
    figures: Figures
    token: str = ""
    _client: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        cookie = {"Cookie": f"{desk_cookie(self.address).name}={self.token}"} if self.token else {}
        self._client = httpx2.Client(
            base_url=self.address, headers=cookie, timeout=PATIENCE_SECONDS, verify=False, trust_env=False,
            limits=httpx2.Limits(keepalive_expiry=KEEP_SECONDS),
        )  # fmt: skip

    def ask(self, route: str, path: str, **given: Any) -> httpx2.Response | None:
        """Ask, note how long that took under the name of the route, and return the answer; None without one."""
        start = time.perf_counter()
        try:
            answer = self._client.request("POST" if {"data", "content"} & given.keys() else "GET", path, **given)
        except httpx2.HTTPError as error:
            self.figures.fail(route, error)
            return None
        self.figures.note(route, (time.perf_counter() - start) * 1000, answer.status_code)
        return answer

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that so many of the values do not exceed: 0.95 for all but one in twenty."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return statistics.median(values)
