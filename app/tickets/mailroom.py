"""The mailroom: what comes in by mail is stored once, with all that follows from it, in one transaction."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from app.database import alone, writing
from app.tickets.deadline import PORTAL, settle
from app.tickets.files import Files
from app.tickets.incoming import Answer, Automatic, Bounce, Incoming, Own, Unknown, read_incoming
from app.tickets.record import add_file, add_message, begin_change
from app.tickets.reply_address import ReplyAddresses
from app.tickets.store import KeyReused, TicketStore, TooMany, UnknownTicket, hash_key, repeated_answer
from app.tickets.tables import mails, messages, received, tickets
from app.tickets.ticket import Author, Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

MAILROOM_LOCK = 0x57656704  # mails are taken one after the other, so that a repeat finds the first
NOTE_WINDOW = timedelta(days=1)  # within which a ticket has one note of automatic replies

log = logging.getLogger(__name__)


class Verdict(StrEnum):
    """What became of a mail."""

    ANSWER = "answer"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    SILENT = "silent"
    """It says nothing new: another automatic reply of the day, a bounce that is known, a delay, a mail of our own."""
    UNCLEAR = "unclear"
    """A person has to look."""


@dataclass(frozen=True, slots=True)
class Mailroom:
    """Takes mails in. Nothing that comes in by mail makes us write one: nobody can play ball with the portal."""

    store: TicketStore
    addresses: ReplyAddresses
    own: frozenset[str]
    """The addresses we write from, in lower case."""

    def take(self, raw: bytes) -> Verdict:
        """Store a mail and return what became of it; the same again changes nothing. Raise StoreUnavailable."""
        digest = hashlib.sha256(raw).hexdigest()
        incoming = read_incoming(raw, self.addresses, self.own)
        try:
            return self._once(digest, incoming)
        except (UnknownTicket, TooMany) as error:
            return self._once(digest, Unknown(str(error)))

    def set_aside(self, name: str, reason: str) -> Verdict:
        """Write down that a mail, named like no other, was not read; raise StoreUnavailable."""
        return self._once(hashlib.sha256(name.encode()).hexdigest(), Unknown(reason))

    def _once(self, digest: str, incoming: Incoming) -> Verdict:
        with writing(self.store.engine) as connection:
            alone(connection, MAILROOM_LOCK)
            known = connection.scalar(select(received.c.verdict).where(received.c.digest == digest))
            if known:
                return Verdict(known)
            verdict, ticket_id = self._sort(connection, incoming)
            row = {"digest": digest, "verdict": verdict, "ticket_id": ticket_id, "at": self.store.clock()}
            connection.execute(insert(received).values(**row))
        self.store.announce()
        return verdict

    def _sort(self, connection: Connection, incoming: Incoming) -> tuple[Verdict, int | None]:
        """Store what a mail says; return what became of it, and the id of its ticket."""
        match incoming:
            case Answer():
                return self._answer(connection, incoming)
            case Automatic():
                return self._automatic(connection, incoming)
            case Bounce():
                return self._bounce(connection, incoming)
            case Own():
                return Verdict.SILENT, None
            case Unknown(reason):
                log.warning("A mail belongs to no ticket: %s", reason)
        return Verdict.UNCLEAR, None

    def _answer(self, connection: Connection, answer: Answer) -> tuple[Verdict, int]:
        row = _locked(connection, answer.number)
        text = answer.text or _WORDS[row.lang]["files"]
        key = _key_of(connection, row, answer.message_id, text)
        if key:
            message_id = self.store.add_answer(connection, row, text, key)
            folded = {"shown": answer.shown if answer.shown < len(answer.text) else None}
            sender = {"sender": None if answer.sender.lower() == row.email.lower() else answer.sender}
            connection.execute(update(messages).where(messages.c.id == message_id).values(**folded, **sender))
            self._keep_files(connection, row, message_id, answer)
        return Verdict.ANSWER, row.id

    def _keep_files(self, connection: Connection, row: Row[Any], message_id: int, answer: Answer) -> None:
        for file in answer.files:
            add_file(connection, message_id, file, Files(self.store.files).keep(file.data))
        if answer.left_out:
            self._note(connection, row, _say(row, "left_out", names=", ".join(answer.left_out)))

    def _automatic(self, connection: Connection, mail: Automatic) -> tuple[Verdict, int]:
        """Keep an automatic reply as a note, the first within a day."""
        row = _locked(connection, mail.number)
        noted = (received.c.ticket_id == row.id) & (received.c.verdict == Verdict.AUTOMATIC)
        recent = noted & (received.c.at > self.store.clock() - NOTE_WINDOW)
        if connection.execute(select(received.c.id).where(recent).limit(1)).first():
            return Verdict.SILENT, row.id
        said = _say(row, "automatic", sender=mail.sender or "?", subject=mail.subject)
        self._note(connection, row, f"{said}\n\n{mail.text}".strip())
        return Verdict.AUTOMATIC, row.id

    def _bounce(self, connection: Connection, bounce: Bounce) -> tuple[Verdict, int | None]:
        """Mark the mail that came back, once, and tell the agents of its ticket."""
        mail = _mail_of(connection, bounce)
        if mail is None:
            log.warning("A bounce is of no mail that is known here.")
            return Verdict.UNCLEAR, None
        if mail.bounced_at or not bounce.final:
            return Verdict.SILENT, mail.ticket_id
        connection.execute(update(mails).where(mails.c.id == mail.id).values(bounced_at=self.store.clock()))
        if mail.ticket_id:
            row = connection.execute(select(tickets).where(tickets.c.id == mail.ticket_id).with_for_update()).one()
            self._note(connection, row, _say(row, "bounce", subject=mail.subject, to=mail.recipient))
        return Verdict.BOUNCE, mail.ticket_id

    def _note(self, connection: Connection, row: Row[Any], text: str) -> None:
        """Write down what only staff can read."""
        now = self.store.clock()
        begin_change(connection, row.id, now)
        note = Message(Author.AGENT, text, now, internal=True, who=PORTAL)
        add_message(connection, row.id, note, hash_key(secrets.token_urlsafe()))
        settle(connection, row.id, self.store.schedule, now)


def _locked(connection: Connection, number: str) -> Row[Any]:
    row = connection.execute(select(tickets).where(tickets.c.number == number).with_for_update()).one_or_none()
    if row is None:
        raise UnknownTicket(f"There is no ticket {number} any more.")
    return row


def _key_of(connection: Connection, row: Row[Any], message_id: str, text: str) -> str | None:
    """Return the key of an answer, or None where it is here: a mail may come twice, by two ways.

    One with the Message-ID of another and a text of its own is an answer of its own.
    """
    key = f"mail:{message_id}" if message_id else f"mail:{secrets.token_urlsafe()}"
    try:
        return None if repeated_answer(connection, row.id, key, text) else key
    except KeyReused:
        return f"mail:{secrets.token_urlsafe()}"


def _mail_of(connection: Connection, bounce: Bounce) -> Row[Any] | None:
    """Return the mail that came back: the one that is named, or the last one of the ticket to which it came back."""
    named = select(mails).where(mails.c.token.in_(bounce.tokens)).order_by(mails.c.id.desc()).limit(1)
    last = select(mails).join(tickets).where(tickets.c.number == bounce.number).order_by(mails.c.id.desc()).limit(1)
    found: Row[Any] | None = connection.execute(named).one_or_none()
    return found or (connection.execute(last).one_or_none() if bounce.number else None)


def _say(row: Row[Any], name: str, **given: str) -> str:
    return _WORDS[row.lang][name].format(**given)


_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "de": {
            "files": "(Nur Dateien, ohne Text.)",
            "left_out": "Mit der Mail kamen Dateien, die nicht übernommen wurden: {names}. Sie liegen im Postfach.",
            "automatic": "Automatische Antwort von {sender}, Betreff „{subject}“:",
            "bounce": "Unzustellbar: Unsere Mail „{subject}“ an {to} kam zurück. Bitte Adresse prüfen oder anrufen.",
        },
        "en": {
            "files": "(Only files, no text.)",
            "left_out": "The mail had files that were not taken: {names}. They are still in the mailbox.",
            "automatic": "Automatic reply from {sender}, subject “{subject}”:",
            "bounce": "Undeliverable: our mail “{subject}” to {to} came back. Please check the address, or call.",
        },
    }
)
