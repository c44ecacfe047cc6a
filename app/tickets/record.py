"""A ticket and its rows: how they are added, how they are read, and how they go."""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ClauseElement, delete, insert, select, text, update

from app.tickets.parcel import DeliveryKind, DeliveryState
from app.tickets.rating import Rating
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
from app.tickets.ticket import Author, Change, KeptFile, Message, Ticket, Times, Urgency
from app.tickets.trail import Trail, read_entry, write_entry
from app.tickets.words import delete_words, write_words

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Table

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


def add_ticket(connection: Connection, draft: TicketDraft, key_hash: str, now: datetime) -> int:
    """Add the row of a new ticket under the next number of the year, and return its id."""
    last = connection.execute(_NEXT_NUMBER, {"year": now.year}).scalar_one()
    same = {name: getattr(draft, name) for name in ("digest", "lang", "name", "email", "category", "urgency")}
    row = {"number": f"W-{now.year}-{last:06d}", "key_hash": key_hash, "sender_hash": draft.sender, **same}
    return _add(connection, tickets, state=TicketState.NEW, level=FIRST_LEVEL, opened_at=now, changed_at=now, **row)


def begin_change(connection: Connection, ticket_id: int, now: datetime) -> None:
    """Count up the version of a ticket; the messages and changes that are added from here on come with it."""
    counted = {"version": tickets.c.version + 1, "changed_at": now}
    connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(**counted))


def add_message(connection: Connection, ticket_id: int, message: Message, key_hash: str) -> int:
    """Add what someone wrote, without files, and return its id."""
    row = {"author": message.author, "internal": message.internal, "text": message.text, "who": message.who}
    came = {"ticket_id": ticket_id, "at": message.at, "version": _version(ticket_id)}
    message_id = _add(connection, messages, key_hash=key_hash, **row, **came)
    write_words(connection, [ticket_id])
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
    _add(connection, changes, ticket_id=ticket_id, version=_version(ticket_id), **row)


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


def load_ticket(connection: Connection, where: ColumnElement[bool], *, internal: bool = False) -> Ticket | None:
    """Return the ticket for which the condition holds, or None; what is internal only when that is asked for.

    The filter is in the query: for a visitor an internal text is not even loaded.
    """
    row = connection.execute(select(tickets).where(where)).one_or_none()
    if row is None:
        return None
    ticket = _public(connection, row)
    return _for_staff(connection, row, ticket) if internal else ticket


def _public(connection: Connection, row: Row[Any]) -> Ticket:
    """Return the ticket as its visitor may see it; also the time of the last change is that of one he can see."""
    written = load_messages(connection, ~messages.c.internal & (messages.c.ticket_id == row.id))
    steps = load_changes(connection, (changes.c.what == STATE) & (changes.c.ticket_id == row.id))
    return Ticket(
        number=row.number,
        state=TicketState(row.state),
        level=row.level,
        lang="en" if row.lang == "en" else "de",
        name=row.name,
        email=row.email,
        category=row.category,
        urgency=Urgency(row.urgency),
        opened_at=row.opened_at,
        changed_at=max([*(message.at for message in written), *(step.at for step in steps)]),
        trail=_trail(connection, row.id),
        messages=written,
        times=Times(respond_by=row.respond_by),
        changes=tuple(replace(step, who=step.who if step.who == Author.VISITOR else Author.AGENT) for step in steps),
        solution=row.solution_id,
        ratings=load_ratings(connection, row.id),
        successor=_successor(connection, row.id),
    )


def _for_staff(connection: Connection, row: Row[Any], ticket: Ticket) -> Ticket:
    return replace(
        ticket,
        changed_at=row.changed_at,
        messages=load_messages(connection, messages.c.ticket_id == row.id),
        changes=load_changes(connection, changes.c.ticket_id == row.id),
        version=row.version,
        assignee=row.assignee,
        summary=row.summary,
        tags=tuple(row.tags.split()),
        times=read_times(row),
    )


