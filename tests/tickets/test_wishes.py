"""Wishes: who is asked by mail, who is told, when it ends, and that nobody is told twice."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.database import StoreUnavailable
from app.tickets import telling
from app.tickets.article_drafts import ArticleDrafts
from app.tickets.mail import Provider
from app.tickets.store import TicketStore, UnknownTicket
from app.tickets.telling import Live, Shown, Telling
from app.tickets.ticket import Invalid
from app.tickets.wish_links import BadWishLink, WishLinks, WishRef
from app.tickets.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from app.tickets.ticket import Language, TicketDraft
    from tests.conftest import Clock

    Rows = Callable[[str], list[dict[str, object]]]

BASE = "https://hilfe.example"
EMAIL = "erika@example.org"
PROVIDER = Provider("Birkennetz", "0221", {"de": "Mo", "en": "Mon"}, BASE)


@dataclass
class Shop:
    """What can be found, changed by hand."""

    version: str = "1"
    live: dict[str, str] = field(default_factory=dict)
    found: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def publish(self, slug: str, url: str, **found: tuple[str, bool]) -> None:
        """Bring an article to light, in a new version."""
        self.version += "1"
        self.live[slug] = url
        self.found |= found

    def article(self, slug: str, _lang: Language) -> Live | None:
        """Return what was published."""
        return Live(slug, f"Titel {slug}", self.live[slug]) if slug in self.live else None


@pytest.fixture
def shop() -> Shop:
    """Give a portal in which nothing can be found."""
    return Shop()


@pytest.fixture
def wishes(engine: Engine, clock: Clock) -> Wishes:
    """Give the wishes of a fresh database, kept for 180 days."""
    return Wishes(engine, clock, WishLinks("secret", BASE, clock), PROVIDER, timedelta(days=180))


@pytest.fixture
def job(wishes: Wishes, shop: Shop) -> Telling:
    """Give who tells."""
    return teller(wishes, shop)


def teller(wishes: Wishes, shop: Shop) -> Telling:
    """Return who tells, as after a start."""
    return Telling(wishes, Shown(lambda: shop.version, shop.article, lambda text, _: shop.found.get(text, ("", False))))


def mails(rows: Rows) -> list[tuple[object, object]]:
    """Return kind and recipient of all mails."""
    return [(row["kind"], row["recipient"]) for row in rows("SELECT kind, recipient FROM mails ORDER BY id")]


def link(rows: Rows, kind: str = "confirm") -> str:
    """Return the token of the last mail's link of a kind."""
    text = str(rows("SELECT text FROM mails ORDER BY id DESC")[0]["text"])
    return next(word for word in text.split() if f"/wishes/{kind}_" in word).rpartition("/")[2]


def agree(wishes: Wishes, rows: Rows, question: str = "vpn") -> None:
    """Let somebody ask and confirm."""
    wishes.ask(EMAIL, question, "de")
    assert wishes.confirm(wishes.links.open(link(rows)).name)


def test_an_address_counts_once_its_owner_has_confirmed(wishes: Wishes, rows: Rows, job: Telling, shop: Shop) -> None:
    """The mail that asks holds nothing of what was typed; who does not confirm is not told."""
    wishes.ask(EMAIL, "vpn Nachtigall", "de")
    shop.publish("vpn", f"{BASE}/articles/vpn", **{"vpn Nachtigall": ("vpn", True)})
    assert (job.run_once(), mails(rows)) == (0, [("wish", EMAIL)])
    assert "Nachtigall" not in str(rows("SELECT subject, text FROM mails"))
    wishes.confirm(wishes.links.open(link(rows)).name)
    assert (job.run_once(), mails(rows)[1:]) == (1, [("told", EMAIL)])
    said = str(rows("SELECT text FROM mails ORDER BY id DESC")[0]["text"])
    assert f"Titel vpn\n{BASE}/articles/vpn" in said
    assert "Nachtigall" not in said


def test_nobody_is_told_twice(wishes: Wishes, rows: Rows, shop: Shop) -> None:
    """Not after a start, not with a new version, not when the article goes and comes back, not by the same link."""
    agree(wishes, rows)
    name = wishes.links.open(link(rows)).name
    for _ in range(3):
        shop.publish("vpn", "/vpn", vpn=("vpn", True))
        teller(wishes, shop).run_once()
    assert [kind for kind, _ in mails(rows)] == ["wish", "told"]
    assert rows("SELECT id FROM wishes") == []
    assert not wishes.confirm(name)


