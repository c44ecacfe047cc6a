"""Trips: what the browser carries while somebody signs in at the provider, signed and for a few minutes."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from itsdangerous import BadData, URLSafeSerializer

from app.desk.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MAX_AGE = 10 * 60
"""Seconds a sign-in at the provider may take."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One sign-in on its way: what only the browser that began it can bring back."""

    state: str
    nonce: str
    verifier: str
    next: str
    """Where it leads."""
    lang: str
    """The language that stood in the address; empty for none."""


class Trips:
    """Seals trips, and opens them in time; `secret` must be the same on every machine that serves the portal."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self._signer = URLSafeSerializer(
            secret, salt="wegweiser.trip", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        )
        self._clock = clock

    def seal(self, trip: Trip) -> str:
        """Return the trip as the browser keeps it."""
        return str(self._signer.dumps([self._now(), asdict(trip)]))

    def open(self, sealed: str) -> Trip | None:
        """Return the trip; None where there is none, it was not sealed here, or it took too long."""
        try:
            began, fields = self._signer.loads(sealed)
        except BadData:
            return None
        return Trip(**fields) if 0 <= self._now() - began <= MAX_AGE else None

    def _now(self) -> int:
        return int(self._clock().timestamp())


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """What signing in at the provider needs."""

    provider: Provider
    trips: Trips
    button: str
    """What stands on the button, in German where it is ours."""
