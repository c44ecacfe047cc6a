"""A contact: one documented conversation with a caller, and what a browser may send of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from app.text import clean_line, clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Language = Literal["de", "en"]

MAX_NOTES = 20_000  # characters
MAX_TEXT = 300  # characters of a text of an event; a longer one is cut
MAX_EVENTS = 100  # in one save
MAX_JSON = 4_000  # characters of one event as it arrives
MAX_STEP = 999
LONGEST = timedelta(days=2)
"""How far back a browser without a connection can say that something happened."""
LINES: Mapping[str, int] = MappingProxyType({"caller": 100, "email": 254, "phone": 40})
"""The fields of one line, with their most characters."""
FIELDS = ("agent", "version", "tab", "turn", "ago", "lang", *LINES, "notes")
"""What a save has once each; `event` may be repeated."""

_NAME = re.compile(r"[A-Za-z0-9_-]{16,40}", re.ASCII)
_SLUG = re.compile(r"\w[\w.-]{0,199}")
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


class Outcome(StrEnum):
    """How a contact stands, or how it ended."""

    OPEN = "open"
    SOLVED = "solved"
    TICKET = "ticket"
    ESCALATED = "escalated"
    CALLBACK = "callback"


OUTCOMES: Mapping[Outcome, frozenset[Outcome]] = MappingProxyType(
    {
        Outcome.OPEN: frozenset({Outcome.SOLVED, Outcome.TICKET, Outcome.ESCALATED, Outcome.CALLBACK}),
        Outcome.SOLVED: frozenset(),
        Outcome.TICKET: frozenset(),
        Outcome.ESCALATED: frozenset(),
        Outcome.CALLBACK: frozenset(),
    }
)
"""Where a contact can go from each outcome: it ends once."""


class IllegalOutcome(Exception):
    """The table has no such way; nothing has changed."""


class BadContact(ValueError):
    """Something in a save cannot be taken: `field` says what; nothing was stored."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class EventKind(StrEnum):
    """What happened in a contact."""

    SEARCHED = "searched"
    OPENED = "opened"
    TICKED = "ticked"
    UNTICKED = "unticked"
    COPIED = "copied"
    MAILED = "mailed"
    WRONG = "wrong"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. Its key was made where it happened: the same one again is the same event."""

    key: str
    kind: EventKind
    at: datetime
    slug: str = ""
    lang: str = ""
    title: str = ""
    step: int = 0
    text: str = ""
    """What was searched, the step's words, where it was mailed to, or what is wrong or missing."""
    words: str = ""
    """What was searched before an article was flagged."""


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """All that a browser knows of a contact, with the events that the server may not have yet."""

    id: str
    version: int
    """Which version the browser changed; 0 where it began the contact itself."""
    tab: str
    """Which window writes, so that it is not taken for another one when an answer was lost."""
    turn: int
    """Counts the saves of that window."""
    started_at: datetime
    lang: Language
    caller: str
    email: str
    phone: str
    notes: str
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as it is kept."""

    id: str
    agent_id: int
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    lang: Language
    caller: str
    email: str
    phone: str
    notes: str
    ticket: str | None
    """Number of the ticket that it became."""
    callback_at: datetime | None
    version: int
    events: tuple[Event, ...]

    def lasted(self, now: datetime) -> timedelta:
        """Return how long it took, or has taken until now."""
        return (self.ended_at or now) - self.started_at

    @property
    def subject(self) -> str:
        """What it is about in one line: how the notes begin, or what was searched last; empty where neither is."""
        searched = (event.text for event in reversed(self.events) if event.kind is EventKind.SEARCHED)
        line = clean_line(self.notes.split("\n", 1)[0]) or next(searched, "")
        return line if len(line) <= 100 else line[:99].rstrip() + "…"  # noqa: PLR2004 - characters of a line


def ended(outcome: Outcome, new: Outcome) -> Outcome:
    """Return the outcome that follows; raise IllegalOutcome where OUTCOMES has none."""
    if new not in OUTCOMES[outcome]:
        allowed = ", ".join(sorted(OUTCOMES[outcome])) or "nothing: it has ended"
        raise IllegalOutcome(f'A contact that is "{outcome}" cannot become "{new}". It can become {allowed}.')
    return new


def read_draft(name: str, fields: Iterable[tuple[str, str]], now: datetime) -> ContactDraft:
    """Return what the fields of a save say of the contact called `name`; raise BadContact for the first fault."""
    given, events = _parted(fields)
    return ContactDraft(
        id=_name("id", name),
        version=_count("version", given["version"]),
        tab=_name("tab", given["tab"]),
        turn=_count("turn", given["turn"]),
        started_at=now - _ago("ago", given["ago"]),
        lang=_language(given["lang"]),
        caller=_line("caller", given["caller"]),
        email=_line("email", given["email"]),
        phone=_line("phone", given["phone"]),
        notes=_notes(given["notes"]),
        events=tuple(read_event(text, now) for text in events),
    )


def read_event(text: str, now: datetime) -> Event:
    """Return the event that a browser sent as one JSON object; raise BadContact for anything else.

    It tells how many seconds ago it happened: clocks of browsers may be wrong, but they run as fast as others.
    """
    told = _json(text)
    kind = told.pop("kind", None)
    if not isinstance(kind, str) or kind not in _READERS:
        raise BadContact("event", f"{kind!r:.40} is no event that can be sent. Known are {', '.join(_READERS)}.")
    readers: dict[str, Callable[[str, Any], Any]] = {"key": _name, "ago": _ago, **_READERS[kind]}
    if told.keys() != readers.keys():
        raise BadContact("event", f"An event {kind!r} has {', '.join(readers)}, not {', '.join(told)}.")
    values = {field: read(field, told[field]) for field, read in readers.items()}
    return Event(kind=EventKind(kind), at=now - values.pop("ago"), **values)


def _parted(fields: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """Return the fields that are there once, and the events; unknown, missing and repeated fields are refused."""
    once: dict[str, str] = {}
    events: list[str] = []
    for field, text in fields:
        if field == "event":
            events.append(text)
        elif field not in FIELDS or field in once:
            raise BadContact(field, f"{field!r:.40} is no field of a contact, or comes twice. Reload the page.")
        else:
            once[field] = text
    if missing := [field for field in FIELDS if field not in once]:
        raise BadContact(missing[0], f"{missing[0]!r} is missing. Reload the page.")
    if len(events) > MAX_EVENTS:
        raise BadContact("event", f"{len(events)} events at once are too many. Send {MAX_EVENTS} at a time.")
    return once, events


def _json(text: str) -> dict[str, Any]:
    if len(text) > MAX_JSON:
        raise BadContact("event", f"An event has at most {MAX_JSON} characters, this one has {len(text)}.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BadContact("event", f"{text!r:.40} is no JSON.") from None
    if not isinstance(value, dict):
        raise BadContact("event", f"An event is a JSON object, not {type(value).__name__}.")
    return value


def _name(field: str, value: Any) -> str:
    """Read what browsers make to tell one thing from another: 16 to 40 letters, digits, "-" and "_"."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise BadContact(field, f"{value!r:.60} names nothing. A name has 16 to 40 letters and digits.")
    return value


