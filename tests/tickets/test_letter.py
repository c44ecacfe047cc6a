from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text import clean_line
from app.tickets.letter import clean_header, story, write_letter
from app.tickets.parcel import DeliveryKind
from app.tickets.ticket import Attachment
from app.tickets.trail import Opened, Rated, Searched, Trail, Tried

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.tickets.parcel import Parcel

    MakeParcel = Callable[..., Parcel]

TRAP = "=?utf-8?q?a=0A=42cc:_x=40evil?="
HEADERS = {
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted", "MIME-Version",
    "Content-Type", "Content-Transfer-Encoding",
}  # fmt: skip


def read(parcel: Parcel) -> EmailMessage:
    """Read the letter as a mail program would."""
    letter = message_from_bytes(write_letter(parcel, "portal@birkennetz.example", "desk@example.org"), policy=default)
    assert isinstance(letter, EmailMessage)
    return letter


def text_of(letter: EmailMessage) -> str:
    """Return the text part."""
    part = letter.get_body(("plain",))
    assert part
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_letter_has_its_headers(make_parcel: MakeParcel) -> None:
    """It comes from the portal, goes to the helpdesk, and an answer goes to the customer."""
    letter = read(make_parcel())
    assert letter["From"] == "portal@birkennetz.example"
    assert letter["To"] == "desk@example.org"
    assert letter["Reply-To"] == "Erika Müller <erika@example.org>"
    assert letter["Subject"] == "[W-2026-000123] Das WLAN geht nicht. Alle Lampen leuchten."
    assert letter["Message-ID"] == "<t1@birkennetz.example>"
    assert letter["Date"].datetime == make_parcel().message.at
    assert set(letter.keys()) == HEADERS


def test_a_german_letter_tells_the_story(make_parcel: MakeParcel) -> None:
    """Who wrote what, and what happened before, in German."""
    assert text_of(read(make_parcel())) == (
        "Erika Müller <erika@example.org> schreibt:\n\n"
        "Das WLAN geht nicht.\nAlle Lampen leuchten.\n\n"
        "Was vorher geschah:\n"
        "Gesucht: wlan geht nicht\n"
        "Gelesen: WLAN einrichten\n"
        "Versucht: Schritt 3 – Router neu starten\n"
        "Hat nicht geholfen: WLAN einrichten\n\n"
        "Kategorie: router-wlan · Dringlichkeit: hoch\n"
    )


def test_an_english_letter_tells_the_story(make_parcel: MakeParcel) -> None:
    """The same for a visitor who reads English, with the name of the file."""
    log = Attachment("router.log", "text/plain", b"link down")
    assert text_of(read(make_parcel(lang="en", attachments=(log,)))) == (
        "Erika Müller <erika@example.org> writes:\n\n"
        "Das WLAN geht nicht.\nAlle Lampen leuchten.\n\n"
        "What happened before:\n"
        "Searched for: wlan geht nicht\n"
        "Read: WLAN einrichten\n"
        "Tried: step 3 – Router neu starten\n"
        "Did not help: WLAN einrichten\n\n"
        "Category: router-wlan · Urgency: high\n\n"
        "Attached: router.log\n"
    )


def test_an_empty_trail_is_not_told(make_parcel: MakeParcel) -> None:
    """There is no heading without a story."""
    assert "vorher" not in text_of(read(make_parcel(trail=Trail())))


def test_a_step_names_its_article_when_the_line_before_does_not() -> None:
    """Otherwise nobody would know of which article it is a step."""
    trail = Trail(
        (
            Searched("x"), Tried("a", "A", 1, "an"), Tried("a", "A", 2, "aus"), Opened("b", "B"),
            Tried("b", "B", 1, "um"), Tried("a", "A", 3, "ab"), Rated("a", "A", helpful=True),
        ),
    )  # fmt: skip
    assert list(story(trail, "de")) == [
        "Gesucht: x", "Versucht: Schritt 1 – an (A)", "Versucht: Schritt 2 – aus", "Gelesen: B",
        "Versucht: Schritt 1 – um", "Versucht: Schritt 3 – ab (A)", "Hat geholfen: A",
    ]  # fmt: skip


