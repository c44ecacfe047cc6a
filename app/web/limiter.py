"""The limiter: how often one neighbourhood of the network may ask for what costs us work."""

from __future__ import annotations

import hashlib
import hmac
import time
from ipaddress import ip_address, ip_network
from types import MappingProxyType
from typing import TYPE_CHECKING

from fastapi import HTTPException
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

RATES: Mapping[str, str] = MappingProxyType(
    {
        "search": "600/minute",
        "typing": "1800/minute",
        "feedback": "20/minute",
        "ticket": "120/hour",
        "wish": "20/hour",  # each may send a mail to an address that nobody has checked
        "wish of all": "200/hour",
        "sign-in": "20/minute",
        "sign-in of all": "60/minute",
        "hook": "60/minute",
        "history": "120/minute",
        "single sign-on": "120/minute",  # there and back
    }
)
"""A whole company or a street can share a prefix; typing asks for words alone, which costs little.

A whole shift signs in from one prefix within minutes; at 20 a minute nobody guesses a password of 12 characters.
"""
EVERYBODY = "everybody"
"""The sender of those requests that are counted together."""
PREFIX = MappingProxyType({4: 24, 6: 56})
"""Bits of an address that belong to one customer's neighbourhood, by IP version."""


class Limiter:
    """Counts requests by address prefix, in memory; `secret` turns a prefix into a sender nobody can read back."""

    def __init__(self, secret: str, rates: Mapping[str, str] = RATES) -> None:
        self._secret = secret.encode()
        self._rates = {kind: parse(rate) for kind, rate in rates.items()}
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def check(self, kind: str, request: Request) -> None:
        """Count one request of a kind; raise 429 with Retry-After when there were too many."""
        self._count(kind, self.sender(request))

    def check_all(self, kind: str) -> None:
        """Count one request of a kind together with those of all senders; raise 429 with Retry-After."""
        self._count(kind, EVERYBODY)

    def sender(self, request: Request) -> str:
        """Return who sent a request, as a keyed hash of the address prefix: equal for neighbours, never an address."""
        host = request.client.host if request.client else ""
        return hmac.new(self._secret, address_prefix(host).encode(), hashlib.sha256).hexdigest()[:32]

    def _count(self, kind: str, sender: str) -> None:
        rate = self._rates[kind]
        if not self._windows.hit(rate, kind, sender):
            reset = self._windows.get_window_stats(rate, kind, sender).reset_time
            raise HTTPException(429, headers={"Retry-After": str(max(1, round(reset - time.time())))})


def address_prefix(host: str) -> str:
    """Return the /24 or /56 network of an address; a host that is no address stands for itself."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(ip_network((address, PREFIX[address.version]), strict=False))
