"""Wish links: the signed addresses in the mails about wishes, one to confirm a wish, one to hear no more."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from itsdangerous import BadSignature, TimestampSigner

from app.tickets.wish_mail import CONFIRM_HOURS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MAX_TOKEN = 200  # characters
SECONDS: dict[str, float] = {"confirm": CONFIRM_HOURS * 3600, "stop": float("inf")}
"""How long each kind can be used: who wants to hear no more is never told that it is too late."""

_SIGNED = re.compile(r"(confirm|stop)_([0-9a-f]{1,64})", re.ASCII)


class BadWishLink(ValueError):
    """A token that was not signed here, or too long ago."""


@dataclass(frozen=True, slots=True)
class WishRef:
    """What a link is for: to confirm the wish of this name, or to stop all mails to the address with this hash."""

    kind: Literal["confirm", "stop"]
    name: str


class WishLinks:
    """Signs and opens tokens; `secret` must be the same on every machine that serves the portal."""

    def __init__(self, secret: str, base_url: str, clock: Callable[[], datetime]) -> None:
        self._secret, self._base_url, self._clock = secret.encode(), base_url, clock
        self._signer = _Signer(secret, clock)

    def address(self, email: str) -> str:
        """Return what stands for an e-mail address, in capitals or not; nobody else can compute it."""
        return hmac.new(self._secret, f"wish {email.lower()}".encode(), hashlib.sha256).hexdigest()[:32]

    def token(self, ref: WishRef) -> str:
        """Return the token, valid from now on."""
        return self._signer.sign(f"{ref.kind}_{ref.name}").decode("ascii")

    def url(self, ref: WishRef) -> str:
        """Return the whole address with a fresh token."""
        return f"{self._base_url}/wishes/{self.token(ref)}"

    def open(self, token: str) -> WishRef:
        """Return what the token was signed for; raise BadWishLink."""
        try:
            signed, at = self._signer.unsign(token[:MAX_TOKEN].encode("ascii"), return_timestamp=True)
        except (BadSignature, UnicodeEncodeError) as error:
            raise BadWishLink("The link was not signed here. Take the one in the mail as it is.") from error
        kind, name = _SIGNED.fullmatch(signed.decode("ascii")).groups()  # type: ignore[union-attr] # signed here
        if (self._clock() - at).total_seconds() > SECONDS[kind]:
            raise BadWishLink(f"The link is older than {CONFIRM_HOURS} hours. Ask for a new one on the search page.")
        return WishRef("confirm" if kind == "confirm" else "stop", name)


class _Signer(TimestampSigner):
    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        super().__init__(secret, salt="wegweiser.wish", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock().timestamp())
