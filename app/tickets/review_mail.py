"""Review mail: the letter that tells an owner, once a week at most, which articles wait to be read again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from babel.dates import format_date

from app.tickets.mail import LOCALES, Composed, MailKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from app.tickets.ticket import Language

EVERYBODY = "*"
"""Whoever has no address of its own, and articles without an owner."""
MOST = 50
"""Articles that one mail names."""
_ADDRESS = re.compile(r"[^@\s,=<>]+@[^@\s,=<>]+")


@dataclass(frozen=True, slots=True)
class Overdue:
    """An article that was to be reviewed by a day that has passed."""

    title: str
    owner: str
    due: date
    path: str


def read_addresses(text: str) -> Mapping[str, str]:
    """Read `owner=address, *=address`; ValueError names what is wrong and the way out."""
    found = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        owner, mark, address = (one.strip() for one in part.partition("="))
        if not (owner and mark and _ADDRESS.fullmatch(address)):
            raise ValueError(f'REVIEW_REMINDERS has "{part}". Write "owner=address", several parted by commas; '
                             '"*" is every other owner.')  # fmt: skip
        found[owner.casefold()] = address
    return MappingProxyType(found)


def by_address(articles: Sequence[Overdue], addresses: Mapping[str, str]) -> Mapping[str, tuple[Overdue, ...]]:
    """Return what each address is told, in the order given; an owner without an address is nobody."""
    told: dict[str, tuple[Overdue, ...]] = {}
    for one in articles:
        address = addresses.get(one.owner.casefold()) or addresses.get(EVERYBODY)
        if address:
            told[address] = (*told.get(address, ()), one)
    return told


def compose_review_mail(articles: Sequence[Overdue]) -> Composed:
    """Name the articles in both languages: nobody knows which one its reader likes."""
    count = len(articles)
    subject = f"{count} × {_WORDS['de']['subject']} / {_WORDS['en']['subject']}"
    return Composed(MailKind.REMINDER, subject, "\n\n".join(_paragraph(articles, lang) for lang in _WORDS) + "\n")


def _paragraph(articles: Sequence[Overdue], lang: Language) -> str:
    return "\n".join(_lines(articles, lang))


def _lines(articles: Sequence[Overdue], lang: Language) -> Iterator[str]:
    words = _WORDS[lang]
    yield words["lead"]
    for one in articles[:MOST]:
        due = format_date(one.due, "long", locale=LOCALES[lang])
        yield f"- {one.title} ({words['due'].format(due=due)}): {one.path}"
    if len(articles) > MOST:
        yield words["more"].format(count=len(articles) - MOST)
    yield words["end"]


_WORDS: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "de": {
            "subject": "Artikel prüfen",
            "lead": "Diese Artikel sollten wieder gelesen werden:",
            "due": "fällig seit {due}",
            "more": "und {count} weitere.",
            "end": "Stimmt einer noch, genügt ein neues Datum in reviewed und review_after.",
        },
        "en": {
            "subject": "articles to review",
            "lead": "These articles were to be read again:",
            "due": "due since {due}",
            "more": "and {count} more.",
            "end": "If one is still right, a new day in reviewed and review_after is enough.",
        },
    }
)
