"""Passwords: kept as argon2id hashes, and compared with the same work whether there is something to compare or not."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""What OWASP recommends: 19 MiB, so that many sign-ins at once do not eat the memory of a small machine."""
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$CzNbare7Ry3VafX+vi+P+A$3Do2z9YeJJsJ2Tw6OrDQjjrbZcUc455h3l9VhyxYcNc"
"""The hash of a random password that was thrown away: compared where nobody has the address."""


def hash_password(password: str) -> str:
    """Return what is kept of a password: hash, salt and cost."""
    return HASHER.hash(_typed(password))


def fits(password: str, password_hash: str) -> bool:
    """Return whether a password is the one that was hashed."""
    try:
        return HASHER.verify(password_hash, _typed(password))
    except VerificationError:
        return False


def _typed(password: str) -> bytes:
    """Return the bytes of a password: "ü" is the same key on every keyboard, however the system writes it."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
