"""The ticket form: told once, with all that was searched, read and tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from app.tickets.ticket import (
    MAX_ATTACHMENT,
    MAX_DESCRIPTION,
    Attachment,
    Invalid,
    Problem,
    TicketDraft,
    Urgency,
    check_attachment,
    draft,
)
from app.tickets.trail import read_trail
from app.web.promise import promises
from app.web.refusals import Alert, Refusal, TrappedError
from app.web.shelf import category_links
from app.web.suggestions import SuggestionsPage, suggestions_page
from app.web.trails import TrailLine, asked_trail, trail_lines
from app.web.words import msg

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

    from app.search.index import Index
    from app.web.forms import PostedFile, PostedForm
    from app.web.pages import Parts
    from app.web.reader import Reader
    from app.web.words import Words

FIELDS = ("description", "category", "urgency", "name", "email")
HONEYPOT = "website"
UNSURE = "sonstiges"
"""The category of those who do not know: choosing a drawer is our work."""
URGENCIES = (
    (
        Urgency.HIGH,
        msg("Es geht nichts mehr"),
        msg("Internet, Telefon, E-Mail oder Website fallen ganz aus."),
    ),
    (
        Urgency.NORMAL,
        msg("Es stört"),
        msg("Etwas geht nicht richtig, aber Sie kommen zurecht."),
    ),
    (Urgency.LOW, msg("Es hat Zeit"), msg("Eine Frage oder ein Wunsch.")),
)
"""Until when we answer is added to each: see promise.py."""


@dataclass(frozen=True, slots=True)
class TicketFormPage:
    """The form, empty or with everything that was already written."""

    template: ClassVar[str] = "ticket_new.html"
    form_key: str
    values: Mapping[str, str]
    categories: tuple[tuple[str, str], ...]
    """Slug and title, in the order of the list."""
    urgencies: tuple[tuple[str, str, str], ...]
    """Value, name and meaning."""
    trail: tuple[TrailLine, ...] = ()
    suggestions: SuggestionsPage = field(default_factory=SuggestionsPage)
    alert: Alert | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    posted: bool = False
    """Whether it comes back: then what the server knows counts, not the draft in the browser."""
    file_lost: str = ""
    """Name of a file that was sent and has to be chosen again: no page can fill in a file field."""
    wish_days: int = 0
    """For how many days the customer can wait for an article; 0 where nobody can."""
    agreed: bool = False
    """Whether the customer wants to."""
    most_characters: int = MAX_DESCRIPTION
    most_bytes: int = MAX_ATTACHMENT


def new_form(parts: Parts, reader: Reader, query: QueryParams) -> TicketFormPage:
    """Return the empty form, with the trail and the category that the address tells."""
    index, words = parts.searcher.index, parts.templates.words[reader.lang]
    read = index.edition(query.get("article", ""), reader.lang)
    category = read.article.category if read else UNSURE
    trail = asked_trail(query, index, reader.lang)
    return TicketFormPage(
        form_key=parts.keys.new(),
        values={**dict.fromkeys(FIELDS, ""), "category": category, "urgency": Urgency.NORMAL},
        categories=categories(index, words),
        urgencies=_urgencies(parts, reader),
        trail=trail_lines(trail),
        suggestions=suggestions_page(parts, reader, query.get("q", ""), trail.read_slugs),
        wish_days=_wish_days(parts),
    )


def returned_form(parts: Parts, reader: Reader, posted: PostedForm, refused: Refusal, form_key: str) -> TicketFormPage:
    """Return the form as it was sent, with what keeps it from being taken and a key that can be sent again."""
    words, trail = parts.templates.words[reader.lang], read_trail(posted.every("trail"))
    return TicketFormPage(
        form_key=form_key,
        values={name: posted.one(name) for name in FIELDS},
        categories=categories(parts.searcher.index, words),
        urgencies=_urgencies(parts, reader),
        trail=trail_lines(trail),
        suggestions=suggestions_page(parts, reader, posted.one("description"), trail.read_slugs),
        alert=refused.alert,
        faults=refused.faults,
        posted=True,
        wish_days=_wish_days(parts),
        agreed=bool(posted.one("agree")),
        file_lost=posted.file.name if posted.file and "attachment" not in refused.faults else "",
    )


def read_draft(parts: Parts, reader: Reader, posted: PostedForm, sender: str) -> TicketDraft:
    """Return the ticket that a form asks for; raise Invalid with every fault, TrappedError or UnusableKeyError."""
    checked = _check(parts, reader, posted, sender)
    if posted.one(HONEYPOT).strip():
        raise TrappedError("The field that people do not see was filled in.")
    return replace(checked, key=parts.keys.open(posted.one("form_key")))


def _check(parts: Parts, reader: Reader, posted: PostedForm, sender: str) -> TicketDraft:
    """Check all fields before the key: who is told to send again is told everything at once."""
    known = {slug for slug, _ in categories(parts.searcher.index, parts.templates.words[reader.lang])}
    fields, trail = {name: posted.one(name) for name in FIELDS}, read_trail(posted.every("trail"))
    attachment, faults = _attachment(posted.file)
    try:
        checked = draft(fields, trail, attachment, "", sender, reader.lang, categories=known)
    except Invalid as invalid:
        raise Invalid({**invalid.faults, **faults}) from None
    if faults:
        raise Invalid(faults)
    return checked


def _attachment(file: PostedFile | None) -> tuple[Attachment | None, Mapping[str, Problem]]:
    try:
        return check_attachment(file.name, file.data) if file else None, {}
    except Invalid as invalid:
        return None, invalid.faults


def categories(index: Index, words: Words) -> tuple[tuple[str, str], ...]:
    """Return slug and title of what can be chosen; not to know is the first choice."""
    links = category_links(index, words.lang)
    unsure = (UNSURE, words.gettext(msg("Ich weiß es nicht genau")))
    return (unsure, *((link.slug, link.title) for link in links if link.slug != UNSURE))


def _wish_days(parts: Parts) -> int:
    return parts.wishes.keep.days if parts.wishes else 0


def _urgencies(parts: Parts, reader: Reader) -> tuple[tuple[str, str, str], ...]:
    words, due = parts.templates.words[reader.lang], promises(parts.store.schedule, reader.now)
    told = words.gettext(msg("Antwort bis %(when)s."))
    return tuple(
        (
            value.value,
            words.gettext(name),
            f"{words.gettext(meaning)} {told % {'when': words.until(due[value], reader.now)}}",
        )
        for value, name, meaning in URGENCIES
    )
