"""Desk load: many agents work while many tickets come in, and whatever was acknowledged must be there afterwards."""

from __future__ import annotations

import os
import random
import re
import secrets
import tempfile
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from app.database import reading
from app.desk_bench import Written, write_articles
from app.main import engine_of
from app.rehearsal import Figures, Visitor, median, own_settings, percentile, running, seat
from app.tickets.store import hash_key
from app.tickets.tables import messages, tickets
from app.web.form_keys import FormKeys

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

    from app.settings import Settings

MOST_AGENTS, MOST_TICKETS, MOST_SECONDS = 200, 100, 600
SENDERS = 32
"""Threads that send tickets."""
PAUSE_SECONDS = 5.0
"""How long an agent reads and writes between two requests, on average: still less than people do."""
MOST_PAUSE = 60.0
UNEVEN = (0.5, 1.5)
"""Between which parts of the average a pause is."""
DONE, OLD = 303, 409
WARM_UP = 1 << 16  # the number of a ticket that none of the load has
WIDTH = 120

_NUMBER = re.compile(r"/desk/tickets/(W-\d+-\d+)")
_VERSION = re.compile(r'name="version" value="(\d+)"')


@dataclass(frozen=True, slots=True)
class Load:
    """How much there is to do, and for how long."""

    agents: int
    tickets: int
    """A second."""
    seconds: int
    pause: float = PAUSE_SECONDS
    """Seconds between two requests of an agent, on average."""

    def __post_init__(self) -> None:
        """Refuse what is no test but an attack; ValueError."""
        most = {"agents": MOST_AGENTS, "tickets": MOST_TICKETS, "seconds": MOST_SECONDS}
        for name, limit in most.items():
            if not 1 <= getattr(self, name) <= limit:
                raise ValueError(f"--{name} is {getattr(self, name)}. Choose 1 to {limit}.")
        if not 0 < self.pause <= MOST_PAUSE:
            raise ValueError(f"--pause is {self.pause}. Choose more than 0, at most {MOST_PAUSE:.0f} seconds.")


@dataclass(slots=True)
class Acknowledged:
    """What the portal has said that it has."""

    tickets: set[str] = field(default_factory=set)
    """By the hash of their key."""
    texts: set[str] = field(default_factory=set)
    takers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Agents who were told that they have a ticket, by its number."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    told: Counter[str] = field(default_factory=Counter)
    """How often somebody was told that another one was first, by route."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is not as it was acknowledged: each must be 0."""

    lost_tickets: int
    lost_messages: int
    double_assignments: int


def add_options(command: ArgumentParser) -> None:
    """Add the options of load to a command."""
    command.add_argument("--agents", type=int, default=50, metavar="N", help="agents who work at the same time")
    command.add_argument("--tickets", type=int, default=20, metavar="N", help="tickets that come in a second")
    command.add_argument("--seconds", type=int, default=60, metavar="N", help="how long it lasts")
    command.add_argument(
        "--pause", type=float, default=PAUSE_SECONDS, metavar="SECONDS", help="between two requests of an agent"
    )
    command.add_argument("--database", default="", metavar="URL", help="an empty PostgreSQL database; without: SQLite")


def load_desk(settings: Settings, load: Load, database_url: str = "", articles: int = 200) -> int:
    """Let agents and customers at a portal made for that alone, print what came of it; 0 when nothing is amiss."""
    with tempfile.TemporaryDirectory() as scratch:
        own = _settings(settings, Path(scratch), database_url)
        written = write_articles(own.articles, articles)
        refuse_used(own)
        tokens, figures, kept = seat(own, load.agents), Figures(), Acknowledged()
        with running(own) as address:
            work(Crowd(address, own.secret_key.get_secret_value(), written, figures, kept), load, tokens)
        verdict = judge(own, kept)
    show(load, figures, kept, verdict, "PostgreSQL" if database_url.startswith("postgres") else "SQLite")
    return 0 if verdict == Verdict(0, 0, 0) and not figures.errors else 1


