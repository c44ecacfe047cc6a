"""A ticket and its rows: how they are added, and how they go."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, text, update

from app.tickets.parcel import DeliveryKind, DeliveryState
from app.tickets.state import TicketState, after
from app.tickets.tables import (
    attachments,
    attempts,
    changes,
    deliveries,
    draft_tickets,
    drafts,
    mail_attempts,
    mails,
    messages,
    ratings,
    received,
    suggestions,
    ticket_links,
    ticket_words,
    tickets,
    trail_entries,
    wishes,
)
from app.tickets.ticket import Author, Change, Message
from app.tickets.trail import Trail, write_entry
from app.tickets.words import delete_words, write_first_words, write_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, CursorResult, Insert, Row, Table

    from app.tickets.state import Step
    from app.tickets.ticket import Attachment, TicketDraft


FIRST_LEVEL = 1
DONE = (TicketState.SOLVED, TicketState.CLOSED)
TOKEN_BYTES = 24
STATE = "state"
ASSIGNEE = "assignee"
"""What a change is about, as the history says it."""

_NEXT_NUMBER = text(
    "INSERT INTO numbers (year, last) VALUES (:year, 1) "
    "ON CONFLICT (year) DO UPDATE SET last = numbers.last + 1 RETURNING last",
)


_COUNT_UP = update(tickets).where(tickets.c.id == bindparam("this")).values(version=tickets.c.version + 1)


def add_ticket(
    connection: Connection, draft: TicketDraft, key_hash: str, times: Mapping[str, object], now: datetime,
) -> int:  # fmt: skip
    """Add the row of a new ticket, due at these times, under the next number of the year, and return its id."""
    last = connection.execute(_NEXT_NUMBER, {"year": now.year}).scalar_one()
    same = {name: getattr(draft, name) for name in ("digest", "lang", "name", "email", "category", "urgency")}
    row = {"number": f"W-{now.year}-{last:06d}", "key_hash": key_hash, "sender_hash": draft.sender, **same}
    return _add(
        connection, tickets, state=TicketState.NEW, level=FIRST_LEVEL, opened_at=now, changed_at=now, **row, **times
    )


def begin_change(connection: Connection, ticket_id: int, now: datetime) -> None:
    """Count up the version of a ticket; the messages and changes that are added from here on come with it."""
    connection.execute(_COUNT_UP, {"this": ticket_id, "changed_at": now})


def add_message(connection: Connection, ticket_id: int, message: Message, key_hash: str) -> int:
    """Add what someone wrote, without files, and return its id."""
    message_id = _add_message(connection, ticket_id, message, key_hash)
    write_words(connection, [ticket_id])
    return message_id


def add_first_message(connection: Connection, ticket_id: int, draft: TicketDraft, key_hash: str, now: datetime) -> int:
    """Add what a new ticket says, and return the id of the message."""
    message_id = _add_message(connection, ticket_id, Message(Author.VISITOR, draft.description, now), key_hash)
    write_first_words(connection, ticket_id, (draft.name, draft.email, draft.description))
    return message_id


def add_file(connection: Connection, message_id: int, file: Attachment, sha256: str) -> None:
    """Add the row of an attachment whose bytes are already kept."""
    row = {"name": file.name, "media_type": file.media_type, "size": len(file.data)}
    _add(connection, attachments, message_id=message_id, sha256=sha256, **row)


def add_trail(connection: Connection, ticket_id: int, trail: Trail) -> None:
    """Add the entries of the trail in their order, in one statement."""
    rows = [
        {"ticket_id": ticket_id, "position": place, "slug": getattr(entry, "slug", None), "entry": write_entry(entry)}
        for place, entry in enumerate(trail.entries)
    ]
    if rows:
        connection.execute(insert(trail_entries), rows)


def add_change(connection: Connection, ticket_id: int, change: Change) -> None:
    """Add to the history."""
    row = {"at": change.at, "who": change.who, "what": change.what, "was": change.was, "became": change.became}
    _add_with_version(connection, changes, ticket_id=ticket_id, **row)


def take_step(connection: Connection, row: Row[Any], step: Step, who: str, now: datetime) -> None:
    """Bring the ticket of this row where the step leads, with the history; raise IllegalStep."""
    state = after(TicketState(row.state), step)
    if state != row.state:
        connection.execute(update(tickets).where(tickets.c.id == row.id).values(state=state))
        add_change(connection, row.id, Change(now, who, STATE, row.state, state))


def mark_solution(connection: Connection, ticket_id: int, message_id: int) -> None:
    """Note which message solves the ticket: the customer is asked about that one."""
    connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(solution_id=message_id))


def add_delivery(connection: Connection, ticket_id: int, message_id: int, kind: DeliveryKind, now: datetime) -> None:
    """Add that a message has to be delivered, now; its token stays the same in every try."""
    row = {"ticket_id": ticket_id, "message_id": message_id, "kind": kind, "state": DeliveryState.PENDING, "tries": 0}
    _add(connection, deliveries, token=secrets.token_hex(TOKEN_BYTES), next_try=now, created_at=now, **row)


def delete_tickets(connection: Connection, before: datetime) -> int:
    """Delete the done tickets that changed last before then with every row of theirs, and return how many these were.

    They are locked first: an answer or a try of delivery that is being written down comes before or finds nothing.
    """
    old = select(tickets.c.id).where(tickets.c.state.in_(DONE), tickets.c.changed_at < before)
    sent = select(deliveries.c.id).where(deliveries.c.ticket_id.in_(old))
    written = select(messages.c.id).where(messages.c.ticket_id.in_(old))
    mailed = select(mails.c.id).where(mails.c.ticket_id.in_(old))
    for locked in (old.order_by(tickets.c.id), sent.order_by(deliveries.c.id), mailed.order_by(mails.c.id)):
        connection.execute(locked.with_for_update()).all()
    connection.execute(delete(attempts).where(attempts.c.delivery_id.in_(sent)))
    connection.execute(delete(attachments).where(attachments.c.message_id.in_(written)))
    connection.execute(delete(mail_attempts).where(mail_attempts.c.mail_id.in_(mailed)))
    connection.execute(update(suggestions).where(suggestions.c.ticket_id.in_(old)).values(ticket_id=None))
    connection.execute(delete(ticket_links).where(ticket_links.c.ticket_id.in_(old) | ticket_links.c.other_id.in_(old)))
    delete_words(connection, ticket_words.c.ticket_id.in_(old))
    begun = draft_tickets.c.draft_id.in_(select(drafts.c.id).where(drafts.c.ticket_id.in_(old)))
    connection.execute(delete(draft_tickets).where(begun | draft_tickets.c.ticket_id.in_(old)))
    for table in (deliveries, messages, changes, trail_entries, mails, ratings, received, drafts, wishes):
        connection.execute(delete(table).where(table.c.ticket_id.in_(old)))
    return connection.execute(delete(tickets).where(tickets.c.id.in_(old))).rowcount


def delete_lone_mails(connection: Connection, before: datetime) -> None:
    """Delete the mails that belong to no ticket and were written or received before then, with their tries."""
    connection.execute(delete(received).where(received.c.ticket_id.is_(None), received.c.at < before))
    old = select(mails.c.id).where(mails.c.ticket_id.is_(None), mails.c.created_at < before)
    connection.execute(old.order_by(mails.c.id).with_for_update()).all()
    connection.execute(delete(mail_attempts).where(mail_attempts.c.mail_id.in_(old)))
    connection.execute(delete(mails).where(mails.c.ticket_id.is_(None), mails.c.created_at < before))


def kept_files(connection: Connection) -> frozenset[str]:
    """Return the SHA-256 of every attachment that a ticket has."""
    return frozenset(connection.scalars(select(attachments.c.sha256).distinct()))


def _add_message(connection: Connection, ticket_id: int, message: Message, key_hash: str) -> int:
    row = {"author": message.author, "internal": message.internal, "text": message.text, "who": message.who}
    return _add_with_version(connection, messages, ticket_id=ticket_id, at=message.at, key_hash=key_hash, **row)


def _add(connection: Connection, table: Table, **row: object) -> int:
    return _key(connection.execute(insert(table), row))


def _add_with_version(connection: Connection, table: Table, **row: object) -> int:
    """Add a row with the version that its ticket has now."""
    return _key(connection.execute(_insert_with_version(table), {**row, "of_ticket": row["ticket_id"]}))


@cache
def _insert_with_version(table: Table) -> Insert:
    now = select(tickets.c.version).where(tickets.c.id == bindparam("of_ticket"))
    return insert(table).values(version=now.scalar_subquery())


def _key(added: CursorResult[Any]) -> int:
    key = added.inserted_primary_key
    return int(key[0]) if key else 0
