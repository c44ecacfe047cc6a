"""Reply addresses: where the answers to the mails about one ticket go. Who has one can add to it, and read nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from app.tickets.address import MAX_LOCAL, check_address

SIGNATURE_BYTES = 10  # 80 bits: nobody guesses them over mail
LONGEST_TAG = len("+2026-000000123-") + SIGNATURE_BYTES * 8 // 5  # characters
MAX_SEARCHED = 20_000  # characters of headers in which an address is looked for


class ReplyAddresses:
    """Signs and finds addresses like `hilfe+2026-000123-abcdefghijklmnop@firma.example`.

    `inbox` is the address whose mailbox is read, without a tag; `secret` is the same on every machine that serves the
    portal. Raise ValueError for an inbox to which no tag can be added.
    """

    def __init__(self, inbox: str, secret: str) -> None:
        self.inbox = check_address(inbox)
        self._local, _, self._domain = self.inbox.rpartition("@")
        if "+" in self._local or len(self._local) + LONGEST_TAG > MAX_LOCAL:
            most = MAX_LOCAL - LONGEST_TAG
            raise ValueError(
                f"{inbox!r} cannot have a tag: take one without + and with at most {most} letters before @."
            )
        self._key = hashlib.sha256(b"wegweiser.reply\0" + secret.encode()).digest()
        tagged = (
            rf"(?<![\w.+-]){re.escape(self._local)}\+(\d{{4}}-\d{{6,9}})-([a-z2-7]{{16}})@{re.escape(self._domain)}"
        )
        self._tagged = re.compile(tagged + r"(?![\w.-])", re.ASCII | re.IGNORECASE)

    def of(self, number: str) -> str:
        """Return the address for the ticket with this number."""
        return f"{self._local}+{number.removeprefix('W-')}-{self._sign(number)}@{self._domain}"

    def find(self, text: str) -> str | None:
        """Return the number of the ticket of the first address in a text that was signed here, or None."""
        for found in self._tagged.finditer(text[:MAX_SEARCHED]):
            number = f"W-{found[1]}"
            if hmac.compare_digest(self._sign(number), found[2].lower()):
                return number
        return None

    def is_own(self, address: str) -> bool:
        """Tell whether mail to an address comes into this mailbox."""
        local, _, domain = address.lower().rpartition("@")
        return local.partition("+")[0] == self._local.lower() and domain == self._domain.lower()

    def _sign(self, number: str) -> str:
        signed = hmac.new(self._key, number.encode(), hashlib.sha256).digest()[:SIGNATURE_BYTES]
        return base64.b32encode(signed).decode("ascii").lower()
