"""The call page in a real browser: an agent solves, switches, reloads and loses the connection, by keyboard alone."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from app.database import connect
from app.desk.accounts import Accounts, AddressTaken
from app.desk.agent import Role
from app.desk.contact import EventKind, Outcome
from app.desk.contacts import Contacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page
    from sqlalchemy import Engine

    from app.desk.contact import Contact
    from tests.conftest import Portal

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
SLUG = "kundencenter-passwort-vergessen"
PATIENCE = 20_000  # milliseconds
AGENTS = iter(range(1000))


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
def agent(engine: Engine) -> tuple[int, str]:
    """Give id and address of an agent whom no other test knows."""
    accounts, email = Accounts(engine, now), f"mia{next(AGENTS)}@example.org"
    with suppress(AddressTaken):
        return accounts.add("Mia Weber", email, Role.FIRST, PASSWORD).id, email
    raise AssertionError(email)


@pytest.fixture
def contacts_of(engine: Engine, agent: tuple[int, str]) -> Callable[[], tuple[Contact, ...]]:
    """Return a function that reads the agent's contacts from the database, newest first."""
    return lambda: Contacts(engine, now).of_agent(agent[0])


@pytest.fixture
def desk(chromium: Browser, portal: Portal, agent: tuple[int, str]) -> Iterator[Page]:
    """Give the call page in the browser of an agent who has signed in; no script may have failed."""
    settings: dict[str, Any] = {
        "locale": "de-DE",
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
    }
    context = chromium.new_context(base_url=portal.address, **settings)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE)
    failed: list[str] = []
    context.on("weberror", lambda error: failed.append(str(error.error)))
    page = context.new_page()
    page.goto("/desk/call")
    page.get_by_label("E-Mail-Adresse").fill(agent[1])
    page.get_by_label("Passwort").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/call")
    expect(page.locator("#call-q")).to_be_focused()
    yield page
    context.close()
    assert failed == []


def search(page: Page, words: str, slug: str) -> None:
    """Type what the caller says, until the right article stands beside it by itself."""
    page.keyboard.type(words)
    expect(page.locator(f"article[data-slug={slug}]")).to_be_visible()


def saved(page: Page) -> None:
    """Wait until the line below the notes says so."""
    expect(page.locator("[data-save]")).to_have_text("Gespeichert")


def test_a_password_reset_is_solved_on_the_phone_in_one_contact(
    desk: Page, contacts_of: Callable[[], tuple[Contact, ...]]
) -> None:
    """Search, read out, tick, copy, note and end, with keys alone; the contact holds all of it."""
    search(desk, "passwort vom kundencenter vergessen", SLUG)
    expect(desk.locator(".call-say")).to_contain_text("So setzen Sie Ihr Passwort für das Kundencenter neu")
    expect(desk.locator(".is-answer").first).to_be_visible()
    desk.keyboard.press("Enter")
    desk.keyboard.press("s")
    desk.keyboard.press("s")
    expect(desk.locator("[data-step-count]")).to_have_text("2/7")
    desk.keyboard.press("c")
    expect(desk.locator("[data-said]")).to_have_text("Kopiert")
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(f"/articles/{SLUG}?lang=de")
    assert "1. Öffnen Sie konto.birkennetz.example" in copied
    desk.keyboard.press("n")
    desk.keyboard.type("Neues Passwort gesetzt, Anmeldung klappt.")
    saved(desk)
    desk.keyboard.press("Alt+x")
    desk.keyboard.press("s")
    expect(desk.locator("[data-said]")).to_have_text("Kontakt beendet: Gelöst")
    expect(desk.locator("#call-q")).to_be_focused()
    expect(desk.locator("#call-q")).to_have_value("")
    (contact,) = contacts_of()
    kinds = [event.kind for event in contact.events]
    assert (contact.outcome, contact.notes) == (Outcome.SOLVED, "Neues Passwort gesetzt, Anmeldung klappt.")
    assert kinds == [EventKind.SEARCHED, EventKind.OPENED, EventKind.TICKED, EventKind.TICKED, EventKind.COPIED]
    assert contact.events[0].text == "passwort vom kundencenter vergessen"
    assert {event.slug for event in contact.events[1:]} == {SLUG}
    assert [event.step for event in contact.events if event.kind is EventKind.TICKED] == [1, 2]
    assert desk.evaluate("localStorage.length") == 0


def test_two_callers_a_reload_and_a_lost_connection(desk: Page, contacts_of: Callable[[], tuple[Contact, ...]]) -> None:
    """Nothing of either contact is lost, and the line below the notes tells how it stands."""
    search(desk, "passwort vom kundencenter vergessen", SLUG)
    desk.keyboard.press("Enter")
    desk.keyboard.press("s")
    desk.keyboard.press("n")
    desk.keyboard.type("Erste Anruferin")
    saved(desk)
    desk.keyboard.press("Alt+0")
    expect(desk.locator("#notes")).to_have_value("")
    search(desk, "drucker offline", "drucker-offline")
    desk.keyboard.press("Alt+n")
    desk.keyboard.type("Zweiter Anrufer")
    saved(desk)
    desk.keyboard.press("Alt+1")
    expect(desk.locator("#notes")).to_have_value("Erste Anruferin")
    expect(desk.locator("[data-step-count]")).to_have_text("1/7")
    desk.reload()
    expect(desk.locator("[data-contact-list] li")).to_have_count(2)
    expect(desk.locator("#call-q")).to_have_value("passwort vom kundencenter vergessen")
    expect(desk.locator("[data-step-count]")).to_have_text("1/7")
    desk.keyboard.press("Alt+2")
    expect(desk.locator("article[data-slug=drucker-offline]")).to_be_visible()
    desk.context.set_offline(True)
    desk.keyboard.press("Alt+n")
    desk.keyboard.press("Control+End")
    desk.keyboard.type(", Kabel steckt.")
    expect(desk.locator("[data-save]")).to_contain_text("Nicht gespeichert: keine Verbindung.")
    assert {contact.notes for contact in contacts_of()} == {"Erste Anruferin", "Zweiter Anrufer"}
    desk.context.set_offline(False)
    saved(desk)
    assert [contact.notes for contact in contacts_of()] == ["Zweiter Anrufer, Kabel steckt.", "Erste Anruferin"]


