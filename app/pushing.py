"""Pushing: authors push good and bad changes to a real git server while readers search a portal that follows it."""

from __future__ import annotations

import hashlib
import hmac
import html
import logging
import os
import random
import secrets
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from app.articles.library import read_library
from app.changes import KINDS, article, bad_of, make, slug_of, word_of
from app.desk.agent import Role
from app.git_server import Repository, served
from app.rehearsal import Figures, Visitor, median, own_settings, percentile, running, seat
from app.search.versions import Versions

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterator

    from httpx2 import Response

    from app.changes import Outcome
    from app.settings import Settings

PATIENCE_SECONDS = 60.0
"""After which a change counts as not live: far longer than it may take."""
LOOK_SECONDS = 0.05
PAUSE_SECONDS = 1.0
"""Between two requests of a reader."""
STABLE = 30
"""Articles that readers look for, which nobody changes."""
MOST_PUSHES, MOST_READERS = 2000, 200
GONE, REFUSED, TAKEN, SHOWN = 404, 403, 202, 200
TOLD_EVERY = 20
"""Changes between two lines that say how far it is."""
WIDTH = 120

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stable:
    """An article that must be found all the time."""

    slug: str
    title: str
    lang: str


@dataclass(slots=True)
class Story:
    """A portal, the repository that it follows, and what was noticed."""

    repository: Repository
    address: str
    secret: str
    token: str
    wrong: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """From push to findable, by kind of change."""
    number: int = 0
    """Of the change that goes on."""
    calls: list[bytes] = field(default_factory=list)
    """What the webhook was called with."""
    _visitor: Visitor = field(init=False)

    def __post_init__(self) -> None:
        """Sign the author in."""
        self._visitor = Visitor(self.address, Figures(), self.token)

    def close(self) -> None:
        """Let the author's connection go."""
        self._visitor.close()

    def play(self, kind: str, number: int) -> None:
        """Push one change, and see that everything becomes of it that must."""
        self.number = number
        HURDLES.get(kind, Story._none)(self)
        outcome = make(self.repository, kind, number) if kind in KINDS else make(self.repository, "new article", number)
        commit = self.repository.push(*(["--force"] if outcome.force else []))
        start = time.monotonic()
        KNOCKS.get(kind, Story._knock)(self, commit)
        if self._wait(f"{kind}: the good article is not found", lambda: self._finds(slug_of(number), word_of(number))):
            self.seconds[kind].append(time.monotonic() - start)
        self._compare(kind, commit, outcome)

    def _compare(self, kind: str, commit: str, outcome: Outcome) -> None:
        for words in (commit, *outcome.told):
            self._wait(f'{kind}: the page of the version does not say "{words}"', partial(self._told, words))
        for slug, word in outcome.served.items():
            self._demand(word in self._page(slug), f"{kind}: {slug} is not there, or without {word}")
            self._demand(bad_of(self.number) not in self._page(slug), f"{kind}: {slug} shows what is wrong")
        if outcome.gone:
            self._demand(self._ask(f"/articles/{outcome.gone}").status_code == GONE, f"{kind}: {outcome.gone} is there")
        self._demand(not self._shows(bad_of(self.number)), f"{kind}: what is wrong is found")

    def _none(self) -> None:
        """Nothing is in the way."""

    def _without_remote(self) -> None:
        away = self.repository.bare.with_suffix(".away")
        self.repository.bare.rename(away)
        self._knock("remote is away")
        self._wait("remote broken: nobody says so", lambda: self._told("cannot be reached"))
        away.rename(self.repository.bare)

    def _without_branch(self) -> None:
        self.repository.git("--git-dir", str(self.repository.bare), "update-ref", "-d", "refs/heads/main")
        self._knock("branch is gone")
        self._wait("branch missing: nobody says so", lambda: self._told("There is no branch"))

    def _knock(self, commit: str) -> None:
        """Call the webhook as a git server does after a push."""
        self.calls.append(f'{{"ref": "refs/heads/main", "after": "{commit}"}}'.encode())
        self._demand(self._call(self.calls[-1], self.secret) == TAKEN, "the webhook was not taken")

    def _knock_wrongly(self, commit: str) -> None:
        """Call it without knowing the secret, which moves nothing, and then as it should be."""
        for secret in ("", secrets.token_hex(8), self.secret.upper() + "x"):
            self._demand(self._call(b"{}", secret) == REFUSED, "a wrong signature was taken")
        self._demand(not self._finds(slug_of(self.number), word_of(self.number)), "a wrong signature moved something")
        self._knock(commit)

    def _knock_again(self, _commit: str) -> None:
        """Send calls from before once more: all they do is to let the builder look."""
        for body in (self.calls or [b"{}"])[:3]:
            self._demand(self._call(body, self.secret) == TAKEN, "a replayed webhook was not taken")

    def _call(self, body: bytes, secret: str) -> int:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        answer = self._visitor.ask(
            "hook",
            "/hooks/articles",
            content=body,
            headers={"X-Hub-Signature-256": f"sha256={signature}"} | self._from(),
        )
        return answer.status_code if answer else 0

    def _told(self, words: str) -> bool:
        return words in html.unescape(self._ask("/desk/version?lang=en").text)

    def _finds(self, slug: str, word: str) -> bool:
        answer = self._ask(f"/api/search?q=Probe+{word}&lang=de")
        return answer.status_code == SHOWN and slug in [one["slug"] for one in answer.json()["results"]]

    def _shows(self, word: str) -> bool:
        return is_shown(word, self._ask(f"/api/search?q={word}&lang=de"))

    def _page(self, slug: str) -> str:
        return self._ask(f"/articles/{slug}").text

    def _ask(self, path: str) -> Response:
        answer = self._visitor.ask("author", path, headers=self._from())
        if answer is None:
            raise ConnectionError(f"{path}: no answer")
        return answer

    def _from(self) -> dict[str, str]:
        """Come from another neighbourhood for each change: looking so often is more than the limiter lets one do."""
        return {"X-Forwarded-For": f"10.1.{self.number % 250}.1"}

    def _wait(self, otherwise: str, done: Callable[[], bool]) -> bool:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if done():
                return True
            time.sleep(LOOK_SECONDS)
        self._demand(False, otherwise)  # noqa: FBT003 - it is told as it is
        return False

    def _demand(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like a sentence
        if not holds:
            self.wrong.append(f"{self.number}: {otherwise}")


HURDLES: dict[str, Callable[[Story], None]] = {
    "remote broken": Story._without_remote, "branch missing": Story._without_branch,  # noqa: SLF001 - its own
}  # fmt: skip
"""What stands in the way before a push."""
KNOCKS: dict[str, Callable[[Story, str], None]] = {
    "wrong signatures": Story._knock_wrongly, "replayed webhook": Story._knock_again,  # noqa: SLF001 - its own
}  # fmt: skip
"""How the portal is told of it."""
ALL = (*KINDS, *HURDLES, *KNOCKS)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who searches and reads all the time, from a neighbourhood of their own."""

    story: Story
    figures: Figures
    stable: tuple[Stable, ...]
    number: int

    def read(self, done: threading.Event) -> None:
        """Ask for something, pause, and ask again, until `done`."""
        mixed = random.Random(self.number)  # noqa: S311 - no secret
        visitor = Visitor(self.story.address, self.figures)
        while not done.wait(mixed.uniform(0.5, 1.5) * PAUSE_SECONDS):
            one = mixed.choice(self.stable)
            mixed.choice((self._search, self._ask, self._open, self._type, self._pry))(visitor, one)
        visitor.close()

    def _search(self, visitor: Visitor, one: Stable) -> None:
        self._must_hold(visitor, "search", "/search", one, 'data-page="search"', q=one.title)

    def _ask(self, visitor: Visitor, one: Stable) -> None:
        self._must_hold(visitor, "api", "/api/search", one, f'"{one.slug}"', q=one.title)

    def _open(self, visitor: Visitor, one: Stable) -> None:
        self._must_hold(visitor, "article", f"/articles/{one.slug}", one, html.escape(one.title, quote=False))

    def _type(self, visitor: Visitor, one: Stable) -> None:
        self._must_hold(visitor, "suggest", "/suggest", one, "", q=one.title[:12])

    def _pry(self, visitor: Visitor, one: Stable) -> None:
        """Search for what was wrong about one of the changes until now."""
        bad = bad_of(random.Random().randint(0, self.story.number))  # noqa: S311 - no secret
        answer = self._get(visitor, "bad word", "/api/search", one, q=bad)
        if answer is None or answer.status_code != SHOWN or is_shown(bad, answer):
            self.story.wrong.append(f"{self.story.number}: a reader was shown {bad}, or had no answer")

    def _must_hold(self, visitor: Visitor, route: str, path: str, one: Stable, words: str, **query: str) -> None:
        answer = self._get(visitor, route, path, one, **query)
        if answer is None or answer.status_code != SHOWN or words not in answer.text:
            status = answer.status_code if answer else "no answer"
            self.story.wrong.append(f"{self.story.number}: {route} for {one.slug} failed ({status})")

    def _get(self, visitor: Visitor, route: str, path: str, one: Stable, **query: str) -> Response | None:
        sender = {"X-Forwarded-For": f"10.2.{self.number}.1"}
        return visitor.ask(route, path, params=query | {"lang": one.lang}, headers=sender)


def add_options(command: ArgumentParser) -> None:
    """Add the options of a rehearsal to a command."""
    command.add_argument("--pushes", type=int, default=200, metavar="N", help="changes that are pushed; 0: none")
    command.add_argument("--readers", type=int, default=20, metavar="N", help="people who search meanwhile")
    command.add_argument("--kills", type=int, default=300, metavar="N", help="times the builder is killed; 0: never")
    command.add_argument("--model", action="store_true", help="search by meaning, not by words only")


def rehearse_pushes(settings: Settings, pushes: int, readers: int, *, model: bool = False) -> int:
    """Make a portal for that alone, push so many changes while so many read; 0 when all became of it that must."""
    for name, value, most in (("pushes", pushes, MOST_PUSHES), ("readers", readers, MOST_READERS)):
        if not 1 <= value <= most:
            raise ValueError(f"--{name} is {value}. Choose 1 to {most}.")
    with tempfile.TemporaryDirectory(prefix="wegweiser-") as scratch, served(Path(scratch)) as repository:
        stable = begin(repository, settings)
        own = following(settings, Path(scratch), repository.url, model=model)
        token, figures = seat(own, 1, Role.AUTHOR)[0], Figures()
        with running(own) as address:
            story = Story(repository, address, own.articles_webhook_secret.get_secret_value(), token)
            found = tuple(islice((one for one in stable if reads(address, one)), STABLE))
            with reading([Reader(story, figures, found, number) for number in range(readers)]):
                for number, kind in enumerate(islice(cycle(ALL), pushes), start=1):
                    story.play(kind, number)
                    if number % TOLD_EVERY == 0:
                        log.info("pushed %d of %d changes, not as it must be: %d", number, pushes, len(story.wrong))
            story.close()
        story.wrong += served_wrongly(own.index, pushes)
    show(story, figures, f"{pushes} changes, {readers} readers, {'by meaning' if model else 'by words only'}")
    return 1 if story.wrong or figures.errors else 0


def begin(repository: Repository, settings: Settings) -> list[Stable]:
    """Push the articles that are there, and number 0; return those that everybody can find."""
    shutil.copytree(settings.articles, repository.work / "articles")
    public = repository.work / "articles/public/probe"
    public.mkdir(parents=True)
    (public / f"{slug_of(0)}.md").write_text(article(f"Probe {word_of(0)}"), encoding="utf-8")
    repository.push()
    library = read_library(settings.articles, default_language=settings.default_language)
    return [Stable(one.slug, one.title, one.lang) for one in library.articles if one.visibility == "public"]


def following(settings: Settings, folder: Path, url: str, *, model: bool) -> Settings:
    """Return the settings of a portal in a folder that follows a repository, by webhook only."""
    known = {"embedding_model": settings.embedding_model or str((settings.index / "model").resolve())} if model else {}
    return own_settings(
        settings, folder, articles="articles", articles_remote=url, articles_branch="main", articles_poll_seconds=0,
        articles_webhook_secret=settings.articles_webhook_secret.__class__(secrets.token_hex(16)),
        trusted_proxies="127.0.0.1", **known,
    )  # fmt: skip


def is_shown(word: str, answer: Response) -> bool:
    """Return whether a word stands in what a search shows; addresses hold what was typed, and are no matter."""
    return any(word in f"{one['title']} {one['heading']} {one['snippet']}" for one in answer.json()["results"])


def reads(address: str, one: Stable) -> bool:
    """Return whether an article is found by its title, as long as nobody changes anything."""
    visitor = Visitor(address, Figures())
    answer = visitor.ask("first", "/api/search", params={"q": one.title, "lang": one.lang})
    page = visitor.ask("first", "/search", params={"q": one.title, "lang": one.lang})
    visitor.close()
    return bool(answer and page and f'"{one.slug}"' in answer.text and f"/articles/{one.slug}" in page.text)


@contextmanager
def reading(readers: list[Reader]) -> Iterator[None]:
    """Let everybody read meanwhile."""
    done = threading.Event()
    with ThreadPoolExecutor(len(readers)) as threads:
        running_on = [threads.submit(reader.read, done) for reader in readers]
        try:
            yield
        finally:
            done.set()
    for one in running_on:
        one.result()


def served_wrongly(index: Path, pushes: int) -> Iterator[str]:
    """Look through every version that is kept: what customers read must hold nothing that was wrong."""
    for file in index.glob("2*/public/shards/*/*.jsonl"):
        text = file.read_text(encoding="utf-8")
        yield from (f"{file} holds {bad_of(one)}" for one in range(1, pushes + 1) if bad_of(one) in text)
    if not Versions(index).current():
        yield "there is no version"


def show(story: Story, figures: Figures, title: str) -> None:
    """Print how long each kind took, what readers waited for, and what went wrong."""
    console = Console(width=WIDTH, highlight=False)
    shown = Table("change", "n", "median s", "p95 s", "max s", title=f"From push to findable: {title}")
    every = [value for values in story.seconds.values() for value in values]
    for name, values in [*story.seconds.items(), *([("all", every)] if every else [])]:
        figures_of = (median(values), percentile(values, 0.95), max(values))
        shown.add_row(name, str(len(values)), *(f"{value:.2f}" for value in figures_of))
    asked = Table("readers", "n", "p50 ms", "p95 ms", "p99 ms")
    for name, times in sorted(figures.times.items()):
        shares = (percentile(times, 0.5), percentile(times, 0.95), percentile(times, 0.99))
        asked.add_row(name, str(len(times)), *(f"{value:.0f}" for value in shares))
    console.print(shown, asked)
    errors, wrong = dict(figures.errors) or "none", len(story.wrong) or "nothing"
    console.print(f"Failed requests: {errors}. Not as it must be: {wrong}.")
    console.print(*story.wrong[:20], sep="\n", markup=False)
    console.print(f"Who pushes and reads works on the same machine, whose load was {os.getloadavg()[0]:.1f} "
                  f"on {os.cpu_count()} processors.")  # fmt: skip
