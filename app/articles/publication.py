"""Publication: what the builder of the index did last, in a small file that pages read.

DATA/publish/status.json    what was published, and why what came later was not
DATA/publish/wake           touched by whoever wants the builder to look now
"""

from __future__ import annotations

import fcntl
import logging
import os
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from app.articles.article import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NANO = 1_000_000_000
DEATHS = 2
"""How often in a row the builder may end before people are told."""

log = logging.getLogger(__name__)


class Trouble(StrEnum):
    """Why what is served may be older than what authors wrote."""

    UNREACHABLE = "unreachable"
    """The remote repository does not answer."""
    NO_BRANCH = "no-branch"
    """It answers, but has no such branch."""
    GIT = "git"
    """Git failed here: no disk space, no rights, no git."""
    NO_FOLDER = "no-folder"
    """The folder of the articles is gone."""
    EMPTY = "empty"
    """There were articles, and now there is not one."""
    BUILD = "build"
    """The index could not be built."""
    DIES = "dies"
    """What builds it ends again and again: no memory, perhaps."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong last, in the words of whoever noticed."""

    trouble: Trouble
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """A commit and who made it when; empty where git knows nothing of the folder."""

    commit: str = ""
    author: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published, and what stands in the way of what is newer."""

    state: str = ""
    """What the articles looked like: a commit, or the digest of a folder; "" when nothing was published yet."""
    source: str = ""
    """Where they came from, without a password."""
    signature: Signature = Signature()
    rewritten: bool = False
    """The branch was moved by force: what was published before is no part of its history."""
    version: str = ""
    public: int = 0
    internal: int = 0
    """Editions that agents may read, the public ones among them."""
    faults: tuple[Fault, ...] = ()
    seconds: float = 0.0
    """How long it took from looking to switching."""
    published_at: datetime | None = None
    looked_at: datetime | None = None
    failure: Failure | None = None


PUBLICATION = TypeAdapter(Publication)


class Publications:
    """The folder in which the builder and the pages tell each other."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when something is written."""
        self.folder = folder

    def read(self) -> Publication:
        """Return what was noted last; an empty one when nothing was, or it cannot be read."""
        try:
            return PUBLICATION.validate_json((self.folder / "status.json").read_bytes())
        except (OSError, ValueError):
            return Publication()

    def write(self, publication: Publication) -> None:
        """Note it, in one step; where that fails the log says so, and what was built is served all the same."""
        fresh = self.folder / "status.json.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(PUBLICATION.dump_json(publication, indent=1))
            fresh.replace(self.folder / "status.json")
        except OSError as error:
            log.warning("%s cannot be written: %s", fresh, error)

    def note_death(self, times: int, how: str) -> None:
        """Note that the builder has ended by itself, `times` in a row; once is none: it is started again and goes on.

        It takes this back itself, as soon as it has looked and found nothing wrong.
        """
        if times < DEATHS:
            return
        last = self.read()
        known = last.failure if last.failure and last.failure.trouble is Trouble.DIES else None
        detail = f"The builder of the index ended {times} times in a row, at last by {how}. The log says more."
        failure = Failure(Trouble.DIES, detail, known.at if known else datetime.now(UTC))
        self.write(replace(last, failure=failure))

    def wake(self) -> None:
        """Ask the builder to look now; OSError when that cannot be noted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "wake").touch()
        os.utime(self.folder / "wake")

    def woken(self) -> int:
        """Return a number that changes with each call of `wake`."""
        with suppress(OSError):
            return (self.folder / "wake").stat().st_mtime_ns
        return 0

    def is_waiting(self) -> bool:
        """Whether the builder was called and has not looked since."""
        looked = self.read().looked_at
        return self.woken() / NANO > (looked.timestamp() if looked else 0.0)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one process at a time fetch and build; a second one waits. Where nothing can be written, all may."""
        with ExitStack() as held:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                lock = held.enter_context((self.folder / ".lock").open("w"))
                fcntl.flock(lock, fcntl.LOCK_EX)
            except OSError as error:
                log.warning("%s cannot be locked: %s", self.folder, error)
            yield
