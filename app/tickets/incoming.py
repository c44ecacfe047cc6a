"""Incoming mail: what it is, told from its bytes. The subject never says to which ticket it belongs.

It is parsed with the rules of old (`compat32`): those of today read a header when it is asked for, and stumble then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import parseaddr
from typing import TYPE_CHECKING, TypeAlias

from flufl.bounce import all_failures

from app.text import clean_line
from app.tickets.address import check_address
from app.tickets.fold import fold_at
from app.tickets.mail_parts import header_text, read_parts
from app.tickets.ticket import MAX_DESCRIPTION, Attachment

if TYPE_CHECKING:
    from email.message import Message

    from app.tickets.reply_address import ReplyAddresses

MAX_TOKENS = 10  # Message-IDs of ours that are looked up for one bounce
MAX_SUBJECT = 200  # characters
MAX_REPORT = 300_000  # bytes of a bounce in which our Message-ID is looked for

_ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_TOKEN = re.compile(r"<([0-9a-f]{48}|[0-9a-f]{64})@[\w.-]{1,254}>", re.ASCII)
_DAEMON = re.compile(r"(mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "List-Id", "List-Unsubscribe")
_AWAY = re.compile(
    r"(abwesen|automatische (antwort|rückmeldung)|out[ -]of[ -]office|automatic reply|auto(matic)?[- ]?(reply|response)"
    r"|ich bin (nicht im|bis)|ooo\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody writes who has the address of a ticket."""

    number: str
    sender: str
    """The address it says it comes from; empty where that is none."""
    message_id: str
    text: str
    shown: int
    """Characters of the text without the quote and the signature that follow."""
    files: tuple[Attachment, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Automatic:
    """What no person wrote: out of office, a confirmation, a list."""

    number: str
    sender: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail of ours that came back."""

    number: str | None
    tokens: tuple[str, ...]
    """Of mails, which may be ours."""
    recipients: tuple[str, ...]
    final: bool
    """Whether nobody tries any more."""


@dataclass(frozen=True, slots=True)
class Own:
    """What we wrote ourselves, in a circle."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """What belongs to no ticket as far as we can prove, and why."""

    reason: str


Incoming: TypeAlias = Answer | Automatic | Bounce | Own | Unknown


def read_incoming(raw: bytes, addresses: ReplyAddresses, own: frozenset[str]) -> Incoming:
    """Return what a mail is; `own` are the addresses we write from, in lower case. Nothing is raised for any bytes."""
    try:
        return _read(message_from_bytes(raw), raw, addresses, own)
    except Exception as error:  # noqa: BLE001 - whatever the library stumbles over, the mail stays and a person reads it
        return Unknown(f"It cannot be read: {type(error).__name__}")


def _read(mail: Message, raw: bytes, addresses: ReplyAddresses, own: frozenset[str]) -> Incoming:
    number = addresses.find(" ".join(header_text(mail, name) for name in _ADDRESSED))
    sender = _sender(mail)
    if bounce := _bounce(mail, raw, number):
        return bounce
    if sender.lower() in own or addresses.is_own(sender) or _is_named_by_us(header_text(mail, "Message-ID"), own):
        return Own()
    if number is None:
        return Unknown("It is not addressed to a ticket.")
    return _automatic(mail, number, sender) if is_automatic(mail) else _answer(mail, number, sender)


def is_automatic(mail: Message) -> bool:
    """Tell whether no person wrote the mail, by RFC 3834 and what programs did before; the subject is the last hint."""
    said = header_text(mail, "Auto-Submitted").lower()
    if said:
        return not said.startswith("no")
    if any(header_text(mail, name) for name in _AUTOMATIC_HEADERS) or _has_no_sender(mail):
        return True
    precedence = header_text(mail, "Precedence").lower()
    return precedence in _BULK or bool(_AWAY.match(header_text(mail, "Subject")))


def _bounce(mail: Message, raw: bytes, number: str | None) -> Bounce | None:
    """Return the bounce that the mail is: words about one in the answer of a person are none."""
    reports = mail.get_content_type() == "multipart/report" and "delivery-status" in str(mail.get_param("report-type"))
    if not (reports or _has_no_sender(mail) or _DAEMON.search(header_text(mail, "From"))):
        return None
    temporary, permanent = all_failures(mail)
    if not (reports or temporary or permanent):
        return None
    tokens = tuple(dict.fromkeys(_TOKEN.findall(raw[-MAX_REPORT:].decode("latin-1"))))[:MAX_TOKENS]
    failed = (clean_line(one.decode("latin-1"))[:254] for one in sorted(permanent or temporary))
    return Bounce(number, tokens, tuple(failed), final=bool(permanent))


def _is_named_by_us(message_id: str, own: frozenset[str]) -> bool:
    host = message_id.rpartition("@")[2].rstrip(">").lower()
    return bool(_TOKEN.fullmatch(message_id)) and host in {address.rpartition("@")[2] for address in own}


def _has_no_sender(mail: Message) -> bool:
    return header_text(mail, "Return-Path") == "<>"


def _automatic(mail: Message, number: str, sender: str) -> Automatic:
    return Automatic(
        number, sender, header_text(mail, "Subject")[:MAX_SUBJECT], read_parts(mail).text[:MAX_DESCRIPTION]
    )


def _answer(mail: Message, number: str, sender: str) -> Incoming:
    """Return the answer; a text that is too long for a message is cut, and whole in a file of its own."""
    parts = read_parts(mail)
    text, files = parts.text, parts.files
    if len(text) > MAX_DESCRIPTION:
        whole = Attachment("mail.txt", "text/plain", text.encode())
        text, files = text[:MAX_DESCRIPTION].rstrip(), (whole, *files)
    if not (text or files):
        return Unknown("Nothing is in it.")
    return Answer(
        number, sender, header_text(mail, "Message-ID"), text, fold_at(text), files, parts.left_out,
    )  # fmt: skip


def _sender(mail: Message) -> str:
    """Return the address in From, or nothing where that holds none, or more than one."""
    try:
        return check_address(parseaddr(header_text(mail, "From"))[1])
    except ValueError:
        return ""
