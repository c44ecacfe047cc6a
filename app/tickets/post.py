"""The post: composes what customers are told, and puts it into the mailbag in the transaction of what it tells."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, bindparam, func, insert, select

from app.database import alone, reading, writing
from app.text import clean_line, clean_text
from app.tickets.loading import ticket_by
from app.tickets.mail import Composer, MailKind, Provider, compose_article
from app.tickets.news import Changed, Received, Replied, Solved
from app.tickets.parcel import DeliveryState
from app.tickets.solution_links import SolutionLinks, SolutionRef
from app.tickets.store import KeyReused
from app.tickets.tables import mails, tickets
from app.tickets.ticket import check_email
from app.tickets.unsent import Unsent, send_again, unsent_mails

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from app.tickets.mail import Composed
    from app.tickets.news import News
    from app.tickets.ticket import Language

RECEIPTS = 3  # to one address within a day: whoever sends the ticket need not own the address
RECEIPT_WINDOW = timedelta(days=1)
TOKEN_BYTES = 24
POST_LOCK = 0x57656703  # article mails are put in one after the other, so that a repeat finds the first

_RECENT_RECEIPTS = (
    select(func.count())
    .select_from(mails)
    .where(
        mails.c.kind == MailKind.RECEIPT,
        mails.c.created_at > bindparam("since"),
        func.lower(mails.c.recipient) == bindparam("to"),
    )
)


@dataclass(frozen=True, slots=True)
class Post:
    """Writes to customers. Nothing is sent here: a courier takes the mails after the commit."""

    engine: Engine
    clock: Callable[[], datetime]
    provider: Provider
    links: SolutionLinks
    zone: ZoneInfo
    """In which the day is told until when somebody answers."""
    announce: Callable[[], None] = lambda: None
    """Called after the commit of a mail that has no ticket."""

    def tell(self, connection: Connection, ticket_id: int, news: News, now: datetime) -> None:
        """Put the mail with this news into the bag, in the transaction of the connection.

        Beyond three a day an address gets no receipt: the page has the number too.
        """
        row = connection.execute(ticket_by(tickets.c.id), {"this": ticket_id}).one()
        if isinstance(news, Received) and _receipts(connection, row.email, now) >= RECEIPTS:
            return
        composed = self._compose(row, news)
        add_mail(connection, composed, row.email, row.lang, now, secrets.token_hex(TOKEN_BYTES), ticket_id)

    def mail_article(  # noqa: PLR0913, PLR0917 - one mail
        self, recipient: str, lang: Language, title: str, passage: str, url: str, key: str,
    ) -> None:  # fmt: skip
        """Mail an article, with its passage and public address, to somebody who may have no ticket.

        The same mail with the same `key` is one. Raise KeyReused for another mail with it, Invalid for the field
        `email`, and StoreUnavailable.
        """
        to = check_email(recipient)
        composed = compose_article(clean_line(title), clean_text(passage), url, lang, self.provider)
        token = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        with writing(self.engine) as connection:
            alone(connection, POST_LOCK)
            if not _is_repeat(connection, token, (to, composed.subject, composed.text)):
                add_mail(connection, composed, to, lang, self.clock(), token)
        self.announce()

    def unsent(self, number: str) -> tuple[Unsent, ...]:
        """Return the mails about a ticket that did not arrive, oldest first; raise StoreUnavailable."""
        with reading(self.engine) as connection:
            return unsent_mails(connection, number)

    def send_again(self, number: str, mail_id: int) -> bool:
        """Let a mail that did not arrive be tried once more; False where none is left to be. Raise StoreUnavailable."""
        with writing(self.engine) as connection:
            found = send_again(connection, number, mail_id, self.clock())
        self.announce()
        return found

    def _compose(self, row: Row[Any], news: News) -> Composed:
        composer = Composer(row.number, "en" if row.lang == "en" else "de", self.provider)
        match news:
            case Replied(text, waits):
                return composer.reply(text, waits=waits)
            case Solved(text, solution):
                return composer.solution(text, self.links.token(SolutionRef(row.number, solution)))
            case Changed():
                return composer.change(news)
            case Received(called):
                return composer.receipt((row.respond_by or row.opened_at).astimezone(self.zone).date(), called=called)


def _receipts(connection: Connection, email: str, now: datetime) -> int:
    """Count the receipts of an address; it is one whether written in capitals or not."""
    return connection.scalar(_RECENT_RECEIPTS, {"since": now - RECEIPT_WINDOW, "to": email.lower()}) or 0


def _is_repeat(connection: Connection, token: str, content: tuple[str, str, str]) -> bool:
    same = select(mails.c.recipient, mails.c.subject, mails.c.text).where(mails.c.token == token)
    known = connection.execute(same).one_or_none()
    if known and tuple(known) != content:
        raise KeyReused("The key of a mail came again with another one. Send it with a fresh key.")
    return known is not None


def add_mail(  # noqa: PLR0913, PLR0917 - one row
    connection: Connection, composed: Composed, recipient: str, lang: str, now: datetime, token: str,
    ticket_id: int | None = None,
) -> None:  # fmt: skip
    """Put a mail into the bag, in the transaction of the connection."""
    said = {"kind": composed.kind, "subject": composed.subject, "text": composed.text, "lang": lang}
    standing = {"state": DeliveryState.PENDING, "tries": 0, "next_try": now, "created_at": now}
    row = {"ticket_id": ticket_id, "recipient": recipient, "token": token}
    connection.execute(insert(mails), {**said, **standing, **row})
