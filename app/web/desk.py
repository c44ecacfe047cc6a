"""The desk: who is let in, and the cookie by which an agent is known."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.desk.access import may
from app.web.origins import READING
from app.web.pages import PRIVATE
from app.web.reader import guess_reader

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import APIRouter
    from starlette.requests import Request

    from app.desk.agent import Agent
    from app.web.pages import Parts

    Endpoint = Callable[[Request, Agent], Response] | Callable[[Request, Agent], Awaitable[Response]]

DESK = "/desk"
SIGN_IN = "/desk/sign-in"
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that browsers trust without TLS."""


class SignInNeeded(Exception):
    """A page of the desk was asked for without a session; `address` is where to sign in, and leads back."""

    def __init__(self, address: str) -> None:
        super().__init__(f"Sign in at {address}.")
        self.address = address


@dataclass(frozen=True, slots=True)
class DeskCookie:
    """A cookie of the desk: it holds the token of a session, and goes with the browser, or what leads to one."""

    name: str
    secure: bool
    seconds: int | None = None
    """How long the browser keeps it; None: as long as it runs."""

    def token(self, request: Request) -> str:
        """Return the token that a request brings along; empty without one."""
        return request.cookies.get(self.name, "")

    def give(self, response: Response, token: str) -> None:
        """Let the browser keep a token, out of the reach of scripts."""
        response.set_cookie(self.name, token, self.seconds, path="/", secure=self.secure, httponly=True, samesite="lax")

    def take(self, response: Response) -> None:
        """Let the browser forget its token."""
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")


def desk_cookie(base_url: str) -> DeskCookie:
    """Return the cookie for a portal at this address.

    Browsers keep a `__Host-` cookie over TLS and for this machine only. Over plain HTTP in a network, as on a first
    try, it would be lost and nobody could sign in: there it has a plain name and can be overheard.
    """
    address = urlsplit(base_url)
    secure = address.scheme == "https" or address.hostname in LOCAL
    return DeskCookie("__Host-desk" if secure else "desk", secure)


def signed_in(parts: Parts, request: Request) -> Agent | None:
    """Return the agent whose session a request brings along; a request without a cookie costs no query."""
    token = desk_cookie(parts.site.base_url).token(request)
    return parts.accounts.agent_of(token) if token else None


def desk_agent(parts: Parts, request: Request, route: str) -> Agent:
    """Return the signed-in agent, who may use `route`, a path as it stands in ACCESS.

    Without a session raise SignInNeeded for what is read and 401 for a change. An agent who may not use the route is
    told what everybody is told of a page that does not exist: 404.
    """
    agent = signed_in(parts, request)
    if agent is None:
        raise SignInNeeded(_sign_in_address(parts, request)) if request.method in READING else HTTPException(401)
    if not may(agent.role, route):
        raise HTTPException(404)
    return agent


def sign_in_first(_request: Request, error: Exception) -> Response:
    """Lead to the sign-in: the answer to SignInNeeded."""
    return RedirectResponse(cast("SignInNeeded", error).address, 303, PRIVATE)


class DeskRoutes:
    """Adds routes for agents to a router: each endpoint is handed the request and the agent who may use it.

    Who the agent is stands before anything of the request's body is read.
    """

    def __init__(self, parts: Parts, routes: APIRouter) -> None:
        self._parts, self._routes = parts, routes

    def add_route(self, path: str, endpoint: Endpoint, methods: tuple[str, ...] = ("GET",)) -> None:
        """Add a route that stands in ACCESS under this path; one that does not is refused to everybody."""

        async def guarded(request: Request) -> Response:
            agent = await run_in_threadpool(desk_agent, self._parts, request, path)
            if iscoroutinefunction(endpoint):
                return cast("Response", await endpoint(request, agent))
            return cast("Response", await run_in_threadpool(endpoint, request, agent))

        self._routes.add_route(path, guarded, methods=list(methods))


def _sign_in_address(parts: Parts, request: Request) -> str:
    reader = guess_reader(request, parts.clock())
    return reader.url(SIGN_IN, next=reader.here)
