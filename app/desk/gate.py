"""The gate: the one host outside that the portal asks, and how much of an answer it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

MAX_ANSWER = 256 * 1024
"""Bytes; what providers say of themselves has about 10 kB."""
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that may be asked without TLS."""
_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]


class Refused(ValueError):
    """The address is not one that may be asked, or the answer not one that is taken."""


def origin(address: str) -> Origin:
    """Return scheme, host and port of an address; raise Refused unless it is https, or this machine's own."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Refused(f"{address!r:.200} is no address.") from None
    if not host or parts.username or (parts.scheme != "https" and not (parts.scheme == "http" and host in LOCAL)):
        raise Refused(f"{address!r:.200} cannot be asked. Give an address that begins with https://.")
    return parts.scheme, host, port


class Gate(httpx2.AsyncBaseTransport):
    """Lets requests through to one origin only, and of their answers only plain and short ones."""

    def __init__(self, address: str, context: ssl.SSLContext) -> None:
        self._origin = origin(address)
        self._way = httpx2.AsyncHTTPTransport(verify=context, trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; raise Refused for another origin, and for an answer that is packed."""
        if origin(str(request.url)) != self._origin:
            raise Refused(f"{str(request.url)!r:.200} is not at the provider's own address.")
        answer = await self._way.handle_async_request(request)
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            await answer.aclose()
            raise Refused("The answer is packed, which nobody asked for.")
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=_Short(answer))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._way.aclose()


class _Short(httpx2.AsyncByteStream):
    """An answer that ends with an error where it goes on too long."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for part in self._answer.aiter_raw():
            read += len(part)
            if read > MAX_ANSWER:
                raise Refused(f"The answer has more than {MAX_ANSWER} bytes.")
            yield part

    async def aclose(self) -> None:
        await self._answer.aclose()
