"""Headers: what browsers are told about every answer, and the number it is found by."""

from __future__ import annotations

import logging
import re
import secrets
from types import MappingProxyType
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.web.limits import Refuse

log = logging.getLogger(__name__)

_SECRET = re.compile(r"/(tickets|solutions|wishes)/(?=.)", re.DOTALL)

POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Not no-referrer, even for ticket pages: with it browsers send "Origin: null" with forms, and over plain
        # HTTP there is no Sec-Fetch-Site, so the origin check could not tell our own forms from a stranger's.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
)


class Headers:
    """ASGI middleware: security headers and a request id on every answer, even to our own mistakes."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the request its id; an exception nobody expected becomes a logged error and the 500 page."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = secrets.token_hex(6)
        answer = _Answer(send, scope["request_id"])
        try:
            await self._app(scope, receive, answer)
        except Exception:
            log.exception("Request %s %s %s failed", scope["request_id"], scope["method"], _shown(scope["path"]))
            if answer.started:
                raise
            await self._refuse(Request(scope), 500)(scope, receive, answer)


class _Answer:
    """A `send` that adds the headers and remembers whether the answer has begun."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._request_id = send, request_id
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in {**HEADERS, "X-Request-ID": self._request_id}.items():
                headers.setdefault(name, value)
        await self._send(message)


def _shown(path: str) -> str:
    """Return a path fit for a log: what opens a ticket, or speaks for its customer, is no log's business."""
    secret = _SECRET.search(path)
    return ascii(f"{path[: secret.end()]}…" if secret else path)
