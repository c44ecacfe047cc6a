"""A ticket: what comes in at the border (TicketDraft) and what is kept (Ticket)."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from app.text import clean_line, clean_text
from app.tickets.address import check_address
from app.tickets.attachment import clean_name, media_type
from app.tickets.rating import Rating
from app.tickets.state import TicketState
from app.tickets.trail import Trail, write_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

Language = Literal["de", "en"]

MAX_NAME = 100  # characters
MAX_DESCRIPTION = 20_000  # characters, also of an answer
MAX_CATEGORY = 100  # characters
MAX_SUMMARY = 4_000  # characters
MAX_TAGS = 100  # characters of all tags of a ticket together
MAX_ATTACHMENT = 10 * 1024 * 1024  # bytes
IPV4_PREFIX = 24  # bits: the neighbours of one office count as one sender
IPV6_PREFIX = 56  # bits: what one home is given

_SLUG = re.compile(r"\w[\w.-]*")
_Value = TypeVar("_Value")


class Urgency(StrEnum):
    """How pressing it is for the visitor."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Problem(StrEnum):
    """Why a field was refused. These are ids; the page has the words."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NO_ADDRESS = "no_address"
    UNKNOWN = "unknown"
    EMPTY_FILE = "empty_file"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"


class Invalid(Exception):
    """Some fields cannot be taken: `faults` has every one of them with its problem."""

    def __init__(self, faults: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(f"{field}: {problem}" for field, problem in faults.items()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that may be kept: an image, a PDF or a text of at most 10 MB, under a harmless name."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A ticket that can be sent: every field kept its rule."""

    key: str
    sender: str
    """Where it came from, as `sender_hash` made it; counted for the limits."""
    lang: Language
    name: str
    email: str
    description: str
    category: str
    urgency: Urgency
    trail: Trail
    attachment: Attachment | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of what was written: a repeat of the form has the same, another form with the same key has not."""
        file = self.attachment and [self.attachment.name, hashlib.sha256(self.attachment.data).hexdigest()]
        written = [self.name, self.email, self.description, self.category, self.urgency, self.lang, file]
        trail = [write_entry(entry) for entry in self.trail.entries]
        return hashlib.sha256(json.dumps([written, trail]).encode()).hexdigest()


class Author(StrEnum):
    """Who wrote a message."""

    VISITOR = "visitor"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An attachment as it is kept: the bytes are under their SHA-256 in the folder of files."""

    name: str
    media_type: str
    size: int
    """Bytes."""
    sha256: str
    id: int = 0
    """Its number among all files, for addresses at the desk; it grants nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """What someone wrote in a ticket."""

    author: Author
    text: str
    at: datetime
    internal: bool = False
    files: tuple[KeptFile, ...] = ()
    who: str | None = None
    """The name of the agent who wrote it."""
    shown: int | None = None
    """Characters of the text before the quote and the signature of a mail, which are folded; None shows all."""
    sender: str | None = None
    """The address from which it came by mail, where that is not the ticket's."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed, when, by whom, from what, to what; a ticket that was opened came from nothing.

    `what` is state, level, assignee, tags, category, urgency, rule, merged or linked; nobody and no tags are an
    empty text.
    """

    at: datetime
    who: str
    what: str
    was: str | None
    became: str


@dataclass(frozen=True, slots=True)
class Times:
    """Until when a ticket is due. Its customer reads only `respond_by`: what was promised."""

    respond_by: datetime | None = None
    """Until when the customer is answered; None while nobody waits for an answer."""
    solve_by: datetime | None = None
    """Until when it is solved, without the time that it stands still."""
    due_by: datetime | None = None
    """The sooner of the two; None while it waits for the customer, or is solved."""
    warn_at: datetime | None = None
    """From when on that is soon."""
    climb_at: datetime | None = None
    """When a rule hands it to a higher level if it is not answered before."""
    answered_at: datetime | None = None
    """When an agent answered first."""
    waiting_since: datetime | None = None
    """Since when it waits for the customer, or is solved."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it is kept. It does not know its key: of that only the hash is stored."""

    number: str
    """For people, like W-2026-000123; it grants nothing."""
    state: TicketState
    level: int
    lang: Language
    name: str
    email: str
    category: str
    urgency: Urgency
    opened_at: datetime
    changed_at: datetime
    trail: Trail
    messages: tuple[Message, ...]
    """Oldest first; read by the visitor's key only the public ones."""
    changes: tuple[Change, ...]
    """Oldest first; read by the visitor's key only those of the state, without the names of agents."""
    version: int = 1
    """Counts up with every change. This and all below is for staff: read by the visitor's key it says nothing."""
    assignee: str | None = None
    """Id of the agent who has it."""
    summary: str | None = None
    """What the level before says: what is known, what was tried, what is asked; or its answer."""
    tags: tuple[str, ...] = ()
    solution: int | None = None
    """Id of the message that solved it last; read by the visitor's key too, as are the ratings."""
    ratings: tuple[Rating, ...] = ()
    """What the customer said of its solutions, in their order."""
    successor: str = ""
    """Number of the ticket of the same customer that it was merged into; read by the visitor's key too."""
    times: Times = Times()
    """Of these the visitor's key reads `respond_by`."""


