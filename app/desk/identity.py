"""An identity: whom an ID token names, believed only when everything about it is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from app.desk.agent import MAX_EMAIL, normal_email

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures with a key of which only the provider has the secret half: never `none`, never a shared one."""
LEEWAY_SECONDS = 60
"""How far the clocks of provider and portal may be apart."""
MAX_TOKEN = 64 * 1024  # characters


class NotBelieved(Exception):
    """What the provider's answer says is not proven; nobody is signed in."""


class UnknownKey(NotBelieved):
    """None of these keys has signed it: perhaps the provider has a new one."""


class Unverified(NotBelieved):
    """It is genuine, but names no address, or one of which the provider does not know whose it is."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Who must have said it, to whom, and in answer to what."""

    issuer: str
    client_id: str
    nonce: str


def verified_email(id_token: object, keys: KeySet, expected: Expected, now: int) -> str:
    """Return the address that a token names, as it is compared; `now` in seconds since 1970.

    Raise UnknownKey, Unverified or NotBelieved.
    """
    claims = _claims(id_token, keys, expected, now)
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        raise Unverified("The provider names no address that it has verified.")
    # Other letters than ASCII may become another address when they are made small: U+212A is a "k" then.
    if not email.isascii() or len(email) > MAX_EMAIL or email.lower() != normal_email(email):
        raise Unverified(f"{email!a:.80} is not an address that can be compared.")
    return normal_email(email)


def _claims(id_token: object, keys: KeySet, expected: Expected, now: int) -> CodeIDToken:
    if not isinstance(id_token, str) or len(id_token) > MAX_TOKEN:
        raise NotBelieved("The provider's answer has no ID token.")
    try:
        token = jwt.decode(id_token, keys, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))
        claims = CodeIDToken(token.claims, token.header, _options(expected), _parameters(expected))
        claims.validate(now, LEEWAY_SECONDS)
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise UnknownKey(f"The ID token was signed by nobody we know: {error}") from error
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotBelieved(f"The ID token is not valid: {error}") from error
    return claims


def _options(expected: Expected) -> dict[str, dict[str, object]]:
    return {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "nonce": {"essential": True, "value": expected.nonce},
    }


def _parameters(expected: Expected) -> dict[str, str]:
    return {"client_id": expected.client_id, "nonce": expected.nonce}
