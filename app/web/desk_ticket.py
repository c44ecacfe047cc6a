"""Desk ticket: one ticket as staff see it, first what the customer searched, read and tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from app.desk.agent import Agent
from app.tickets.attachment import IMAGES
from app.tickets.state import TRANSITIONS, Step
from app.tickets.ticket import MAX_DESCRIPTION, Message
from app.web.refusals import Alert
from app.web.suggestions import Suggestion
from app.web.trails import TrailLine, trail_lines
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.tickets.ticket import Change, Ticket
    from app.web.words import Words

LEVELS = (1, 2, 3)
TRIED: Mapping[str, str] = MappingProxyType(
    {"searched": msg("gesucht"), "opened": msg("gelesen"), "tried": msg("ausprobiert"), "rated_up": msg("hilfreich"),
     "rated_down": msg("nicht hilfreich")}
)  # fmt: skip
STATES: Mapping[str, str] = MappingProxyType(
    {"new": msg("Neu"), "open": msg("In Arbeit"), "waiting": msg("Wartet auf Kunden"), "solved": msg("Gelöst"),
     "closed": msg("Geschlossen")}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the boxes: a fresh key, or what came back with the reason."""

    key: str
    text: str = ""
    summary: str = ""
    alert: Alert | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What the page shows that the ticket does not hold."""

    names: Mapping[str, str]
    """Names of agents by their id."""
    topic: str
    """Title of the ticket's category."""
    suggestions: tuple[Suggestion, ...]
    """Articles that fit the text, none of which the customer has read."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A line of the history."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class DeskTicketPage:
    """A ticket as staff see it."""

    template: ClassVar[str] = "desk_ticket.html"
    agent: Agent
    number: str
    state: str
    level: int
    name: str
    email: str
    topic: str
    urgency: str
    holder: str
    """Name of who has it; empty for nobody."""
    mine: bool
    can_take: bool
    can_reopen: bool
    levels: tuple[int, ...]
    """Where it can be handed to."""
    summary: str
    handover: str
    """What stands in the box for the next level: prefilled from the history."""
    handing: bool
    """Whether that box came back."""
    trail: tuple[TrailLine, ...]
    suggestions: tuple[Suggestion, ...]
    messages: tuple[Message, ...]
    changes: tuple[ChangeLine, ...]
    version: int
    key: str
    text: str
    alert: Alert | None
    most_characters: int = MAX_DESCRIPTION
    shown_types: frozenset[str] = frozenset(IMAGES)
    """Media types of files that can be looked at."""


def desk_ticket_page(ticket: Ticket, agent: Agent, beside: Beside, draft: Draft, words: Words) -> DeskTicketPage:
    """Return the page of a ticket."""
    mine = ticket.assignee == str(agent.id)
    return DeskTicketPage(
        agent=agent,
        number=ticket.number,
        state=ticket.state,
        level=ticket.level,
        name=ticket.name,
        email=ticket.email,
        topic=beside.topic,
        urgency=ticket.urgency,
        holder=beside.names.get(ticket.assignee or "", ""),
        mine=mine and can(ticket, Step.RELEASE),
        can_take=ticket.assignee is None and can(ticket, Step.TAKE),
        can_reopen=can(ticket, Step.REOPEN),
        levels=tuple(one for one in LEVELS if one != ticket.level) if can(ticket, Step.ESCALATE) else (),
        summary=ticket.summary or "",
        handover=draft.summary or handover(ticket, words),
        handing=bool(draft.summary),
        trail=trail_lines(ticket.trail),
        suggestions=beside.suggestions,
        messages=ticket.messages,
        changes=tuple(ChangeLine(one.at, change_text(one, words)) for one in ticket.changes),
        version=ticket.version,
        key=draft.key,
        text=draft.text,
        alert=draft.alert,
    )


def can(ticket: Ticket, step: Step) -> bool:
    """Tell whether the ticket can go this step."""
    return (ticket.state, step) in TRANSITIONS


def handover(ticket: Ticket, words: Words) -> str:
    """Return a beginning of the summary for another level: what is known, what was tried, and room for the question."""
    say = words.gettext
    known = ticket.messages[0].text.strip()[:600] if ticket.messages else ""
    tried = "\n".join(f"- {line}" for line in tried_lines(ticket, words)) or f"- {say(msg('nichts bekannt'))}"
    titles = (say(msg("Bekannt:")), say(msg("Versucht:")), say(msg("Frage:")))
    return f"{titles[0]} {known}\n\n{titles[1]}\n{tried}\n\n{titles[2]} "


def tried_lines(ticket: Ticket, words: Words) -> Iterator[str]:
    """Yield what the customer did, and what agents noted."""
    for line in trail_lines(ticket.trail):
        step = f" ({words.gettext(msg('Schritt'))} {line.step})" if line.step else ""
        yield f"{words.gettext(TRIED[line.kind])}: {line.title or line.text}{step}"
    for message in ticket.messages:
        if message.internal:
            yield f"{message.who}: {message.text.strip()[:200]}"


def change_text(change: Change, words: Words) -> str:
    """Return a line of the history as a sentence without a verb: who, what, from, to."""
    say = words.gettext
    titles = {"state": msg("Stand"), "assignee": msg("Bearbeiter"), "level": msg("Ebene"), "category": msg("Thema"),
              "urgency": msg("Dringlichkeit"), "tags": msg("Schlagwörter")}  # fmt: skip
    what = say(titles.get(change.what, change.what))
    values = [
        say(STATES.get(value, value)) if change.what == "state" else value
        for value in (change.was or "", change.became)
    ]
    was, became = (value or "–" for value in values)
    return f"{what}: {was} → {became} ({change.who})" if change.who else f"{what}: {was} → {became}"
