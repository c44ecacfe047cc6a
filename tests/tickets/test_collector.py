from __future__ import annotations

import socket
from dataclasses import replace
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import pytest

from app.database import StoreUnavailable, connect
from app.tickets import collector as collecting
from app.tickets.collector import Collected, Collector
from app.tickets.delivery import Courier
from app.tickets.helpdesk import SmtpHelpdesk
from app.tickets.inbox import Inbox, InboxUnavailable, Mailbox
from app.tickets.mailbag import Mailbag
from app.tickets.mailroom import Mailroom
from app.tickets.postman import SmtpPostman
from app.tickets.store import Limits, TicketStore
from tests.tickets.colleagues import ANNA
from tests.tickets.imap_server import PASSWORD, USER, Server, imap_server
from tests.tickets.letters import ADDRESSES, NUMBER, OWN, letter
from tests.tickets.test_helpdesk import Answers, mail_server, silent_server
from tests.tickets.test_post import post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from app.tickets.post import Post
    from app.tickets.ticket import TicketDraft
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock

__all__ = ["post"]
DONE, UNCLEAR = "Wegweiser/erledigt", "Wegweiser/unklar"


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with imap_server() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """Return the server with empty folders, as it came: without ours."""
    with running.client() as client:
        for folder in (DONE, UNCLEAR):
            if client.folder_exists(folder):
                client.delete_folder(folder)
        client.select_folder("INBOX")
        if numbers := client.search("ALL"):
            client.delete_messages(numbers)
            client.expunge()
    return running


@pytest.fixture
def store(sqlite_engine: Engine, tmp_path: Path, clock: Clock, make_draft: Callable[..., TicketDraft]) -> TicketStore:
    store = TicketStore(sqlite_engine, tmp_path / "files", clock, Limits(100, 100, 10))
    store.open_ticket(make_draft())
    return store


@pytest.fixture
def inbox(server: Server) -> Inbox:
    return Inbox("127.0.0.1", server.port, USER, PASSWORD, "none", step_seconds=10)


@pytest.fixture
def collector(inbox: Inbox, store: TicketStore) -> Collector:
    return Collector(inbox, Mailroom(store, ADDRESSES, OWN))


def texts(store: TicketStore) -> list[str]:
    """Return what is written in the ticket."""
    ticket = store.by_number(NUMBER)
    assert ticket
    return [message.text for message in ticket.messages]


def test_answers_are_stored_and_moved(server: Server, collector: Collector, store: TicketStore) -> None:
    """What belongs to no ticket goes where a person looks, and is counted; nothing is deleted."""
    stray = letter(to="hilfe@birkennetz.example", Subject=NUMBER, Message_ID="<2@b>")
    server.deliver(letter().as_bytes(), stray.as_bytes())
    assert collector.run_once() == 2
    assert texts(store)[-1] == "Die rote."
    assert (server.count("INBOX"), server.count(DONE), server.count(UNCLEAR)) == (0, 1, 1)
    assert collector.last == Collected(works=True, unclear=1)
    assert collector.run_once() == 0