def draft(  # noqa: PLR0913, PLR0917 - one form, checked in one place
    fields: Mapping[str, str],
    trail: Trail,
    attachment: Attachment | None,
    key: str,
    sender: str,
    lang: Language,
    *,
    categories: Collection[str] | None = None,
) -> TicketDraft:
    """Return the draft of the form fields name, email, description, category, urgency; raise Invalid with every fault.

    `categories` are the slugs that exist; without them any slug will do. A missing urgency is "normal".
    """
    values: dict[str, Any] = {}
    faults: dict[str, Problem] = {}
    for field, check in _checks(categories).items():
        try:
            values[field] = check(fields.get(field, ""))
        except _Refused as refused:
            faults[field] = refused.problem
    if faults:
        raise Invalid(faults)
    return TicketDraft(key=key, sender=sender, lang=lang, trail=trail, attachment=attachment, **values)


def check_message(text: str) -> str:
    """Return the cleaned text of an answer; raise Invalid for the field `text`."""
    return _checked("text", lambda: _sized(clean_text(text), MAX_DESCRIPTION))


def check_summary(text: str) -> str:
    """Return the cleaned summary for another level; raise Invalid for the field `summary`."""
    return _checked("summary", lambda: _sized(clean_text(text), MAX_SUMMARY))


def check_email(text: str) -> str:
    """Return the one address in its ASCII form; raise Invalid for the field `email`."""
    return _checked("email", lambda: _email(text))


def check_category(text: str, known: Collection[str] | None = None) -> str:
    """Return the slug of a category, one of the `known` if these are given; raise Invalid for the field `category`."""
    return _checked("category", lambda: _category(text.strip(), known))


def check_tags(text: str) -> tuple[str, ...]:
    """Return the tags in lower case and without repeats; raise Invalid for the field `tags`.

    White space and commas end a tag. It has letters, digits, `_`, `.` and `-`, and begins with none of the last two.
    """
    return _checked("tags", lambda: _tags(text))


def check_attachment(name: str, data: bytes) -> Attachment:
    """Return the attachment under a cleaned name; raise Invalid for the field `attachment`."""
    if not data:
        raise Invalid({"attachment": Problem.EMPTY_FILE})
    if len(data) > MAX_ATTACHMENT:
        raise Invalid({"attachment": Problem.TOO_LARGE})
    kind = media_type(name, data)
    if kind is None:
        raise Invalid({"attachment": Problem.WRONG_TYPE})
    return Attachment(clean_name(name, kind), kind, data)


def sender_hash(secret: bytes, address: str) -> str:
    """Return the HMAC of the network an IP address belongs to: it can be counted, but not read back."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        network = address  # a socket without address, as under a test client: all of these are one sender
    else:
        bits = IPV4_PREFIX if ip.version == 4 else IPV6_PREFIX  # noqa: PLR2004 - the version's name is its number
        network = str(ipaddress.ip_network((ip, bits), strict=False))
    return hmac.new(secret, network.encode(), hashlib.sha256).hexdigest()


def _checked(field: str, check: Callable[[], _Value]) -> _Value:
    try:
        return check()
    except _Refused as refused:
        raise Invalid({field: refused.problem}) from None


class _Refused(ValueError):
    """A field cannot be taken."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def _checks(categories: Collection[str] | None) -> dict[str, Callable[[str], str]]:
    return {
        "name": lambda text: _sized(clean_line(text), MAX_NAME),
        "email": _email,
        "description": lambda text: _sized(clean_text(text), MAX_DESCRIPTION),
        "category": lambda text: _category(text.strip(), categories),
        "urgency": _urgency,
    }


def _sized(text: str, most: int) -> str:
    if not text:
        raise _Refused(Problem.MISSING)
    if len(text) > most:
        raise _Refused(Problem.TOO_LONG)
    return text


def _email(text: str) -> str:
    if not text.strip():
        raise _Refused(Problem.MISSING)
    try:
        return check_address(text)
    except ValueError:
        raise _Refused(Problem.NO_ADDRESS) from None


def _category(text: str, known: Collection[str] | None) -> str:
    slug = _sized(text, MAX_CATEGORY)
    if not _SLUG.fullmatch(slug) or (known is not None and slug not in known):
        raise _Refused(Problem.UNKNOWN)
    return slug


def _tags(text: str) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(clean_line(text).lower().replace(",", " ").split()))
    if len(" ".join(tags)) > MAX_TAGS:
        raise _Refused(Problem.TOO_LONG)
    if not all(_SLUG.fullmatch(tag) for tag in tags):
        raise _Refused(Problem.UNKNOWN)
    return tags


def _urgency(text: str) -> Urgency:
    try:
        return Urgency(text.strip() or Urgency.NORMAL)
    except ValueError:
        raise _Refused(Problem.UNKNOWN) from None
