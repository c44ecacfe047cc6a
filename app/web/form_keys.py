"""Form keys: one signed key for each form, so that a repeat is recognised and a robot is too fast."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from itsdangerous import BadSignature, Signer, TimestampSigner

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MAX_AGE = 12 * 60 * 60
"""Seconds a form may stay open."""
MIN_AGE = 3
"""Seconds nobody can fill in a form in: the time trap for robots."""
KEY_BYTES = 24


class UnusableKeyError(ValueError):
    """A form key that opens nothing; the form comes back with its text and a fresh key."""


class ForgedError(UnusableKeyError):
    """The key was not made here, or was changed."""


class ExpiredError(UnusableKeyError):
    """The form was open for longer than MAX_AGE."""


class TooFastError(UnusableKeyError):
    """The form came back sooner than MIN_AGE."""


class FormKeys:
    """Makes and opens form keys; `secret` must be the same on every machine that serves the portal."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self._signer = _Signer(secret, clock)
        self._clock = clock
        self._names = Signer(secret, salt="wegweiser.name", digest_method=hashlib.sha256)

    def of(self, name: str) -> str:
        """Return the key that belongs to a name: always the same one, and nobody else can tell it."""
        return self._names.get_signature(name).decode("ascii")

    def new(self) -> str:
        """Return a signed key for a form; the key inside becomes the ticket's own."""
        return self._signer.sign(secrets.token_urlsafe(KEY_BYTES)).decode("ascii")

    def renew(self, form_key: str) -> str:
        """Return the same key signed anew, for a form that comes back with faults, or a new one."""
        try:
            key, _ = self._unsign(form_key)
        except UnusableKeyError:
            return self.new()
        return self._signer.sign(key).decode("ascii")

    def open(self, form_key: str) -> str:
        """Return the key of a form that came back in time, or raise Forged, Expired or TooFast."""
        key, age = self._unsign(form_key)
        if age > MAX_AGE:
            raise ExpiredError(f"The form key is {age} seconds old; at most {MAX_AGE} are accepted. Send a fresh form.")
        if age < MIN_AGE:
            raise TooFastError(f"The form came back after {age} seconds; people need at least {MIN_AGE}.")
        return key

    def _unsign(self, form_key: str) -> tuple[str, int]:
        try:
            key, signed = self._signer.unsign(form_key.encode("ascii"), return_timestamp=True)
        except (BadSignature, UnicodeEncodeError) as error:
            raise ForgedError("The form key was not signed here. Send a fresh form.") from error
        return key.decode("ascii"), int((self._clock() - signed).total_seconds())


class _Signer(TimestampSigner):
    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        super().__init__(secret, salt="wegweiser.form", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock().timestamp())
