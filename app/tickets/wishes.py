"""Wishes: who wants to hear when there is an article, for how long, and how they take it back.

A wish on the page of a search names an address that nobody has checked: it counts once its owner has followed the link
of a mail. One of a ticket goes where the answers to the ticket go, and counts at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, delete, func, insert, or_, select, update

from app.database import alone, reading, writing
from app.person import Erased, Found, Person
from app.text import clean_line
from app.tickets.mail import MailKind, Provider
from app.tickets.post import add_mail
from app.tickets.store import UnknownTicket
from app.tickets.tables import mails, tickets, wishes
from app.tickets.ticket import check_email
from app.tickets.wish_links import WishLinks, WishRef
from app.tickets.wish_mail import CONFIRM_HOURS, compose_confirmation

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

    from app.tickets.ticket import Language

WISH_LOCK = 0x57656704  # wishes of one address are taken one after the other, so that the cap is exact
CONFIRMATIONS = 3  # to one address within a day: whoever enters it need not own it
CONFIRMATION_WINDOW = timedelta(days=1)
AGAIN = timedelta(minutes=10)  # so soon the same wish brings no second mail: somebody pressed twice
CONFIRM = timedelta(hours=CONFIRM_HOURS)
NAME_BYTES = 16
TOKEN_BYTES = 24
MAX_QUESTION = 300  # characters


class WishState(StrEnum):
    """How far a wish is."""

    ASKED = "asked"
    AGREED = "agreed"
    STOPPED = "stopped"
    """The owner of the address wants no such mails; no address is kept of it."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """The wishes of one database; a Keeper. Each method raises StoreUnavailable."""

    engine: Engine
    clock: Callable[[], datetime]
    links: WishLinks
    provider: Provider
    keep: timedelta
    """How long a wish waits at most."""
    announce: Callable[[], None] = lambda: None
    """Called after the commit of a mail."""

    def ask(self, email: str, question: str, lang: Language) -> None:
        """Mail the owner of an address the link that confirms the wish to hear about a masked question.

        The same again is one wish. Beyond three mails a day, or where none are wanted, nothing happens and nobody is
        told: that would tell strangers about the address. Raise Invalid for the field `email`.
        """
        to, asked = check_email(email), clean_line(question)[:MAX_QUESTION]
        with writing(self.engine) as connection:
            alone(connection, WISH_LOCK)
            address, now = self.links.address(to), self.clock()
            if _may_be_asked(connection, to, address, asked, now):
                _forget_same(connection, address, asked)
                name = _add(connection, WishState.ASKED, address, to, asked, lang, now)
                links = (self.links.url(WishRef("confirm", name)), self.links.url(WishRef("stop", address)))
                composed = compose_confirmation(*links, lang, self.provider)
                add_mail(connection, composed, to, lang, now, secrets.token_hex(TOKEN_BYTES))
        self.announce()

    def confirm(self, name: str) -> bool:
        """Let the wish of a signed link count from now on; False where there is none any more."""
        agreed = {"state": WishState.AGREED, "at": self.clock()}
        there = (wishes.c.name == name) & wishes.c.state.in_((WishState.ASKED, WishState.AGREED))
        with writing(self.engine) as connection:
            return connection.execute(update(wishes).where(there).values(**agreed)).rowcount > 0

    def stop(self, address: str) -> None:
        """Forget every wish of the address with this hash, and ask it for no other one for as long as wishes wait."""
        with writing(self.engine) as connection:
            alone(connection, WISH_LOCK)
            connection.execute(delete(wishes).where(wishes.c.address == address))
            _add(connection, WishState.STOPPED, address, "", "", "de", self.clock())

    def set_ticket(self, number: str, *, wanted: bool) -> None:
        """Note whether the customer of a ticket wants to hear; the same again changes nothing. Raise UnknownTicket."""
        with writing(self.engine) as connection:
            row = _ticket(connection, number)
            if not wanted:
                connection.execute(delete(wishes).where(wishes.c.ticket_id == row.id))
            elif not _has(connection, wishes.c.ticket_id == row.id):
                address, now = self.links.address(row.email), self.clock()
                _add(connection, WishState.AGREED, address, row.email, "", row.lang, now, row.id)

    def of_ticket(self, number: str) -> bool:
        """Return whether the customer of a ticket waits for an article."""
        with reading(self.engine) as connection:
            ticket = select(tickets.c.id).where(tickets.c.number == clean_line(number)).scalar_subquery()
            return _has(connection, wishes.c.ticket_id == ticket)

    def forget(self, _before: datetime) -> int:
        """Delete what has waited too long, by the clock of wishes; return how many these were."""
        now = self.clock()
        unconfirmed = (wishes.c.state == WishState.ASKED) & (wishes.c.at <= now - CONFIRM)
        with writing(self.engine) as connection:
            return connection.execute(delete(wishes).where(or_(wishes.c.at <= now - self.keep, unconfirmed))).rowcount

    def find(self, person: Person) -> Found:
        """Return what a person wants to hear about."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(wishes).where(self._of(person)).order_by(wishes.c.id)).mappings()
            names = ("state", "email", "question", "lang", "at")
            return Found({"wishes": [{name: row[name] for name in names} for row in rows]})

    def erase(self, person: Person, *, open_too: bool) -> Erased:
        """Delete the same, also that no mails are wanted: nothing is kept of the address."""
        del open_too
        with writing(self.engine) as connection:
            return Erased({"wishes": connection.execute(delete(wishes).where(self._of(person))).rowcount})

    def _of(self, person: Person) -> ColumnElement[bool]:
        hashes = wishes.c.address.in_(sorted(map(self.links.address, person.addresses)))
        return or_(hashes, func.lower(wishes.c.email).in_(sorted(person.addresses)))


