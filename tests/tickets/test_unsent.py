"""Mails that did not arrive: agents are told which and why, and can send them again."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from app.tickets.delivery import Courier
from app.tickets.helpdesk import Failed, Refused
from app.tickets.mail import MailKind, Provider
from app.tickets.mailbag import Mailbag
from app.tickets.post import Post
from app.tickets.solution_links import SolutionLinks
from app.tickets.unsent import Unsent
from tests.tickets.colleagues import ANNA

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from app.tickets.mail import Mail
    from app.tickets.store import TicketStore
    from app.tickets.ticket import TicketDraft
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]

ERIKA = "erika@example.org"


class Server:
    """A mail server that takes nothing until it is told to."""

    error: Exception | None = Refused("550 5.1.1 No such\nuser")

    def deliver(self, _mail: Mail) -> str:
        """Take a mail, or say why not."""
        if self.error:
            raise self.error
        return secrets.token_hex(4)


@pytest.fixture
def post(engine: Engine, clock: Clock) -> Post:
    provider = Provider("Birkennetz", "0221", {"de": "", "en": ""}, "https://hilfe.example")
    return Post(engine, clock, provider, SolutionLinks("secret", clock), ZoneInfo("Europe/Berlin"))


@pytest.fixture
def number(store: TicketStore, post: Post, make_draft: Draft) -> str:
    """Give the number of a ticket whose receipt is on its way."""
    return replace(store, tell=post.tell).open_ticket(make_draft()).number


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def courier(engine: Engine, clock: Clock, server: Server) -> Courier[Mail]:
    return Courier(Mailbag(engine, clock), server, clock)


def test_a_refused_mail_is_told_with_what_the_server_said(
    post: Post, number: str, courier: Courier[Mail], clock: Clock
) -> None:
    """On one line, and of its own ticket only; one that is on its way is not told."""
    assert post.unsent(number) == ()
    courier.run_once()
    (one,) = post.unsent(number)
    told = Unsent(one.id, MailKind.RECEIPT, ERIKA, clock(), "550 5.1.1 No such user")
    assert one == replace(told, reason=one.reason)
    assert "550 5.1.1 No such user" in one.reason
    assert post.unsent("W-2026-999999") == ()


def test_a_mail_that_was_given_up_is_told_with_its_last_try(  # noqa: PLR0913, PLR0917 - all of it takes part
    post: Post, number: str, courier: Courier[Mail], server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Not with the first one."""
    monkeypatch.setattr("app.tickets.delivery.MAX_ATTEMPTS", 2)
    for reason in ("451 busy", "451 still busy"):
        server.error = Failed(reason)
        assert courier.run_once() == 1
        clock.move(hours=2)
    assert [one.reason for one in post.unsent(number)] == ["451 still busy"]


def test_a_mail_is_sent_again_once(post: Post, number: str, courier: Courier[Mail], server: Server) -> None:
    """A second press finds it on its way; when it arrives nothing is left to tell."""
    courier.run_once()
    (one,) = post.unsent(number)
    assert not post.send_again("W-2026-999999", one.id)
    assert [post.send_again(number, one.id) for _ in range(2)] == [True, False]
    assert post.unsent(number) == ()
    server.error = None
    assert courier.run_once() == 1
    assert (post.unsent(number), post.send_again(number, one.id)) == ((), False)


def test_what_comes_later_is_told_after_it(
    post: Post, number: str, courier: Courier[Mail], workplace: Workplace
) -> None:
    """An answer that was refused too."""
    courier.run_once()
    replace(workplace, tell=post.tell).reply(number, ANNA, "Bitte neu starten.", "key-r", 1)
    courier.run_once()
    assert [one.kind for one in post.unsent(number)] == [MailKind.RECEIPT, MailKind.REPLY]
