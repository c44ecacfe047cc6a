"""What git answers to a reader: no more than a size, for no longer than a time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.articles.git import HARMLESS, SILENT
from app.articles.history import environment

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class GitAnswer:
    """What git said, and whether it came to its end."""

    said: bytes = b""
    whole: bool = False


def ask(folder: Path, *words: str, given: str = "", seconds: float, most: int) -> GitAnswer:
    """Run git in a folder; after `seconds`, or `most` bytes, it is ended, and what it said by then is the answer."""
    program = shutil.which("git")
    if program is None or not folder.is_dir():
        return GitAnswer()
    settings = [word for one in HARMLESS for word in ("-c", one)]
    with tempfile.TemporaryFile() as questions:
        questions.write(given.encode("utf-8", "surrogateescape"))
        questions.seek(0)
        with subprocess.Popen(  # noqa: S603 - git by its full path, arguments as a list
            [program, "-C", str(folder), "--no-pager", *settings, *words],
            stdin=questions, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment() | SILENT,
            start_new_session=True,
        ) as process:  # fmt: skip
            return _listen(process, seconds, most)


def _listen(process: subprocess.Popen[bytes], seconds: float, most: int) -> GitAnswer:
    impatience = threading.Timer(seconds, _end, (process,))
    impatience.start()
    try:
        said = process.stdout.read(most + 1)  # type: ignore[union-attr]
        if len(said) > most:
            _end(process)
        return GitAnswer(said[:most], process.wait() == 0)
    finally:
        impatience.cancel()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and whatever it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