def _settings(settings: Settings, folder: Path, database_url: str) -> Settings:
    """Return settings that hold nobody back: each ticket comes from a neighbourhood of its own, over a proxy."""
    many = {"tickets_per_sender": 1_000_000, "tickets_per_hour": 1_000_000, "trusted_proxies": "127.0.0.1"}
    return own_settings(
        settings, folder, database_url=database_url, secret_key=SecretStr(secrets.token_urlsafe()), **many
    )


def refuse_used(settings: Settings) -> None:
    """Raise ValueError where the database holds tickets: what is tried out here belongs into none that is used."""
    engine = engine_of(settings)
    seat(settings, 0)  # makes the tables
    with reading(engine) as connection:
        count = connection.execute(select(func.count()).select_from(tickets)).scalar_one()
    engine.dispose()
    if count:
        raise ValueError(f"The database of --database has {count} tickets. Name an empty one.")


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody who asks one portal."""

    address: str
    secret: str
    written: list[Written]
    figures: Figures
    kept: Acknowledged

    def send(self, number: int) -> None:
        """Send a ticket as somebody whom nobody has seen before, and keep that it was acknowledged."""
        key = FormKeys(self.secret, lambda: datetime.now(UTC) - timedelta(seconds=10)).new()
        text = random.choice(self.written).title  # noqa: S311 - no secret
        fields = {"form_key": key, "description": f"{text}, Fall {number}", "name": "Anna Beispiel",
                  "email": f"kunde{number}@example.org", "category": "software", "urgency": "normal"}  # fmt: skip
        neighbour = f"10.{number >> 8 & 255}.{number & 255}.1"
        visitor = Visitor(self.address, self.figures)
        answer = visitor.ask("ticket comes in", "/tickets", data=fields, headers={"X-Forwarded-For": neighbour})
        visitor.close()
        if answer is not None and answer.status_code == DONE:
            with self.kept.lock:
                self.kept.tickets.add(hash_key(answer.headers["location"].rpartition("/")[2].partition("?")[0]))

    def work(self, agent: int, token: str, end: float, pause: float) -> None:
        """Work as an agent until the end: look, take, note, answer, search, and talk to callers.

        It begins some time within the first pause: fifty people do not click in the same moment.
        """
        visitor, mixed = Visitor(self.address, self.figures, token), random.Random(agent)  # noqa: S311 - no secret
        time.sleep(mixed.uniform(0, pause))
        try:
            while time.monotonic() < end:
                for _ in self._steps(visitor, agent, mixed):
                    time.sleep(pause * mixed.uniform(*UNEVEN))
                    if time.monotonic() >= end:
                        break
        finally:
            visitor.close()

    def _steps(self, visitor: Visitor, agent: int, mixed: random.Random) -> Iterator[None]:
        words = mixed.choice(self.written).words
        queue = visitor.ask("queue", "/desk/tickets", params={"queue": "unassigned"})
        yield
        found = _NUMBER.findall(queue.text)[:10] if queue else []
        if found:
            yield from self._ticket(visitor, agent, mixed.choice(found))
        visitor.ask("tickets by words", "/desk/tickets", params={"find": words})
        yield
        visitor.ask("call mode: results", "/desk/call/results", params={"q": words, "in": "de", "quick": "1"})
        yield

    def _ticket(self, visitor: Visitor, agent: int, number: str) -> Iterator[None]:
        """Take a ticket that others may want as well, note something, and answer."""
        page = f"/desk/tickets/{number}"
        if self._change(visitor, page, "take"):
            with self.kept.lock:
                self.kept.takers[number].add(agent)
        yield
        for step, fields in (("notes", {}), ("replies", {"then": "open"})):
            text = f"{step} {secrets.token_hex(8)}"
            if self._change(visitor, page, step, text=text, key=secrets.token_hex(8), **fields):
                with self.kept.lock:
                    self.kept.texts.add(text)
            yield

    def _change(self, visitor: Visitor, page: str, step: str, **fields: str) -> bool:
        """Read the ticket, change it, and return whether that was acknowledged; not, where somebody was faster."""
        shown = visitor.ask("ticket", page)
        version = _VERSION.search(shown.text) if shown else None
        if version is None:
            return False
        answer = visitor.ask(step, f"{page}/{step}", data={"version": version[1], **fields})
        if answer is not None and answer.status_code == OLD:
            with self.kept.lock:
                self.kept.told[step] += 1
        return answer is not None and answer.status_code == DONE


def work(crowd: Crowd, load: Load, tokens: list[str]) -> None:
    """Let everybody work for the seconds of the load; what has begun by then is brought to its end."""
    warm_up(crowd, tokens[0])
    start = time.monotonic()
    end = start + load.seconds
    with ThreadPoolExecutor(len(tokens) + SENDERS) as threads:
        done = [threads.submit(crowd.work, agent, token, end, load.pause) for agent, token in enumerate(tokens, 1)]
        for number in range(load.tickets * load.seconds):
            time.sleep(max(0.0, start + number / load.tickets - time.monotonic()))
            done.append(threads.submit(crowd.send, number))
    for one in done:
        one.result()


def warm_up(crowd: Crowd, token: str) -> None:
    """Do everything once: what a portal reads when it has just been started, as lists of words, is not measured."""
    quiet = replace(crowd, figures=Figures(), kept=Acknowledged())
    visitor = Visitor(crowd.address, quiet.figures, token)
    for path in ("/tickets/new", *(f"/desk/call/results?q=druckker+prnter&in={lang}" for lang in ("de", "en"))):
        visitor.ask("warm up", path)
    quiet.send(WARM_UP)
    for _ in quiet._steps(visitor, 0, random.Random(0)):  # noqa: SLF001, S311 - our own, no secret
        pass
    visitor.close()


def judge(settings: Settings, kept: Acknowledged) -> Verdict:
    """Compare what was acknowledged with what the database holds."""
    engine = engine_of(settings)
    with reading(engine) as connection:
        there = set(connection.scalars(select(tickets.c.key_hash)))
        said = set(connection.scalars(select(messages.c.text)))
        holders = {row.number: row.assignee for row in connection.execute(select(tickets.c.number, tickets.c.assignee))}
    engine.dispose()
    doubles = sum(len(takers) > 1 or holders[number] is None for number, takers in kept.takers.items())
    return Verdict(len(kept.tickets - there), len(kept.texts - said), doubles)


def show(load: Load, figures: Figures, kept: Acknowledged, verdict: Verdict, database: str) -> None:
    """Print the figures of each route, and the verdict."""
    agents = f"{load.agents} agents with {load.pause:g} s between two requests"
    title = f"{agents}, {load.tickets} tickets a second, {load.seconds} s, {database}"
    shown = Table("route", "n", "p50 ms", "p99 ms", title=title)
    for name, values in sorted(figures.times.items()):
        shown.add_row(name, str(len(values)), f"{median(values):.0f}", f"{percentile(values, 0.99):.0f}")
    every = [value for values in figures.times.values() for value in values]
    shown.add_row("all", str(len(every)), f"{median(every):.0f}", f"{percentile(every, 0.99):.0f}")
    console = Console(width=WIDTH, highlight=False)
    console.print(shown)
    console.print(
        f"Acknowledged: {len(kept.tickets)} tickets, {len(kept.texts)} notes and answers, {len(kept.takers)} taken. "
        f"Lost tickets: {verdict.lost_tickets}. Lost messages: {verdict.lost_messages}. "
        f"Double assignments: {verdict.double_assignments}.\n"
        f"Told that somebody was first: {dict(kept.told) or 'never'}. "
        f"Errors: {dict(figures.errors) or 'none'}.\nIndex by words only. Who asks works on the same machine, "
        f"whose load was {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors."
    )
