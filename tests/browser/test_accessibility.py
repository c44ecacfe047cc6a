"""Accessibility: axe finds nothing, on any page, light and dark, wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

    from tests.conftest import Portal

WIDE = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 640}
TICKET = {
    "description": "Für axe",
    "name": "Anna",
    "email": "anna@example.org",
    "category": "sonstiges",
    "urgency": "low",
}


def stay(page: Page) -> None:
    """Leave the page as it comes."""
    page.wait_for_load_state()


def type_a_search(page: Page) -> None:
    """Open the panel of suggestions, with one of them chosen."""
    page.keyboard.type("drucker")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")


def tick(page: Page) -> None:
    """Tick a step and begin with the feedback."""
    page.get_by_label("Schritt 1 ausprobiert").check()
    page.get_by_label("Nein", exact=True).check()


def describe(page: Page) -> None:
    """Write until suggestions stand beside the form."""
    page.get_by_label("Was ist los?").fill("Mein Druckauftrag hängt in der Warteschlange.")
    expect(page.locator("[data-suggestions-status]")).to_contain_text("Artikel")


def send_nothing(page: Page) -> None:
    """Send the empty form."""
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page.get_by_role("alert")).to_be_focused()


def send_forged(page: Page) -> None:
    """Let the form come back from the server."""
    page.locator("[name=form_key]").evaluate("field => { field.value = 'gefälscht'; }")
    for label in ("Was ist los?", "Ihr Name"):
        page.get_by_label(label).fill("Anna")
    page.get_by_label("Ihre E-Mail-Adresse").fill("anna@example.org")
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page.get_by_role("alert")).to_be_focused()


def answer(page: Page) -> None:
    """Send a message."""
    page.get_by_label("Ihre Nachricht").fill("Nachtrag")
    page.get_by_role("button", name="Nachricht senden").click()
    expect(page.locator(".message-text")).not_to_have_count(1)


def answer_nothing(page: Page) -> None:
    """Send an empty message."""
    page.get_by_role("button", name="Nachricht senden").click()
    expect(page.get_by_role("alert")).to_be_focused()


def solve(page: Page) -> None:
    """Say that it is solved, if it is not yet."""
    button = page.get_by_role("button", name="Problem gelöst")
    if button.is_visible():
        button.click()
    expect(page.locator("[aria-current=step]")).to_contain_text("Gelöst")


def solve_by_article(page: Page) -> None:
    """Close the form by an article."""
    page.get_by_role("button", name="Das löst es").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Schön")


@dataclass(frozen=True)
class Place:
    """A page in one of its states; `{ticket}` in its address is that of a ticket of its own."""

    name: str
    path: str
    heading: str
    prepare: Callable[[Page], None] = stay


OFFLINE = "q=drucker+offline&article=drucker-offline&step=1&step=2"
PLACES = (
    Place("home", "/", "Wobei können wir helfen?"),
    Place("suggestions", "/", "Wobei", type_a_search),
    Place("search without a word", "/search", "Wonach suchen Sie?"),
    Place("answer", "/search?q=drucker+offline", "Drucker wird als „Offline“ angezeigt"),
    Place("perhaps", "/search?q=geht+nicht", "Meinen Sie …?"),
    Place("nothing fits", "/search?q=wie+backe+ich+kuchen", "Dazu haben wir keinen passenden Artikel"),
    Place("article", "/articles/druckauftrag-haengt?q=drucker", "Druckauftrag", tick),
    Place("article in English", "/articles/druckauftrag-haengt?lang=en", "Print job"),
    Place("article in the other language", "/articles/php-version-umstellen?lang=en", "PHP-Version umstellen"),
    Place("past of an article", "/articles/drucker-offline/history", "Verlauf"),
    Place("waiting for an article", "/wishes/new?q=wie+backe+ich+kuchen", "Bescheid"),
    Place("category", "/categories/geraete-drucken", "Drucker und andere Geräte"),
    Place("notice", "/notices/webmail-stoerung", "Störung beim Webmail behoben"),
    Place("form", "/tickets/new", "Ticket schreiben"),
    Place("form with trail and suggestions", f"/tickets/new?{OFFLINE}", "Ticket schreiben", describe),
    Place("form with faults", "/tickets/new", "Ticket schreiben", send_nothing),
    Place("form that came back", "/tickets/new", "Ticket schreiben", send_forged),
    Place("solved by an article", "/tickets/new?q=drucker", "Schön", solve_by_article),
    Place("ticket", "{ticket}", "Ihr Ticket ist angekommen"),
    Place("ticket with a fault", "{ticket}", "Ihr Ticket ist angekommen", answer_nothing),
    Place("ticket with an answer", "{ticket}", "Ticket", answer),
    Place("ticket that is solved", "{ticket}", "Ticket", solve),
    Place("not found", "/articles/gibt-es-nicht", "Diese Seite gibt es"),
)


@pytest.fixture(scope="module")
def tickets(portal: Portal, form_key: Callable[..., str]) -> dict[str, str]:
    """Give a ticket of its own to each place that needs one."""
    with httpx.Client(base_url=portal.address) as client:
        return {place.name: send(client, form_key(seconds=10)) for place in PLACES if "{ticket}" in place.path}


def send(client: httpx.Client, key: str) -> str:
    """Send a ticket and return its address."""
    files = {"attachment": ("fehler.log", b"0x0000011b", "text/plain")}
    return client.post("/tickets", data={**TICKET, "form_key": key}, files=files).headers["location"]


@pytest.mark.parametrize("place", PLACES, ids=[place.name for place in PLACES])
def test_axe_finds_nothing(
    visit: Callable[..., Page], axe_faults: Callable[[Page], list[str]], tickets: dict[str, str], place: Place
) -> None:
    """All rules, light, dark and at 320 pixels (a zoom of 400 %), where nothing needs scrolling sideways."""
    page = visit(place.path.format(ticket=tickets.get(place.name)), viewport=WIDE, color_scheme="light")
    place.prepare(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(place.heading))
    assert axe_faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert axe_faults(page) == []
    page.set_viewport_size(NARROW)
    root = "document.documentElement"
    assert page.evaluate(f"[{root}.scrollWidth, {root}.clientWidth]") == [320, 320]
    assert axe_faults(page) == []
