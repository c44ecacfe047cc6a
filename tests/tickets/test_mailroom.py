from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from app.database import StoreUnavailable, writing
from app.tickets.deadline import PORTAL
from app.tickets.files import Files
from app.tickets.mailroom import Mailroom, Verdict
from app.tickets.reply_address import ReplyAddresses
from app.tickets.state import TicketState
from app.tickets.store import Limits
from app.tickets.tables import mails
from tests.tickets.colleagues import ANNA
from tests.tickets.images import image
from tests.tickets.letters import ADDRESSES, NUMBER, OWN, TOKEN, bounce, letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from app.tickets.store import TicketStore
    from app.tickets.ticket import Message, TicketDraft
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock

    Rows = Callable[[str], list[dict[str, object]]]


@pytest.fixture
def room(store: TicketStore, make_draft: Callable[..., TicketDraft]) -> Mailroom:
    """Return a mailroom over a store with one ticket, which took note of what it would tell customers."""
    store.open_ticket(make_draft())
    return Mailroom(store, ADDRESSES, OWN)


def last(room: Mailroom) -> Message:
    """Return what was written last in the ticket, as staff see it."""
    ticket = room.store.by_number(NUMBER)
    assert ticket
    return ticket.messages[-1]


def add_mail(engine: Engine, clock: Clock, token: str = TOKEN, ticket_id: int | None = 1) -> None:
    """Put a mail of ours into the database, as it was sent."""
    said = {"kind": "reply", "recipient": "erika@example.org", "lang": "de", "subject": "Frage", "text": "x"}
    row = {"token": token, "state": "delivered", "tries": 1, "next_try": clock.now, "created_at": clock.now}
    with writing(engine) as connection:
        connection.execute(insert(mails).values(ticket_id=ticket_id, **said, **row))


def test_an_answer_by_mail_is_one_as_on_the_page(room: Mailroom, workplace: Workplace, rows: Rows) -> None:
    """The ticket that waited is open, its time runs, and the helpdesk is handed the answer."""
    workplace.reply(NUMBER, ANNA, "Welche Lampe?", "r", 1, waits=True)
    assert room.take(letter().as_bytes()) is Verdict.ANSWER
    ticket = room.store.by_key("key-1")
    assert ticket
    assert ticket.state is TicketState.OPEN
    assert ticket.times.respond_by is not None
    assert [message.text for message in ticket.messages][-1] == "Die rote."
    assert [row["kind"] for row in rows("SELECT kind FROM deliveries ORDER BY id")] == ["ticket", "answer"]


def test_quote_and_signature_are_folded_and_kept(room: Mailroom) -> None:
    """The message has all of the text, and knows how much of it is shown."""
    room.take(letter("Die rote.\n\n-- \nErika").as_bytes())
    assert (last(room).shown, last(room).text) == (9, "Die rote.\n\n-- \nErika")
    room.take(letter("Die grüne.", Message_ID="<2@example.org>").as_bytes())
    assert last(room).shown is None


def test_the_same_mail_is_taken_once(room: Mailroom, rows: Rows) -> None:
    """Also when it comes by two ways; the same words in another mail are another answer."""
    for raw in (letter().as_bytes(), letter().as_bytes(), b"Received: by b\n" + letter().as_bytes()):
        assert room.take(raw) is Verdict.ANSWER
    assert len(rows("SELECT id FROM messages")) == 2
    room.take(letter(Message_ID="<2@example.org>").as_bytes())
    room.take(letter(Message_ID="").as_bytes())
    assert len(rows("SELECT id FROM messages")) == 4


def test_another_text_under_the_same_name_is_not_lost(room: Mailroom, rows: Rows) -> None:
    """Message-IDs are given by strangers."""
    for text in ("eins", "zwei"):
        assert room.take(letter(text).as_bytes()) is Verdict.ANSWER
    assert [row["text"] for row in rows("SELECT text FROM messages ORDER BY id")][1:] == ["eins", "zwei"]


def test_the_address_of_a_stranger_is_told(room: Mailroom) -> None:
    """Who has the signed address may add; agents see who it was."""
    room.take(letter(From="ERIKA@example.org").as_bytes())
    assert last(room).sender is None
    room.take(letter(From="Max <max@example.org>", Message_ID="<2@b>").as_bytes())
    assert last(room).sender == "max@example.org"


def test_files_are_kept_and_what_is_not_is_named_to_agents(room: Mailroom) -> None:
    """In a note: the customer does not read it."""
    mail = letter("")
    mail.add_attachment(image(), maintype="image", subtype="png", filename="foto.png")
    mail.add_attachment(b"MZ\x00", maintype="application", subtype="x", filename="a.exe")
    room.take(mail.as_bytes())
    ticket, seen = room.store.by_number(NUMBER), room.store.by_key("key-1")
    assert ticket
    assert seen
    assert (ticket.messages[1].text, ticket.messages[1].files[0].name) == ("(Nur Dateien, ohne Text.)", "foto.png")
    assert Files(room.store.files).read(ticket.messages[1].files[0].sha256) == image()
    assert (ticket.messages[2].internal, ticket.messages[2].who, "a.exe" in ticket.messages[2].text) == (
        True, PORTAL, True,
    )  # fmt: skip
    assert len(seen.messages) == 2