def _ticket(connection: Connection, number: str) -> Row[Any]:
    found = select(tickets).where(tickets.c.number == clean_line(number)).with_for_update()
    row = connection.execute(found).one_or_none()
    if row is None:
        raise UnknownTicket(f"No ticket has the number {number!r:.40}. Numbers look like W-2026-000123.")
    return row


def _may_be_asked(connection: Connection, to: str, address: str, question: str, now: datetime) -> bool:
    same = (wishes.c.address == address) & (wishes.c.question == question) & wishes.c.ticket_id.is_(None)
    settled = same & or_(wishes.c.state == WishState.AGREED, wishes.c.at > now - AGAIN)
    stopped = (wishes.c.address == address) & (wishes.c.state == WishState.STOPPED)
    return not _has(connection, or_(settled, stopped)) and _confirmations(connection, to, now) < CONFIRMATIONS


def _confirmations(connection: Connection, email: str, now: datetime) -> int:
    recent = (mails.c.kind == MailKind.WISH) & (mails.c.created_at > now - CONFIRMATION_WINDOW)
    to = func.lower(mails.c.recipient) == email.lower()
    return connection.scalar(select(func.count()).select_from(mails).where(recent, to)) or 0


def _forget_same(connection: Connection, address: str, question: str) -> None:
    same = (wishes.c.address == address) & (wishes.c.question == question) & wishes.c.ticket_id.is_(None)
    connection.execute(delete(wishes).where(same))


def _has(connection: Connection, where: ColumnElement[bool]) -> bool:
    return connection.scalar(select(wishes.c.id).where(where).limit(1)) is not None


def _add(  # noqa: PLR0913, PLR0917 - one row
    connection: Connection, state: WishState, address: str, email: str, question: str, lang: str, now: datetime,
    ticket_id: int | None = None,
) -> str:  # fmt: skip
    """Add a wish and return its name."""
    name = secrets.token_hex(NAME_BYTES)
    row = {"name": name, "state": state, "address": address, "email": email, "ticket_id": ticket_id}
    connection.execute(insert(wishes).values(**row, question=question, lang=lang, at=now))
    return name
