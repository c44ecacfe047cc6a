"""The provider: the company's own sign-in, asked by OpenID Connect with authorization code, PKCE, state and nonce."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import TypeAdapter

from app.desk.gate import Gate, origin
from app.desk.identity import Expected, NotBelieved, UnknownKey, verified_email

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from joserfc.jwk import KeySetSerialization

DOCUMENT = "/.well-known/openid-configuration"
SCOPE = "openid email"
ANSWER_SECONDS = 5.0
"""How long the provider may take for all that one request of a person needs."""
KEEP = timedelta(hours=1)
"""How long is believed what the provider says of itself; a new key is asked for as soon as it is used."""
TOKEN_BYTES = 32

log = logging.getLogger(__name__)


class ProviderUnavailable(Exception):
    """The provider does not answer, or what it answers makes no sense; the password still does."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How the portal is known at the provider; without a secret it is a public client."""

    issuer: str
    client_id: str
    secret: str
    return_address: str
    """Where the provider sends people back to."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the provider says of itself, as far as it is needed."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


@dataclass(frozen=True, slots=True)
class Departure:
    """The way to the provider, and what must be known again when somebody comes back from there."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class _Known:
    metadata: Metadata
    keys: KeySet
    until: datetime


_METADATA = TypeAdapter(Metadata)
_OBJECT = TypeAdapter(dict[str, Any])
_NONSENSE = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OAuthError, JoseError, TimeoutError, OSError,
             ValueError, TypeError, KeyError, AttributeError, RecursionError)  # fmt: skip
"""All that an answer can fail with: a library that reads it may stumble over any part of it."""


class Provider:
    """Asks one provider. Each method raises ProviderUnavailable within a few seconds, and never blocks other requests.

    ValueError where the registration cannot work: an issuer without https, or no client id.
    """

    def __init__(self, registration: Registration, clock: Callable[[], datetime]) -> None:
        if not registration.client_id:
            raise ValueError("OIDC_ISSUER is set, but OIDC_CLIENT_ID is empty. Set the id that the provider gave out.")
        self._origin = origin(registration.issuer)
        self._registration, self._clock = registration, clock
        self._context = httpx2.create_ssl_context(trust_env=False)
        self._known: _Known | None = None

    @property
    def issuer(self) -> str:
        """Who signs."""
        return self._registration.issuer

    async def departure(self) -> Departure:
        """Return the way to the provider for one sign-in."""
        nonce, verifier = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES)
        async with _patience():
            metadata = (await self._learned()).metadata
            async with self._client(metadata) as client:
                address, state = client.create_authorization_url(
                    metadata.authorization_endpoint, state=secrets.token_urlsafe(TOKEN_BYTES),
                    nonce=nonce, code_verifier=verifier,
                )  # fmt: skip
        return Departure(address, state, nonce, verifier)

    async def email_of(self, code: str, nonce: str, verifier: str) -> str:
        """Return the verified address of who came back with a code; raise NotBelieved or Unverified."""
        async with _patience():
            known = await self._learned()
            id_token = await self._exchanged(known.metadata, code, verifier)
            try:
                return self._believed(id_token, known, nonce)
            except UnknownKey:
                return self._believed(id_token, await self._learn(), nonce)

    def _believed(self, id_token: object, known: _Known, nonce: str) -> str:
        expected = Expected(self.issuer, self._registration.client_id, nonce)
        return verified_email(id_token, known.keys, expected, int(self._clock().timestamp()))

    async def _exchanged(self, metadata: Metadata, code: str, verifier: str) -> object:
        """Return the ID token that the provider gives for a code; a code is good for one."""
        async with self._client(metadata) as client:
            try:
                token = await client.fetch_token(
                    metadata.token_endpoint, grant_type="authorization_code", code=code, code_verifier=verifier
                )
            except OAuthError as error:
                if error.error == "invalid_grant":
                    raise NotBelieved("The provider does not take the code.") from error
                raise
        return token.get("id_token")

    async def _learned(self) -> _Known:
        """Return what is known of the provider, asked for where that is nothing or old."""
        known = self._known
        return known if known and self._clock() < known.until else await self._learn()

    async def _learn(self) -> _Known:
        async with self._client() as client:
            metadata = self._checked(_METADATA.validate_json(await _read(client, self.issuer.rstrip("/") + DOCUMENT)))
            keys: KeySetSerialization = _OBJECT.validate_json(await _read(client, metadata.jwks_uri))  # type: ignore[assignment]
        self._known = _Known(metadata, KeySet.import_key_set(keys), self._clock() + KEEP)
        return self._known

    def _checked(self, metadata: Metadata) -> Metadata:
        if metadata.issuer != self.issuer:
            raise ValueError(f"OIDC_ISSUER is {self.issuer!r}, but the provider calls itself {metadata.issuer!r:.200}.")
        for address in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri):
            if origin(address) != self._origin:
                raise ValueError(f"{address!r:.200} is not at the address of OIDC_ISSUER, {self.issuer!r}.")
        return metadata

    def _client(self, metadata: Metadata | None = None) -> Any:
        """Return a client that asks nobody but the provider, follows no redirect and reads no environment."""
        mine = self._registration
        return AsyncOAuth2Client(
            mine.client_id, mine.secret or None, _auth_method(mine, metadata), scope=SCOPE,
            redirect_uri=mine.return_address, code_challenge_method="S256", headers={"Accept-Encoding": "identity"},
            transport=Gate(mine.issuer, self._context), timeout=ANSWER_SECONDS, trust_env=False,
            follow_redirects=False,
        )  # fmt: skip


async def _read(client: Any, address: str) -> bytes:
    answer: httpx2.Response = await client.request("GET", address, withhold_token=True)
    if answer.status_code != 200:  # noqa: PLR2004 - a status reads best as its number
        raise ValueError(f"{address} answers {answer.status_code}.")
    return answer.content


def _auth_method(registration: Registration, metadata: Metadata | None) -> str:
    """Return how the portal says at the token endpoint who it is."""
    if not registration.secret:
        return "none"
    basic = metadata is None or "client_secret_basic" in metadata.token_endpoint_auth_methods_supported
    return "client_secret_basic" if basic else "client_secret_post"


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    """Give the provider its seconds; what fails is written down, without what was sent."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except _NONSENSE as error:
        log.error("The provider of the single sign-on cannot be used: %s %.300a", type(error).__name__, str(error))  # noqa: TRY400
        raise ProviderUnavailable("The provider cannot be used now.") from error
