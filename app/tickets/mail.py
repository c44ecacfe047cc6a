"""Mails to customers: what stands in each, in the language of its ticket, and the letter that goes over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from babel.dates import format_date

from app.tickets.letter import clean_header
from app.tickets.ticket import Language

if TYPE_CHECKING:
    from app.tickets.news import Changed

LOCALES: Final[dict[Language, str]] = {"de": "de_DE", "en": "en_GB"}
DAY = "EEEE, d. MMMM y"  # with the day of the week: it is a promise
DAYS: Final[dict[Language, str]] = {"de": DAY, "en": "EEEE, d MMMM y"}
LINK_DAYS = 60  # how long the link in a solution's mail can be used


class MailKind(StrEnum):
    """What a mail tells."""

    RECEIPT = "receipt"
    REPLY = "reply"
    STATE = "state"
    SOLUTION = "solution"
    ARTICLE = "article"
    REMINDER = "reminder"
    WISH = "wish"
    TOLD = "told"


AUTOMATIC = frozenset({MailKind.RECEIPT, MailKind.STATE, MailKind.REMINDER, MailKind.WISH, MailKind.TOLD})
"""Kinds in which no person has written a word."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who writes: what stands below each mail."""

    name: str
    phone: str
    hours: Mapping[Language, str]
    base_url: str
    """Scheme and host of the portal without a slash at the end."""
    reads_mail: bool = False
    """Whether answers by mail come in."""