def test_a_wish_that_another_process_has_fulfilled_is_left(wishes: Wishes, rows: Rows, shop: Shop) -> None:
    """Who comes second finds no row."""
    agree(wishes, rows)
    shop.publish("vpn", "/vpn", vpn=("vpn", True))
    counts: list[int] = []

    def overtaken(text: str, _lang: Language) -> tuple[str, bool]:
        counts.append(teller(wishes, shop).run_once())
        return shop.found[text]

    counts.append(Telling(wishes, Shown(lambda: "1", shop.article, overtaken)).run_once())
    assert counts == [1, 0]


def test_an_address_gets_three_mails_a_day_at_most(wishes: Wishes, rows: Rows, clock: Clock) -> None:
    """In capitals or not; the same wish twice within minutes is one mail, later it is asked for once more."""
    for question in ("a", "a", "b", "c", "d"):
        wishes.ask(EMAIL.upper() if question == "b" else EMAIL, question, "de")
    assert len(mails(rows)) == 3
    clock.move(days=1, minutes=1)
    wishes.ask(EMAIL, "a", "de")
    assert len(mails(rows)) == 4
    assert len(rows("SELECT id FROM wishes")) == 3


def test_what_is_no_address_is_refused(wishes: Wishes, rows: Rows) -> None:
    """And nothing is stored."""
    with pytest.raises(Invalid):
        wishes.ask("erika", "vpn", "de")
    assert rows("SELECT id FROM wishes") == []


def test_a_link_is_good_for_two_days_and_only_as_it_was_signed(wishes: Wishes, clock: Clock) -> None:
    """The one to hear no more is good for ever."""
    confirm, stop = (wishes.links.token(WishRef(kind, "0a")) for kind in ("confirm", "stop"))
    clock.move(hours=49)
    assert wishes.links.open(stop).name == "0a"
    for token in (confirm, stop.replace("stop", "confirm"), "ü", ""):
        with pytest.raises(BadWishLink):
            wishes.links.open(token)


def test_who_wants_no_more_mails_gets_none(wishes: Wishes, rows: Rows, clock: Clock) -> None:
    """All wishes of the address go, also those of tickets, and nobody is asked until that is forgotten too."""
    agree(wishes, rows, "a")
    agree(wishes, rows, "b")
    wishes.stop(wishes.links.open(link(rows, "stop")).name)
    wishes.ask(EMAIL, "c", "de")
    assert [(row["state"], row["email"]) for row in rows("SELECT state, email FROM wishes")] == [("stopped", "")]
    clock.move(days=181)
    assert wishes.forget(clock()) == 1
    wishes.ask(EMAIL, "c", "de")
    assert len(mails(rows)) == 3


def test_wishes_end(wishes: Wishes, rows: Rows, clock: Clock, job: Telling, shop: Shop) -> None:
    """An unconfirmed one after two days, others after the days of the setting, also where nobody has cleared up."""
    agree(wishes, rows, "a")
    wishes.ask(EMAIL, "b", "de")
    clock.move(days=3)
    assert wishes.forget(clock()) == 1
    clock.move(days=178)
    shop.publish("a", "/a", a=("a", True))
    assert (job.run_once(), wishes.forget(clock())) == (0, 1)


@pytest.fixture
def number(engine: Engine, clock: Clock, tmp_path: Path, make_draft: Callable[..., TicketDraft]) -> str:
    """Give the number of a ticket."""
    return TicketStore(engine, tmp_path, clock).open_ticket(make_draft()).number


