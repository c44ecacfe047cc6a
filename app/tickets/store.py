"""The store of tickets: what is acknowledged is kept, once, and everything of one step in one transaction."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, bindparam, func, select

from app.database import alone, reading, writing
from app.text import clean_line
from app.tickets.deadline import first_times, settle
from app.tickets.files import Files
from app.tickets.loading import load_file, load_ticket, reload_ticket
from app.tickets.news import News, Received
from app.tickets.parcel import DeliveryKind
from app.tickets.record import (
    STATE,
    add_change,
    add_delivery,
    add_file,
    add_first_message,
    add_message,
    add_ticket,
    add_trail,
    begin_change,
    delete_lone_mails,
    delete_tickets,
    kept_files,
    mark_solution,
    take_step,
)
from app.tickets.schedule import Schedule
from app.tickets.state import Step, TicketState
from app.tickets.tables import messages, tickets
from app.tickets.ticket import Author, Change, Message, check_message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row

    from app.tickets.ticket import Attachment, KeptFile, Ticket, TicketDraft

LIMIT_WINDOW = timedelta(hours=1)
OPENING_LOCK = 0x57656702  # tickets are opened one after the other, so that numbers have no gaps and limits are exact
SPARE_FILES = timedelta(days=1)  # how long a file without a ticket stays: longer than any form or backup is on its way
Tell = Callable[[Connection, int, News, datetime], None]
"""Tells the customer of the ticket with this id the news, in the transaction of the connection."""
_RECENT = select(func.count(), func.min(tickets.c.opened_at)).where(tickets.c.opened_at > bindparam("since"))
_RECENT_FROM_SENDER = _RECENT.where(tickets.c.sender_hash == bindparam("sender"))
_RECENT_ANSWERS = select(func.count(), func.min(messages.c.at)).where(
    messages.c.at > bindparam("since"),
    messages.c.author == Author.VISITOR,
    messages.c.ticket_id == bindparam("ticket"),
)
_SAME_KEY = select(tickets.c.id, tickets.c.digest).where(tickets.c.key_hash == bindparam("key"))
"""These statements are made once: to make one anew costs more than the query."""
SOLVED_WORDS: Mapping[str, str] = {"de": "Das Problem ist gelöst.", "en": "The problem is solved."}


class KeyReused(Exception):
    """The key of a form came again with another content; nothing was stored."""


class UnknownTicket(Exception):
    """No ticket has this key, or this number."""


class TooMany(Exception):
    """A limit is reached; nothing was stored. `retry_after` is the number of seconds until there is room again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many within an hour. There is room again in {retry_after} seconds.")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tickets, and messages of a visitor in one ticket, are taken within an hour."""

    tickets_per_sender: int = 5
    tickets_per_hour: int = 200
    messages_per_ticket: int = 20


