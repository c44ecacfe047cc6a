"""Call page: one screen for a caller on the line, and what it holds when it is loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from app.desk.agent import Agent
from app.desk.contact import MAX_NOTES, EventKind
from app.web.call_ticket import category_of, summary_of, ticked_of
from app.web.ticket_form import URGENCIES, categories
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.desk.contact import Contact
    from app.web.pages import Parts
    from app.web.words import Words

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "saved": msg("Gespeichert"),
        "unsaved": msg("Noch nicht gespeichert"),
        "offline": msg(
            "Nicht gespeichert: keine Verbindung. Ihr Text bleibt hier und wird gesendet, sobald sie da ist."
        ),
        "failed": msg(
            "Nicht gespeichert: Wir können gerade nichts speichern. Ihr Text bleibt hier; wir versuchen es weiter."
        ),
        "signedOut": msg("Nicht gespeichert: Sie sind nicht mehr angemeldet. Ihr Text bleibt hier."),
        "tooLong": msg("Nicht gespeichert: Die Notizen haben mehr als 20.000 Zeichen. Kürzen Sie sie bitte."),
        "refused": msg("Nicht gespeichert: Laden Sie die Seite neu. Ihr Text bleibt hier."),
        "fresh": msg("Neuer Kontakt"),
        "full": msg("Neun Kontakte sind offen. Beenden Sie erst einen davon."),
        "searchFailed": msg("Die Suche ist gerade nicht erreichbar."),
        "nothing": msg("Dazu gibt es keinen Artikel. Mit F melden Sie, dass einer fehlt."),
        "opened": msg("Geöffnet: {title}"),
        "copied": msg("Kopiert"),
        "notCopied": msg("Ihr Browser lässt das Kopieren nicht zu."),
        "nothingToCopy": msg("Davon darf nichts an Kunden gehen: Der Artikel ist nur intern."),
        "noArticle": msg("Erst ein Artikel, dann diese Taste: Suchen Sie, oder öffnen Sie ein Ergebnis."),
        "noStep": msg("Alle Schritte sind abgehakt."),
        "noSteps": msg("Dieser Artikel hat keine Schritte."),
        "ticked": msg("Schritt {n} abgehakt"),
        "mailed": msg("An {address} gesendet"),
        "noAddress": msg("Tragen Sie erst die E-Mail-Adresse ein."),
        "flagged": msg("Gemeldet, danke."),
        "notDone": msg("Das hat gerade nicht geklappt. Es ist nichts verloren: Versuchen Sie es gleich noch einmal."),
        "closed": msg("Kontakt beendet: {outcome}"),
    }
)
"""What scripts say, by name."""


@dataclass(frozen=True, slots=True)
class CallPage:
    """The screen of a first-level agent: contacts and notes, results, article."""

    template: ClassVar[str] = "call.html"
    agent: Agent
    contacts: str
    """The open contacts as JSON, for the scripts."""
    texts: str
    """What the scripts say, as JSON."""
    categories: tuple[tuple[str, str], ...]
    urgencies: tuple[tuple[str, str], ...]
    can_mail: bool
    most_notes: int = MAX_NOTES


def call_page(parts: Parts, agent: Agent, words: Words, contacts: tuple[Contact, ...], now: datetime) -> CallPage:
    """Return the page with the agent's open contacts."""
    return CallPage(
        agent=agent,
        contacts=json.dumps([contact_json(contact, now) for contact in contacts]),
        texts=json.dumps({name: words.gettext(text) for name, text in TEXTS.items()}),
        categories=categories(parts.searcher.index, words),
        urgencies=tuple((value.value, words.gettext(name)) for value, name, _ in URGENCIES),
        can_mail=parts.article_mailer is not None,
    )


def contact_json(contact: Contact, now: datetime) -> dict[str, Any]:
    """Return what a browser needs to go on with a contact."""
    searched = [event.text for event in contact.events if event.kind is EventKind.SEARCHED]
    opened = [event for event in contact.events if event.kind is EventKind.OPENED]
    return {
        "id": contact.id, "version": contact.version, "age": int((now - contact.started_at).total_seconds()),
        "lang": contact.lang, "caller": contact.caller, "email": contact.email, "phone": contact.phone,
        "notes": contact.notes, "query": searched[-1] if searched else "",
        "slug": opened[-1].slug if opened else "", "slugLang": opened[-1].lang if opened else "",
        "ticked": sorted(f"{slug} {step}" for slug, step in ticked_of(contact)),
    }  # fmt: skip


def prefilled(parts: Parts, words: Words, contact: Contact) -> dict[str, str]:
    """Return what stands in the boxes of a ticket before the agent writes in them."""
    return {"category": category_of(parts, contact), "summary": summary_of(contact, words)}
