"""A small OpenID Connect provider that really runs: discovery, authorization, token and keys, with RS256."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

CLIENT_ID = "wegweiser"
SECRET = "geheim & gut"  # noqa: S105 - an example
RETURN = "https://hilfe.example/desk/sign-in/return"


def new_key(kid: str) -> RSAKey:
    """Return a real key."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@dataclass
class SignInProvider:
    """Lets everybody in as `email`; a test changes what it says, or what it answers."""

    clock: Callable[[], datetime]
    key: RSAKey
    address: str = ""
    email: str = "mia@example.org"
    metadata: dict[str, Any] = field(default_factory=dict)
    """What it says of itself besides, or instead."""
    claims: dict[str, Any] = field(default_factory=dict)
    """What stands in the ID token besides, or instead; None leaves it out."""
    signing: tuple[RSAKey, str] | None = None
    """Key and algorithm in place of the right ones."""
    answers: dict[str, Response] = field(default_factory=dict)
    """What a path answers in place of the right thing."""
    seen: list[str] = field(default_factory=list)
    """The paths that were asked for."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        """Return its endpoints."""
        paths = ("/.well-known/openid-configuration", "/authorize", "/token", "/jwks")
        return Starlette(routes=[Route(path, self._endpoint, methods=["GET", "POST"]) for path in paths])

    def nonce_of(self, back: str) -> str:
        """Return the nonce of the sign-in that ends at this address, as one who saw it would know it."""
        return self._codes[parse_qs(urlsplit(back).query)["code"][0]]["nonce"]

    async def _endpoint(self, request: Request) -> Response:
        path = request.url.path
        self.seen.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == "/authorize":
            return self._authorize(request)
        if path == "/token":
            form = await request.form()
            return self._token(request, {name: str(value) for name, value in form.items()})
        return self._jwks() if path == "/jwks" else self._discovery()

    def _discovery(self) -> Response:
        endpoints = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        addresses = {name: self.address + path for name, path in endpoints.items()}
        return JSONResponse({"issuer": self.address, **addresses, **self.metadata})

    def _jwks(self) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    def _authorize(self, request: Request) -> Response:
        """Ask nobody for a password, and send the browser back with a code."""
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT_ID, RETURN)
        assert asked["scope"] == "openid email"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.seen)}"
        self._codes[code] = asked
        return RedirectResponse(f"{RETURN}?code={code}&state={asked['state']}&iss={self.address}", 302)

    def _token(self, request: Request, form: dict[str, str]) -> Response:
        """Give an ID token for a code, once, to who knows the secret and began the sign-in."""
        asked = self._codes.pop(form["code"], None)
        if not self._knows(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        if asked is None or create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": self._id_token(asked)}
        return JSONResponse(token)

    def _knows(self, request: Request, form: dict[str, str]) -> bool:
        if self.metadata.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, SECRET)
        told = base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        return told == f"{CLIENT_ID}:{SECRET}"

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(self.clock().timestamp())
        claims = {"iss": self.address, "sub": "4711", "aud": CLIENT_ID, "iat": now, "exp": now + 300,
                  "nonce": asked["nonce"], "email": self.email, "email_verified": True} | self.claims  # fmt: skip
        key, algorithm = self.signing or (self.key, "RS256")
        header = {"alg": algorithm, "kid": key.kid}
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, said, key, algorithms=[algorithm])


@contextmanager
def running(provider: SignInProvider) -> Iterator[SignInProvider]:
    """Let the provider listen at a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(provider.app(), port=0, log_level="error", http="h11", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    provider.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield provider
    server.should_exit = True
    thread.join(10)