@dataclass(frozen=True, slots=True)
class TicketStore:
    """The tickets of one database. Each method raises StoreUnavailable when that cannot be used."""

    engine: Engine
    files: Path
    """Folder of the attachments."""
    clock: Callable[[], datetime]
    limits: Limits = Limits()
    announce: Callable[[], None] = lambda: None
    """Called after a commit that left something to deliver: main hands in what wakes the courier."""
    tell: Tell = lambda *_: None
    """Called in the transaction with what the customer is told by mail: main hands in the post."""
    schedule: Schedule = field(default_factory=Schedule)

    def open_ticket(self, draft: TicketDraft, *, called: bool = False) -> Ticket:
        """Store and return a new ticket with its first message, trail, attachment and delivery.

        `called` says that an agent wrote it down for somebody on the phone. The same draft again returns the same
        ticket. Raise KeyReused for another draft with its key, and TooMany.
        """
        with writing(self.engine) as connection:
            alone(connection, OPENING_LOCK)
            ticket_id = _repeated_ticket(connection, draft) or self._open(connection, draft, called=called)
        self.announce()
        with reading(self.engine) as connection:  # apart from the writing, for which others wait
            return reload_ticket(connection, ticket_id)

    def by_key(self, key: str) -> Ticket | None:
        """Return the ticket with this key as its visitor may see it, or None."""
        with reading(self.engine) as connection:
            return load_ticket(connection, tickets.c.key_hash, hash_key(key))

    def by_number(self, number: str) -> Ticket | None:
        """Return the ticket with this number as staff see it, internal messages included, or None."""
        with reading(self.engine) as connection:
            return load_ticket(connection, tickets.c.number, clean_line(number), internal=True)

    def file(self, number: str, file_id: int) -> KeptFile | None:
        """Return a file of the ticket with this number, or None."""
        with reading(self.engine) as connection:
            return load_file(connection, clean_line(number), file_id)

    def bytes_of(self, file: KeptFile) -> bytes:
        """Return what is in a file; raise Lost when that is gone or damaged."""
        return Files(self.files).read(file.sha256)

    def answer(self, key: str, text: str, message_key: str) -> Ticket:
        """Add what the visitor answers, with its delivery; a solved or closed ticket is open again.

        The same answer again changes nothing. Raise Invalid, UnknownTicket, TooMany, and KeyReused for another text
        with the same `message_key`.
        """
        answer = check_message(text)
        with writing(self.engine) as connection:
            row = _locked(connection, key)
            if not repeated_answer(connection, row.id, message_key, answer):
                self.add_answer(connection, row, answer, message_key)
            ticket = reload_ticket(connection, row.id)
        self.announce()
        return ticket

    def solve(self, key: str) -> Ticket:
        """Let the visitor say, in a message with its delivery, that the problem is solved.

        Of a solved ticket it changes nothing. Raise UnknownTicket or IllegalStep.
        """
        with writing(self.engine) as connection:
            row = _locked(connection, key)
            if row.state != TicketState.SOLVED:
                self._solve(connection, row)
            ticket = reload_ticket(connection, row.id)
        self.announce()
        return ticket

    def forget(self, before: datetime) -> int:
        """Delete the solved and closed tickets that changed last before then, with all that belongs to them.

        Mails without a ticket go by their age. Then every file goes that no ticket names, once it is a day old. Return
        how many tickets these were.
        """
        with writing(self.engine) as connection:
            count = delete_tickets(connection, before)
            delete_lone_mails(connection, before)
        self._sweep_files()
        return count

    def _open(self, connection: Connection, draft: TicketDraft, *, called: bool) -> int:
        now = self.clock()
        self._check_limits(connection, draft.sender, now)
        key_hash, times = hash_key(draft.key), first_times(draft.category, draft.urgency, self.schedule, now)
        ticket_id = add_ticket(connection, draft, key_hash, times, now)
        message_id = add_first_message(connection, ticket_id, draft, key_hash, now)
        self._keep(connection, message_id, draft.attachment)
        add_trail(connection, ticket_id, draft.trail)
        add_change(connection, ticket_id, Change(now, Author.VISITOR, STATE, None, TicketState.NEW))
        add_delivery(connection, ticket_id, message_id, DeliveryKind.TICKET, now)
        self.tell(connection, ticket_id, Received(called), now)
        return ticket_id

    def _check_limits(self, connection: Connection, sender: str, now: datetime) -> None:
        since = {"since": now - LIMIT_WINDOW}
        _check_limit(connection.execute(_RECENT, since).one(), self.limits.tickets_per_hour, now)
        from_sender = connection.execute(_RECENT_FROM_SENDER, {"sender": sender, **since}).one()
        _check_limit(from_sender, self.limits.tickets_per_sender, now)

    def add_answer(self, connection: Connection, row: Row[Any], answer: str, message_key: str) -> int:
        """Add an answer to the ticket of a locked row, which is open then, and return its id; raise TooMany."""
        now = self.clock()
        asked = {"since": now - LIMIT_WINDOW, "ticket": row.id}
        _check_limit(connection.execute(_RECENT_ANSWERS, asked).one(), self.limits.messages_per_ticket, now)
        begin_change(connection, row.id, now)
        message_id = _say(connection, row.id, answer, message_key, now)
        take_step(connection, row, Step.ANSWER, Author.VISITOR, now)
        settle(connection, row.id, self.schedule, now)
        add_delivery(connection, row.id, message_id, DeliveryKind.ANSWER, now)
        return message_id

    def _solve(self, connection: Connection, row: Row[Any]) -> None:
        now = self.clock()
        begin_change(connection, row.id, now)
        take_step(connection, row, Step.SOLVE, Author.VISITOR, now)
        settle(connection, row.id, self.schedule, now)
        message_id = _say(connection, row.id, SOLVED_WORDS[row.lang], secrets.token_urlsafe(), now)
        mark_solution(connection, row.id, message_id)
        add_delivery(connection, row.id, message_id, DeliveryKind.ANSWER, now)

    def _keep(self, connection: Connection, message_id: int, attachment: Attachment | None) -> None:
        """Write the file before the commit: a file without a ticket does no harm, a ticket without its file would."""
        if attachment:
            add_file(connection, message_id, attachment, Files(self.files).keep(attachment.data))

    def _sweep_files(self) -> None:
        """Remove files under the lock of opening: a ticket with the same one comes before, or writes it again."""
        files = Files(self.files)
        if spare := files.unchanged_since(self.clock() - SPARE_FILES):
            with writing(self.engine) as connection:
                alone(connection, OPENING_LOCK)
                files.remove(spare - kept_files(connection))


def hash_key(key: str) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _repeated_ticket(connection: Connection, draft: TicketDraft) -> int | None:
    row = connection.execute(_SAME_KEY, {"key": hash_key(draft.key)}).one_or_none()
    if row and row.digest != draft.digest:
        raise KeyReused("The key of a ticket came again with another content. Send it with a fresh key.")
    return row and int(row.id)


def repeated_answer(connection: Connection, ticket_id: int, message_key: str, answer: str) -> bool:
    """Tell whether the ticket has this answer already; raise KeyReused when another one came with its key."""
    same_key = (messages.c.ticket_id == ticket_id) & (messages.c.key_hash == hash_key(message_key))
    known = connection.scalar(select(messages.c.text).where(same_key))
    if known not in {None, answer}:
        raise KeyReused("The key of an answer came again with another text. Send it with a fresh key.")
    return known is not None


def _check_limit(recent: Sequence[Any], most: int, now: datetime) -> None:
    """Raise TooMany where as many came since the window began; `recent` is how many did, and when the oldest."""
    if recent[0] >= most:
        raise TooMany(max(1, math.ceil((recent[1] + LIMIT_WINDOW - now).total_seconds())))


def _locked(connection: Connection, key: str) -> Row[Any]:
    row = connection.execute(select(tickets).where(tickets.c.key_hash == hash_key(key)).with_for_update()).one_or_none()
    if row is None:
        raise UnknownTicket("No ticket has this key.")
    return row


def _say(connection: Connection, ticket_id: int, words: str, key: str, now: datetime) -> int:
    return add_message(connection, ticket_id, Message(Author.VISITOR, words, now), hash_key(key))
