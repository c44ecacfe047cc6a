"""The gate: one address is asked, and no other."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from app.desk.gate import Gate, Refused, origin


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/",
        "http://127.0.0.1:81/x",
        "https://127.0.0.1:80/",
        "http://localhost/",
        "http://evil.example/",
    ],
)
def test_another_origin_is_not_asked(address: str) -> None:
    """Another port, scheme or name of the same machine is another one."""

    async def ask() -> None:
        gate = Gate("http://127.0.0.1", httpx2.create_ssl_context(trust_env=False))
        async with httpx2.AsyncClient(transport=gate) as client:
            await client.get(address)

    with pytest.raises(Refused):
        asyncio.run(ask())


def test_an_origin_has_its_port_also_where_none_is_written() -> None:
    """So that the two ways to write it are one."""
    assert origin("https://login.example/a?b") == origin("https://LOGIN.example:443") == ("https", "login.example", 443)
