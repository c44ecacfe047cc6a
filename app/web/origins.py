"""Origins: a change is accepted from our own pages only; forms need no hidden token for that."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import Request

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import ASGIApp, Receive, Scope, Send

    from app.web.limits import Refuse

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Origins:
    """ASGI middleware: 403 for a change that another site's page sent."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what only reads, and changes from our own pages."""
        if scope["type"] != "http" or scope["method"] in READING or is_ours(Request(scope).headers):
            await self._app(scope, receive, send)
        else:
            await self._refuse(Request(scope), 403)(scope, receive, send)


def is_ours(headers: Headers) -> bool:
    """Return whether a change was sent by our own page, or by a program.

    Browsers say so in Sec-Fetch-Site; over plain HTTP, and old ones, only in Origin. With neither it is no browser.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin is None or urlsplit(origin).netloc == headers.get("host")
