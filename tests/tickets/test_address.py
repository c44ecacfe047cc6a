from __future__ import annotations

import pytest

from app.tickets.address import check_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("erika@example.org", "erika@example.org"),
        (" erika.m+kb@mail.example.co.uk ", "erika.m+kb@mail.example.co.uk"),
        ("o'neill@EXAMPLE.org", "o'neill@example.org"),
        ("max@müller.de", "max@xn--mller-kva.de"),
        ("max@straße.de", "max@xn--strae-oqa.de"),
        ("max@xn--mller-kva.de", "max@xn--mller-kva.de"),
    ],
)
def test_an_address_is_taken(text: str, address: str) -> None:
    """A domain with umlauts gets the form that mail servers know."""
    assert check_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "erika", "@example.org", "erika@", "erika@example", "erika@@example.org", "a@b@example.org",
        "erika@example.org, max@example.org", "erika@example.org;max@example.org", "erika@example.org max@example.org",
        "Erika <erika@example.org>", "<erika@example.org>", "erika@example.org\nBcc: max@example.org",
        "erika\r\nBcc:max@example.org", "erika@example.org\x00", "er ika@example.org", ".erika@example.org",
        "erika.@example.org", "er..ika@example.org", '"erika"@example.org', "erika@[127.0.0.1]", "erika@127.0.0.1",
        "erika@-example.org", "erika@exa_mple.org", "erika@example..org", "erika@example.org.", "ërika@example.org",
        "=?utf-8?q?a=0A=42cc:_x=40evil?=@example.org", "a" * 65 + "@example.org", "a@" + "b" * 64 + ".org",
        "a@" + ".".join(["b" * 60] * 5) + ".org", "erika@\ud800.org", "erika@exam\u202eple.org", "erika@example.o",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    """Two addresses, a name before it, a header behind it, or an encoded word are no address."""
    with pytest.raises(ValueError, match=r"Write one"):
        check_address(text)