@dataclass(frozen=True, slots=True)
class Composed:
    """What a mail says."""

    kind: MailKind
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is kept until it is delivered."""

    kind: MailKind
    recipient: str
    lang: Language
    subject: str
    text: str
    token: str
    """Names this mail to the outside, the same in every try, so that a repeat is recognised."""
    first_token: str
    """That of the first mail about the ticket; the others refer to it."""
    at: datetime
    number: str = ""
    """Of its ticket; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Composes the mails about one ticket. The key of the ticket stands in none of them: nobody here knows it."""

    number: str
    lang: Language
    provider: Provider

    def receipt(self, answer_by: date, *, called: bool = False) -> Composed:
        """Say that the ticket is here and when an answer comes; nothing in it was written by who sent the ticket.

        Somebody who `called` has never seen the page of the ticket, and does not read of it.
        """
        day = format_date(answer_by, DAYS[self.lang], locale=LOCALES[self.lang])
        text = self._say("receipt_called" if called else "receipt").format(number=self.number, day=day)
        return self._mail(MailKind.RECEIPT, "receipt", text)

    def reply(self, said: str, *, waits: bool) -> Composed:
        """Bring what an agent has answered, with the links that stand in it."""
        name = "question" if waits else "reply"
        how = self._say(f"{name}_by_mail" if self.provider.reads_mail else name)
        return self._mail(MailKind.REPLY, name, f"{said}\n\n{how}")

    def change(self, change: Changed) -> Composed:
        """Say how the ticket stands now."""
        return self._mail(MailKind.STATE, change, self._say(change).format(number=self.number))

    def solution(self, said: str, token: str) -> Composed:
        """Bring what solves the problem, and ask whether it does."""
        link = f"{self.provider.base_url}/solutions/{token}"
        return self._mail(MailKind.SOLUTION, "solution", f"{said}\n\n{self._say('solution').format(link=link)}")

    def _mail(self, kind: MailKind, name: str, text: str) -> Composed:
        subject = clean_header(f"[{self.number}] {self._say(f'{name}_subject')}")
        return Composed(kind, subject, f"{text}\n\n{closing(self.provider, self.lang)}\n")

    def _say(self, name: str) -> str:
        return _WORDS[self.lang][name]


def compose_article(title: str, passage: str, url: str, lang: Language, provider: Provider) -> Composed:
    """Bring an article with its passage to somebody who called."""
    text = "\n\n".join((_WORDS[lang]["article"], f"{title}\n{url}", passage, closing(provider, lang)))
    return Composed(MailKind.ARTICLE, clean_header(title), text + "\n")


def write_mail(mail: Mail, sender: str, name: str, reply_to: str) -> bytes:
    """Return the mail as it goes over the wire, from one address of ours, to one person; answers go to `reply_to`."""
    host = Address(addr_spec=sender).domain
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(clean_header(name), addr_spec=sender)
    letter["To"] = Address(addr_spec=mail.recipient)
    letter["Reply-To"] = Address(addr_spec=reply_to)
    letter["Subject"] = clean_header(mail.subject)
    letter["Date"] = mail.at
    letter["Message-ID"] = f"<{mail.token}@{host}>"
    if mail.token != mail.first_token:
        letter["In-Reply-To"] = letter["References"] = f"<{mail.first_token}@{host}>"
    if mail.kind in AUTOMATIC:
        letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(mail.text, cte="quoted-printable")
    letter["Content-Language"] = mail.lang
    return letter.as_bytes()


def closing(provider: Provider, lang: Language) -> str:
    """Return what stands below each mail."""
    words = _WORDS[lang]["closing"]
    return words.format(name=provider.name, phone=provider.phone, hours=provider.hours[lang])


_WORDS: Final[dict[Language, dict[str, str]]] = {
    "de": {
        "closing": "Wenn es eilt, rufen Sie uns an: {phone} ({hours}).\n\nFreundliche Grüße\nIhr Team von {name}",
        "receipt_subject": "Wir haben Ihr Ticket erhalten",
        "receipt": (
            "Guten Tag,\n\n"
            "Ihr Ticket ist bei uns angekommen. Es hat die Nummer {number}.\n\n"
            "So geht es weiter: Jemand aus unserem Team liest es und antwortet Ihnen bis {day}. "
            "Wo es steht, sehen Sie auf der Seite Ihres Tickets. Ihre Adresse haben Sie beim Absenden bekommen; "
            "zur Sicherheit verschicken wir sie nicht.\n\n"
            "Sie haben gar nichts geschrieben? Dann hat jemand Ihre Adresse angegeben, und Sie müssen nichts tun."
        ),
        "receipt_called": (
            "Guten Tag,\n\n"
            "zu Ihrem Anruf haben wir ein Ticket geschrieben. Es hat die Nummer {number}: Nennen Sie sie, wenn Sie "
            "noch einmal anrufen.\n\n"
            "So geht es weiter: Jemand aus unserem Team liest es und antwortet Ihnen an diese Adresse bis {day}.\n\n"
            "Sie haben gar nicht angerufen? Dann hat jemand Ihre Adresse angegeben, und Sie müssen nichts tun."
        ),
        "reply_subject": "Unsere Antwort",
        "reply": "Möchten Sie etwas dazu sagen? Schreiben Sie es bitte auf die Seite Ihres Tickets.",
        "reply_by_mail": "Möchten Sie etwas dazu sagen? Antworten Sie einfach auf diese Mail.",
        "question_subject": "Eine Frage an Sie",
        "question": (
            "Wir warten auf Ihre Antwort. Schreiben Sie sie bitte auf die Seite Ihres Tickets: "
            "Sobald sie da ist, arbeiten wir weiter."
        ),
        "question_by_mail": "Wir warten auf Ihre Antwort: Antworten Sie einfach auf diese Mail, dann geht es weiter.",
        "in_progress_subject": "Wir kümmern uns um Ihr Ticket",
        "in_progress": (
            "Guten Tag,\n\njemand aus unserem Team arbeitet jetzt an Ihrem Ticket {number}. "
            "Sie müssen nichts tun, wir melden uns."
        ),
        "reopened_subject": "Ihr Ticket ist wieder offen",
        "reopened": (
            "Guten Tag,\n\nwir haben Ihr Ticket {number} wieder geöffnet und arbeiten weiter daran. "
            "Sie müssen nichts tun, wir melden uns."
        ),
        "closed_subject": "Ihr Ticket ist geschlossen",
        "closed": (
            "Guten Tag,\n\nIhr Ticket {number} ist gelöst und geschlossen. Wenn das Problem wiederkommt, schreiben Sie "
            "auf der Seite Ihres Tickets einfach weiter. Dann machen wir es wieder auf."
        ),
        "solution_subject": "Ist Ihr Problem gelöst?",
        "solution": (
            "Ist es damit gelöst? Sagen Sie es uns hier:\n{link}\n\n"
            f"Wenn nicht, machen wir Ihr Ticket wieder auf. Der Link gilt {LINK_DAYS} Tage."
        ),
        "article": "Guten Tag,\n\ndiese Anleitung hilft Ihnen weiter:",
    },
    "en": {
        "closing": "If it is urgent, call us: {phone} ({hours}).\n\nKind regards\nYour team at {name}",
        "receipt_subject": "We have received your ticket",
        "receipt": (
            "Hello,\n\n"
            "We have received your ticket. Its number is {number}.\n\n"
            "What happens next: someone from our team reads it and answers you by {day}. "
            "The page of your ticket shows where it stands. You were given its address when you sent the ticket; "
            "to be on the safe side we do not mail it.\n\n"
            "You have not written to us? Then somebody gave us your address, and you need not do anything."
        ),
        "receipt_called": (
            "Hello,\n\n"
            "We have written a ticket about your call. Its number is {number}: please name it if you call again.\n\n"
            "What happens next: someone from our team reads it and answers you at this address by {day}.\n\n"
            "You have not called us? Then somebody gave us your address, and you need not do anything."
        ),
        "reply_subject": "Our answer",
        "reply": "Would you like to add something? Please write it on the page of your ticket.",
        "reply_by_mail": "Would you like to add something? Just answer this mail.",
        "question_subject": "A question for you",
        "question": (
            "We are waiting for your answer. Please write it on the page of your ticket: "
            "as soon as we have it, we carry on."
        ),
        "question_by_mail": "We are waiting for your answer. Just answer this mail, and we carry on.",
        "in_progress_subject": "We are looking after your ticket",
        "in_progress": (
            "Hello,\n\nsomeone from our team is now working on your ticket {number}. "
            "You need not do anything, we will be in touch."
        ),
        "reopened_subject": "Your ticket is open again",
        "reopened": (
            "Hello,\n\nwe have opened your ticket {number} again and are working on it. "
            "You need not do anything, we will be in touch."
        ),
        "closed_subject": "Your ticket is closed",
        "closed": (
            "Hello,\n\nyour ticket {number} is solved and closed. If the problem comes back, just write on the page of "
            "your ticket. Then we will open it again."
        ),
        "solution_subject": "Is your problem solved?",
        "solution": (
            "Does this solve it? Tell us here:\n{link}\n\n"
            f"If it does not, we will open your ticket again. The link is valid for {LINK_DAYS} days."
        ),
        "article": "Hello,\n\nthis guide will help you:",
    },
}