def test_what_was_written_without_a_connection_survives_a_reload(
    desk: Page, contacts_of: Callable[[], tuple[Contact, ...]]
) -> None:
    """The browser keeps it until the server has it."""
    desk.route("**/desk/contacts/**", lambda route: route.abort())
    desk.keyboard.press("Alt+n")
    desk.keyboard.type("Nur im Browser")
    expect(desk.locator("[data-save]")).to_contain_text("keine Verbindung")
    desk.reload()
    expect(desk.locator("#notes")).to_have_value("Nur im Browser")
    desk.unroute("**/desk/contacts/**")
    saved(desk)
    assert [contact.notes for contact in contacts_of()] == ["Nur im Browser"]


def test_a_session_that_ended_while_writing_loses_nothing(
    desk: Page, agent: tuple[int, str], engine: Engine, contacts_of: Callable[[], tuple[Contact, ...]]
) -> None:
    """The page says where to sign in, in another window, and goes on saving after."""
    Accounts(engine, now).end_sessions(agent[0])
    desk.keyboard.press("Alt+n")
    desk.keyboard.type("Mitten im Satz")
    expect(desk.locator("[data-save]")).to_contain_text("Sie sind nicht mehr angemeldet")
    with desk.context.expect_page() as opened:
        desk.get_by_role("link", name="In neuem Fenster anmelden").click()
    other = opened.value
    other.get_by_label("E-Mail-Adresse").fill(agent[1])
    other.get_by_label("Passwort").fill(PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_url("**/desk/tickets")
    saved(desk)
    assert [contact.notes for contact in contacts_of()] == ["Mitten im Satz"]


def test_a_second_window_keeps_both_texts(desk: Page, contacts_of: Callable[[], tuple[Contact, ...]]) -> None:
    """Who writes second is told, and nobody's words are overwritten unseen."""
    desk.keyboard.press("Alt+n")
    desk.keyboard.type("Anfang")
    saved(desk)
    other = desk.context.new_page()
    other.goto("/desk/call")
    other.locator("#notes").fill("Anfang, hier weiter")
    saved(other)
    desk.locator("#notes").fill("Anfang, dort weiter")
    desk.get_by_role("button", name="Beide Texte behalten").click()
    saved(desk)
    assert [contact.notes.split("\n\n— — —\n\n") for contact in contacts_of()] == [
        ["Anfang, hier weiter", "Anfang, dort weiter"]
    ]


def test_keys_are_letters_while_typing_and_actions_elsewhere(desk: Page) -> None:
    """A dialog opens when it is asked for, and Escape leads out of everything."""
    desk.keyboard.type("s?x1")
    expect(desk.locator("#call-q")).to_have_value("s?x1")
    expect(desk.get_by_role("dialog")).to_be_hidden()
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("x")
    expect(desk.get_by_role("button", name="Rückruf")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("button", name="Rückruf")).to_be_hidden()
    desk.keyboard.press("/")
    expect(desk.locator("#call-q")).to_be_focused()


def test_a_ticket_is_written_from_the_contact(desk: Page, contacts_of: Callable[[], tuple[Contact, ...]]) -> None:
    """What is missing is said at once; then its number is shown and stored."""
    search(desk, "drucker offline", "drucker-offline")
    desk.keyboard.press("Alt+n")
    desk.keyboard.type("Druckt seit gestern nicht.")
    desk.keyboard.press("Alt+e")
    expect(desk.locator("#summary")).to_have_value(
        "Bekannt: Druckt seit gestern nicht.\n\nVersucht:\n- nichts bekannt\n\nFrage: "
    )
    expect(desk.locator("#category")).to_have_value("geraete-drucken")
    desk.get_by_role("button", name="Weitergeben").click()
    expect(desk.locator("[data-panel=ticket] [data-error]")).to_contain_text("Bitte tragen Sie Ihren Namen ein.")
    desk.locator("#caller").fill("Jana Roth")
    desk.locator("#email").fill("jana@example.org")
    desk.get_by_role("button", name="Weitergeben").click()
    expect(desk.locator("[data-said] a")).to_contain_text("W-")
    (contact,) = contacts_of()
    assert (contact.outcome, contact.ticket) == (Outcome.ESCALATED, desk.locator("[data-said] a").inner_text())


def test_the_page_is_open_to_everybody(desk: Page, axe_faults: Callable[[Page], list[str]]) -> None:
    """With results, article, notes and an open panel."""
    search(desk, "drucker offline", "drucker-offline")
    desk.keyboard.press("Alt+x")
    assert axe_faults(desk) == []