def test_a_crash_between_store_and_move_doubles_nothing(
    server: Server, collector: Collector, store: TicketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail is read again, known, and moved."""
    server.deliver(letter(Message_ID="").as_bytes())

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(Mailbox, "move", crash)
        with pytest.raises(RuntimeError):
            collector.run_once()
    assert (len(texts(store)), server.count("INBOX")) == (2, 1)
    assert collector.run_once() == 1
    assert (len(texts(store)), server.count("INBOX"), server.count(DONE)) == (2, 0, 1)


def test_a_large_mail_is_not_fetched(
    server: Server, collector: Collector, store: TicketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person has to look."""
    monkeypatch.setattr(collecting, "MAX_MAIL", 1_000)
    monkeypatch.setattr(Mailbox, "read", lambda *_: pytest.fail("it was fetched"))
    server.deliver(letter("x" * 2_000).as_bytes())
    assert collector.run_once() == 1
    assert (len(texts(store)), server.count(UNCLEAR)) == (1, 1)


def test_without_a_database_mails_wait(server: Server, inbox: Inbox, store: TicketStore, tmp_path: Path) -> None:
    """Where they are, and the health page knows."""
    server.deliver(letter().as_bytes())
    lost = replace(store, engine=connect(f"sqlite:///{tmp_path / 'lost.db'}"))
    collector = Collector(inbox, Mailroom(lost, ADDRESSES, OWN))
    with pytest.raises(StoreUnavailable):
        collector.run_once()
    assert (server.count("INBOX"), collector.last.works) == (1, False)


def test_a_server_without_move_keeps_a_marked_copy(
    server: Server, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is not read again, and not removed."""
    from imapclient import IMAPClient

    has = IMAPClient.has_capability
    monkeypatch.setattr(IMAPClient, "has_capability", lambda self, name: name != "MOVE" and has(self, name))
    server.deliver(letter().as_bytes())
    assert (collector.run_once(), collector.run_once()) == (1, 0)
    assert (server.count("INBOX"), server.count(DONE)) == (1, 1)


def test_a_mailbox_that_cannot_be_read_is_said(inbox: Inbox) -> None:
    """A wrong password, nobody there, a server that says nothing, one that speaks another language."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with silent_server() as silent, silent_server(b"220 smtp\r\n") as other:
        for broken in (
            replace(inbox, password="wrong"), replace(inbox, port=port),  # noqa: S106 - an example
            replace(inbox, port=silent, step_seconds=0.3), replace(inbox, port=other, step_seconds=0.3),
        ):  # fmt: skip
            with pytest.raises(InboxUnavailable, match=r"127\.0\.0\.1"), broken.open():
                pytest.fail("it was opened")


def test_a_password_never_travels_in_the_open() -> None:
    """Nor does it stand in a log."""
    with pytest.raises(ValueError, match="IMAP_SECURITY"):
        Inbox("imap.example.org", 143, "u", "secret", "none")
    assert "secret" not in repr(Inbox("imap.example.org", 993, "u", "secret"))


def test_the_thread_reads_until_it_is_stopped(
    server: Server, collector: Collector, store: TicketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a round that failed."""
    monkeypatch.setattr(collecting, "ROUND_SECONDS", 0.05)
    rounds: list[int] = []
    run = collector.run_once

    def stumble() -> int:
        rounds.append(1)
        if len(rounds) < 3:
            raise (InboxUnavailable("down") if len(rounds) == 1 else RuntimeError("odd"))
        done = run()
        collector._stopping.set()  # noqa: SLF001 - it is enough
        return done

    monkeypatch.setattr(collector, "run_once", stumble)
    server.deliver(letter().as_bytes())
    collector.start()
    collector._thread.join(20)  # noqa: SLF001 - it ends by itself
    collector.stop()
    assert (len(rounds), texts(store)[-1], collector.last.works) == (3, "Die rote.", True)


def test_a_thousand_rounds_against_an_auto_responder_end(
    store: TicketStore, workplace: Workplace, post: Post, sqlite_engine: Engine, clock: Clock
) -> None:
    """Each mail of ours is answered by a machine, each answer comes in: we never answer that."""
    store, workplace = replace(store, tell=post.tell), replace(workplace, engine=sqlite_engine, tell=post.tell)
    room, said = Mailroom(store, ADDRESSES, OWN), Answers()
    with mail_server(said) as port:
        desk = SmtpHelpdesk("127.0.0.1", port, "portal@birkennetz.example", "desk@example.org", "none", step_seconds=5)
        postman: Any = SmtpPostman(desk, "Birkennetz", "hilfe@birkennetz.example", ADDRESSES)
        courier = Courier(Mailbag(sqlite_engine, clock), postman, clock)
        workplace.reply(NUMBER, ANNA, "Welche Lampe?", "r", 1)
        courier.run_once()
        for i in range(1_000):
            sent = said.kept[-1]
            to = str(message_from_bytes(sent.content)["Reply-To"]) if i % 2 else sent.mail_from
            room.take(letter(f"Weg {i}", to, Auto_Submitted="auto-replied", Message_ID=f"<{i}@b>").as_bytes())
            courier.run_once()
    assert len(said.kept) == 1
    assert len(texts(store)) == 3


def test_a_responder_that_says_it_is_a_person_is_stopped_by_the_limit(store: TicketStore, post: Post) -> None:
    """And causes no mail either."""
    room = Mailroom(replace(store, tell=post.tell), ADDRESSES, OWN)
    for i in range(50):
        room.take(letter(f"Danke {i}", Message_ID=f"<{i}@b>").as_bytes())
    assert len(texts(store)) == 10
    assert Mailbag(store.engine, store.clock).lease() == []


@pytest.mark.usefixtures("store")
def test_mails_about_a_ticket_ask_for_answers_at_its_address(
    post: Post, workplace: Workplace, sqlite_engine: Engine, clock: Clock
) -> None:
    """There they come back, too; a mail without ticket has the address of all."""
    workplace = replace(workplace, engine=sqlite_engine, tell=post.tell)
    workplace.reply(NUMBER, ANNA, "Welche Lampe?", "r", 1)
    replace(post, engine=sqlite_engine).mail_article("a@b.example", "de", "T", "P", "https://x.example", "k")
    said = Answers()
    with mail_server(said) as port:
        desk = SmtpHelpdesk("127.0.0.1", port, "portal@birkennetz.example", "desk@example.org", "none", step_seconds=5)
        postman: Any = SmtpPostman(desk, "Birkennetz", "hilfe@birkennetz.example", ADDRESSES)
        Courier(Mailbag(sqlite_engine, clock), postman, clock).run_once()
    signed = ADDRESSES.of(NUMBER)
    headers = [str(message_from_bytes(one.content)["Reply-To"]) for one in said.kept]
    assert headers == [signed, "hilfe@birkennetz.example"]
    assert [one.mail_from for one in said.kept] == [signed, "portal@birkennetz.example"]
