"""Without JavaScript: the same way, only with more page loads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

QUERY = "warteschlange unter windows leeren"
TICKET = re.compile(r"/tickets/(?!new)[\w-]+$")


def test_the_whole_way_works_without_javascript(
    visit: Callable[..., Page],
    wait_out_the_trap: Callable[[Page], None],
    fill_in: Callable[[Page, str], None],
) -> None:
    """Search, article, ticked steps, the form with the trail from the address, ticket, answer."""
    page = visit("/", java_script_enabled=False)
    page.get_by_label("Wobei können wir helfen?").fill(QUERY)
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name="Druckauftrag hängt in der Warteschlange").first.click()
    page.get_by_label("Schritt 1 ausprobiert").check()
    page.get_by_label("Schritt 3 ausprobiert").check()
    page.get_by_role("button", name="Noch nicht gelöst?").click()
    assert "step=1&step=3" in page.url
    kinds = (rf"Gesucht\s+{QUERY}", r"Gelesen\s+Druckauftrag", r"Schritt 1: Schalten", r"Schritt 3: Bleibt")
    expect(page.locator("[data-trail] li")).to_have_text([re.compile(kind) for kind in kinds])
    page.get_by_role("checkbox", name=re.compile(QUERY)).uncheck()
    fill_in(page, "Der Auftrag steht auf „Wird gelöscht“.")
    wait_out_the_trap(page)
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page).to_have_url(TICKET)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Ticket ist angekommen")
    expect(page.locator(".ticket-sent-along li")).to_have_text([re.compile(kind) for kind in kinds[1:]])
    page.get_by_label("Ihre Nachricht").fill("Es ist ein Laserdrucker.")
    page.get_by_role("button", name="Nachricht senden").click()
    expect(page.locator(".message-text").last).to_have_text("Es ist ein Laserdrucker.")


def test_faults_come_back_from_the_server(
    visit: Callable[..., Page], wait_out_the_trap: Callable[[Page], None]
) -> None:
    """What is missing is said on top and at its field, and what was written stays."""
    page = visit("/tickets/new?q=drucker+offline", java_script_enabled=False)
    page.get_by_label("Was ist los?").fill("Der Drucker ist offline.")
    wait_out_the_trap(page)
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page.locator(".error-summary li")).to_have_count(2)
    expect(page.get_by_label("Ihr Name")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Was ist los?")).to_have_value("Der Drucker ist offline.")
    expect(page.locator("[data-trail] li")).to_have_text([re.compile("drucker offline")])


def test_a_suggestion_solves_it_without_javascript(visit: Callable[..., Page]) -> None:
    """The form already holds articles that fit the search, and one of them may make it needless."""
    page = visit("/tickets/new?q=drucker+offline", java_script_enabled=False)
    page.get_by_role("button", name="Das löst es").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Schön, dass es wieder geht.")


def test_feedback_is_thanked_for_without_javascript(visit: Callable[..., Page]) -> None:
    """The page comes back at the thanks."""
    page = visit("/articles/drucker-offline", java_script_enabled=False)
    page.get_by_label("Ja", exact=True).check()
    page.get_by_role("button", name="Rückmeldung senden").click()
    expect(page.get_by_role("heading", name="Danke für Ihre Rückmeldung")).to_be_in_viewport()
