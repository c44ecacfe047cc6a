"""Killing: the builder is killed at random moments while changes go on, and what is published stays whole."""

from __future__ import annotations

import logging
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from app import keeper
from app.articles.publication import Publications
from app.changes import make, slug_of, word_of
from app.git_server import Repository
from app.pushing import begin, following
from app.rehearsal import ROOT, environment_of
from app.search.searcher import Searcher
from app.search.versions import KEPT, Audience, NoIndex, Versions
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


MOST_KILLS = 10_000
PAUSES = (0.02, 0.02)
"""Seconds until the builder is started again, here: it is killed more often than any fault would."""
PATIENCE_SECONDS = 300.0
"""For the first version; everything after it takes seconds."""
MOST_LITTER = 3
"""Folders and files of half a build, or of half a fetch, that may lie about until the next one sweeps them away."""
BEYOND = 1.2
"""Up to which multiple of the time that it takes the builder is left alone: so some are finished."""
TOLD_EVERY = 20
"""Kills between two lines that say how far it is."""
WIDTH = 120

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Times:
    """How many seconds after its start the builder has fetched, and has switched to what it built."""

    fetched: float
    live: float

    def moment(self, *, often: bool) -> float:
        """Return a moment at random: any time of its life, or mostly while it builds."""
        building = self.live - self.fetched
        start, end = (self.fetched - building / 2, self.live + building / 2) if often else (0.0, BEYOND * self.live)
        return random.uniform(max(0.0, start), end)  # noqa: S311 - no secret


@dataclass(slots=True)
class Trial:
    """A builder, the repository that it follows, and what was noticed."""

    repository: Repository
    settings: Settings
    keeper: keeper.Keeper
    wrong: list[str] = field(default_factory=list)
    moments: Counter[str] = field(default_factory=Counter)
    """How often it was killed, by what it was doing."""
    number: int = 0
    pid: int = 0
    """Of the builder that was killed last."""

    @property
    def versions(self) -> Versions:
        """What is built, seen by somebody who has just come."""
        return Versions(self.settings.index)

    def change(self) -> None:
        """Push something new, and call the builder."""
        self.number += 1
        make(self.repository, "new article", self.number)
        self.repository.push()
        Publications(self.settings.data / "publish").wake()

    def begun(self, previous: int) -> int:
        """Wait until the builder is there anew, and return its number."""
        wait_for(lambda: self.keeper.pid not in {0, previous})
        return self.keeper.pid

    def kill(self, pid: int, before: str) -> None:
        """Kill it, and note what it was doing; `before` is the version that was current when it began."""
        writing, finished = any(self.settings.index.glob(".building-*")), self.versions.current() != before
        os.kill(pid, signal.SIGKILL)
        self.moments["while it wrote" if writing else "after it wrote" if finished else "before it wrote"] += 1

    def look(self) -> None:
        """Let somebody who has just come search the current version, for both audiences; nothing may lie about."""
        for audience in ("public", "internal"):
            self._search(audience)
        litter = list(self.litter())
        if len(litter) > MOST_LITTER:
            self.wrong.append(f"{self.number}: {len(litter)} leftovers, as {litter[0]}")

    def _search(self, audience: Audience) -> None:
        name = self.versions.current()
        try:
            searcher = Searcher(self.versions, audience, None)
        except NoIndex as error:
            self.wrong.append(f"{self.number}: {error}")
            return
        found = [one.slug for one in searcher.search(f"Probe {word_of(0)}", "de").results]
        if slug_of(0) not in found or searcher.index.version < name:
            self.wrong.append(f"{self.number}: {audience} of {name} cannot be searched")

    def litter(self) -> Iterator[Path]:
        """Yield what a killed builder left behind and nothing reads: unfinished versions, locks, half fetches."""
        index, data = self.settings.index, self.settings.data
        whole = set(self.versions.names())
        yield from (path for path in index.iterdir() if path.is_dir() and path.name not in whole)
        yield from (index / name for name in sorted(whole)[: -KEPT - MOST_LITTER])
        yield from index.glob("*.new")
        yield from data.glob("checkout.*")
        yield from (data / "checkout/.git").rglob("*.lock")
        yield from (data / "checkout/.git/objects").rglob("tmp_*")

    def is_fetched(self) -> bool:
        """Whether the files of the last change are there to be read."""
        return (self.settings.data / "checkout/articles/public/probe" / f"{slug_of(self.number)}.md").exists()

    def is_live(self) -> bool:
        """Whether the last change can be found."""
        searcher = Searcher(self.versions, "public", None)
        return slug_of(self.number) in {slug for slug, _ in searcher.index.rendered}


