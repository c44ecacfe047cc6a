"""An e-mail address, checked so that it is exactly one and cannot bring a header along."""

from __future__ import annotations

import re

import idna

MAX_ADDRESS = 254  # characters, RFC 5321
MAX_LOCAL = 64

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def check_address(text: str) -> str:
    """Return the one address in its ASCII form (`müller.de` becomes `xn--mller-kva.de`); raise ValueError.

    An encoded word (`=?utf-8?q?…?=`) is refused although RFC 5322 allows its characters: mail libraries decode it.
    """
    local, _, domain = text.strip().rpartition("@")
    address = f"{local}@{_ascii(domain)}"
    if "=?" in local or not _LOCAL.fullmatch(local) or len(local) > MAX_LOCAL or len(address) > MAX_ADDRESS:
        raise ValueError(f"{text!r:.80} is no e-mail address. Write one, like name@example.org.")
    return address


def _ascii(domain: str) -> str:
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError(f"{domain!r:.80} is no domain. Write one, like example.org.") from error
    if not _DOMAIN.fullmatch(ascii_domain):
        raise ValueError(f"{domain!r:.80} is no domain. Write one, like example.org.")
    return ascii_domain