def test_the_customer_and_the_agents_of_a_ticket_are_told(
    wishes: Wishes, rows: Rows, job: Telling, shop: Shop, number: str
) -> None:
    """Once the draft that was begun from it can be read: a mail with its number, and lines in the history."""
    wishes.set_ticket(number, wanted=True)
    wishes.set_ticket(number, wanted=True)
    ArticleDrafts(wishes.engine, wishes.clock).note(number, "Ruth", "vpn", "entwurf/vpn", "k")
    assert (job.run_once(), wishes.of_ticket(number)) == (0, True)
    shop.publish("vpn", "/vpn")
    assert (job.run_once(), wishes.of_ticket(number)) == (1, False)
    assert teller(wishes, shop).run_once() == 0
    lines = [(row["what"], row["became"]) for row in rows("SELECT what, became FROM changes ORDER BY id")]
    assert lines[1:] == [("article", "entwurf/vpn"), ("live", "vpn"), ("told", "vpn")]
    (mail,) = rows("SELECT subject FROM mails")
    assert str(mail["subject"]).startswith(f"[{number}]")


def test_the_tickets_of_a_gap_hear_of_its_article(
    wishes: Wishes, rows: Rows, job: Telling, shop: Shop, number: str
) -> None:
    """The draft names them; somebody else's ticket does not hear."""
    wishes.set_ticket(number, wanted=True)
    store = ArticleDrafts(wishes.engine, wishes.clock)
    store.note("", "Ruth", "other", "entwurf/other", "k1")
    store.note("", "Ruth", "vpn", "entwurf/vpn", "k2", [number])
    assert store.numbers_since(wishes.clock()) == (number,)
    assert [one.slug for one in store.of_ticket(number)] == ["vpn"]
    shop.publish("other", "/other")
    assert job.run_once() == 0
    shop.publish("vpn", "/vpn")
    assert job.run_once() == 1
    assert rows("SELECT became FROM changes WHERE what = 'live'") == [{"became": "vpn"}]


def test_an_article_for_agents_is_told_to_agents_alone(
    wishes: Wishes, rows: Rows, job: Telling, shop: Shop, number: str
) -> None:
    """It has no address for customers."""
    wishes.set_ticket(number, wanted=True)
    ArticleDrafts(wishes.engine, wishes.clock).note(number, "Ruth", "vpn", "entwurf/vpn", "k")
    shop.publish("vpn", "")
    assert (job.run_once(), mails(rows)) == (0, [])
    assert rows("SELECT became FROM changes WHERE what = 'live'") == [{"became": "vpn"}]


def test_an_article_begun_here_need_only_come_first(wishes: Wishes, rows: Rows, job: Telling, shop: Shop) -> None:
    """Another one must answer for sure."""
    agree(wishes, rows, "vpn")
    shop.publish("vpn", "/vpn", vpn=("vpn", False))
    assert job.run_once() == 0
    ArticleDrafts(wishes.engine, wishes.clock).note("", "Ruth", "vpn", "entwurf/vpn", "k")
    assert job.run_once() == 1


def test_a_customer_can_take_the_wish_back(wishes: Wishes, number: str) -> None:
    """On the page of the ticket; an unknown number is an error."""
    wishes.set_ticket(number, wanted=True)
    wishes.set_ticket(number, wanted=False)
    assert not wishes.of_ticket(number)
    with pytest.raises(UnknownTicket):
        wishes.set_ticket("W-2026-999999", wanted=True)


def test_wishes_go_with_their_ticket(wishes: Wishes, rows: Rows, tmp_path: Path, number: str, clock: Clock) -> None:
    """When a done ticket is deleted, also what drafts say of it."""
    engine = wishes.engine
    store = TicketStore(engine, tmp_path, clock)
    wishes.set_ticket(number, wanted=True)
    ArticleDrafts(engine, clock).note("", "Ruth", "vpn", "entwurf/vpn", "k", [number])
    store.solve("key-1")
    clock.move(days=1)
    assert store.forget(clock()) == 1
    assert rows("SELECT id FROM wishes") == rows("SELECT draft_id FROM draft_tickets") == []


@pytest.mark.parametrize("error", [StoreUnavailable("away"), RuntimeError("odd")])
def test_telling_survives_what_goes_wrong(
    wishes: Wishes, shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """It is written into the log, and tried again."""
    job, again = teller(wishes, shop), threading.Event()
    tries: list[int] = []

    def stumble() -> int:
        tries.append(1)
        if len(tries) > 1:
            again.set()
        raise error

    monkeypatch.setattr(telling, "ROUND_SECONDS", 0.0)
    monkeypatch.setattr(job, "run_once", stumble)
    job.start()
    assert again.wait(10)
    job.stop()
    assert "of new articles" in caplog.text
