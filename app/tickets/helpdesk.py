"""Helpdesks: where tickets are handed over to people. One verb, `deliver`; how it may fail is part of the contract."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TextIO

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientRefused

from app.text import clean_line
from app.tickets.letter import body, subject, write_letter
from app.tickets.parcel import Outcome

if TYPE_CHECKING:
    from app.tickets.parcel import Parcel

STEP_SECONDS = 30.0  # how long the mail server may take for the connection and for each command
DATA_SECONDS = 120.0  # how long it may take to receive a letter with an attachment of 10 MB
PERMANENT = 500  # SMTP codes from here on will not change by trying again


class Undelivered(Exception):
    """The parcel was not handed over, or nobody knows."""

    outcome: ClassVar[Outcome]


class Refused(Undelivered):
    """The helpdesk will never take this parcel."""

    outcome = Outcome.REFUSED


class Failed(Undelivered):
    """The helpdesk cannot take it now."""

    outcome = Outcome.FAILED


class Ambiguous(Undelivered):
    """The connection was lost after the parcel went out: it may have been kept. A repeat has the same Message-ID."""

    outcome = Outcome.AMBIGUOUS


class Helpdesk(Protocol):
    """Takes parcels."""

    def deliver(self, parcel: Parcel) -> str:
        """Hand the parcel over and return what the helpdesk calls it; raise Refused, Failed or Ambiguous."""
        ...


@dataclass(frozen=True, slots=True)
class ConsoleHelpdesk:
    """Prints each parcel, for trying the portal out and for those who read its log."""

    stream: TextIO

    def deliver(self, parcel: Parcel) -> str:
        """Print the parcel as a letter would tell it."""
        print_letter(self.stream, subject(parcel), body(parcel))
        return "console"


@dataclass(frozen=True, slots=True)
class SmtpHelpdesk:
    """Sends each parcel as a mail to one address, over a connection of its own.

    It uses aiosmtplib, not smtplib: there a time limit holds for a whole answer of the server, in smtplib only for each
    piece of it, so that a server sending a byte now and then would hold the courier for ever.
    """

    host: str
    port: int
    sender: str
    recipient: str
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    step_seconds: float = STEP_SECONDS
    data_seconds: float = DATA_SECONDS
    tls_context: ssl.SSLContext | None = None
    """Only to trust other certificates than the machine does."""

    def __post_init__(self) -> None:
        """Refuse at the start what could only fail later."""
        for address in (self.sender, self.recipient):
            _check_own(address)
        if self.user and self.security == "none" and not _is_local(self.host):
            raise ValueError(f"The password for {self.host} would travel unprotected. Use starttls or tls.")

    def deliver(self, parcel: Parcel) -> str:
        """Send the mail and return what the server said, which is usually the name under which it queued it."""
        return self.send(write_letter(parcel, self.sender, self.recipient), self.recipient)

    def send(self, letter: bytes, recipient: str, returns: str = "") -> str:
        """Send a letter to one address; the answer and the errors are those of `deliver`.

        It comes back to the address `returns` where it cannot be delivered, else to the sender.
        """
        try:
            return clean_line(asyncio.run(self._send(letter, recipient, returns or self.sender)))
        except SMTPRecipientRefused as error:
            raise _by_code(error.code, f"{recipient} was refused: {error.code} {error.message}") from error
        except SMTPDataError as error:
            raise _by_code(error.code, f"The mail was refused: {error.code} {error.message}") from error
        except (SMTPException, OSError) as error:
            raise Failed(f"{self.host}:{self.port}: {type(error).__name__}: {error}") from error

    async def _send(self, letter: bytes, recipient: str, returns: str) -> str:
        async with SMTP(**self._connection()) as server:
            await server.mail(returns)
            await server.rcpt(recipient)
            try:
                return (await server.data(letter, timeout=self.data_seconds)).message
            except (ConnectionError, TimeoutError) as error:
                raise Ambiguous(f"{self.host}:{self.port} was lost after the mail went out: {error}") from error

    def _connection(self) -> dict[str, Any]:
        return {
            "hostname": self.host,
            "port": self.port,
            "username": self.user or None,
            "password": self.password or None,
            "use_tls": self.security == "tls",
            "start_tls": self.security == "starttls",
            "tls_context": self.tls_context,
            "timeout": self.step_seconds,
            "local_hostname": Address(addr_spec=self.sender).domain,
        }


def print_letter(stream: TextIO, head: str, text: str) -> None:
    """Print a letter with the signs that the stream can show; raise Failed."""
    encoding = stream.encoding or "utf-8"
    printed = f"── {head}\n{text}──\n".encode(encoding, "replace").decode(encoding)
    try:
        stream.write(printed)
        stream.flush()
    except (OSError, ValueError) as error:
        raise Failed(f"The console cannot be written to: {error}") from error


def _by_code(code: int, text: str) -> Undelivered:
    return Refused(text) if code >= PERMANENT else Failed(text)


def _check_own(address: str) -> None:
    try:
        Address(addr_spec=address).domain.encode("ascii")
    except Exception as error:  # the parser of addresses raises whatever it stumbles over
        raise ValueError(f"{address!r} is no mail address. Set one, like helpdesk@example.org.") from error


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