def test_an_answer_refers_to_its_ticket(make_parcel: MakeParcel) -> None:
    """A mail program shows it in the same thread; the trail is not told again."""
    letter = read(make_parcel(DeliveryKind.ANSWER, token="t2"))  # noqa: S106 - no secret
    assert letter["Message-ID"] == "<t2@birkennetz.example>"
    assert letter["In-Reply-To"] == letter["References"] == "<t1@birkennetz.example>"
    assert letter["Subject"].startswith("Re: [W-2026-000123] Das WLAN")
    assert text_of(letter) == (
        "Erika Müller <erika@example.org> antwortet:\n\nDas WLAN geht nicht.\nAlle Lampen leuchten.\n"
    )


def test_a_repeat_is_the_same_letter(make_parcel: MakeParcel) -> None:
    """But for the line between its parts, every byte is the same."""
    first, second = (write_letter(make_parcel(), "a@b.example", "c@d.example") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("name", "kind", "data", "content_type"),
    [
        ("größe.png", "image/png", b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        ("a.log", "text/plain", b"From me\n.\n" + b"x" * 2_000, 'text/plain; charset="utf-8"'),
        ("a.txt", "text/plain", "größe".encode("utf-16"), 'text/plain; charset="utf-16"'),
        ("a.txt", "text/plain", "größe".encode("latin-1"), 'text/plain; charset="latin-1"'),
        ("a.pdf", "application/pdf", b"%PDF-1.7", "application/pdf"),
    ],
)
def test_an_attachment_arrives_as_it_was(
    make_parcel: MakeParcel, name: str, kind: str, data: bytes, content_type: str,
) -> None:  # fmt: skip
    """Byte for byte, under its name; a text says in which encoding it is."""
    (part,) = read(make_parcel(attachments=(Attachment(name, kind, data),))).iter_attachments()
    assert part.get_filename() == name
    assert part.get_payload(decode=True) == data
    assert part["Content-Type"].partition("; name")[0] == content_type


@pytest.mark.parametrize("field", ["name", "text"])
@pytest.mark.parametrize(
    "value", [TRAP, "x =?utf-8?b?YQpCY2M6IHhAZXZpbA==?= y", "a\nBcc: x@y.example", "a\u2028Bcc: b"]
)
def test_what_people_write_makes_no_header(make_parcel: MakeParcel, field: str, value: str) -> None:
    """The very text that makes Python write a real Bcc stays text."""
    wire = write_letter(make_parcel(**{field: value}), "a@b.example", "c@d.example")
    letter = message_from_bytes(wire, policy=default)
    head = wire.partition(b"\r\n\r\n")[0]
    assert set(letter.keys()) == HEADERS
    assert b"\nbcc" not in head.lower()
    assert letter["Reply-To"].addresses[0].addr_spec == "erika@example.org"


def test_a_header_is_one_line_of_text() -> None:
    """Encoded words are broken, controls and line ends are gone, the rest is cut."""
    assert clean_header(TRAP) == "= ?utf-8?q?a=0A=42cc:_x=40evil?="
    assert clean_header("a\r\n\u2028b\x00") == "a b"
    assert len(clean_header("x" * 999)) == 150


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120), st.text(min_size=1, max_size=300))
def test_no_text_changes_the_headers(name: str, text: str) -> None:
    """Whatever the name and the description are, there are the same headers and one address."""
    from tests.tickets.conftest import make_any_parcel

    parcel = make_any_parcel(name=clean_line(name), text=clean_line(text))
    letter = message_from_bytes(write_letter(parcel, "a@b.example", "c@d.example"), policy=default)
    assert set(letter.keys()) == HEADERS
    assert [address.addr_spec for address in letter["Reply-To"].addresses] == ["erika@example.org"]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("kurz", "[W-2026-000123] kurz"),
        ("wort " * 30, "[W-2026-000123] " + "wort " * 13 + "wort …"),
        ("x" * 200, "[W-2026-000123] " + "x" * 70 + "…"),
    ],
)
def test_a_long_description_is_cut_in_the_subject(make_parcel: MakeParcel, text: str, subject: str) -> None:
    """Between two words, where there are some."""
    assert read(make_parcel(text=text))["Subject"] == subject
