"""Publisher: brings articles from where authors write them into the index, and tells what it came to.

It runs beside the portal in a process of its own: building needs memory and a processor, and must be free to die.
What it was doing is not lost: it starts with what is published, and looks again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from app.articles.article import Language
from app.articles.checkout import Checkout, Remote
from app.articles.folder import digest_of
from app.articles.git import GitFailed
from app.articles.history import last_commit
from app.articles.library import read_library
from app.articles.local_folder import LocalFolder
from app.articles.publication import Failure, Publication, Publications, Trouble
from app.articles.pull import NotPulled, Place
from app.search.builder import articles_of, build, previous_articles, unchanged, volumes
from app.search.encoder import Encoder
from app.search.versions import Audience, Versions
from app.search.volume import Volume

if TYPE_CHECKING:
    import threading
    from contextlib import AbstractContextManager

    from app.articles.article import Article
    from app.articles.library import Library
    from app.articles.pull import Pull
    from app.search.builder import Built
    from app.settings import Settings

FOLDER_SECONDS = 2.0
"""How often a folder on this machine is looked at; at 4,500 files that takes some 50 ms."""
LOOK_SECONDS = 0.2
"""How soon a call to look is noticed."""
RETRY_SECONDS = 30.0
"""How long a build that failed is left alone."""
NOTE = timedelta(seconds=20)
"""How often is noted that nothing was new."""

log = logging.getLogger(__name__)


class Bar(Protocol):
    """Shows how far a build is."""

    def __call__(self, title: str, /) -> AbstractContextManager[Callable[[int, int], None]]:
        """Open it under a title; what it gives is told what is done, and of how much."""
        ...


@dataclass(slots=True)
class Publisher:
    """Who reads one place of articles and builds one folder of versions."""

    place: Place
    versions: Versions
    publications: Publications
    encoder: Callable[[], Encoder | None]
    """Asked for when something is to be built, not before: a model needs memory."""
    bar: Bar
    default_language: Language = "de"
    _held: Mapping[Audience, Volume] = field(default_factory=dict, init=False)
    """What is published, kept in memory, so that only what is new is read."""

    def run(self, done: threading.Event) -> None:
        """Look again and again, when it is time or when woken, until `done`."""
        while not done.is_set():
            woken = self.publications.woken()
            self.publish()
            self.warm_up()
            failure = self.publications.read().failure
            self._rest(done, woken, RETRY_SECONDS if failure and failure.trouble is Trouble.BUILD else self.place.every)

    def publish(self, *, always: bool = False) -> Built | None:
        """Fetch, and build what is new; None when nothing is, or when it failed: then what was there goes on.

        `always` builds even where nothing seems new, because the code that reads the articles may be.
        """
        with self.publications.alone():
            return self._publish(always=always)

    def warm_up(self) -> None:
        """Have at hand what a build needs, the model above all: or else the first change would wait for it."""
        if self._held:
            return
        try:
            self.encoder()
            self._held = volumes(self.versions)
            read_library(self.place.folder, default_language=self.default_language, previous=self._previous())
        except Exception as error:  # noqa: BLE001 - the first change will meet it again, and tell
            log.warning("What a build needs could not be read beforehand: %s", error)

    def _publish(self, *, always: bool) -> Built | None:
        started, last = time.monotonic(), self.publications.read()
        failure = self._moved()
        try:
            pull = self._settled(last, always=always)
            if pull.state == last.state and not always:
                self._note(last, failure)
                return None
            built = self._build(pull)
        except NotPulled as error:
            self._note(last, failure or failed(error.trouble, error))
            return None
        except Exception as error:  # whatever goes wrong, the last good version goes on and the reason is shown
            if not isinstance(error, OSError):
                log.exception("The index could not be built.")
            self._note(last, failed(Trouble.BUILD, error))
            return None
        fresh = self._published(pull, built, time.monotonic() - started)
        rewritten = last.rewritten if pull.state == last.state else pull.rewritten
        self.publications.write(replace(fresh, failure=failure, rewritten=rewritten))
        return built

    def _moved(self) -> Failure | None:
        try:
            self.place.move()
        except NotPulled as error:
            return failed(error.trouble, error)
        except (GitFailed, OSError) as error:
            return failed(Trouble.GIT, error)
        return None

    def _settled(self, last: Publication, *, always: bool) -> Pull:
        """Return what there is; a folder that has just changed is read once nothing moves in it."""
        pull = self.place.pull()
        if always or pull.state == last.state:
            return pull
        self.place.settle()
        return self.place.pull()

    def _build(self, pull: Pull) -> Built:
        encoder = self.encoder()
        folder = digest_of(self.place.folder, f"{last_commit(self.place.folder)} {self.default_language}")
        if same := unchanged(self.versions, folder, encoder):
            return same
        self._held = self._held or volumes(self.versions)
        library = self._library(pull)
        with self.bar("Reading passages") as progress:
            built = build(self.versions, library, encoder, progress, folder)
        self._held = volumes(self.versions)
        return built

    def _library(self, pull: Pull) -> Library:
        previous = self._previous()
        library = read_library(self.place.folder, default_language=self.default_language, previous=previous)
        if previous and not library.articles:
            raise NotPulled(Trouble.EMPTY, f"There is not one article in {self.place.folder}.")
        return replace(library, faults=(*pull.faults, *library.faults))

    def _previous(self) -> Mapping[str, Article]:
        """Return the last good articles by path: of what is held if that is current, else of whatever can be loaded."""
        held = self._held.get("internal")
        is_current = held is not None and held.version == self.versions.current()
        return articles_of(held) if held and is_current else previous_articles(self.versions)

    def _published(self, pull: Pull, built: Built, seconds: float) -> Publication:
        counts = self.versions.manifest(built.version).get("articles", {})
        return Publication(
            state=pull.state, source=self.place.name, signature=pull.signature, version=built.version,
            public=counts.get("public", 0), internal=counts.get("internal", 0), faults=built.faults,
            seconds=round(seconds, 2), published_at=now(), looked_at=now(),
        )  # fmt: skip

    def _note(self, last: Publication, failure: Failure | None) -> None:
        """Note that was looked, and what went wrong; a failure that goes on began when it began."""
        known = last.failure
        if failure and known and (failure.trouble, failure.detail) == (known.trouble, known.detail):
            failure = known
        elif failure:
            log.error("The articles could not be brought up to date (%s): %s", failure.trouble, failure.detail)
        if failure != known or self._is_due(last):
            self.publications.write(replace(last, looked_at=now(), failure=failure))

    def _is_due(self, last: Publication) -> bool:
        """Whether to note that was looked: not at every look, but when somebody asked for it."""
        return last.looked_at is None or now() - last.looked_at > NOTE or self.publications.is_waiting()

    def _rest(self, done: threading.Event, woken: int, seconds: float) -> None:
        until = time.monotonic() + seconds if seconds else float("inf")
        while time.monotonic() < until and self.publications.woken() == woken:
            if done.wait(LOOK_SECONDS):
                return


def failed(trouble: Trouble, error: Exception) -> Failure:
    """Return a failure that was just noticed."""
    return Failure(trouble, f"{error}" if isinstance(error, NotPulled) else f"{type(error).__name__}: {error}", now())


def now() -> datetime:
    """Return this moment, in UTC."""
    return datetime.now(UTC)


def place_of(settings: Settings) -> Place:
    """Return where the articles come from; ValueError when that cannot be."""
    poll = float(settings.articles_poll_seconds)
    if not settings.articles_remote:
        return LocalFolder(settings.articles, min(poll, FOLDER_SECONDS))
    remote = Remote(settings.articles_remote, settings.articles_branch)
    return Checkout(settings.data.resolve() / "checkout", remote, settings.articles, poll)


def publisher_of(settings: Settings, encoder: Callable[[], Encoder | None], bar: Bar) -> Publisher:
    """Return who builds the index that the settings name."""
    return Publisher(
        place_of(settings), Versions(settings.index), Publications(settings.data / "publish"), encoder,
        bar, settings.default_language,
    )  # fmt: skip