def _successor(connection: Connection, ticket_id: int) -> str:
    merged = (ticket_links.c.ticket_id == ticket_id) & (ticket_links.c.kind == "merged")
    other = select(tickets.c.number).join(ticket_links, ticket_links.c.other_id == tickets.c.id).where(merged)
    return connection.scalar(other) or ""


def read_times(row: Row[Any]) -> Times:
    """Return until when the ticket of a row is due."""
    return Times(**{one.name: row._mapping[one.name] for one in fields(Times)})  # noqa: SLF001 - its public name


def reload_ticket(connection: Connection, ticket_id: int) -> Ticket:
    """Return, as its visitor may see it, a ticket that must be there: a row of this transaction leads to it."""
    ticket = load_ticket(connection, tickets.c.id == ticket_id)
    assert ticket is not None  # noqa: S101 - foreign keys see to it
    return ticket


def load_messages(connection: Connection, where: ColumnElement[bool]) -> tuple[Message, ...]:
    """Return the messages for which the condition holds, oldest first, with their files, in two queries."""
    files = _files(connection, where)
    rows = connection.execute(select(messages).where(where).order_by(messages.c.id))
    return tuple(
        Message(
            Author(row.author), row.text, row.at, row.internal, tuple(files[row.id]), row.who, row.shown, row.sender
        )
        for row in rows
    )


def load_changes(connection: Connection, where: ColumnElement[bool]) -> tuple[Change, ...]:
    """Return the changes for which the condition holds, oldest first."""
    rows = connection.execute(select(changes).where(where).order_by(changes.c.id))
    return tuple(Change(row.at, row.who, row.what, row.was, row.became) for row in rows)


def load_ratings(connection: Connection, ticket_id: int) -> tuple[Rating, ...]:
    """Return what the customer said of the solutions of a ticket, in the order of these."""
    of_ticket = select(ratings).where(ratings.c.ticket_id == ticket_id).order_by(ratings.c.solution_id)
    return tuple(Rating(row.solution_id, row.at, row.score, row.comment) for row in connection.execute(of_ticket))


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


def _files(connection: Connection, where: ColumnElement[bool]) -> dict[int, list[KeptFile]]:
    files: dict[int, list[KeptFile]] = defaultdict(list)
    for row in connection.execute(select(attachments).join(messages).where(where).order_by(attachments.c.id)):
        files[row.message_id].append(KeptFile(row.name, row.media_type, row.size, row.sha256, row.id))
    return files


def load_file(connection: Connection, number: str, file_id: int) -> KeptFile | None:
    """Return a file of the ticket with this number; None when it has none with this id."""
    of_ticket = (tickets.c.number == number) & (attachments.c.id == file_id)
    joined = select(attachments).join(messages, messages.c.id == attachments.c.message_id)
    row = connection.execute(joined.join(tickets, tickets.c.id == messages.c.ticket_id).where(of_ticket)).one_or_none()
    return KeptFile(row.name, row.media_type, row.size, row.sha256, row.id) if row else None


def _trail(connection: Connection, ticket_id: int) -> Trail:
    of_ticket = trail_entries.c.ticket_id == ticket_id
    rows = connection.scalars(select(trail_entries.c.entry).where(of_ticket).order_by(trail_entries.c.position))
    return Trail(tuple(read_entry(entry) for entry in rows))


def _version(ticket_id: int) -> ScalarSelect[int]:
    return select(tickets.c.version).where(tickets.c.id == ticket_id).scalar_subquery()


def _add(connection: Connection, table: Table, **row: object) -> int:
    """Add a row; what the database is to work out stands in the statement, as values all others cost far less."""
    worked_out = {name: row.pop(name) for name, value in tuple(row.items()) if isinstance(value, ClauseElement)}
    statement = insert(table).values(**worked_out) if worked_out else insert(table)
    key = connection.execute(statement, row).inserted_primary_key
    return int(key[0]) if key else 0
