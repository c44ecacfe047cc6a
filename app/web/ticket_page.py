"""The ticket page: where a ticket stands, what was said, and a box to say more."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal

from app.tickets.state import TRANSITIONS, Step, TicketState
from app.tickets.ticket import MAX_DESCRIPTION, Message
from app.web.refusals import Alert, Refusal
from app.web.solution_form import SolutionForm
from app.web.trails import TrailLine, trail_lines

if TYPE_CHECKING:
    from app.tickets.ticket import Ticket
    from app.web.reader import Reader

KEY_BYTES = 24
LINE = (TicketState.NEW, TicketState.OPEN, TicketState.WAITING, TicketState.SOLVED)
"""The four points; for its visitor a closed ticket is a solved one."""

Place = Literal["done", "skipped", "current", "ahead"]


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the line, with the last time the ticket came there."""

    name: TicketState
    place: Place
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer box: what is in it, and what kept it from being sent."""

    key: str
    text: str = ""
    refused: Refusal | None = None


@dataclass(frozen=True, slots=True)
class TicketWish:
    """Whether the customer waits for an article, and for how many days that can be."""

    waits: bool
    days: int


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A ticket as its visitor sees it."""

    template: ClassVar[str] = "ticket.html"
    path: str
    number: str
    email: str
    state: TicketState
    fresh: bool
    """Whether it was sent a moment ago: nothing has happened since."""
    points: tuple[Point, ...]
    answer_by: datetime | None
    """Until when we promised to answer; None while nobody waits for that."""
    late: bool
    can_solve: bool
    messages: tuple[Message, ...]
    """Newest last."""
    solution: SolutionForm | None
    """What asks whether it is solved, where it is."""
    trail: tuple[TrailLine, ...]
    message_key: str
    text: str
    alert: Alert | None
    faults: Mapping[str, str]
    posted: bool
    most_characters: int = MAX_DESCRIPTION
    successor: str = ""
    """Number of the ticket in which this one goes on; empty for none."""
    wish: TicketWish | None = None
    """None where nobody can wait for an article."""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A message that could not be stored and of whose ticket nothing can be read now: its text, to send again."""

    template: ClassVar[str] = "message_kept.html"
    path: str
    message_key: str
    text: str
    alert: Alert | None


def ticket_path(key: str) -> str:
    """Return the address of a ticket on this site."""
    return f"/tickets/{key}"


def new_answer() -> Answer:
    """Return an empty box; its key tells a repeat from a second message."""
    return Answer(secrets.token_urlsafe(KEY_BYTES))


def ticket_page(
    ticket: Ticket, key: str, reader: Reader, answer: Answer, solution: SolutionForm | None = None
) -> TicketPage:
    """Return the page of a ticket."""
    refused, due = answer.refused, ticket.times.respond_by
    return TicketPage(
        path=ticket_path(key),
        number=ticket.number,
        email=ticket.email,
        state=ticket.state,
        fresh=ticket.state == TicketState.NEW and len(ticket.messages) == 1 and not refused,
        points=progress(ticket),
        answer_by=due,
        late=due is not None and reader.now > due,
        can_solve=(ticket.state, Step.SOLVE) in TRANSITIONS and ticket.state != TicketState.SOLVED,
        messages=ticket.messages,
        solution=solution,
        trail=trail_lines(ticket.trail),
        message_key=answer.key,
        text=answer.text,
        alert=refused.alert if refused else None,
        faults=refused.faults if refused else {},
        posted=refused is not None,
        successor=ticket.successor,
    )


def progress(ticket: Ticket) -> tuple[Point, ...]:
    """Return the four points. A point behind the ticket's own has no date: a reopened ticket is not solved."""
    times = {change.became: change.at for change in ticket.changes}
    here = LINE.index(TicketState.SOLVED if ticket.state == TicketState.CLOSED else ticket.state)
    return tuple(_point(name, number - here, times.get(name)) for number, name in enumerate(LINE))


def _point(name: TicketState, distance: int, at: datetime | None) -> Point:
    if distance > 0:
        return Point(name, "ahead", None)
    if distance == 0:
        return Point(name, "current", at)
    return Point(name, "done" if at else "skipped", at)
