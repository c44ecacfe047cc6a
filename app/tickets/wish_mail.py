"""Mails about wishes: the one that asks whether it was meant, and the one that tells of the article.

Neither holds a word of whoever asked: anybody can enter the address of somebody else.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from app.tickets.letter import clean_header
from app.tickets.mail import Composed, MailKind, Provider, closing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.tickets.ticket import Language

CONFIRM_HOURS = 48
"""How long the link of the first mail can be used."""


def compose_confirmation(confirm: str, stop: str, lang: Language, provider: Provider) -> Composed:
    """Ask whether the owner of the address wants to hear; without the link nothing follows."""
    words = _WORDS[lang]
    said = words["confirm"].format(link=confirm, stop=stop, name=provider.name)
    return Composed(MailKind.WISH, clean_header(words["confirm_subject"]), _closed(said, lang, provider))


def compose_told(title: str, url: str, number: str, stop: str, lang: Language, provider: Provider) -> Composed:  # noqa: PLR0913, PLR0917 - one mail
    """Tell of the article, of which the title was written by us; `number` is that of the ticket, if any."""
    words = _WORDS[lang]
    subject = f"[{number}] {words['told_subject']}" if number else words["told_subject"]
    said = words["told"].format(title=title, url=url, stop=stop)
    return Composed(MailKind.TOLD, clean_header(subject), _closed(said, lang, provider))


def _closed(said: str, lang: Language, provider: Provider) -> str:
    return f"{said}\n\n{closing(provider, lang)}\n"


_WORDS: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "de": {
            "confirm_subject": "Sollen wir Ihnen Bescheid sagen?",
            "confirm": (
                "Guten Tag,\n\n"
                "Sie möchten Bescheid bekommen, wenn es zu Ihrer Frage einen Artikel gibt. Bestätigen Sie das hier:\n"
                "{link}\n\n"
                f"Der Link gilt {CONFIRM_HOURS} Stunden. Ohne Ihre Bestätigung löschen wir Ihre Adresse danach.\n\n"
                "Sie haben bei {name} gar nichts gesucht? Dann hat jemand Ihre Adresse angegeben, und Sie müssen "
                "nichts tun. Mit diesem Link bekommen Sie von uns keine solchen Mails mehr:\n{stop}"
            ),
            "told_subject": "Zu Ihrer Frage gibt es jetzt einen Artikel",
            "told": (
                "Guten Tag,\n\n"
                "Sie haben uns etwas gefragt, worauf wir keinen Artikel hatten. Jetzt gibt es einen:\n\n"
                "{title}\n{url}\n\n"
                "Das war die Mail, um die Sie gebeten haben. Ihre Adresse haben wir aus der Liste gelöscht. "
                "Wenn Sie auch zu anderen Fragen nichts mehr hören möchten:\n{stop}"
            ),
        },
        "en": {
            "confirm_subject": "Shall we let you know?",
            "confirm": (
                "Hello,\n\n"
                "You would like to be told when there is an article about your question. Please confirm it here:\n"
                "{link}\n\n"
                f"The link is valid for {CONFIRM_HOURS} hours. Without it we delete your address afterwards.\n\n"
                "You have not searched for anything at {name}? Then somebody gave us your address, and you need not "
                "do anything. With this link you get no more such mails from us:\n{stop}"
            ),
            "told_subject": "There is now an article about your question",
            "told": (
                "Hello,\n\n"
                "You asked us something for which we had no article. Now there is one:\n\n"
                "{title}\n{url}\n\n"
                "This was the mail you asked for. We have taken your address off the list. "
                "If you do not want to hear about other questions either:\n{stop}"
            ),
        },
    }
)
