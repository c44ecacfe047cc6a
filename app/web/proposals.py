"""Proposals: what category and urgency a ticket seems to have, with the reason in words, beside what it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.database import StoreUnavailable
from app.search.query import normalise
from app.tickets.classification import Near, propose_category, propose_urgency
from app.tickets.past import UNSURE
from app.web.searches import readable
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.tickets.classification import Proposal, Reason
    from app.tickets.ticket import Ticket
    from app.web.pages import Parts
    from app.web.reader import Reader
    from app.web.words import Words

MOST_ARTICLES = 5
URGENCY_NAMES: Mapping[str, str] = {
    "low": msg("Kann warten"), "normal": msg("Nicht dringend"), "high": msg("Dringend"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion to accept: its value and name, and why."""

    value: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Offers:
    """What is suggested for a ticket; None where nothing is."""

    category: Offer | None = None
    urgency: Offer | None = None


def offers_of(parts: Parts, reader: Reader, ticket: Ticket, topics: Mapping[str, str]) -> Offers:
    """Return what is suggested for a ticket. Without the past tickets, what the articles and its words say."""
    text, words = ticket.messages[0].text, parts.templates.words[reader.lang]
    try:
        past = parts.workplace.similar(ticket.number, text)
    except StoreUnavailable:
        past = ()
    known = [one for one in past if one.category in topics]
    category = propose_category(near_articles(parts, reader, text), known)
    return Offers(offer_of(category, topics, words), offer_of(propose_urgency(text, past), URGENCY_NAMES, words))


def near_articles(parts: Parts, reader: Reader, text: str) -> tuple[Near, ...]:
    """Return the categories of the articles that fit a text, each with the article's confidence."""
    query = normalise(text)
    if not readable(query):
        return ()
    found = parts.searcher.passages(query, reader.lang, (), MOST_ARTICLES).results[:MOST_ARTICLES]
    return tuple(Near(one.category, one.confidence) for one in found if one.category != UNSURE)


def offer_of(proposal: Proposal | None, names: Mapping[str, str], words: Words) -> Offer | None:
    """Return a suggestion with its name and its reason in words."""
    if proposal is None:
        return None
    name = words.gettext(names.get(proposal.value, proposal.value))
    return Offer(proposal.value, name, because(proposal.reasons, name, words))


def because(reasons: Iterable[Reason], name: str, words: Words) -> str:
    """Return the reasons in words: because 3 similar articles belong to it."""
    told = f" {words.gettext(msg('und'))} ".join(words.gettext(_clause(one)) % _values(one, name) for one in reasons)
    return words.gettext(msg("weil %(reasons)s")) % {"reasons": told}


def _clause(reason: Reason) -> str:
    match reason.why, reason.count:
        case "words", _:
            return msg("im Text %(words)s steht")
        case "articles", 1:
            return msg("ein ähnlicher Artikel zu „%(name)s“ gehört")
        case "articles", _:
            return msg("%(n)s ähnliche Artikel zu „%(name)s“ gehören")
        case "tickets", 1:
            return msg("ein ähnliches Ticket „%(name)s“ hat")
    return msg("%(n)s ähnliche Tickets „%(name)s“ haben")


def _values(reason: Reason, name: str) -> dict[str, str]:
    return {"n": str(reason.count), "name": name, "words": ", ".join(f"„{word}“" for word in reason.words)}
