"""Searching: what is typed is understood while it is typed, and a result opens where it answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

LIST = """<div class="options" data-status="{status}">
{links}
</div>"""
LINK = '<a class="option" role="option" id="q-option-{at}" href="/articles/{slug}?q=a#{slug}" tabindex="-1">{slug}</a>'
ANNOUNCED = """() => {
  window.announced = [];
  const status = document.querySelector("[data-search-status]");
  new MutationObserver(() => window.announced.push(status.textContent)).observe(status, { childList: true });
}"""


def options(status: str, *slugs: str) -> str:
    """Return a panel as the server sends it."""
    return LIST.format(status=status, links="\n".join(LINK.format(at=at, slug=slug) for at, slug in enumerate(slugs)))


def is_quick(route: Route) -> bool:
    """Return whether words alone are asked for."""
    return "quick=1" in route.request.url


def test_a_result_opens_at_the_sentence_that_answers(visit: Callable[..., Page]) -> None:
    """Not at its heading only: on a phone, the sentence of a long article is in sight."""
    page = visit("/search?q=0x80070005", viewport={"width": 360, "height": 640})
    link = page.locator("#answer a, .alternatives h2 a").first
    expect(link).to_have_attribute("href", re.compile(":~:text="))
    sentence = page.locator(".line.is-answer .answering, .alternatives .answering").first.inner_text()
    link.click()
    page.wait_for_url("**/articles/**")
    expect(page.locator(".prose :is(p, li)", has_text=sentence).last).to_be_in_viewport()
    assert page.evaluate("scrollY") > 0


def test_a_completion_is_an_option_like_others(visit: Callable[..., Page]) -> None:
    """The arrow goes to it first, Enter searches for it."""
    page = visit("/")
    page.locator("#q").press_sequentially("drucker dru")
    completion = page.locator("#q-option-wording-1")
    expect(completion).to_be_visible()
    words = completion.inner_text()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "q-option-wording-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=drucker**")
    expect(page.locator("#q")).to_have_value(words)


def test_a_typed_mistake_is_put_right_and_the_way_back_leads_back(visit: Callable[..., Page]) -> None:
    """What was typed can still be searched for, and then nothing is put right."""
    page = visit("/search?q=druker+druckt+nicht")
    expect(page.locator(".wordings")).to_contain_text("Ergebnisse für drucker druckt nicht.")
    page.get_by_role("link", name="druker druckt nicht").click()
    page.wait_for_url("**exact=1**")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".wordings")).to_have_count(0)


def test_the_fuller_answer_keeps_what_was_chosen(visit: Callable[..., Page]) -> None:
    """It replaces that of words alone once typing pauses, and only then the list is announced, once."""
    page = visit("/")
    quick, full = options("quick", "one", "two"), options("full", "three", "two")
    waiting: list[Route] = []
    page.route("**/suggest?**", lambda route: route.fulfill(body=quick) if is_quick(route) else waiting.append(route))
    page.evaluate(ANNOUNCED)
    with page.expect_request(lambda request: "/suggest?" in request.url and "quick" not in request.url):
        page.locator("#q").fill("a b")
    expect(page.get_by_role("option")).to_have_text(["one", "two"])
    page.keyboard.press("ArrowUp")
    waiting[0].fulfill(body=full)
    expect(page.get_by_role("option")).to_have_text(["three", "two"])
    expect(page.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    assert page.evaluate("announced") == ["full"]


def test_an_older_answer_never_replaces_a_newer_one(visit: Callable[..., Page]) -> None:
    """One that comes too late is dropped, and so is one that comes after Escape."""
    page = visit("/")
    late: list[Route] = []
    page.route(
        "**/suggest?**",
        lambda route: late.append(route) if "q=old" in route.request.url else route.fulfill(body=options("", "new")),
    )
    with page.expect_request("**/suggest?q=old**"):
        page.locator("#q").fill("old")
    page.locator("#q").fill("new")
    expect(page.get_by_role("option")).to_have_text(["new"])
    for route in late:
        route.fulfill(body=options("", "old"))
    with page.expect_request("**/suggest?q=old**"):
        page.locator("#q").fill("old")
    page.keyboard.press("Escape")
    late[-1].fulfill(body=options("", "old"))
    page.wait_for_timeout(500)
    expect(page.locator("#q-panel")).to_be_hidden()
    expect(page.locator("#q-panel")).to_have_text("new")
