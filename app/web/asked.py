"""Asked: hands what people asked without finding it to the notepad, from every place where it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.desk.contact import EventKind
from app.learning.asked import Asked, is_robot
from app.tickets.trail import Searched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from app.desk.contact import Contact
    from app.learning.asked import Source
    from app.search.ranking import Findings
    from app.tickets.ticket import TicketDraft
    from app.web.pages import Parts

    Note = tuple[Source, str, tuple[str, ...]]

USED = frozenset({EventKind.OPENED, EventKind.TICKED, EventKind.COPIED, EventKind.MAILED})
LAST_SEARCHES = 3  # of a call that nothing was found for


def note_search(parts: Parts, request: Request, found: Findings) -> None:
    """Write down a question that no article answers for sure; not while a browser only looks ahead."""
    if found.state != "answer" and "prefetch" not in request.headers.get("sec-purpose", ""):
        nearest = tuple(one.slug for one in found.results)
        _note_visitor(parts, request, found.query, found.lang, "search", nearest, found.confidence)


def note_vote(parts: Parts, request: Request, text: str, slug: str, lang: str) -> None:
    """Write down why an article did not help, or what was asked before it was opened."""
    _note_visitor(parts, request, text, lang, "vote", (slug,), None)


def note_ticket(parts: Parts, number: str, draft: TicketDraft) -> None:
    """Write down what a ticket asks, and what was searched before."""
    if parts.notepad:
        asker, day = parts.notepad.questions.askers.ticket(number), parts.clock().date()
        searched = (entry.text for entry in draft.trail.entries if isinstance(entry, Searched))
        texts = (draft.description, *searched)
        parts.notepad.note(*(Asked(text, draft.lang, "ticket", day, asker) for text in texts))


def note_contact(parts: Parts, contact: Contact, description: str = "") -> None:
    """Write down what an ended contact found no article for, what was flagged in it, and what its ticket asks."""
    if not parts.notepad:
        return
    askers, day = parts.notepad.questions.askers, parts.clock().date()
    asker = askers.ticket(contact.ticket) if contact.ticket else askers.contact(contact.id)
    notes = (Asked(text, contact.lang, source, day, asker, near) for source, text, near in _told(contact, description))
    parts.notepad.note(*notes)


def _note_visitor(  # noqa: PLR0913, PLR0917 - what is known of a question
    parts: Parts, request: Request, text: str, lang: str, source: Source, nearest: tuple[str, ...],
    confidence: float | None,
) -> None:  # fmt: skip
    agent = request.headers.get("user-agent", "")
    if parts.notepad and text and not is_robot(agent):
        day, host = parts.clock().date(), request.client.host if request.client else ""
        asker = parts.notepad.questions.askers.visitor(day, host, agent)
        parts.notepad.note(Asked(text, lang, source, day, asker, nearest, confidence))


def _told(contact: Contact, description: str) -> Iterator[Note]:
    if description:
        yield "ticket", description, ()
    for text in _unanswered(contact):
        yield "call", text, ()
    yield from _flagged(contact)


def _unanswered(contact: Contact) -> tuple[str, ...]:
    """Return the last searches after which no article was used: those before were put in other words."""
    searched: list[str] = []
    for event in contact.events:
        if event.kind is EventKind.SEARCHED:
            searched.append(event.text)
        elif event.kind in USED:
            searched.clear()
    return tuple(searched[-LAST_SEARCHES:])


def _flagged(contact: Contact) -> Iterator[Note]:
    for event in contact.events:
        if event.kind is EventKind.MISSING:
            yield "flag", event.words or event.text, ()
        elif event.kind is EventKind.WRONG:
            yield "flag", event.text or event.words, (event.slug,)
