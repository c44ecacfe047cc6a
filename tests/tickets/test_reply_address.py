from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tickets.address import check_address
from app.tickets.reply_address import ReplyAddresses

NUMBER = "W-2026-000123"
ADDRESSES = ReplyAddresses("hilfe@birkennetz.example", "secret")


def test_an_address_leads_back_to_its_ticket() -> None:
    """Also in capitals, in brackets, and among others."""
    address = ADDRESSES.of(NUMBER)
    assert check_address(address) == address
    assert address.startswith("hilfe+2026-000123-")
    assert len(address.partition("@")[0]) <= 64
    for text in (address, address.upper(), f"Hilfe <{address}>", f"a@b.example, {address}; c@d.example"):
        assert ADDRESSES.find(text) == NUMBER


@given(st.integers(0, 25), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_an_address_that_was_changed_leads_nowhere(place: int, sign: str) -> None:
    """Neither another number nor another signature is taken."""
    tag = ADDRESSES.of(NUMBER).partition("+")[2].partition("@")[0]
    changed = tag[:place] + sign + tag[place + 1 :]
    if changed != tag:
        assert ADDRESSES.find(f"hilfe+{changed}@birkennetz.example") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hilfe@birkennetz.example",
        "[W-2026-000123] hilfe+2026-000123@birkennetz.example",
        ADDRESSES.of(NUMBER).replace("birkennetz.example", "evil.example"),
        ADDRESSES.of(NUMBER) + ".evil.example",
        "x" + ADDRESSES.of(NUMBER),
        ReplyAddresses("hilfe@birkennetz.example", "other").of(NUMBER),
        ADDRESSES.of(NUMBER).replace("123", "124"),
    ],
)
def test_what_was_not_signed_here_leads_nowhere(text: str) -> None:
    """A number grants nothing, another domain or another secret neither."""
    assert ADDRESSES.find(text) is None


@pytest.mark.parametrize("inbox", ["", "hilfe", "hilfe+x@birkennetz.example", "a" * 40 + "@birkennetz.example"])
def test_an_inbox_to_which_no_tag_can_be_added_is_refused(inbox: str) -> None:
    """At the start, with the way out."""
    with pytest.raises(ValueError, match=r"Write one|take one"):
        ReplyAddresses(inbox, "secret")


def test_own_addresses_are_known() -> None:
    """With and without a tag, of this domain only."""
    assert ADDRESSES.is_own("HILFE@birkennetz.example")
    assert ADDRESSES.is_own(ADDRESSES.of(NUMBER))
    assert not ADDRESSES.is_own("hilfe@evil.example")
    assert not ADDRESSES.is_own("")
