"""From a search that fails to a customer who is told: with a real mail server, real git and a real index."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.articles.test_history import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.people import PostBox
    from tests.conftest import Portal

QUESTION = "saugroboter findet seine ladestation nicht mehr"
AGAIN = "ladestation vom saugroboter nicht gefunden"
EMAIL = "jana.saugroboter@example.org"
DAY = "2026-11-22"
PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
LIVE_SECONDS = 60.0
"""A model may have to be loaded before the first article is built."""
STEPS = "1. Stellen Sie die Ladestation des Saugroboters an eine freie Wand.\n2. Wischen Sie ihre Kontakte ab."


@pytest.fixture(scope="session")
def desk_portal(
    start_portal: Callable[..., Portal], post_box: tuple[PostBox, int], article_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Portal:  # fmt: skip
    """Give a portal that searches by words alone: what it does not know does not depend on a model."""
    return start_portal(
        articles=article_folder, index=tmp_path_factory.mktemp("words") / "index", embedding_model="none",
        tickets_per_sender=1000, helpdesk="smtp", helpdesk_address="desk@birkennetz.example",
        smtp_host="127.0.0.1", smtp_port=post_box[1], smtp_security="none", office_hours="Mo-So 00:00-24:00",
    )  # fmt: skip


def test_who_found_nothing_is_told_when_an_article_is_merged(
    person: Callable[..., Page], agent_at: Callable[..., Page], post_box: tuple[PostBox, int], article_folder: Path
) -> None:
    """Failed searches, a gap, a draft on a branch, a merge, one mail, and the same search succeeds."""
    customer = person(user_agent=PERSON)
    ask_to_be_told(customer)
    confirm(customer, post_box[0].wait(EMAIL, "/wishes/confirm_"))
    search(person(user_agent=f"{PERSON} other"), AGAIN)
    author = agent_at("third", "/desk/gaps")
    branch = begin_article(author)
    assert EMAIL not in git(article_folder, DAY, "show", branch)
    assert [text for text in post_box[0].texts(EMAIL) if "/articles/" in text] == []
    git(article_folder, DAY, "merge", "-q", branch)
    succeed(customer)
    mail = post_box[0].wait(EMAIL, "gibt es jetzt einen Artikel")
    (address,) = re.findall(r"http://\S+/articles/\S+", mail)
    customer.goto(address)
    expect(customer.get_by_role("heading", level=1)).to_contain_text("saugroboter")
    is_solved(author)
    hear_no_more(customer, mail)
    assert len(post_box[0].texts(EMAIL)) == 2


def search(page: Page, words: str) -> None:
    """Search and find nothing."""
    page.goto("/")
    page.locator("#q").fill(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dazu haben wir keinen passenden Artikel")


def ask_to_be_told(page: Page) -> None:
    """Leave an address below the search; the box is not ticked before."""
    search(page, QUESTION)
    page.get_by_label("Ihre E-Mail-Adresse").fill(EMAIL)
    expect(page.get_by_label("Sagen Sie mir Bescheid")).not_to_be_checked()
    page.get_by_label("Sagen Sie mir Bescheid").check()
    page.get_by_role("button", name="Bescheid geben lassen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sehen Sie in Ihr Postfach")


def confirm(page: Page, mail: str) -> None:
    """Follow the link of the first mail."""
    assert "saugroboter" not in mail
    page.goto(re.findall(r"http://\S+/wishes/confirm_\S+", mail)[0])
    page.get_by_role("button", name="Ja, Bescheid geben").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wir sagen Ihnen Bescheid")


def begin_article(page: Page) -> str:
    """Find both questions in one gap, make an article of it, and return the name of its branch."""
    gap = page.locator("li.gap", has_text=QUESTION)
    wait_for(page, lambda: gap.count() > 0 and AGAIN in (gap.first.text_content() or ""))
    gap.get_by_role("link", name="Entwurf anlegen").click()
    text = page.locator("#text")
    assert f"- {AGAIN}" in text.input_value()
    text.fill(text.input_value().replace("Die Schritte sind noch zu nennen.", STEPS))
    page.locator("#category").select_option(index=1)
    page.locator("button[value=branch]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Der Entwurf ist angelegt")
    return page.locator(".draft-made code").inner_text()


def succeed(page: Page) -> None:
    """Search the same until the new article is there."""
    page.goto(f"/search?q={QUESTION}")
    wait_for(page, lambda: page.locator("main a[href*='saugroboter'][href*='/articles/']").count() > 0)


def is_solved(page: Page) -> None:
    """Find the gap among the solved ones, with the article that answers."""
    page.goto("/desk/gaps")
    solved = page.locator("section", has=page.get_by_role("heading", name="Gelöst")).locator("li.gap")
    mine = solved.filter(has_text=QUESTION).locator("a[href*='/articles/']")
    wait_for(page, lambda: mine.count() > 0)


def hear_no_more(page: Page, mail: str) -> None:
    """Press the one button that the mail leads to."""
    page.goto(re.findall(r"http://\S+/wishes/stop_\S+", mail)[0])
    page.get_by_role("button", name="Keine solchen Mails mehr").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sie bekommen keine solchen Mails mehr")


def wait_for(page: Page, is_there: Callable[[], bool]) -> None:
    """Reload until it is there."""
    end = time.monotonic() + LIVE_SECONDS
    while not is_there():
        assert time.monotonic() < end, page.locator("main").inner_text()
        page.wait_for_timeout(500)
        page.reload()
