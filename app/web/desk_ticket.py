"""Desk ticket: one ticket as staff see it, first what the customer searched, read and tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from app.desk.agent import Agent
from app.tickets.attachment import IMAGES
from app.tickets.links import Relations
from app.tickets.rating import Rating
from app.tickets.state import TRANSITIONS, Step
from app.tickets.ticket import MAX_DESCRIPTION, Message
from app.tickets.unsent import Unsent
from app.web.desk_presence import ALONE, Company
from app.web.desk_way import NOWHERE, Way
from app.web.draft_page import NOTHING_BEGUN, Begun
from app.web.due import Deadlines, deadlines_of
from app.web.proposals import URGENCY_NAMES, Offers
from app.web.quotes import Quote
from app.web.refusals import Alert
from app.web.trails import TrailLine, trail_lines
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.tickets.ticket import Change, Ticket
    from app.web.words import Words

LEVELS = (1, 2, 3)
NEWS_CHARACTERS = 200  # of a message; all of it stands on the page
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
    reply: str = ""
    find: str = ""
    """What articles were looked for."""
    news: tuple[str, ...] = ()
    """What has come since the page was loaded, where that stood in the way."""
    tags: str = ""
    category: str = ""
    urgency: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the page shows that the ticket does not hold."""

    names: Mapping[str, str]
    """Names of agents by their id."""
    topic: str
    """Title of the ticket's category."""
    suggestions: tuple[Quote, ...]
    """Articles that fit the text, none of which the customer has read."""
    topics: Mapping[str, str]
    """Title of each category that can be chosen."""
    offers: Offers
    now: datetime
    found: tuple[Quote, ...] = ()
    """Articles that were looked for."""
    way: Way = NOWHERE
    """The list from which the agent came."""
    agents: tuple[Agent, ...] = ()
    """Who can be given the ticket."""
    relations: Relations | None = None
    company: Company = ALONE
    """Who else has the ticket open."""
    unsent: tuple[Unsent, ...] = ()
    """Mails about it that did not arrive."""
    contact: str = ""
    """Name of the agent's contact that became the ticket."""
    begun: Begun = NOTHING_BEGUN
    """Articles that were made of it."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A line of the history."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Filing:
    """Under what a ticket is filed, and what it may be instead."""

    category: str
    categories: tuple[tuple[str, str], ...]
    """Slug and title."""
    urgency: str
    urgencies: tuple[str, ...]
    tags: str
    offers: Offers


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
    suggestions: tuple[Quote, ...]
    messages: tuple[Message, ...]
    changes: tuple[ChangeLine, ...]
    version: int
    key: str
    text: str
    alert: Alert | None
    news: tuple[str, ...]
    reply: str
    find: str
    found: tuple[Quote, ...]
    can_reply: bool
    can_solve: bool
    ratings: tuple[Rating, ...]
    due: Deadlines
    filing: Filing
    way: Way
    agents: tuple[Agent, ...]
    """Who can be given the ticket; nobody where it is done."""
    relations: Relations | None
    can_merge: bool
    company: Company
    unsent: tuple[Unsent, ...]
    contact: str
    begun: Begun
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
        changes=history(ticket, beside.unsent, words),
        version=ticket.version,
        key=draft.key,
        text=draft.text,
        alert=draft.alert,
        news=draft.news,
        reply=draft.reply,
        find=draft.find,
        found=beside.found,
        can_reply=can(ticket, Step.REPLY),
        can_solve=can(ticket, Step.SOLVE),
        ratings=ticket.ratings,
        due=deadlines_of(ticket.times, beside.now, words),
        filing=filing_of(ticket, beside, draft),
        way=beside.way,
        relations=beside.relations,
        can_merge=can(ticket, Step.MERGE) and not ticket.successor,
        company=beside.company,
        unsent=beside.unsent,
        contact=beside.contact,
        begun=beside.begun,
        agents=others(ticket, beside.agents) if can(ticket, Step.ASSIGN) else (),
    )


def news_lines(messages: Iterable[Message], changes: Iterable[Change], words: Words) -> tuple[str, ...]:
    """Return in a few words what others did: who wrote what, and what changed."""
    said = (f"{one.who or words.gettext(msg('Kunde'))}: {one.text.strip()[:NEWS_CHARACTERS]}" for one in messages)
    return (*said, *(change_text(one, words) for one in changes))


def history(ticket: Ticket, unsent: Iterable[Unsent], words: Words) -> tuple[ChangeLine, ...]:
    """Return what became of a ticket, and which mails about it did not arrive, in the order in which it happened."""
    failed = words.gettext(msg("E-Mail an %(address)s kam nicht an: %(reason)s"))
    lost = [ChangeLine(one.at, failed % {"address": one.recipient, "reason": one.reason or "–"}) for one in unsent]
    done = [ChangeLine(one.at, change_text(one, words)) for one in ticket.changes]
    return tuple(sorted((*done, *lost), key=lambda line: line.at))


def filing_of(ticket: Ticket, beside: Beside, draft: Draft) -> Filing:
    """Return how a ticket is filed; a category that no longer exists can still be kept."""
    topics = beside.topics if ticket.category in beside.topics else {ticket.category: ticket.category, **beside.topics}
    chosen = draft.category if draft.category in topics else ticket.category
    urgency = draft.urgency if draft.urgency in URGENCY_NAMES else ticket.urgency
    tags = draft.tags or " ".join(ticket.tags)
    return Filing(chosen, tuple(topics.items()), urgency, tuple(URGENCY_NAMES), tags, beside.offers)


def others(ticket: Ticket, agents: Iterable[Agent]) -> tuple[Agent, ...]:
    """Return who does not have the ticket yet."""
    return tuple(one for one in agents if str(one.id) != ticket.assignee)


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
              "urgency": msg("Dringlichkeit"), "tags": msg("Schlagwörter"), "rule": msg("Regel"),
              "merged": msg("Zusammengeführt mit"), "linked": msg("Verknüpft mit"),
              "article": msg("Artikelentwurf"), "live": msg("Artikel zu finden"),
              "told": msg("Kunde benachrichtigt")}  # fmt: skip
    names = {"state": STATES, "urgency": URGENCY_NAMES}
    what = say(titles.get(change.what, change.what))
    values = [
        say(names[change.what].get(value, value)) if change.what in names else value
        for value in (change.was or "", change.became)
    ]
    was, became = (value or "–" for value in values)
    return f"{what}: {was} → {became} ({change.who})" if change.who else f"{what}: {was} → {became}"
