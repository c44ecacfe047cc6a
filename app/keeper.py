"""Keeper: a process beside the portal that is started again when it dies, and ends with the portal."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from stat import S_ISFIFO
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

NICE = 10
"""How far the process steps back behind those that answer people."""
LOOK_SECONDS = 0.2
STOP_SECONDS = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until a process that died is started again; twice as long each time, unless it has lived for a while."""
LONG_LIFE = 60.0
"""Seconds after which it counts as healthy again."""

log = logging.getLogger(__name__)


class Keeper(Job):
    """Keeps one process running."""

    def __init__(
        self,
        words: Sequence[str],
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
        environment: Mapping[str, str] = MappingProxyType({}),
        died: Callable[[int, str], None] = lambda _times, _how: None,
    ) -> None:
        """Name the command, the first and the longest pause, and what the process finds in its environment besides.

        `died` is told each time how often in a row that was, and how.
        """
        super().__init__("keeper", 3 * STOP_SECONDS)
        self._words, self._pauses, self._environment, self._died = tuple(words), pauses, environment, died
        self.pid = 0
        """Of the process that was started last."""

    def _work(self) -> None:
        (first, longest), times = self._pauses, 0
        while not self._stopping.is_set():
            started = time.monotonic()
            how = ending(self._live())
            if self._stopping.is_set():
                return
            times = 1 if time.monotonic() - started > LONG_LIFE else times + 1
            pause = min(first * 2 ** min(times - 1, 30), longest)
            log.error("The builder of the index ended (%s). It is started again in %g seconds.", how, pause)
            self._died(times, how)
            self._stopping.wait(pause)

    def _live(self) -> int | None:
        """Start the process and wait for its end, or for ours; it keeps a pipe, whose end tells it that we are gone."""
        child = subprocess.Popen(  # noqa: S603 - our own
            self._words, stdin=subprocess.PIPE, start_new_session=True, env=os.environ | self._environment
        )
        self.pid = child.pid
        try:
            while child.poll() is None and not self._stopping.wait(LOOK_SECONDS):
                pass
        finally:
            end(child)
        return child.returncode


def end(child: subprocess.Popen[bytes]) -> None:
    """End a process and take back what it held, with all that it started: a git that goes on would be in the way."""
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    with suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)
    if child.stdin:
        child.stdin.close()


def ending(code: int | None) -> str:
    """Return in words how a process ended."""
    names = {-one.value: one.name for one in signal.Signals}
    return names.get(code or 0, f"exit code {code}")


@contextmanager
def kept(words: Sequence[str], died: Callable[[int, str], None] = lambda _times, _how: None) -> Iterator[Keeper]:
    """Keep a process running for a while; `died` is told of each time it ends by itself."""
    keeper = Keeper(words, died=died)
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
