"""The post: what is told is in the transaction of what happened, and a courier brings it at least once."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from app.database import StoreUnavailable
from app.tickets.delivery import Courier
from app.tickets.helpdesk import SmtpHelpdesk
from app.tickets.mail import Provider
from app.tickets.mailbag import Mailbag
from app.tickets.parcel import DeliveryState
from app.tickets.post import Post
from app.tickets.postman import ConsolePostman, SmtpPostman
from app.tickets.solution_links import SolutionLinks
from app.tickets.store import KeyReused, Limits, TicketStore
from app.tickets.ticket import Invalid
from app.tickets.turn import Stale
from tests.tickets.colleagues import ANNA, BEN, BOSS
from tests.tickets.test_helpdesk import Answers, mail_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from app.tickets.news import News
    from app.tickets.ticket import TicketDraft
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]
    Rows = Callable[[str], list[dict[str, object]]]

NUMBER = "W-2026-000001"
PROVIDER = Provider("Birkennetz", "0221 4710 100", {"de": "Mo–Fr", "en": "Mon–Fri"}, "https://hilfe.example")


@pytest.fixture
def post(engine: Engine, clock: Clock) -> Post:
    return Post(engine, clock, PROVIDER, SolutionLinks("secret", clock), ZoneInfo("Europe/Berlin"))


@pytest.fixture
def store(store: TicketStore, post: Post) -> TicketStore:
    return replace(store, tell=post.tell, limits=Limits(100, 100))


@pytest.fixture
def workplace(workplace: Workplace, post: Post) -> Workplace:
    return replace(workplace, tell=post.tell)


@pytest.fixture
def bag(engine: Engine, clock: Clock) -> Mailbag:
    return Mailbag(engine, clock)


def kinds(rows: Rows) -> list[object]:
    """Return what customers were told, in its order."""
    return [row["kind"] for row in rows("SELECT kind FROM mails ORDER BY id")]


def courier(bag: Mailbag, port: int, clock: Clock) -> Courier[object]:
    """Return a courier to the mail server on this port."""
    desk = SmtpHelpdesk("127.0.0.1", port, "portal@birkennetz.example", "desk@example.org", "none", step_seconds=5)
    return Courier(bag, SmtpPostman(desk, "Birkennetz", "hilfe@birkennetz.example"), clock, chance=lambda: 0.0)  # type: ignore[arg-type] # the parcel does not matter here


def test_a_new_ticket_has_a_receipt(store: TicketStore, make_draft: Draft, rows: Rows) -> None:
    """To the address in it, without a word of it; the same form again has no second one."""
    for _ in range(2):
        store.open_ticket(make_draft(name="Bösewicht", description="Kaufen Sie jetzt"))
    (mail,) = rows("SELECT * FROM mails")
    assert (mail["kind"], mail["recipient"], mail["state"]) == ("receipt", "erika@example.org", "pending")
    assert not [word for word in ("Bösewicht", "Kaufen", "key-1") if word in f"{mail['subject']}{mail['text']}"]


def test_receipts_of_an_address_are_capped(store: TicketStore, make_draft: Draft, rows: Rows, clock: Clock) -> None:
    """Three a day, however the address is written; the tickets are taken all the same, other addresses have theirs."""
    for i in range(5):
        store.open_ticket(make_draft(key=f"k{i}", email="ERIKA@example.org" if i % 2 else "erika@example.org"))
    store.open_ticket(make_draft(key="other", email="max@example.org"))
    assert (len(kinds(rows)), len(rows("SELECT id FROM tickets"))) == (4, 6)
    clock.move(days=1, seconds=1)
    store.open_ticket(make_draft(key="next day"))
    assert len(kinds(rows)) == 5


def test_without_commit_there_is_no_mail(store: TicketStore, post: Post, make_draft: Draft, rows: Rows) -> None:
    """And without its mail nothing is committed: both or neither."""

    def fail(connection: Connection, ticket_id: int, news: News, now: object) -> None:
        post.tell(connection, ticket_id, news, now)  # type: ignore[arg-type] # as it came
        raise StoreUnavailable("power cut")

    with pytest.raises(StoreUnavailable):
        replace(store, tell=fail).open_ticket(make_draft())
    assert kinds(rows) == rows("SELECT id FROM tickets") == []


def test_what_agents_do_is_told(store: TicketStore, workplace: Workplace, make_draft: Draft, rows: Rows) -> None:
    """The first take, answers, the solution, and that it is open again; what is internal is not."""
    store.open_ticket(make_draft())
    workplace.take(NUMBER, ANNA, 1)
    workplace.note(NUMBER, ANNA, "Geheim", "n")
    workplace.reply(NUMBER, ANNA, "Welcher Router?", "r1", 3, waits=True)
    workplace.assign(NUMBER, BEN, BOSS, 4)
    workplace.solve(NUMBER, BEN, "Neu starten.", "r2", 5)
    workplace.reopen(NUMBER, BEN, 6)
    assert kinds(rows) == ["receipt", "state", "reply", "solution", "state"]
    texts = [str(row["text"]) for row in rows("SELECT text FROM mails ORDER BY id")]
    assert "Welcher Router?" in texts[2]
    assert "https://hilfe.example/solutions/W-2026-000001_" in texts[3]
    assert not [text for text in texts if "Geheim" in text]


def test_the_first_agent_may_be_assigned(
    store: TicketStore, workplace: Workplace, make_draft: Draft, rows: Rows
) -> None:
    """For the customer that is the same."""
    store.open_ticket(make_draft())
    workplace.assign(NUMBER, BEN, BOSS, 1)
    assert kinds(rows) == ["receipt", "state"]


def test_what_was_not_said_is_not_mailed(
    store: TicketStore, workplace: Workplace, make_draft: Draft, rows: Rows
) -> None:
    """A repeat is one mail, a stale page none."""
    store.open_ticket(make_draft())
    for _ in range(2):
        workplace.reply(NUMBER, ANNA, "Hallo", "r", 1)
    with pytest.raises(Stale):
        workplace.reply(NUMBER, BEN, "Auch hallo", "r2", 1)
    assert kinds(rows) == ["receipt", "reply"]


def test_mails_reach_a_real_server_in_their_order(
    store: TicketStore, workplace: Workplace, bag: Mailbag, make_draft: Draft, clock: Clock
) -> None:
    """Each to its customer alone, in one thread."""
    store.open_ticket(make_draft())
    workplace.reply(NUMBER, ANNA, "Hallo", "r", 1)
    answers = Answers()
    with mail_server(answers) as port:
        assert courier(bag, port, clock).run_once() == 2
    first, second = (message_from_bytes(envelope.content, policy=SMTP) for envelope in answers.kept)
    assert [envelope.rcpt_tos for envelope in answers.kept] == [["erika@example.org"]] * 2
    assert (first["Auto-Submitted"], second["Auto-Submitted"]) == ("auto-generated", None)
    assert first["Message-ID"].strip() == second["References"].strip()
    assert bag.counts()[DeliveryState.DELIVERED] == 2


def test_a_refused_mail_is_not_tried_again(
    store: TicketStore, bag: Mailbag, make_draft: Draft, clock: Clock, rows: Rows
) -> None:
    """Not after a start either: an address does not mend. What is dead is tried."""
    store.open_ticket(make_draft())
    with mail_server(Answers(rcpt="550 no such user")) as port:
        assert courier(bag, port, clock).run_once() == 1
    assert (bag.counts()[DeliveryState.REFUSED], bag.revive()) == (1, 0)
    assert "550" in str(rows("SELECT detail FROM mail_attempts")[0]["detail"])
    with bag.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE mails SET state = 'dead'")
    assert bag.revive() == 1


def test_a_mail_that_may_have_been_kept_comes_again_under_its_name(
    store: TicketStore, bag: Mailbag, make_draft: Draft, clock: Clock, rows: Rows
) -> None:
    """The server hung up after the final dot."""
    store.open_ticket(make_draft())
    answers = Answers(data="drop")
    with mail_server(answers) as port:
        courier(bag, port, clock).run_once()
        answers.says["data"] = "250 OK"
        clock.now += timedelta(minutes=1)
        courier(bag, port, clock).run_once()
    first, second = (message_from_bytes(envelope.content, policy=SMTP)["Message-ID"] for envelope in answers.kept)
    assert first == second
    assert [row["outcome"] for row in rows("SELECT outcome FROM mail_attempts ORDER BY number")] == [
        "ambiguous", "delivered",
    ]  # fmt: skip


def test_an_article_is_mailed_without_a_ticket(post: Post, bag: Mailbag, clock: Clock, rows: Rows) -> None:
    """Once for each key; it wakes the courier, and is a thread of its own."""
    woken: list[bool] = []
    awake = replace(post, announce=lambda: woken.append(True))
    article = (
        "müller@example.org".replace("ü", "ue"),
        "de",
        "WLAN",
        "Neu starten.",
        "https://hilfe.example/articles/w",
    )
    for _ in range(2):
        awake.mail_article(*article, "call-1")  # type: ignore[arg-type] # a tuple knows no literals
    assert (kinds(rows), woken) == (["article"], [True, True])
    with pytest.raises(KeyReused):
        post.mail_article("max@example.org", "de", "WLAN", "Neu starten.", "https://hilfe.example/articles/w", "call-1")
    stream = io.StringIO()
    Courier(bag, ConsolePostman(stream), clock).run_once()
    assert "── WLAN → mueller@example.org" in stream.getvalue()


@pytest.mark.parametrize("recipient", ["", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example"])
def test_an_article_needs_one_address(post: Post, rows: Rows, recipient: str) -> None:
    """Nothing is kept otherwise."""
    with pytest.raises(Invalid):
        post.mail_article(recipient, "de", "WLAN", "x", "https://hilfe.example/articles/w", "k")
    assert kinds(rows) == []


def test_mails_are_forgotten_with_their_ticket(  # noqa: PLR0913, PLR0917 - a test with its fixtures
    store: TicketStore, post: Post, bag: Mailbag, make_draft: Draft, rows: Rows, clock: Clock
) -> None:
    """And those without a ticket by their age, with their tries."""
    store.open_ticket(make_draft())
    store.solve("key-1")
    post.mail_article("max@example.org", "de", "WLAN", "x", "https://hilfe.example/articles/w", "k")
    Courier(bag, ConsolePostman(io.StringIO()), clock).run_once()
    clock.move(days=2)
    post.mail_article("max@example.org", "de", "WLAN", "x", "https://hilfe.example/articles/w", "young")
    store.forget(clock.now - timedelta(days=1))
    assert [kinds(rows), rows("SELECT * FROM mail_attempts")] == [["article"], []]
