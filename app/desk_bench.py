"""Desk bench: how fast the desk answers with many articles and tickets, in a real portal made for that alone."""

from __future__ import annotations

import itertools
import os
import random
import re
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from app.database import writing
from app.main import engine_of
from app.rehearsal import Figures, Visitor, median, own_settings, percentile, running, seat
from app.tickets.queue import QueueName
from app.tickets.tables import changes, messages, numbers, tickets
from app.tickets.words import write_all_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from app.settings import Settings

ROUNDS = 200
QUICK_MS = 40
"""Milliseconds of silence after a key, before the page asks: QUICK of call-search.js."""
AT_ONCE = 1000  # tickets of one statement
WIDTH = 120
CATEGORIES = ("geraete", "internet", "software", "konto", "vertrag")
DEVICES = """Drucker Router Notebook Bildschirm Tastatur Scanner Telefon Kamera Lautsprecher Repeater Switch Server
    Tablet Kassenlade Beamer Headset Festplatte Funkmaus Modem Faxgerät""".split()
TROUBLES = """startet nicht|stürzt ab|bleibt hängen|verliert die Verbindung|zeigt Streifen|piept dauernd|wird zu heiß
    |lädt nicht|druckt leere Seiten|findet kein Netz|vergisst das Kennwort|meldet Fehler 0x11b|antwortet zu langsam
    |schaltet sich aus|zeigt ein schwarzes Bild|nimmt kein Papier|speichert nicht|rauscht laut|blinkt rot
    |lehnt die Anmeldung ab|spielt keinen Ton|wechselt die Sprache|verschickt nichts|druckt doppelt
    |verlangt eine Lizenz""".replace("\n", " ").split("|")
TIMES = """nach dem Update|nach dem Umzug|im Gastnetz|am Wochenende|mit Kabel|ohne Strom im Flur|bei großen Dateien
    |im Ruhezustand|hinter der Firewall|mit zweitem Monitor""".replace("\n", " ").split("|")

WAYS = {"new": (), "open": ("open",), "waiting": ("open", "waiting"), "solved": ("open", "solved"),
        "closed": ("open", "solved", "closed")}  # fmt: skip
"""State of a ticket → those it had after being new."""

_OPENED = re.compile(r'<article class="call-article" data-slug="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Written:
    """An article that was made up."""

    slug: str
    title: str

    @property
    def words(self) -> str:
        """What somebody types who has this trouble."""
        return self.title.lower().replace(":", "")


def bench_desk(settings: Settings, articles: int, count: int, rounds: int = ROUNDS) -> int:
    """Make a portal with so many articles and tickets, ask it, and print median and 95th percentile."""
    with tempfile.TemporaryDirectory() as scratch:
        own = own_settings(settings, Path(scratch))
        written = write_articles(own.articles, articles)
        token = seat(own, 1)[0]
        fill_tickets(own, count, written)
        start = time.perf_counter()
        with running(own) as address:
            ready, figures = time.perf_counter() - start, Figures()
            right = ask(Visitor(address, figures, token), written, count, rounds)
    show(figures, f"{len(written)} articles, {count} tickets (SQLite)", right, ready)
    return 1 if figures.errors else 0


def write_articles(folder: Path, count: int) -> list[Written]:
    """Write so many articles, each about another trouble, as files that the portal reads."""
    mixed = random.Random(1)  # noqa: S311 - the same articles every time
    stories = list(itertools.product(DEVICES, TROUBLES, TIMES))
    mixed.shuffle(stories)
    if count > len(stories):
        raise ValueError(f"--desk-articles is {count}, and there are {len(stories)} stories. Ask for fewer.")
    return [_write(folder, number, story, mixed) for number, story in enumerate(stories[:count])]


def _write(folder: Path, number: int, story: tuple[str, str, str], mixed: random.Random) -> Written:
    device, trouble, when = (" ".join(one.split()) for one in story)
    one = Written(f"fall-{number}", f"{device} {trouble} {when}")
    path = folder / "public" / CATEGORIES[number % len(CATEGORIES)] / f"{one.slug}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    others = "\n".join(
        f"{step}. Prüfen Sie, ob {mixed.choice(DEVICES)} {step} das Gleiche zeigt, und notieren Sie Meldung "
        f"{mixed.randrange(1000, 9999)}." for step in range(2, 7)
    )  # fmt: skip
    text = f"Ihr Gerät ({device}) {trouble}, und zwar {when}.\n\n1. Trennen Sie {device} vom Strom.\n{others}\n"
    path.write_text(f"---\ntitle: {one.title}\nsummary: Was hilft, wenn es {trouble}.\n---\n{text}", encoding="utf-8")
    return one


def fill_tickets(settings: Settings, count: int, written: list[Written]) -> None:
    """Put so many tickets with two messages each into the database, in every state, at every level."""
    engine, now = engine_of(settings), datetime.now(UTC)
    with writing(engine) as connection:
        connection.execute(insert(numbers).values(year=now.year, last=count))
        for start in range(1, count + 1, AT_ONCE):
            _fill(connection, range(start, min(start + AT_ONCE, count + 1)), now, written)
        write_all_words(connection)
    engine.dispose()


