"""Rendering: all articles made ready, in worker processes that are stopped when one article takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.articles.article import Article, Block, Fault, Rendered, Section
from app.articles.markdown import referring

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.articles.directory import Directory

LONGEST = 5.0
"""Seconds of processor time one article may take."""

PATIENCE = 6
"""Times as long by the clock, should the worker not have stopped itself: a busy machine keeps no article out."""

FEW = 20
"""Articles that are not worth another worker."""

_ROOT = Path(__file__).parents[2]
_WORKER = "import sys; from app.articles.worker import main; main(sys.stdin, sys.stdout)"


def render_all(
    articles: Iterable[Article], directory: Directory, seconds: float = LONGEST
) -> tuple[tuple[Rendered, ...], tuple[Fault, ...]]:
    """Render articles of one audience, in their order; one that takes too long is a fault and left out.

    Links to what is not in its directory are dropped: a page of public articles never names an internal one.
    """
    articles = tuple(articles)
    crew = _Crew(directory, seconds)
    try:
        with ThreadPoolExecutor(_size(len(articles))) as threads:
            results = list(threads.map(crew.render, articles))
    finally:
        crew.dismiss()
    rendered = tuple(result for result in results if isinstance(result, Rendered))
    return rendered, tuple(result for result in results if isinstance(result, Fault))


def render_one(article: Article, directory: Directory, seconds: float = LONGEST) -> Rendered | Fault:
    """Render one article; links to what is not in its directory are dropped."""
    crew = _Crew(directory, seconds)
    try:
        return crew.render(article)
    finally:
        crew.dismiss()


def _size(articles: int) -> int:
    return max(1, min(os.cpu_count() or 1, -(-articles // FEW)))


class _Crew:
    """The workers of one call, each used by one thread at a time; one that did not survive an article is replaced."""

    def __init__(self, directory: Directory, seconds: float) -> None:
        self._directory = directory
        self._seconds = seconds
        self._free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()

    def render(self, article: Article) -> Rendered | Fault:
        worker = self._take()
        answer = worker.ask(article)
        if answer is None:
            worker.stop()
            return Fault(article.path, 1, "this takes too long to render. Look for very many brackets, or split it.")
        self._free.put(worker)
        return _read(answer, article, self._directory)

    def dismiss(self) -> None:
        while not self._free.empty():
            self._free.get().stop()

    def _take(self) -> _Worker:
        try:
            return self._free.get_nowait()
        except queue.Empty:
            return _Worker(self._directory, self._seconds)


class _Worker:
    """One process that renders one article after the other."""

    def __init__(self, directory: Directory, seconds: float) -> None:
        command = [sys.executable, "-c", _WORKER]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=_ROOT, stdin=pipe, stdout=pipe)  # noqa: S603 - our own module
        self._patience = seconds * PATIENCE
        known = asdict(directory) | {"media": None if directory.media is None else sorted(directory.media)}
        self._write({"seconds": seconds, "directory": known})

    def ask(self, article: Article) -> bytes | None:
        """Have an article rendered; None when the worker ended over it."""
        impatience = threading.Timer(self._patience, self._process.kill)
        impatience.start()
        try:
            self._write({"path": article.path, "body": article.body})
            answer = self._process.stdout.readline()  # type: ignore[union-attr]
        finally:
            impatience.cancel()
        return answer if answer.endswith(b"\n") else None

    def stop(self) -> None:
        """End the process and wait for its end."""
        self._process.kill()
        self._process.communicate()

    def _write(self, message: object) -> None:
        with contextlib.suppress(BrokenPipeError):  # what then fails is the answer
            self._process.stdin.write(json.dumps(message).encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]


def _read(answer: bytes, article: Article, directory: Directory) -> Rendered | Fault:
    told = json.loads(answer)
    if "error" in told:
        return Fault(article.path, 1, f"this cannot be rendered ({told['error']}). Simplify what is nested deeply.")
    sections = tuple(
        Section(anchor, tuple(headings), tuple(Block(text, step) for text, step in blocks))
        for anchor, headings, blocks in told["sections"]
    )
    return Rendered(referring(article, directory), told["html"], sections, tuple(told["steps"]))