def test_nothing_is_stored_by_half(room: Mailroom, rows: Rows) -> None:
    """Where the folder of files cannot be used, the mail comes again."""
    mail = letter()
    mail.add_attachment("x", filename="a.log")
    broken = replace(room, store=replace(room.store, files=room.store.files / "x" / "y"))
    (room.store.files.parent / "files").write_text("no folder")
    with pytest.raises(StoreUnavailable):
        broken.take(mail.as_bytes())
    assert (len(rows("SELECT id FROM messages")), rows("SELECT id FROM received")) == (1, [])


def test_too_many_answers_are_left_to_a_person(room: Mailroom, rows: Rows) -> None:
    """The limit is that of the page."""
    room = replace(room, store=replace(room.store, limits=Limits(messages_per_ticket=3)))
    verdicts = [room.take(letter(f"Antwort {i}", Message_ID=f"<{i}@b>").as_bytes()) for i in range(4)]
    assert verdicts == [Verdict.ANSWER, Verdict.ANSWER, Verdict.UNCLEAR, Verdict.UNCLEAR]
    assert len(rows("SELECT id FROM messages")) == 3


def test_what_belongs_to_no_ticket_is_left_to_a_person(room: Mailroom, rows: Rows) -> None:
    """Unsigned, signed elsewhere, or for a ticket that is gone."""
    other = ReplyAddresses("hilfe@birkennetz.example", "other")
    for to in ("hilfe@birkennetz.example", other.of(NUMBER), ADDRESSES.of("W-2026-000099")):
        assert room.take(letter(to=to, Message_ID=f"<{to}>").as_bytes()) is Verdict.UNCLEAR
    assert room.set_aside("1/2/3", "It is too large.") is room.set_aside("1/2/3", "x") is Verdict.UNCLEAR
    assert (len(rows("SELECT id FROM messages")), len(rows("SELECT id FROM received"))) == (1, 4)


def test_our_own_mail_changes_nothing(room: Mailroom, rows: Rows) -> None:
    """It went in a circle."""
    assert room.take(letter(From="portal@birkennetz.example").as_bytes()) is Verdict.SILENT
    assert len(rows("SELECT id FROM messages")) == 1


def test_automatic_replies_are_a_note_once_a_day(room: Mailroom, clock: Clock, rows: Rows) -> None:
    """The ticket goes on waiting, and the customer reads nothing of it."""
    verdicts = []
    for i in range(30):
        mail = letter("Ich bin im Urlaub.", Auto_Submitted="auto-replied", Message_ID=f"<{i}@b>", Subject="Weg")
        verdicts.append(room.take(mail.as_bytes()))
        clock.move(hours=1)
    assert verdicts == [Verdict.AUTOMATIC, *[Verdict.SILENT] * 23, Verdict.AUTOMATIC, *[Verdict.SILENT] * 5]
    assert (last(room).internal, last(room).who) == (True, PORTAL)
    assert last(room).text == "Automatische Antwort von erika@example.org, Betreff „Weg“:\n\nIch bin im Urlaub."
    assert [row["kind"] for row in rows("SELECT kind FROM deliveries")] == ["ticket"]


def test_a_bounce_marks_its_mail_and_is_told_once(room: Mailroom, engine: Engine, clock: Clock, rows: Rows) -> None:
    """Agents read to whom; the second report of the same mail says nothing new."""
    add_mail(engine, clock)
    verdicts = [room.take(bounce(action="delayed")), room.take(bounce()), room.take(bounce(Subject="again"))]
    assert verdicts == [Verdict.SILENT, Verdict.BOUNCE, Verdict.SILENT]
    assert [row["bounced_at"] is not None for row in rows("SELECT bounced_at FROM mails")] == [True]
    assert last(room).internal
    assert "„Frage“ an erika@example.org kam zurück" in last(room).text
    assert len(rows("SELECT id FROM messages")) == 2


def test_a_bounce_that_names_no_mail_is_of_the_last_one(
    room: Mailroom, engine: Engine, clock: Clock, rows: Rows
) -> None:
    """It came to the signed address; without that nobody knows."""
    add_mail(engine, clock, "cd" * 24)
    add_mail(engine, clock, "ef" * 24)
    assert room.take(bounce("12" * 24)) is Verdict.UNCLEAR
    assert room.take(bounce("12" * 24, To=ADDRESSES.of(NUMBER))) is Verdict.BOUNCE
    assert [bool(row["bounced_at"]) for row in rows("SELECT bounced_at FROM mails ORDER BY id")] == [False, True]


def test_the_mail_of_an_article_may_come_back_too(room: Mailroom, engine: Engine, clock: Clock, rows: Rows) -> None:
    """It has no ticket, so nobody is told; it is marked."""
    add_mail(engine, clock, "a1" * 32, None)
    assert room.take(bounce("a1" * 32)) is Verdict.BOUNCE
    assert (len(rows("SELECT id FROM messages")), bool(rows("SELECT bounced_at FROM mails")[0]["bounced_at"])) == (
        1,
        True,
    )


def test_what_was_received_goes_with_its_ticket(room: Mailroom, clock: Clock, rows: Rows) -> None:
    """And what had none, by its age."""
    room.take(letter().as_bytes())
    room.take(letter(to="hilfe@birkennetz.example").as_bytes())
    room.store.solve("key-1")
    clock.move(days=2)
    assert room.store.forget(clock.now - timedelta(days=1)) == 1
    assert rows("SELECT id FROM received") == []
