"""The ticket desk in a real browser, by keyboard alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.database import connect
from app.desk.accounts import Accounts
from app.desk.agent import Role
from app.tickets.store import Limits, TicketStore
from app.tickets.ticket import draft
from app.tickets.trail import Trail
from app.tickets.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page
    from sqlalchemy import Engine

    from app.desk.agent import Agent
    from tests.conftest import Portal

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
PLACES = iter(range(1000))
FIELDS = {"name": "Jana Roth", "email": "jana@example.org", "description": "Der Drucker druckt nicht mehr.",
          "category": "geraete-drucken", "urgency": "normal"}  # fmt: skip


def now() -> datetime:
    """Tell the time of the portal, which is a real one."""
    return datetime.now(UTC)


@pytest.fixture
def engine(portal: Portal) -> Iterator[Engine]:
    """Give the portal's own database."""
    engine = connect(f"sqlite:///{portal.data / 'wegweiser.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def agent(engine: Engine) -> Agent:
    """Give an agent whom no other test knows."""
    return Accounts(engine, now).add("Mia Weber", f"list{next(PLACES)}@example.org", Role.FIRST, PASSWORD)


@pytest.fixture
def mine(engine: Engine, agent: Agent, portal: Portal) -> list[str]:
    """Give the numbers of three tickets of the agent, as the list has them."""
    store, work = TicketStore(engine, portal.data / "attachments", now, Limits(1000, 1000)), Workplace(engine, now)
    numbers: list[str] = []
    for _ in range(3):
        key = f"list-{next(PLACES)}"
        opened = store.open_ticket(draft(FIELDS, Trail(()), None, key, key, "de"))
        numbers.insert(0, work.take(opened.number, agent, 1).number)
    return numbers


@pytest.fixture
def desk(chromium: Browser, portal: Portal, agent: Agent, mine: list[str]) -> Iterator[Page]:
    """Give the agent's list in a browser; no script may have failed."""
    assert mine
    context = chromium.new_context(base_url=portal.address, locale="de-DE", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    failed: list[str] = []
    context.on("weberror", lambda error: failed.append(str(error.error)))
    page = context.new_page()
    page.goto("/desk/tickets?queue=mine")
    page.get_by_label("E-Mail-Adresse").fill(agent.email)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/tickets?queue=mine")
    expect(page.locator("button[data-do=help]")).to_be_visible()
    yield page
    context.close()
    assert failed == []


def at(page: Page, number: str) -> None:
    """Wait until the focus is on the row of a ticket."""
    expect(page.locator(f"a[id={number}]")).to_be_focused()


def opened(page: Page, number: str) -> None:
    """Wait until a ticket is there, and its script listens."""
    expect(page.locator("h1")).to_contain_text(number)
    expect(page.locator("button[data-do=help]")).to_be_visible()


def test_the_list_is_walked_by_keyboard(desk: Page, mine: list[str]) -> None:
    """Down, up, in, to the ticket beside it, and back where one was."""
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        desk.keyboard.press(key)
        at(desk, mine[place])
    desk.keyboard.press("Enter")
    opened(desk, mine[1])
    desk.keyboard.press("j")
    opened(desk, mine[2])
    desk.keyboard.press("k")
    opened(desk, mine[1])
    desk.keyboard.press("Escape")
    at(desk, mine[1])
    desk.keyboard.press("/")
    expect(desk.locator("#find")).to_be_focused()
    desk.keyboard.type("jx?")
    expect(desk.locator("#find")).to_have_value("jx?")
    expect(desk.get_by_role("dialog")).to_be_hidden()
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_be_hidden()


def test_rows_are_marked_and_changed_by_keyboard(desk: Page) -> None:
    """What is done with them shows only when one is marked."""
    bar = desk.get_by_role("button", name="Setzen")
    expect(bar).to_be_hidden()
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    expect(desk.locator("[name=ticket]:checked")).to_have_count(2)
    at_row = desk.locator("tr[data-row]").nth(1)
    expect(at_row.locator("input")).to_be_checked()
    desk.get_by_label("Thema").select_option("geraete-drucken")
    bar.click()
    expect(desk.get_by_role("status").first).to_have_text("2 Tickets sind geändert.")


def test_a_ticket_is_worked_on_by_keyboard(desk: Page, mine: list[str]) -> None:
    """A note that was begun comes back, and is sent with Ctrl and Enter, as is the answer."""
    desk.goto(f"/desk/tickets/{mine[0]}?queue=mine")
    opened(desk, mine[0])
    desk.keyboard.press("n")
    desk.keyboard.type("Nur für uns j k t")
    desk.keyboard.press("Escape")
    desk.keyboard.press("j")
    opened(desk, mine[1])
    desk.keyboard.press("k")
    expect(desk.locator("#text")).to_have_value("Nur für uns j k t")
    desk.keyboard.press("n")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".message.is-internal")).to_contain_text("Nur für uns j k t")
    expect(desk.locator("#text")).to_have_value("")
    opened(desk, mine[0])
    desk.keyboard.press("r")
    desk.keyboard.type("Guten Tag")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".message.is-agent").last).to_contain_text("Guten Tag")
    expect(desk.locator("#reply-text")).to_have_value("")
    opened(desk, mine[0])
    desk.keyboard.press("e")
    expect(desk.locator("#summary")).to_be_focused()


def test_list_and_ticket_are_open_to_everybody(
    desk: Page, mine: list[str], axe_faults: Callable[[Page], list[str]]
) -> None:
    """With a marked row."""
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    assert axe_faults(desk) == []
    desk.goto(f"/desk/tickets/{mine[1]}?queue=mine")
    assert axe_faults(desk) == []