def _count(field: str, value: Any) -> int:
    if not _COUNT.fullmatch(str(value)):
        raise BadContact(field, f"{value!r:.40} is no number.")
    return int(value)


def _ago(field: str, value: Any) -> timedelta:
    """Read seconds; whoever says more than LONGEST means LONGEST."""
    return min(timedelta(seconds=_count(field, value)), LONGEST)


def _step(field: str, value: Any) -> int:
    step = _count(field, value)
    if not 1 <= step <= MAX_STEP:
        raise BadContact(field, f"{step} is no step. Steps count from 1 to {MAX_STEP}.")
    return step


def _language(value: str) -> Language:
    if value not in {"de", "en"}:
        raise BadContact("lang", f"{value!r:.40} is no language that we speak.")
    return "en" if value == "en" else "de"


def _event_language(_field: str, value: Any) -> str:
    return _language(str(value))


def _slug(field: str, value: Any) -> str:
    if not isinstance(value, str) or not _SLUG.fullmatch(value):
        raise BadContact(field, f"{value!r:.60} is no name of an article.")
    return value


def _cut(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadContact(field, f"{value!r:.40} is no text.")
    return clean_line(value)[:MAX_TEXT].rstrip()


def _said(field: str, value: Any) -> str:
    text = _cut(field, value)
    if not text:
        raise BadContact(field, f"{field!r} is empty.")
    return text


def _line(field: str, text: str) -> str:
    line = clean_line(text)
    if len(line) > LINES[field]:
        raise BadContact(field, f"{field!r} has {len(line)} characters. Shorten it to {LINES[field]}.")
    return line


def _notes(text: str) -> str:
    notes = clean_text(text)
    if len(notes) > MAX_NOTES:
        raise BadContact("notes", f"The notes have {len(notes)} characters. Shorten them to {MAX_NOTES}.")
    return notes


_ARTICLE: Mapping[str, Callable[[str, Any], Any]] = MappingProxyType(
    {"slug": _slug, "lang": _event_language, "title": _said}
)
_READERS: Mapping[str, Mapping[str, Callable[[str, Any], Any]]] = MappingProxyType(
    {
        EventKind.SEARCHED: {"text": _said},
        EventKind.OPENED: _ARTICLE,
        EventKind.TICKED: {**_ARTICLE, "step": _step, "text": _cut},
        EventKind.UNTICKED: {**_ARTICLE, "step": _step, "text": _cut},
        EventKind.COPIED: _ARTICLE,
        EventKind.WRONG: {**_ARTICLE, "text": _cut, "words": _cut},
        EventKind.MISSING: {"text": _cut, "words": _cut},
    }
)
"""What a browser tells of each kind. That an article was mailed is written down by whoever mails it."""
