"""The page on which an article is begun, and what the page of a ticket says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.desk.access import may
from app.desk.agent import Agent
from app.tickets.article_drafts import ArticleDraft
from app.tickets.state import TicketState
from app.web.draft_sources import reached_the_top
from app.web.refusals import Alert
from app.web.shelf import in_language

if TYPE_CHECKING:
    from app.articles.article import Language
    from app.tickets.ticket import Ticket
    from app.web.pages import Parts

ROUTE = "/desk/tickets/{number}/article"
DONE = frozenset({TicketState.SOLVED, TicketState.CLOSED})


@dataclass(frozen=True, slots=True)
class LiveArticle:
    """An article that was begun here and can be found by now; without an address where customers cannot read it."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What a ticket's page says of articles that are made of it."""

    can: bool = False
    """Whether the agent can begin one."""
    asks: bool = False
    """Whether the page asks for it: the third level solved something, and nobody has begun one yet."""
    live: tuple[LiveArticle, ...] = ()
    waiting: tuple[ArticleDraft, ...] = ()
    """Those that were begun and are not to be found yet."""


NOTHING_BEGUN = Begun()


@dataclass(frozen=True, slots=True)
class DraftPage:
    """An article that is begun: its text, to be changed before it is written onto a branch."""

    template: ClassVar[str] = "draft.html"
    agent: Agent
    here: str
    """Address that the form is sent to."""
    back: str
    name: str
    """Number of the ticket; empty for a gap."""
    text: str
    category: str
    categories: tuple[tuple[str, str], ...]
    """Slug and title."""
    key: str
    masked: tuple[str, ...]
    hindrance: str
    """Why no branch can be written, an id of Reason; empty where it can."""
    alert: Alert | None = None
    faults: tuple[str, ...] = ()
    made: ArticleDraft | None = None
    """What the form has just begun."""
    pushed: bool = False
    """Whether its branch is in another repository, where authors fetch it."""


def begun(parts: Parts, ticket: Ticket, agent: Agent, lang: Language) -> Begun:
    """Return what the page of a ticket says of the articles that were begun from it."""
    if parts.article_drafts is None:
        return Begun()
    made = parts.article_drafts.of_ticket(ticket.number)
    index, can = parts.internal.index, ticket.state in DONE and may(agent.role, ROUTE)
    live = {one.slug: live_article(parts, one.slug, lang) for one in made if index.editions(one.slug)}
    return Begun(
        can, can and not made and reached_the_top(ticket), tuple(live.values()),
        tuple(one for one in made if one.slug not in live),
    )  # fmt: skip


def live_article(parts: Parts, slug: str, lang: Language) -> LiveArticle:
    """Return an article of the index."""
    article = in_language(parts.internal.index.editions(slug), lang).article
    return LiveArticle(article.title, f"/articles/{slug}" if article.visibility == "public" else "")
