"""Reminder: the mail that tells agents that a target passes soon. Nothing that a customer wrote stands in it."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from babel.dates import format_datetime

from app.tickets.mail import DAYS, LOCALES, Composed, MailKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.tickets.ticket import Language


class Aim(StrEnum):
    """What is to be done in time."""

    RESPOND = "respond"
    SOLVE = "solve"


def compose_reminder(number: str, aim: Aim, due: datetime, base_url: str) -> Composed:
    """Say until when a ticket is answered or solved, in both languages: nobody knows which one its reader likes."""
    link = f"{base_url}/desk/tickets/{number}"
    subject = f"[{number}] {_WORDS['de'][f'{aim}_subject']} / {_WORDS['en'][f'{aim}_subject']}"
    said = (_WORDS[lang][aim].format(number=number, due=_moment(due, lang), link=link) for lang in ("de", "en"))
    return Composed(MailKind.REMINDER, subject, "\n\n".join(said) + "\n")


def _moment(due: datetime, lang: Language) -> str:
    """Return day and time, as the clock in the zone of `due` shows them."""
    return format_datetime(due, f"{DAYS[lang]}, HH:mm", locale=LOCALES[lang])


_WORDS: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "de": {
            "respond_subject": "Bald fällig: Antwort",
            "solve_subject": "Bald fällig: Lösung",
            "respond": "Ticket {number} wartet auf eine Antwort bis {due}.\n{link}",
            "solve": "Ticket {number} soll gelöst sein bis {due}.\n{link}",
        },
        "en": {
            "respond_subject": "answer due soon",
            "solve_subject": "solution due soon",
            "respond": "Ticket {number} waits for an answer until {due}.\n{link}?lang=en",
            "solve": "Ticket {number} is to be solved by {due}.\n{link}?lang=en",
        },
    }
)
