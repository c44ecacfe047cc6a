from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.tickets.ticket import (
    Attachment,
    Invalid,
    Problem,
    TicketDraft,
    Urgency,
    check_attachment,
    check_category,
    check_message,
    check_summary,
    check_tags,
    draft,
    sender_hash,
)
from app.tickets.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Callable

    Draft = Callable[..., TicketDraft]


def test_a_good_form_is_a_draft(make_draft: Draft) -> None:
    """Each field is there, cleaned."""
    written = make_draft(name=" Erika\r\nMüller\x00 ", description="a\r\nb", email=" e@example.org ", urgency="low")
    assert (written.name, written.description, written.email) == ("Erika Müller", "a\nb", "e@example.org")
    assert written.urgency is Urgency.LOW


def test_urgency_is_normal_when_nothing_is_said() -> None:
    """The other fields must be there, this one need not."""
    fields = {"name": "E", "email": "e@example.org", "description": "x", "category": "wlan"}
    assert draft(fields, Trail(), None, "k", "s", "en").urgency is Urgency.NORMAL


def test_an_empty_form_names_every_field() -> None:
    """All problems come at once."""
    with pytest.raises(Invalid) as caught:
        draft({}, Trail(), None, "k", "s", "de")
    assert caught.value.faults == dict.fromkeys(("name", "email", "description", "category"), Problem.MISSING)
    assert str(caught.value) == "name: missing, email: missing, description: missing, category: missing"


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("name", " \n", Problem.MISSING),
        ("name", "x" * 101, Problem.TOO_LONG),
        ("email", " ", Problem.MISSING),
        ("email", "erika", Problem.NO_ADDRESS),
        ("email", "e@example.org\nBcc: x@example.org", Problem.NO_ADDRESS),
        ("email", "e@example.org, x@example.org", Problem.NO_ADDRESS),
        ("description", "\x00\x01", Problem.MISSING),
        ("description", "x" * 20_001, Problem.TOO_LONG),
        ("category", "", Problem.MISSING),
        ("category", "../etc", Problem.UNKNOWN),
        ("category", "x" * 101, Problem.TOO_LONG),
        ("urgency", "at once", Problem.UNKNOWN),
    ],
)
def test_a_bad_field_has_a_problem(make_draft: Draft, field: str, value: str, problem: Problem) -> None:
    """Each at its field."""
    with pytest.raises(Invalid) as caught:
        make_draft(**{field: value})
    assert caught.value.faults == {field: problem}


def test_the_longest_texts_are_taken(make_draft: Draft) -> None:
    """A limit is the last that passes."""
    assert make_draft(name="x" * 100, description="x" * 20_000, category="x" * 100)


def test_a_category_must_exist_when_they_are_known() -> None:
    """Any slug will do otherwise."""
    fields = {"name": "E", "email": "e@example.org", "description": "x", "category": "wlan"}
    assert draft(fields, Trail(), None, "k", "s", "de", categories=["wlan"]).category == "wlan"
    with pytest.raises(Invalid, match="category: unknown"):
        draft(fields, Trail(), None, "k", "s", "de", categories=["mail"])


def test_the_digest_is_of_what_was_written(make_draft: Draft) -> None:
    """The same form has the same, any change another; the key and the sender do not belong to it."""
    same = {make_draft().digest, make_draft(key="other", sender="other").digest}
    file, renamed = Attachment("a.log", "text/plain", b"x"), Attachment("b.log", "text/plain", b"x")
    given: list[dict[str, object]] = [
        {"name": "x"}, {"email": "x@example.org"}, {"description": "x"}, {"category": "x"}, {"urgency": "low"},
        {"lang": "en"}, {"trail": Trail()}, {"attachment": file}, {"attachment": renamed},
    ]  # fmt: skip
    assert len(same) == 1
    assert len(same | {make_draft(**one).digest for one in given}) == 1 + len(given)


@pytest.mark.parametrize(
    ("data", "problem"),
    [(b"", Problem.EMPTY_FILE), (b"MZ\x00", Problem.WRONG_TYPE), (b"x" * (10 * 1024 * 1024 + 1), Problem.TOO_LARGE)],
)
def test_a_bad_attachment_has_a_problem(data: bytes, problem: Problem) -> None:
    """It is told at the field of the file."""
    with pytest.raises(Invalid) as caught:
        check_attachment("a.log", data)
    assert caught.value.faults == {"attachment": problem}


def test_an_attachment_of_ten_megabytes_is_taken() -> None:
    """With a cleaned name and the kind its bytes tell."""
    data = b"x" * (10 * 1024 * 1024)
    assert check_attachment("/tmp/router.log", data) == Attachment("router.log", "text/plain", data)  # noqa: S108 - a name


def test_a_message_is_cleaned_and_checked() -> None:
    """As long as a description, and not empty."""
    assert check_message(" a\r\nb ") == "a\nb"
    with pytest.raises(Invalid, match="text: too_long"):
        check_message("x" * 20_001)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.200", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8:0:1::1", "2001:db8:0:ff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:100::1", False),
        ("testclient", "testclient", True),
        ("testclient", "", False),
    ],
)
def test_neighbours_are_one_sender(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - an example
    """The hash is of the network, not of the address."""
    assert (sender_hash(b"secret", one) == sender_hash(b"secret", other)) is same


def test_a_sender_cannot_be_guessed_without_the_secret() -> None:
    """Another secret, another hash; the address is not in it."""
    assert sender_hash(b"a", "192.0.2.1") != sender_hash(b"b", "192.0.2.1")
    assert len(sender_hash(b"a", "192.0.2.1")) == 64


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", ()),
        (" , \n", ()),
        ("VPN, netz\tvpn", ("vpn", "netz")),
        ("größe_1.2-b", ("größe_1.2-b",)),
        ("a" * 49 + " " + "b" * 50, ("a" * 49, "b" * 50)),
    ],
)
def test_tags_are_words(text: str, tags: tuple[str, ...]) -> None:
    """In lower case, each once, in their order; a hundred characters in all."""
    assert check_tags(text) == tags


@pytest.mark.parametrize(
    ("text", "problem"),
    [("a" * 50 + " " + "b" * 50, Problem.TOO_LONG), ("<b>", Problem.UNKNOWN), ("-x", Problem.UNKNOWN)],
)
def test_what_is_no_tag_is_refused(text: str, problem: Problem) -> None:
    """All of the tags, not one of them."""
    with pytest.raises(Invalid) as caught:
        check_tags(text)
    assert caught.value.faults == {"tags": problem}


def test_a_summary_is_cleaned() -> None:
    """As every text is, before it is measured."""
    assert check_summary(" a\r\nb\x00 ") == "a\nb"
    assert check_summary("x" * 4000 + "\n") == "x" * 4000


def test_a_category_is_known() -> None:
    """Where nobody says which there are, any slug will do."""
    assert check_category(" vpn ", {"vpn"}) == check_category("vpn") == "vpn"
    for text in ("telefon", "../vpn", "VPN"):
        with pytest.raises(Invalid, match="category: unknown"):
            check_category(text, {"vpn"})
