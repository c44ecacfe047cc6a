"""Limits: what is refused before anything of it is parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import HTTPException
from starlette.requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    Refuse = Callable[[Request, int], Response]

MEGABYTE = 1024 * 1024
MAX_BODY = 1 * MEGABYTE
MAX_TICKET_BODY = 11 * MEGABYTE
"""A ticket may carry an attachment of 10 MB; the rest is its text."""
TICKETS = "/tickets"
MAX_HEADERS = 16 * 1024
MAX_URL = 8 * 1024


class Limits:
    """ASGI middleware: 400 for a foreign host, 414, 431 and 413 for what is too long, before it is read."""

    def __init__(self, app: ASGIApp, refuse: Refuse, hosts: Collection[str]) -> None:
        self._app, self._refuse, self._hosts = app, refuse, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on when it keeps every limit, and count its body while it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif status := self._fault(scope):
            response = self._refuse(Request(_harmless(scope, status)), status)
            await response(scope, receive, send)
        else:
            await self._app(scope, _counted(receive, _max_body(scope)), send)

    def _fault(self, scope: Scope) -> int | None:
        checks = {
            414: len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_URL,
            431: sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS,
            400: not self._knows(_header(scope, b"host")),
            413: _declared_length(scope) > _max_body(scope),
        }
        return next((status for status, wrong in checks.items() if wrong), None)

    def _knows(self, host: str) -> bool:
        name = host.lower().rpartition(":")[0] if host[-1:] != "]" and ":" in host else host.lower()
        return "*" in self._hosts or name in self._hosts


def _harmless(scope: Scope, status: int) -> dict[str, Any]:
    """Return the scope for an error page, without what made it too long."""
    headers = [(name, value) for name, value in scope["headers"] if name in {b"accept-language", b"user-agent"}]
    return {**scope, "headers": headers if status == 431 else scope["headers"], "query_string": b""}  # noqa: PLR2004


def _counted(receive: Receive, limit: int) -> Receive:
    """Return a `receive` that raises 413 once more than `limit` bytes came, whatever the length header said."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(413)
        return message

    return counted


def _max_body(scope: Scope) -> int:
    """Return the most bytes a body may have; only the two ticket forms carry attachments."""
    return MAX_TICKET_BODY if scope["path"] == TICKETS else MAX_BODY


def _declared_length(scope: Scope) -> int:
    length = _header(scope, b"content-length")
    return int(length) if length.isdecimal() else 0


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")
