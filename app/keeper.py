"""Keeper: a process beside the portal that is started again when it dies, and ends with the portal."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from stat import S_ISFIFO
from typing import TYPE_CHECKING

from app.job import Job

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NICE = 10
"""How far the process steps back behind those that answer people."""
LOOK_SECONDS = 0.2
STOP_SECONDS = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until a process that died is started again; twice as long each time, unless it has lived for a while."""

log = logging.getLogger(__name__)


class Keeper(Job):
    """Keeps one process running."""

    def __init__(self, words: Sequence[str], first_pause: float = FIRST_PAUSE) -> None:
        """Name the command; nothing is started yet."""
        super().__init__("keeper", 3 * STOP_SECONDS)
        self._words, self._first_pause = tuple(words), first_pause

    def _work(self) -> None:
        pause = self._first_pause
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._live()
            if self._stopping.is_set():
                return
            pause = self._first_pause if time.monotonic() - started > LONGEST_PAUSE else pause
            log.error("The builder of the index ended (%s). It is started again in %g seconds.", code, pause)
            self._stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _live(self) -> int | None:
        """Start the process and wait for its end, or for ours; it keeps a pipe, whose end tells it that we are gone."""
        child = subprocess.Popen(self._words, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - our own
        try:
            while child.poll() is None and not self._stopping.wait(LOOK_SECONDS):
                pass
        finally:
            end(child)
        return child.returncode


def end(child: subprocess.Popen[bytes]) -> None:
    """End a process and take back what it held."""
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdin:
        child.stdin.close()


@contextmanager
def kept(words: Sequence[str]) -> Iterator[Keeper]:
    """Keep a process running for a while."""
    keeper = Keeper(words)
    keeper.start()
    try:
        yield keeper
    finally:
        keeper.stop()


def command(articles: Path) -> tuple[str, ...]:
    """Return the command that publishes the articles of a folder; the other settings come from the environment."""
    return (sys.executable, "-m", "app.commands", "publish", "--articles", str(articles))


def step_back() -> None:
    """Leave the processor to others, and end this process as soon as the one that holds its pipe has ended."""
    with suppress(OSError):
        os.nice(NICE)
    if S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        threading.Thread(target=_end_with_input, name="parent", daemon=True).start()


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(0)
