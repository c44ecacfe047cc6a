"""Refusals: why a form was not taken, in words that tell how to go on. Its text always comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from fastapi import HTTPException

from app.database import StoreUnavailable
from app.tickets.store import KeyReused, TooMany
from app.tickets.ticket import Invalid, Problem
from app.web.form_keys import ExpiredError, TooFastError, UnusableKeyError
from app.web.words import msg

if TYPE_CHECKING:
    from app.web.words import Words

RETRY_SECONDS = 120
"""How long a store that cannot be used is given, in Retry-After."""


class TrappedError(Exception):
    """The field that people do not see was filled in."""


REFUSED = (Invalid, TrappedError, UnusableKeyError, KeyReused, TooMany, StoreUnavailable, HTTPException)
"""All that a posted form can fail with."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What stands in the way of the whole form."""

    title: str
    text: str
    call: bool = False
    """Whether the phone number stands below."""
    ticket: str = ""
    """Key of the ticket that this form already became."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The status to answer with, and what the page says, on top or at its fields."""

    status: int
    alert: Alert | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    retry_after: int | None = None
    """Seconds."""

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that go with the status."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


FIELDS = ("description", "attachment", "category", "urgency", "name", "email", "text", "agree")
"""In the order in which they stand on the page."""
_TOO_LONG = msg("Der Text ist zu lang. Bitte kürzen Sie ihn auf höchstens 20.000 Zeichen.")
_THEME = msg("Bitte wählen Sie ein Thema aus der Liste.")
_FAULTS: Mapping[tuple[str, Problem], str] = MappingProxyType(
    {
        ("description", Problem.MISSING): msg("Bitte schreiben Sie, was los ist."),
        ("description", Problem.TOO_LONG): _TOO_LONG,
        ("attachment", Problem.EMPTY_FILE): msg(
            "Die Datei ist leer. Wählen Sie bitte eine andere, oder senden Sie ohne Datei."
        ),
        ("attachment", Problem.TOO_LARGE): msg(
            "Die Datei ist größer als 10 MB. Wählen Sie bitte eine kleinere, oder senden Sie ohne Datei."
        ),
        ("attachment", Problem.WRONG_TYPE): msg(
            "Solche Dateien können wir nicht öffnen. Möglich sind PNG, JPG, GIF, WebP, PDF und Text."
        ),
        ("category", Problem.MISSING): _THEME,
        ("category", Problem.TOO_LONG): _THEME,
        ("category", Problem.UNKNOWN): _THEME,
        ("urgency", Problem.UNKNOWN): msg("Bitte wählen Sie, wie eilig es ist."),
        ("name", Problem.MISSING): msg("Bitte tragen Sie Ihren Namen ein."),
        ("name", Problem.TOO_LONG): msg("Der Name ist zu lang. Bitte kürzen Sie ihn auf höchstens 100 Zeichen."),
        ("email", Problem.MISSING): msg("Bitte tragen Sie Ihre E-Mail-Adresse ein."),
        ("email", Problem.NO_ADDRESS): msg("Bitte prüfen Sie die E-Mail-Adresse. Sie sieht so aus: name@beispiel.de"),
        ("agree", Problem.MISSING): msg("Bitte setzen Sie den Haken: Ohne Ihre Zustimmung schreiben wir Ihnen nicht."),
        ("text", Problem.MISSING): msg("Bitte schreiben Sie Ihre Nachricht."),
        ("text", Problem.TOO_LONG): _TOO_LONG,
    }
)


def refusal(error: Exception, words: Words, ticket: str = "") -> Refusal:
    """Return how one of REFUSED is answered; `ticket` is the key of the ticket that the form already became."""
    if isinstance(error, Invalid):
        return Refusal(422, faults=_faults(error.faults, words))
    reason = next(reason for kind, reason in _REASONS if isinstance(error, kind))
    if ticket:
        reason = _SENT_TICKET
    alert = Alert(words.gettext(reason.title), words.gettext(reason.text), reason.call, ticket)
    return Refusal(reason.status, alert, retry_after=_retry_after(error))


def _faults(faults: Mapping[str, Problem], words: Words) -> Mapping[str, str]:
    return {name: words.gettext(_FAULTS[name, faults[name]]) for name in FIELDS if name in faults}


def _retry_after(error: Exception) -> int | None:
    match error:
        case TooMany():
            return error.retry_after
        case HTTPException():
            return int((error.headers or {}).get("Retry-After", RETRY_SECONDS))
        case StoreUnavailable():
            return RETRY_SECONDS
    return None


@dataclass(frozen=True, slots=True)
class _Reason:
    """Status and words for one kind of failure."""

    status: int
    text: str
    title: str = msg("Noch nicht gesendet")
    call: bool = False


_SENT_TICKET = _Reason(
    409,
    msg(
        "Die erste Fassung ist bei uns; ergänzen können Sie sie auf der Seite Ihres Tickets. "
        "Wenn Sie hier noch einmal senden, wird daraus ein zweites Ticket."
    ),
    title=msg("Dieses Formular haben Sie schon gesendet"),
)
_SENT_MESSAGE = _Reason(
    409,
    msg("Die erste Fassung steht oben. Wenn Sie noch einmal senden, kommt die geänderte als zweite Nachricht dazu."),
    title=msg("Diese Nachricht haben Sie schon gesendet"),
)
_TRAPPED = _Reason(
    422,
    msg(
        "Ein Feld, das man nicht sieht, war ausgefüllt. Manche Programme füllen es von selbst. "
        "Es ist jetzt wieder leer: Senden Sie bitte noch einmal."
    ),
)
_EXPIRED = _Reason(422, msg("Das Formular war sehr lange offen. Ihr Text ist noch da: Senden Sie bitte noch einmal."))
_TOO_FAST = _Reason(
    422,
    msg(
        "Das ging ungewöhnlich schnell. Um automatische Einsendungen fernzuhalten, fragen wir nach: "
        "Senden Sie bitte noch einmal."
    ),
)
_FORGED = _Reason(
    422,
    msg("Das Formular ist nicht vollständig bei uns angekommen. Ihr Text ist noch da: Senden Sie bitte noch einmal."),
)
_TOO_MANY = _Reason(
    429,
    msg(
        "Von Ihrem Anschluss kamen gerade sehr viele Nachrichten. "
        "Ihr Text ist noch da: Senden Sie ihn bitte später noch einmal."
    ),
    call=True,
)
_UNAVAILABLE = _Reason(
    503,
    msg(
        "Wir können im Moment nichts speichern. "
        "Ihr Text ist noch da: Senden Sie ihn bitte in ein paar Minuten noch einmal."
    ),
    call=True,
)
_REASONS: tuple[tuple[type[Exception], _Reason], ...] = (
    (TrappedError, _TRAPPED),
    (ExpiredError, _EXPIRED),
    (TooFastError, _TOO_FAST),
    (UnusableKeyError, _FORGED),
    (KeyReused, _SENT_MESSAGE),
    (TooMany, _TOO_MANY),
    (HTTPException, _TOO_MANY),
    (StoreUnavailable, _UNAVAILABLE),
)
"""The first kind that fits counts; of HTTP errors only the limiter's 429 comes here."""
