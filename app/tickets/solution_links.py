"""Solution links: the signed address in a solution's mail, for one solution of one ticket, for sixty days."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from itsdangerous import BadSignature, TimestampSigner

from app.tickets.mail import LINK_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MAX_AGE = LINK_DAYS * 24 * 60 * 60  # seconds
MAX_TOKEN = 200  # characters

_SIGNED = re.compile(r"(W-\d{4}-\d{6,9})_(\d{1,10})", re.ASCII)


class BadLink(ValueError):
    """A token that was not signed here, or too long ago."""


@dataclass(frozen=True, slots=True)
class SolutionRef:
    """Which solution of which ticket a link is for. A number is given once, other than the id of a row."""

    number: str
    solution: int
    """Id of the message."""


class SolutionLinks:
    """Signs and opens tokens; `secret` must be the same on every machine that serves the portal."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self._signer = _Signer(secret, clock)
        self._clock = clock

    def token(self, ref: SolutionRef) -> str:
        """Return the token for a solution, valid from now on."""
        return self._signer.sign(f"{ref.number}_{ref.solution}").decode("ascii")

    def open(self, token: str) -> SolutionRef:
        """Return what the token was signed for; raise BadLink."""
        try:
            signed, at = self._signer.unsign(token[:MAX_TOKEN].encode("ascii"), return_timestamp=True)
        except (BadSignature, UnicodeEncodeError) as error:
            raise BadLink("The link was not signed here. Take the one in the mail as it is.") from error
        if (self._clock() - at).total_seconds() > MAX_AGE:
            raise BadLink(f"The link is older than {LINK_DAYS} days. The page of the ticket asks the same.")
        number, solution = _SIGNED.fullmatch(signed.decode("ascii")).groups()  # type: ignore[union-attr] # signed here
        return SolutionRef(number, int(solution))


class _Signer(TimestampSigner):
    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        super().__init__(secret, salt="wegweiser.solution", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock().timestamp())
