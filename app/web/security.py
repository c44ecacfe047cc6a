"""Security: the guards around every request, in the order in which it passes them.

Forwarded headers are not read here: uvicorn takes them from listed peers only (`--forwarded-allow-ips`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from app.web.errors import Errors
from app.web.headers import Headers
from app.web.limits import Limits
from app.web.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.web.pages import Parts


def guards(parts: Parts, hosts: Collection[str]) -> list[Middleware]:
    """Return the middleware of the portal, outermost first; `hosts` are the names it answers to, "*" for any."""
    refuse = Errors(parts).answer
    return [
        Middleware(Headers, refuse=refuse),
        Middleware(Limits, refuse=refuse, hosts=hosts),
        Middleware(Origins, refuse=refuse),
    ]
