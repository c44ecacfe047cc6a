"""Draft sources: a solved ticket or a gap, as an article is begun from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.articles.article import LANGUAGES
from app.learning.drafts import Known, Persons
from app.learning.gap_finder import KEEP
from app.tickets.ticket import Author
from app.tickets.trail import Searched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.articles.article import Article, Language
    from app.learning.gap_list import KnownGap
    from app.search.index import Index
    from app.tickets.ticket import Message, Ticket
    from app.web.pages import Parts

TOP_LEVEL = "3"
MOST_TERMS = 5


@dataclass(frozen=True, slots=True)
class Source:
    """What an article is begun from."""

    known: Known
    persons: Persons
    origin: str
    """What the commit says of it; it names nobody."""
    path: str
    """Address of the page that it stands on."""
    number: str = ""
    """Of the ticket; empty for a gap."""
    gap: int | None = None
    """Number of the gap."""

    @property
    def lang(self) -> Language:
        """The language of the article."""
        return "en" if self.known.lang == "en" else "de"


def ticket_source(parts: Parts, ticket: Ticket) -> Source:
    """Return a solved ticket with its searches, its first message, what agents found, and the solution."""
    first, solution = ticket.messages[0], _solution(ticket)
    searches = tuple(entry.text for entry in ticket.trail.entries if isinstance(entry, Searched))
    said = "\n".join((*searches, *(said_in(message) for message in ticket.messages)))
    index = parts.internal.index
    known = Known(
        (*searches, said_in(first)), ticket.lang, ticket.category, ticket.summary or "", solution,
        _owner(index, ticket.category), _terms(index, ticket.category, said),
    )  # fmt: skip
    senders = (message.sender or "" for message in ticket.messages)
    agents = (message.who or "" for message in ticket.messages)
    persons = Persons((ticket.name, *agents), (ticket.email, *senders), _ours(parts))
    return Source(known, persons, ticket.number, f"/desk/tickets/{ticket.number}", ticket.number)


def gap_source(parts: Parts, gap: KnownGap) -> Source:
    """Return a gap with its questions, filed where the nearest article is."""
    index = parts.internal.index
    near = next((one.article.category for slug in gap.nearest for one in index.editions(slug)), "")
    known = Known(gap.words, gap.langs[0], near, owner=_owner(index, near), applies_to=())
    return Source(known, Persons(ours=_ours(parts)), f"gap {gap.id}", "/desk/gaps", gap=gap.id)


def tickets_in(parts: Parts, source: Source) -> tuple[str, ...]:
    """Return the numbers of the tickets that ask what the gap of a source asks; none for a ticket itself."""
    if source.gap is None or not (parts.gap_list and parts.notepad and parts.article_drafts):
        return ()
    names, askers = parts.gap_list.askers(source.gap), parts.notepad.questions.askers
    numbers = parts.article_drafts.numbers_since(parts.clock() - KEEP)
    return tuple(number for number in numbers if askers.ticket(number) in names)


def reached_the_top(ticket: Ticket) -> bool:
    """Tell whether the third level had a hand in it: what it found is likely new to those below."""
    return str(ticket.level) == TOP_LEVEL or any(
        change.what == "level" and change.became == TOP_LEVEL for change in ticket.changes
    )


def said_in(message: Message) -> str:
    """Return what somebody wrote, without the quote and the signature of a mail."""
    return message.text[: message.shown]


def _solution(ticket: Ticket) -> str:
    """Return the last answer to the customer; empty where there is none."""
    answers = [one for one in ticket.messages if one.author == Author.AGENT and not one.internal]
    return said_in(answers[-1]) if answers else ""


def _ours(parts: Parts) -> tuple[str, str]:
    return parts.site.phone, parts.site.mail


def _owner(index: Index, category: str) -> str:
    """Return who owns most articles of a category; empty for nobody."""
    owners = Counter(article.owner for article in _articles(index, category) if article.owner)
    return owners.most_common(1)[0][0] if owners else ""


def _terms(index: Index, category: str, said: str) -> tuple[str, ...]:
    """Return to what of that which articles of the category apply to somebody referred."""
    known = dict.fromkeys(term for article in _articles(index, category) for term in article.applies_to)
    return tuple(term for term in known if term.casefold() in said.casefold())[:MOST_TERMS]


def _articles(index: Index, category: str) -> Iterator[Article]:
    rows = (row for lang in LANGUAGES for row in index.in_category(category, lang))
    return (row.article for row in rows)
