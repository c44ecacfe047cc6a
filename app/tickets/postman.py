"""Postmen: who takes a mail to its customer. One verb, `deliver`; how it may fail is that of helpdesks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

from app.tickets.helpdesk import SmtpHelpdesk, print_letter
from app.tickets.mail import write_mail
from app.tickets.reply_address import ReplyAddresses

if TYPE_CHECKING:
    from app.tickets.mail import Mail


class Postman(Protocol):
    """Takes mails."""

    def deliver(self, mail: Mail) -> str:
        """Hand the mail over and return what it is called there; raise Refused, Failed or Ambiguous."""
        ...


@dataclass(frozen=True, slots=True)
class ConsolePostman:
    """Prints each mail, for trying the portal out."""

    stream: TextIO

    def deliver(self, mail: Mail) -> str:
        """Print the mail as its customer would read it."""
        print_letter(self.stream, f"{mail.subject} → {mail.recipient}", mail.text)
        return "console"


@dataclass(frozen=True, slots=True)
class SmtpPostman:
    """Sends each mail over the mail server of the helpdesk."""

    server: SmtpHelpdesk
    name: str
    """Of the provider, before the address it comes from."""
    reply_to: str
    addresses: ReplyAddresses | None = None
    """Where answers and bounces of mails about a ticket come in; without them answers go to `reply_to`."""

    def deliver(self, mail: Mail) -> str:
        """Send the mail and return what the server said."""
        own = self.addresses.of(mail.number) if self.addresses and mail.number else ""
        letter = write_mail(mail, self.server.sender, self.name, own or self.reply_to)
        return self.server.send(letter, mail.recipient, own)
