"""The keeper: what dies comes back, and nothing outlives the portal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.keeper import Keeper, command, ending, kept

if TYPE_CHECKING:
    from collections.abc import Callable

STEPPING_BACK = "import sys, time; from app.keeper import step_back; step_back(); print(1, flush=True); time.sleep(60)"


def words(path: Path) -> tuple[str, ...]:
    """Return a command that writes down its number and stays."""
    code = f"import os, time; open({str(path)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    return (sys.executable, "-c", code)


def numbers(path: Path) -> list[int]:
    """Return the numbers of all that were started."""
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def wait_for(done: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """Return whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ended(pid: int) -> bool:
    """Return whether a process only waits to be counted: nobody of ours is its parent any more."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def test_a_process_that_is_killed_comes_back(tmp_path: Path) -> None:
    """As often as it takes, and the last one ends with its keeper."""
    path = tmp_path / "pids"
    died: list[tuple[int, str]] = []
    keeper = Keeper(words(path), (0.05, 0.05), died=lambda times, how: died.append((times, how)))
    keeper.start()
    for count in (1, 2):
        wait_for(lambda count=count: len(numbers(path)) == count)  # type: ignore[misc]
        os.kill(numbers(path)[-1], signal.SIGKILL)
    wait_for(lambda: len(numbers(path)) == 3)
    keeper.stop()
    assert not lives(numbers(path)[-1])
    assert died == [(1, "SIGKILL"), (2, "SIGKILL")]


def test_what_a_killed_process_had_started_ends_with_it(tmp_path: Path) -> None:
    """A git that goes on would write into what the next one reads."""
    path = tmp_path / "pids"
    code = f"import subprocess, time; subprocess.Popen({words(path)!r}); time.sleep(60)"
    keeper = Keeper((sys.executable, "-c", code), (60.0, 60.0))
    keeper.start()
    wait_for(lambda: numbers(path))
    os.kill(keeper.pid, signal.SIGKILL)
    wait_for(lambda: not lives(numbers(path)[0]) or ended(numbers(path)[0]))
    keeper.stop()


def test_it_tells_how_a_process_ended() -> None:
    """By the name of the signal, or by its code."""
    assert (ending(-9), ending(1), ending(0)) == ("SIGKILL", "exit code 1", "exit code 0")


def test_it_ends_with_the_block(tmp_path: Path) -> None:
    """In which it is kept."""
    path = tmp_path / "pids"
    with kept(words(path)):
        wait_for(lambda: numbers(path))
    assert not lives(numbers(path)[0])


def test_it_steps_back_and_ends_when_the_portal_is_gone() -> None:
    """Even where that was killed and could say nothing: the pipe tells it."""
    with subprocess.Popen([sys.executable, "-c", STEPPING_BACK], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as one:
        assert one.stdout
        assert one.stdin
        assert one.stdout.readline() == b"1\n"
        assert os.getpriority(os.PRIO_PROCESS, one.pid) > os.getpriority(os.PRIO_PROCESS, 0)
        one.stdin.close()
        assert one.wait(10) == 0


def test_the_command_names_the_folder(tmp_path: Path) -> None:
    """That was given on the command line; all else is in the environment."""
    assert command(tmp_path)[-2:] == ("--articles", str(tmp_path))
