"""A worker: one process that renders articles, told by JSON lines and answering with one line each.

It ends itself, even inside a regular expression, when an article has used up its seconds of processor time.
"""

from __future__ import annotations

import json
import signal
from typing import IO, TYPE_CHECKING, Any

from app.articles.directory import Directory
from app.articles.markdown import render_body

if TYPE_CHECKING:
    from app.articles.article import Section


def main(read: IO[str], write: IO[str]) -> None:
    """Do a worker's work: the directory and the limit first, then article after article until the input ends."""
    orders = json.loads(read.readline())
    directory = Directory(**orders["directory"])
    for line in read:
        signal.setitimer(signal.ITIMER_VIRTUAL, orders["seconds"])
        answer = _answer(json.loads(line), directory)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        write.write(json.dumps(answer) + "\n")
        write.flush()


def _answer(question: dict[str, str], directory: Directory) -> dict[str, Any]:
    try:
        html, sections, steps = render_body(question["body"], question["path"], directory)
    except Exception as error:  # noqa: BLE001 - whatever one article breaks in Markdown must not take the others down
        return {"error": type(error).__name__}
    return {"html": html, "sections": [_plain(section) for section in sections], "steps": steps}


def _plain(section: Section) -> tuple[str, tuple[str, ...], list[tuple[str, int | None]]]:
    return section.anchor, section.headings, [(block.text, block.step) for block in section.blocks]
