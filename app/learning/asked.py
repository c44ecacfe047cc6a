"""Asked: a question that somebody put to the portal, without the person who did."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

from app.personal import mask
from app.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Collection

Source = Literal["search", "call", "vote", "ticket", "flag"]
"""What was asked by: a search, one in a call, a vote "not helpful", a ticket or its trail, an agent's flag."""

MAX_RAW = 4_000  # characters that are looked through
MAX_TEXT = 300  # characters that are kept
ROBOT = re.compile(
    r"(?i)bot\b|crawl|spider|slurp|archiver|preview|scan|monitor|headless|curl|wget|python|java/|go-http|httpclient"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, before personal data is taken out of it."""

    text: str
    lang: str
    source: Source
    day: date
    asker: str
    """Tells people apart, and says of nobody who it is: see Askers."""
    nearest: tuple[str, ...] = ()
    """Slugs of the articles that were nearest then."""
    confidence: float | None = None
    """How likely the first of them answered, 0 to 1; None where nothing was searched."""


def masked(asked: Asked, ours: Collection[str] = ()) -> str:
    """Return what of a question may be kept: one line, without personal data and secrets."""
    return clean_line(mask(asked.text[:MAX_RAW], ours))[:MAX_TEXT].rstrip()


def is_robot(user_agent: str) -> bool:
    """Tell whether a program says of itself that it is one; whoever says nothing is one as well."""
    return not user_agent.strip() or bool(ROBOT.search(user_agent))


@dataclass(slots=True)
class Askers:
    """Names for people that can be counted.

    A visitor's is made with a salt that only this process knows and forgets after the day: nobody can compute it again.
    That of a ticket or a contact is made with the portal's secret, so that it can be found when its person is erased.
    """

    secret: str
    _salts: dict[date, bytes] = field(default_factory=dict)

    def visitor(self, day: date, *traits: str) -> str:
        """Return the name of a visitor for one day."""
        if day not in self._salts:
            self._salts = {day: secrets.token_bytes(32)}
        return "v" + _digest(self._salts[day], "\n".join(traits))

    def ticket(self, number: str) -> str:
        """Return the name of whoever opened a ticket."""
        return "t" + _digest(self.secret.encode(), f"ticket {number}")

    def contact(self, name: str) -> str:
        """Return the name of whoever called."""
        return "c" + _digest(self.secret.encode(), f"contact {name}")


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:23]
