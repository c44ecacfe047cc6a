"""Unsent: mails about a ticket that did not arrive, because the address refused them or they were given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from app.text import clean_line
from app.tickets.mail import MailKind
from app.tickets.parcel import DeliveryState
from app.tickets.tables import mail_attempts, mails, tickets

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

GIVEN_UP = (DeliveryState.DEAD, DeliveryState.REFUSED)


@dataclass(frozen=True, slots=True)
class Unsent:
    """A mail that did not arrive."""

    id: int
    kind: MailKind
    recipient: str
    at: datetime
    """When the last try ended."""
    reason: str
    """What the mail server said, or what went wrong on the way there."""


def unsent_mails(connection: Connection, number: str) -> tuple[Unsent, ...]:
    """Return the mails about a ticket that did not arrive, oldest first, each with how its last try ended."""
    is_last = (mail_attempts.c.mail_id == mails.c.id) & (mail_attempts.c.number == mails.c.tries)
    shown = (mails, mail_attempts.c.ended_at, mail_attempts.c.detail)
    both = mails.outerjoin(mail_attempts, is_last)
    found = select(*shown).select_from(both).where(_given_up(number)).order_by(mails.c.id)
    return tuple(
        Unsent(row.id, MailKind(row.kind), row.recipient, row.ended_at or row.created_at, clean_line(row.detail or ""))
        for row in connection.execute(found)
    )


def send_again(connection: Connection, number: str, mail_id: int, now: datetime) -> bool:
    """Let a mail that did not arrive be tried once more, now; False where there is none, or it is on its way again."""
    standing = {"state": DeliveryState.PENDING, "next_try": now, "leased_until": None}
    again = update(mails).where(_given_up(number), mails.c.id == mail_id).values(**standing)
    return connection.execute(again).rowcount > 0


def _given_up(number: str) -> ColumnElement[bool]:
    ticket = select(tickets.c.id).where(tickets.c.number == clean_line(number)).scalar_subquery()
    return (mails.c.ticket_id == ticket) & mails.c.state.in_(GIVEN_UP)
