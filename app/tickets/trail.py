"""The trail: what a visitor searched, opened, tried and rated before asking a person.

It lives in the visitor's browser and comes back as the `trail` fields of the ticket form, one JSON object each.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from app.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_ENTRIES = 50
MAX_TEXT = 300  # characters; a longer text is cut
MAX_SLUG = 200  # characters
MAX_STEP = 999
MAX_JSON = 4_000  # characters of one entry as it arrives

_SLUG = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class Searched:
    """The visitor searched for a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The visitor opened an article."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class Tried:
    """The visitor ticked a step of an article, counted from 1."""

    slug: str
    title: str
    step: int
    text: str


@dataclass(frozen=True, slots=True)
class Rated:
    """The visitor said whether an article helped."""

    slug: str
    title: str
    helpful: bool


Entry = Searched | Opened | Tried | Rated


@dataclass(frozen=True, slots=True)
class Trail:
    """What happened before the ticket, in its order and without repeats."""

    entries: tuple[Entry, ...] = ()

    @property
    def read_slugs(self) -> frozenset[str]:
        """The articles that were opened or tried: nobody needs to be shown them again."""
        return frozenset(entry.slug for entry in self.entries if isinstance(entry, Opened | Tried))


def read_trail(texts: Sequence[str]) -> Trail:
    """Return the trail of the form's `trail` fields, without repeats, what cannot be read, and all after the 50th."""
    return Trail(tuple(islice(dict.fromkeys(_readable(texts)), MAX_ENTRIES)))


def _readable(texts: Sequence[str]) -> Iterator[Entry]:
    for text in texts:
        try:
            yield read_entry(text)
        except ValueError:
            continue


def read_entry(json_text: str) -> Entry:
    """Return the entry written by `write_entry` or by trail.js; raise ValueError for anything else."""
    fields = _json_object(json_text)
    kind = fields.pop("kind", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"{kind!r} is no kind of trail entry. Known are {', '.join(_KINDS)}.")
    entry_type, readers = _KINDS[kind]
    if fields.keys() != readers.keys():
        raise ValueError(f"A trail entry {kind!r} has the fields {', '.join(readers)}, not {', '.join(fields)}.")
    return entry_type(**{name: read(fields[name]) for name, read in readers.items()})


def write_entry(entry: Entry) -> str:
    """Return the entry as one line of JSON, with its kind; `read_entry` reads it back."""
    return json.dumps({"kind": type(entry).__name__.lower(), **asdict(entry)}, ensure_ascii=False)


def _json_object(json_text: str) -> dict[str, Any]:
    if len(json_text) > MAX_JSON:
        raise ValueError(f"A trail entry has at most {MAX_JSON} characters, this one has {len(json_text)}.")
    try:
        value = json.loads(json_text)
    except RecursionError:
        raise ValueError("A trail entry is one flat JSON object, not a nested one.") from None
    if not isinstance(value, dict):
        raise ValueError(f"A trail entry is a JSON object, not {type(value).__name__}.")  # noqa: TRY004 - one error type
    return value


def _text(value: object) -> str:
    text = clean_line(value)[:MAX_TEXT].rstrip() if isinstance(value, str) else ""
    if not text:
        raise ValueError(f"{value!r:.80} is no text. Every text of a trail entry says something.")
    return text


def _slug(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_SLUG or not _SLUG.fullmatch(value):
        raise ValueError(f"{value!r:.80} is no name of an article.")
    return value


def _step(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_STEP:
        raise ValueError(f"{value!r:.80} is no step. Steps count from 1 to {MAX_STEP}.")
    return value


def _vote(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r:.80} is no vote. It is true or false.")  # noqa: TRY004 - one error type
    return value


_KINDS: dict[str, tuple[Callable[..., Entry], dict[str, Callable[[object], Any]]]] = {
    "searched": (Searched, {"text": _text}),
    "opened": (Opened, {"slug": _slug, "title": _text}),
    "tried": (Tried, {"slug": _slug, "title": _text, "step": _step, "text": _text}),
    "rated": (Rated, {"slug": _slug, "title": _text, "helpful": _vote}),
}
