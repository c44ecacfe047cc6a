"""Trails: what was searched, read and tried, as the ticket form and the ticket page list it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.text import clean_line
from app.tickets.trail import MAX_ENTRIES, MAX_TEXT, Opened, Searched, Trail, Tried, write_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.datastructures import QueryParams

    from app.articles.article import Language, Rendered
    from app.search.index import Index
    from app.tickets.trail import Entry

Kind = Literal["searched", "opened", "tried", "rated_up", "rated_down"]


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One entry, ready to be read, with the `value` its checkbox sends."""

    value: str
    kind: Kind
    text: str
    title: str = ""
    step: int | None = None


def trail_lines(trail: Trail) -> tuple[TrailLine, ...]:
    """Return the lines of a trail, oldest first; a step names its article only where the line before is of another."""
    before = (None, *(_article(entry) for entry in trail.entries))
    return tuple(_line(entry, last) for entry, last in zip(trail.entries, before, strict=False))


def asked_trail(query: QueryParams, index: Index, lang: Language) -> Trail:
    """Return the trail that an address tells (`?q=…&article=…&step=1&step=3`): how it comes along without scripts.

    What is unknown is left out. A title and a step's text are taken from the article, never from the address.
    """
    entries: list[Entry] = []
    if searched := clean_line(query.get("q", ""))[:MAX_TEXT]:
        entries.append(Searched(searched))
    if read := index.edition(query.get("article", ""), lang):
        entries.append(Opened(read.article.slug, read.article.title[:MAX_TEXT]))
        entries.extend(_tried(read, query.getlist("step")))
    return Trail(tuple(entries[:MAX_ENTRIES]))


def _tried(read: Rendered, numbers: list[str]) -> Iterator[Tried]:
    wanted = set(numbers)
    for number, text in enumerate(read.steps, 1):
        if str(number) in wanted:
            yield Tried(read.article.slug, read.article.title[:MAX_TEXT], number, text[:MAX_TEXT])


def _article(entry: Entry) -> str | None:
    return None if isinstance(entry, Searched) else entry.slug


def _line(entry: Entry, last: str | None) -> TrailLine:
    value = write_entry(entry)
    match entry:
        case Searched(text):
            return TrailLine(value, "searched", text)
        case Opened(_, title):
            return TrailLine(value, "opened", title)
        case Tried(slug, title, step, text):
            return TrailLine(value, "tried", text, "" if slug == last else title, step)
    return TrailLine(value, "rated_up" if entry.helpful else "rated_down", entry.title)
