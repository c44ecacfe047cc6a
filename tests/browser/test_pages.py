"""The pages: small comforts that one only notices when they are missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

ARTICLE = "/articles/druckauftrag-haengt"
PAGES = (
    "/",
    "/?lang=en",
    "/search",
    "/search?q=drucker+offline",
    "/search?q=passwort&lang=en",
    "/search?q=wie+backe+ich+kuchen",
    ARTICLE,
    f"{ARTICLE}?lang=en",
    "/articles/router-leuchtet-kein-internet?q=router",
    "/categories/geraete-drucken",
    "/notices/glasfaser-wartung",
    "/notices/webmail-stoerung",
    "/tickets/new",
    "/tickets/new?q=drucker+offline&article=drucker-offline&step=1",
    "/articles/gibt-es-nicht",
    "/tickets/gibt-es-nicht",
)


def test_no_page_asks_anybody_else_or_complains(visit: Callable[..., Page]) -> None:
    """No other host, no error or violated policy in the console, no cookie (`visit` looks), and a title on each."""
    page = visit("/")
    for path in PAGES:
        page.goto(path)
        assert page.title().endswith(" · Birkennetz")
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        expect(page.get_by_role("link", name="0221 4710 100").first).to_be_visible()


@pytest.mark.parametrize(
    ("path", "german", "english"),
    [
        ("/", "Wobei können wir helfen?", "How can we help?"),
        (f"{ARTICLE}?q=drucker", "Druckauftrag hängt in der Warteschlange", "Print job is stuck"),
        ("/search?q=wie+backe+ich+kuchen", "Dazu haben wir keinen passenden Artikel", "We have no article that fits"),
        ("/categories/geraete-drucken", "Drucker und andere Geräte", "Printers and other devices"),
        ("/tickets/new", "Ticket schreiben", "Write a ticket"),
    ],
)
def test_the_language_switch_keeps_the_page(visit: Callable[..., Page], path: str, german: str, english: str) -> None:
    """The same page in English, also for the links on it, and back again."""
    page = visit(path)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile(german))
    page.get_by_role("link", name="English", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(heading).to_have_text(re.compile(english))
    switched, original = urlsplit(page.url), urlsplit(path)
    assert switched.path == original.path
    assert original.query in switched.query
    assert "lang=en" in (page.get_by_role("contentinfo").get_by_role("link", name="Home").get_attribute("href") or "")
    page.get_by_role("link", name="Deutsch", exact=True).click()
    expect(heading).to_have_text(re.compile(german))


def test_the_browser_says_which_language(visit: Callable[..., Page]) -> None:
    """Without a choice the page speaks the language of the browser."""
    expect(visit("/", locale="en-GB").get_by_role("heading", level=1)).to_have_text("How can we help?")


def test_ticked_steps_are_remembered(visit: Callable[..., Page]) -> None:
    """After a reload and after another page, and the step to do next is marked again."""
    page = visit(ARTICLE)
    page.get_by_label("Schritt 1 ausprobiert").check()
    page.get_by_label("Schritt 2 ausprobiert").check()
    page.reload()
    expect(page.locator("input[name=step]:checked")).to_have_count(2)
    page.goto("/")
    page.goto(ARTICLE)
    expect(page.locator("input[name=step]:checked")).to_have_count(2)
    expect(page.locator("#schritt-3")).to_have_attribute("aria-current", "step")


def test_code_is_copied_with_one_click(visit: Callable[..., Page]) -> None:
    """The button says so, and the clipboard holds the lines without anything around them."""
    page = visit(ARTICLE, permissions=["clipboard-read", "clipboard-write"])
    button = page.get_by_role("button", name="Kopieren").first
    button.click()
    expect(page.get_by_role("button", name="Kopiert")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert (copied[0], copied[-1]) == ("net stop spooler", "net start spooler")


def test_a_search_can_be_handed_on(visit: Callable[..., Page]) -> None:
    """The link in the clipboard opens the same answer."""
    page = visit("/search?q=drucker+offline", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Link zu dieser Suche kopieren").click()
    expect(page.get_by_role("button", name="Link kopiert")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_feedback_stays_on_the_page(visit: Callable[..., Page], count: Callable[..., int]) -> None:
    """The thanks take the place of the question, with the focus, and the reader stays where they were."""
    before = count("feedback", "text", "Schritt 3 war unklar.")
    page = visit(ARTICLE)
    address = page.url
    page.get_by_label("Nein", exact=True).check()
    page.get_by_label("Was hat geholfen, was hat gefehlt?").fill("Schritt 3 war unklar.")
    page.get_by_role("button", name="Rückmeldung senden").click()
    expect(page.get_by_role("heading", name="Danke für Ihre Rückmeldung")).to_be_focused()
    expect(page.get_by_role("heading", name="Danke für Ihre Rückmeldung")).to_be_in_viewport()
    assert page.url == address
    assert count("feedback", "text", "Schritt 3 war unklar.") == before + 1


def test_paper_gets_the_article_alone(visit: Callable[..., Page]) -> None:
    """Printed, there is no search, no way about and no question; the steps are there with their numbers."""
    page = visit(ARTICLE)
    page.emulate_media(media="print")
    for part in ("search", ".breadcrumb", ".language", ".feedback", ".unsolved", ".related", ".site-footer", ".copy"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.locator(".step")).to_have_count(6)
    for step in page.locator(".step").all():
        expect(step).to_be_visible()
    expect(page.locator(".tick-number").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_suggestions_that_do_not_come_are_said(visit: Callable[..., Page], complaints: list[str]) -> None:
    """Without an answer of the server the search box says what still works, and Enter does it."""
    page = visit("/")
    page.route("**/suggest?**", lambda route: route.abort())
    page.keyboard.type("drucker offline")
    expect(page.locator("#q-panel")).to_contain_text("Vorschläge sind gerade nicht erreichbar.")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=drucker+offline")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Drucker wird als „Offline“ angezeigt")
    complaints.clear()
