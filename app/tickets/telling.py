"""Telling: a thread that sees articles come to light, and tells those who had asked, once.

A wish goes in the transaction in which its mail comes into the bag; a draft notes in that of its tickets' histories
that it can be found. So neither a restart nor a new index nor a second process tells anybody twice.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, update

from app.database import StoreUnavailable, reading, writing
from app.job import Job
from app.tickets.deadline import PORTAL
from app.tickets.post import add_mail
from app.tickets.record import add_change, begin_change
from app.tickets.tables import draft_tickets, drafts, tickets, wishes
from app.tickets.ticket import Change, Language
from app.tickets.wish_links import WishRef
from app.tickets.wish_mail import compose_told
from app.tickets.wishes import TOKEN_BYTES, WishState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from app.tickets.wishes import Wishes

ROUND_SECONDS = 3.0
PAUSE_SECONDS = 0.02  # between two questions, for those who are searching
MAX_VALUE = 100  # characters that the history keeps
LIVE, TOLD = "live", "told"
"""What the history calls it: an article can be found; its customer was told."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Live:
    """An article that can be found."""

    slug: str
    title: str
    url: str
    """Address for customers; empty where only agents may read it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What can be found now, which tickets do not know."""

    version: Callable[[], str]
    """Names the articles."""
    article: Callable[[str, Language], Live | None]
    """Finds one by its slug, or by one that it had before."""
    first: Callable[[str, Language], tuple[str, bool]]
    """Searches like a customer: the slug of the first result, empty where nothing fits, and whether it answers."""


class Telling(Job):
    """Tells between `start` and `stop`, a few seconds after something can be found."""

    def __init__(self, wanted: Wishes, shown: Shown) -> None:
        super().__init__("telling")
        self._wishes, self._shown = wanted, shown
        self._state: tuple[object, ...] = ()

    def run_once(self) -> int:
        """Tell whom there is something to tell where anything has changed; return how many customers that were."""
        with reading(self._wishes.engine) as connection:
            state = (self._shown.version(), *_standing(connection))
            waiting = _drafts(connection, live=False)
        if state == self._state:
            return 0
        for row in waiting:
            self._note_live(row)
        told = self._tell_all()
        self._state = () if self._stopping.is_set() else state
        return told

    def _note_live(self, draft: Row[Any]) -> None:
        """Write into the histories of a draft's tickets that its article is there."""
        found = self._shown.article(draft.slug, "de")
        if found is None:
            return
        now = self._wishes.clock()
        unseen = (drafts.c.id == draft.id) & drafts.c.live_at.is_(None)
        with writing(self._wishes.engine) as connection:
            if connection.execute(update(drafts).where(unseen).values(live_at=now)).rowcount:
                for ticket_id in _tickets_of(connection, draft):
                    _write_down(connection, ticket_id, LIVE, found.slug, now)

    def _tell_all(self) -> int:
        now = self._wishes.clock()
        agreed = (wishes.c.state == WishState.AGREED) & (wishes.c.at > now - self._wishes.keep)
        with reading(self._wishes.engine) as connection:
            waiting = connection.execute(select(wishes).where(agreed).order_by(wishes.c.id)).all()
            begun = {row.slug for row in _drafts(connection, live=True)}
            slugs = {row.id: _slugs_for(connection, row.ticket_id) for row in waiting if row.ticket_id}
        answers = ((row, self._answer(row, slugs.get(row.id), begun)) for row in waiting)
        told = sum(self._tell(row.name, live) for row, live in answers if live)
        if told:
            self._wishes.announce()
        return told

    def _answer(self, wish: Row[Any], slugs: Sequence[str] | None, begun: set[str]) -> Live | None:
        """Return the article that customers can read: of a ticket's drafts, or what the question finds by now.

        Of an article that was begun here it is enough to come first; another one must answer for sure.
        """
        lang = _language(wish)
        if slugs is None:
            if self._stopping.wait(PAUSE_SECONDS):
                return None
            slug, sure = self._shown.first(wish.question, lang)
            slugs = [slug] if slug and (sure or slug in begun) else []
        found = (self._shown.article(slug, lang) for slug in slugs)
        return next((one for one in found if one and one.url), None)

    def _tell(self, name: str, live: Live) -> bool:
        """Mail one customer and forget the wish; False where it is gone meanwhile."""
        own, now = self._wishes, self._wishes.clock()
        with writing(own.engine) as connection:
            this = (wishes.c.name == name) & (wishes.c.state == WishState.AGREED)
            row = connection.execute(select(wishes).where(this).with_for_update()).one_or_none()
            if row is None:
                return False
            number = connection.scalar(select(tickets.c.number).where(tickets.c.id == row.ticket_id)) or ""
            stop = own.links.url(WishRef("stop", row.address))
            composed = compose_told(live.title, live.url, number, stop, _language(row), own.provider)
            add_mail(connection, composed, row.email, row.lang, now, secrets.token_hex(TOKEN_BYTES), row.ticket_id)
            connection.execute(delete(wishes).where(this))
            if row.ticket_id:
                _write_down(connection, row.ticket_id, TOLD, live.slug, now)
        return True

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                self.run_once()
            except StoreUnavailable as error:
                log.warning("Nobody is told of new articles now, the next look is soon: %s", error)
            except Exception:
                log.exception("Telling of new articles stumbled and goes on.")
            self._stopping.wait(ROUND_SECONDS)


def _standing(connection: Connection) -> tuple[object, ...]:
    """Return what changes whenever somebody begins to wait, or an article is begun."""
    agreed = wishes.c.state == WishState.AGREED
    counted = select(func.count(), func.max(wishes.c.id), func.max(wishes.c.at)).select_from(wishes).where(agreed)
    return (*connection.execute(counted).one(), connection.scalar(select(func.max(drafts.c.id))))


def _drafts(connection: Connection, *, live: bool) -> Sequence[Row[Any]]:
    seen = drafts.c.live_at.is_not(None) if live else drafts.c.live_at.is_(None)
    return connection.execute(select(drafts).where(seen).order_by(drafts.c.id)).all()


def _tickets_of(connection: Connection, draft: Row[Any]) -> list[int]:
    """Return the ticket that a draft was begun from, or those that were in its gap."""
    named = connection.scalars(select(draft_tickets.c.ticket_id).where(draft_tickets.c.draft_id == draft.id))
    return sorted({*named, *([draft.ticket_id] if draft.ticket_id else [])})


def _slugs_for(connection: Connection, ticket_id: int) -> list[str]:
    named = select(draft_tickets.c.draft_id).where(draft_tickets.c.ticket_id == ticket_id)
    theirs = or_(drafts.c.ticket_id == ticket_id, drafts.c.id.in_(named))
    return list(connection.scalars(select(drafts.c.slug).where(theirs).order_by(drafts.c.id)))


def _write_down(connection: Connection, ticket_id: int, what: str, slug: str, now: datetime) -> None:
    begin_change(connection, ticket_id, now)
    add_change(connection, ticket_id, Change(now, PORTAL, what, "", slug[:MAX_VALUE]))


def _language(wish: Row[Any]) -> Language:
    return "en" if wish.lang == "en" else "de"