def rehearse_kills(settings: Settings, kills: int) -> int:
    """Kill a builder that was made for that alone so many times; 0 when every version was whole and none litters."""
    if not 1 <= kills <= MOST_KILLS:
        raise ValueError(f"--kills is {kills}. Choose 1 to {MOST_KILLS}.")
    with tempfile.TemporaryDirectory(prefix="wegweiser-") as scratch:
        repository = Repository(Path(scratch), "")
        begin(repository, settings)
        own = following(settings, Path(scratch), str(repository.bare), model=False)
        found = environment_of(own) | surroundings(Path(scratch))
        builder = keeper.Keeper(keeper.command(Path("articles")), PAUSES, found)
        trial = Trial(repository, own, builder)
        builder.start()
        try:
            seconds = live_out(trial, kills)
        finally:
            builder.stop()
        trial.wrong += [f"{path} was left at the end" for path in trial.litter()]
        trial.wrong += [f"{path} was left at the end" for path in (Path(scratch) / "tmp").iterdir()]
    show(trial, kills, seconds)
    return 1 if trial.wrong else 0


def surroundings(scratch: Path) -> dict[str, str]:
    """Return where the builder finds the code, and a folder of its own for temporary files."""
    (scratch / "tmp").mkdir()
    return {"PYTHONPATH": str(ROOT), "TMPDIR": str(scratch / "tmp")}


def live_out(trial: Trial, kills: int) -> float:
    """Kill it again and again, then leave it alone; return how many seconds it takes from its start to a version."""
    wait_for(trial.versions.current)
    times = measured(trial)
    for number in range(kills):
        trial.change()
        pid, before = trial.begun(trial.pid), trial.versions.current()
        time.sleep(times.moment(often=number % 4 > 0))
        trial.kill(pid, before)
        trial.pid = pid
        trial.look()
        if number % TOLD_EVERY == TOLD_EVERY - 1:
            log.info("killed %d of %d times, not as it must be: %d", number + 1, kills, len(trial.wrong))
    trial.change()
    wait_for(trial.is_live)
    wait_for(lambda: not any(trial.litter()), 5)
    trial.look()
    return times.live


def measured(trial: Trial) -> Times:
    """Kill it once, and see how long it takes afterwards to fetch and to build."""
    trial.change()
    trial.pid = trial.keeper.pid
    os.kill(trial.pid, signal.SIGKILL)
    trial.begun(trial.pid)
    start = time.monotonic()
    wait_for(trial.is_fetched)
    fetched = time.monotonic() - start
    wait_for(trial.is_live)
    return Times(fetched, time.monotonic() - start)


def wait_for(done: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so, or until the seconds are over."""
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        threading.Event().wait(0.02)


def show(trial: Trial, kills: int, seconds: float) -> None:
    """Print when it was killed, and what was not whole."""
    console = Console(width=WIDTH, highlight=False)
    console.print(f"Killed {kills} times, within {BEYOND * seconds:.1f} s of its start: {dict(trial.moments)}.")
    console.print(f"Not as it must be: {len(trial.wrong) or 'nothing'}.", *trial.wrong[:20], sep="\n", markup=False)
