"""Mails for the tests, as customers and mail servers write them."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from app.tickets.reply_address import ReplyAddresses

ADDRESSES = ReplyAddresses("hilfe@birkennetz.example", "secret")
OWN = frozenset({"portal@birkennetz.example", "hilfe@birkennetz.example"})
NUMBER = "W-2026-000001"
TOKEN = "ab" * 24


def letter(text: str = "Die rote.", to: str = "", **headers: str) -> EmailMessage:
    """Return a mail to the first ticket; an underscore in the name of a header is a hyphen."""
    mail = EmailMessage()
    given = {"From": "Erika <erika@example.org>", "To": to or ADDRESSES.of(NUMBER), "Message-ID": "<1@example.org>"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in given.items():
        mail[name] = value
    mail.set_content(text)
    return mail


def bounce(token: str = TOKEN, action: str = "failed", **headers: str) -> bytes:
    """Return what a mail server says of a mail that it could not deliver."""
    given: dict[str, Any] = {"From": "MAILER-DAEMON@mx.example", "Return-Path": "<>", "To": "portal@birkennetz.example"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\n" for name, value in given.items())
    return (
        f"{head}Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; erika@example.org\nAction: {action}\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{token}@birkennetz.example>\nSubject: x\n\n--b--\n"
    ).encode()