def _fill(connection: Connection, which: range, now: datetime, written: list[Written]) -> None:
    rows = [_ticket(number, now) for number in which]
    connection.execute(insert(tickets), rows)
    connection.execute(insert(messages), [said for row in rows for said in _messages(row, written)])
    connection.execute(insert(changes), [change for row in rows for change in _changes(row)])


def _ticket(number: int, now: datetime) -> dict[str, Any]:
    opened = now - timedelta(minutes=number)
    state = ("new", "open", "waiting", "solved", "closed")[number % 5]
    waits = state in {"new", "open"}
    return {
        "id": number, "number": f"W-{now.year}-{number:06d}", "key_hash": f"{number:064d}", "digest": "", "lang": "de",
        "sender_hash": f"{number % 97:064d}", "state": state, "level": number % 3 + 1, "name": f"Kunde {number}",
        "email": f"kunde{number}@example.org", "category": CATEGORIES[number % len(CATEGORIES)],
        "urgency": ("low", "normal", "high")[number % 3], "opened_at": opened, "changed_at": opened,
        "assignee": "1" if number % 7 == 0 and state != "new" else None,
        "answered_at": None if state == "new" else opened + timedelta(hours=1),
        "due_by": now + timedelta(minutes=number % 2000 - 500) if waits else None, "warn_at": now if waits else None,
    }  # fmt: skip


def _messages(row: dict[str, Any], written: list[Written]) -> Iterator[dict[str, Any]]:
    story = written[row["id"] % len(written)].title
    for author, text in (("visitor", f"{story}. Vorgang {row['id']}."), ("agent", f"Danke, wir sehen nach: {story}.")):
        yield {
            "ticket_id": row["id"], "author": author, "internal": False, "text": text, "at": row["opened_at"],
            "key_hash": f"{author} {row['id']}", "who": "Agent 0" if author == "agent" else None,
        }  # fmt: skip


def _changes(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield how the ticket came where it is: what figures are made of."""
    way = itertools.pairwise((None, "new", *WAYS[row["state"]]))
    for place, (was, became) in enumerate(way):
        yield {
            "ticket_id": row["id"], "at": row["opened_at"] + timedelta(hours=place), "who": "Agent 0", "what": "state",
            "was": was, "became": became, "version": 1,
        }  # fmt: skip


def ask(agent: Visitor, written: list[Written], count: int, rounds: int) -> float:
    """Ask for every page in turn; return the share of searches that opened the right article by themselves."""
    mixed = random.Random(2)  # noqa: S311 - the same questions every time
    for name in ("results, words alone", "ticket"):  # what is read once is not measured
        agent.ask(name, f"/desk/tickets?find={name}")
    agent.figures.times.clear()
    right = 0
    for _ in range(rounds):
        one, number = mixed.choice(written), mixed.randrange(1, count + 1)
        answer = agent.ask("call mode: results, words alone", "/desk/call/results",
                           params={"q": one.words, "in": "de", "quick": "1"})  # fmt: skip
        opened = _OPENED.search(answer.text) if answer else None
        right += opened is not None and opened[1] == one.slug
        for name, path, query in _pages(one, number, mixed.choice):
            agent.ask(name, path, params=query)
    agent.close()
    return right / rounds


def _pages(
    one: Written, number: int, choose: Callable[[list[QueueName]], QueueName]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    year = datetime.now(UTC).year
    yield "call mode: results, all of the search", "/desk/call/results", {"q": one.words, "in": "de"}
    yield "call mode: article", "/desk/call/article", {"slug": one.slug, "in": "de"}
    yield "queue", "/desk/tickets", {"queue": choose([*QueueName])}
    yield "tickets by words", "/desk/tickets", {"find": one.words}
    yield "tickets by number", "/desk/tickets", {"find": str(number)}
    yield "ticket", f"/desk/tickets/W-{year}-{number:06d}", {}
    yield "news of a queue", "/desk/news", {"queue": "all", "since": datetime.now(UTC).isoformat()}
    yield "figures", "/desk/figures", {}


def show(figures: Figures, size: str, right: float, ready: float) -> None:
    """Print what was measured, and how."""
    shown = Table("what", "n", "median ms", "p95 ms", title=f"{size}, index by words only, no model")
    typed = [QUICK_MS + value for value in figures.times["call mode: results, words alone"]]
    rows = {"call mode: first key to the right article": typed, **figures.times}
    for name, values in rows.items():
        shown.add_row(name, str(len(values)), f"{median(values):.1f}", f"{percentile(values, 0.95):.1f}")
    console = Console(width=WIDTH, highlight=False)
    console.print(shown)
    console.print(
        f"First key to article: {QUICK_MS} ms that the page waits for the next key, and the answer with the article in "
        f"it; typing and drawing are not in it. The right article was opened by itself in {right:.0%}.\n"
        f"Index built and portal ready in {ready:.0f} s. Load of this machine: {os.getloadavg()[0]:.1f}. "
        f"Errors: {dict(figures.errors) or 'none'}."
    )
