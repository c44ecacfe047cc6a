"""The whole way: from a word in the search box to a ticket that is solved."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.conftest import Portal

QUERY = "warteschlange unter windows leeren"
SLUG = "druckauftrag-haengt"
DESCRIPTION = "Mein Druckauftrag hängt in der Warteschlange und lässt sich nicht löschen."
ANSWER = "Nachtrag: Am Notebook meines Mannes geht es auch nicht."
DELIVERY_SECONDS = 20
TICKET = re.compile(r"/tickets/(?!new)[\w-]+$")


def test_from_a_word_to_a_solved_ticket(
    visit: Callable[..., Page], portal: Portal, wait_out_the_trap: Callable[[Page], None]
) -> None:
    """A visitor searches, reads, tries, writes, answers and solves, and the helpdesk gets what was left ticked."""
    page = visit("/")
    search_while_typing(page)
    tick_steps(page)
    page.get_by_role("button", name="Noch nicht gelöst?").click()
    take_a_step_out_of_the_trail(page)
    describe_and_see_suggestions(page)
    wait_out_the_trap(page)
    number = send(page)
    add_an_answer(visit(page.url))
    solve(visit(page.url))
    letter = delivered(portal.log, number)
    assert DESCRIPTION in letter
    assert f"Gesucht: {QUERY}" in letter
    assert "Gelesen: Druckauftrag hängt in der Warteschlange" in letter
    assert "Versucht: Schritt 2 –" in letter
    assert "Schritt 1 –" not in letter
    assert ANSWER in delivered(portal.log, f"Re: [{number}]")


def search_while_typing(page: Page) -> None:
    """Type, choose the first suggestion by its key, and arrive at the steps below the heading that answers."""
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(QUERY)
    expect(page.locator("#q-option-all")).to_have_attribute("href", re.compile("leeren"))
    assert 2 <= page.get_by_role("option").count() <= 6
    expect(page.locator("[data-search-status]")).to_contain_text("Vorschläge. Mit den Pfeiltasten wählen.")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q-option-1")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#q-option-1 mark").first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/articles/{SLUG}**")
    anchor = urlsplit(page.url).fragment.partition(":~:")[0]
    expect(page.locator(f"#{anchor}")).to_have_text(re.compile("Warteschlange unter Windows"))
    expect(page.locator(f"#{anchor} ~ .steps").first).to_be_in_viewport()


def tick_steps(page: Page) -> None:
    """Try the first two steps; the third is then the one to do."""
    page.get_by_label("Schritt 1 ausprobiert").check()
    page.get_by_label("Schritt 2 ausprobiert").check()
    expect(page.locator("#schritt-3")).to_have_attribute("aria-current", "step")


def take_a_step_out_of_the_trail(page: Page) -> None:
    """See what would be sent along, and untick one entry of it."""
    expect(page).to_have_title(re.compile("Ticket schreiben"))
    expect(page.locator("[data-trail] li")).to_have_text(
        [
            re.compile(rf"Gesucht\s+{QUERY}"),
            re.compile(r"Gelesen\s+Druckauftrag hängt in der Warteschlange"),
            re.compile(r"Ausprobiert\s+Schritt 1: Schalten Sie den Drucker aus"),
            re.compile(r"Ausprobiert\s+Schritt 2: Öffnen Sie Einstellungen"),
        ]
    )
    page.get_by_role("checkbox", name=re.compile("Schritt 1:")).uncheck()


def describe_and_see_suggestions(page: Page) -> None:
    """Write what is wrong: at most three articles fit, each with its passage, none of them the one that was read."""
    with page.expect_response("**/tickets/suggestions?**"):
        page.get_by_label("Was ist los?").fill(DESCRIPTION)
    expect(page.locator("[data-suggestions-status]")).to_contain_text("Artikel könnte")
    found = page.locator(".ticket-suggestion")
    assert 1 <= found.count() <= 3
    assert all(len(text) > 20 for text in found.locator(".ticket-suggestion-passage").all_inner_texts())
    links = [link.get_attribute("href") or "" for link in found.get_by_role("link").all()]
    assert len(links) == found.count()
    assert not [link for link in links if SLUG in link]


def send(page: Page) -> str:
    """Send the ticket and return its number."""
    page.get_by_label("Ihr Name").fill("Anna Beispiel")
    page.get_by_label("Ihre E-Mail-Adresse").fill("anna@example.org")
    page.get_by_role("button", name="Ticket absenden").click()
    page.wait_for_url(TICKET)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Ticket ist angekommen")
    expect(page.get_by_label("Adresse dieser Seite")).to_have_value(re.compile(f"{urlsplit(page.url).path}$"))
    expect(page.locator(".ticket-now")).to_contain_text("antwortet Ihnen bis")
    expect(page.locator(".ticket-sent-along li")).to_have_text(
        [re.compile(kind) for kind in ("Ges", "Gel", "Schritt 2")]
    )
    return page.locator(".ticket-number strong").inner_text()


def add_an_answer(page: Page) -> None:
    """Come back by the address alone and write again: the message is there."""
    expect(page.locator(".message-text")).to_have_text([DESCRIPTION])
    page.get_by_label("Ihre Nachricht").fill(ANSWER)
    page.get_by_role("button", name="Nachricht senden").click()
    expect(page.locator(".message-text")).to_have_text([DESCRIPTION, ANSWER])
    expect(page.get_by_label("Ihre Nachricht")).to_have_value("")


def solve(page: Page) -> None:
    """Say that it works again."""
    page.get_by_role("button", name="Problem gelöst").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("Gelöst")
    expect(page.locator(".ticket-now")).to_contain_text("Das Problem ist gelöst.")


def delivered(log: Path, number: str) -> str:
    """Return the letter that the console helpdesk printed for a ticket; a mail to its customer has an arrow."""
    subject = re.escape(number if number.startswith("Re") else f"[{number}]")
    deadline = time.monotonic() + DELIVERY_SECONDS
    while time.monotonic() < deadline:
        found = re.search(rf"── {subject}[^→\n]*\n.*?\n──\n", log.read_text(encoding="utf-8"), re.DOTALL)
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"Nothing was delivered for {number}.")
