"""Keyboard only: every step of the way has a key, and one always sees where one is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

QUERY = "warteschlange unter windows leeren"
TICKET = re.compile(r"/tickets/(?!new)[\w-]+$")
MOST_TABS = 80
FOCUS = """() => {
  const at = document.activeElement;
  const near = [at, at.closest("label, form.search"), at.nextElementSibling].filter(Boolean);
  const ring = ({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  const box = at.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height, 40) / 2];
  const top = document.elementFromPoint(x, y);
  return {
    tag: at.tagName,
    words: at.outerHTML.slice(0, 120),
    ring: near.some((one) => ring(getComputedStyle(one))),
    seen: Boolean(top) && (at.contains(top) || top.contains(at) || near.some((one) => one.contains(top))),
  };
}"""


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until the focus is there; on the way it is never lost, unseen or below something else."""
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        focus = page.evaluate(FOCUS)
        assert focus["tag"] != "BODY", f"The focus was lost on the way to {selector}."
        assert focus["ring"], f"No ring around {focus['words']}"
        assert focus["seen"], f"Something lies over {focus['words']}"
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{MOST_TABS} times Tab do not lead to {selector}.")


def test_the_whole_way_works_with_keys_alone(
    visit: Callable[..., Page], wait_out_the_trap: Callable[[Page], None]
) -> None:
    """Search, article, steps, form, ticket, answer and solved, with Tab, Space, Enter and letters."""
    page = visit("/")
    search_by_keys(page)
    tick_by_keys(page)
    write_by_keys(page)
    wait_out_the_trap(page)
    page.keyboard.press("Enter")
    page.wait_for_url(TICKET)
    expect(page.locator(".ticket-sent-along li")).to_have_count(3)
    tab_to(page, "#text")
    page.keyboard.type("Es ist ein Laserdrucker.")
    tab_to(page, "button[data-send]")
    page.keyboard.press("Enter")
    expect(page.locator(".message-text").last).to_have_text("Es ist ein Laserdrucker.")
    tab_to(page, "button[name=solved]", "Shift+Tab")
    page.keyboard.press("Space")
    expect(page.locator("[aria-current=step]")).to_contain_text("Gelöst")


def search_by_keys(page: Page) -> None:
    """Escape closes the suggestions and keeps the words; the arrows bring them back."""
    page.keyboard.type(QUERY)
    expect(page.locator("#q-option-all")).to_have_attribute("href", re.compile("leeren"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator("#q")).to_have_value(QUERY)
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#q-option-all")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "q-option-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/druckauftrag-haengt**")


def tick_by_keys(page: Page) -> None:
    """Tick two steps and go on to the form; the link opened at a later step, so the first one is back from there."""
    tab_to(page, "input[name=step][value='1']", "Shift+Tab")
    page.keyboard.press("Space")
    tab_to(page, "input[name=step][value='2']")
    page.keyboard.press("Space")
    expect(page.locator("input[name=step]:checked")).to_have_count(2)
    tab_to(page, "#unsolved button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets/new**")


def write_by_keys(page: Page) -> None:
    """Fill in the form, pass the suggestions, untick the last step and stop at the button."""
    tab_to(page, "#description")
    with page.expect_response("**/tickets/suggestions?**"):
        page.keyboard.type("Mein Druckauftrag hängt in der Warteschlange.")
    tab_to(page, ".ticket-suggestion button")
    tab_to(page, "[data-trail] li:last-child input")
    page.keyboard.press("Space")
    tab_to(page, "#name")
    page.keyboard.type("Anna Beispiel")
    tab_to(page, "#email")
    page.keyboard.type("anna@example.org")
    tab_to(page, "button[data-send]")


def test_the_first_key_leads_past_the_head_of_the_page(visit: Callable[..., Page]) -> None:
    """The skip link is the first stop, and it brings the focus to the content."""
    page = visit("/articles/drucker-offline")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Zum Inhalt springen")).to_be_focused()
    expect(page.get_by_role("link", name="Zum Inhalt springen")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_slash_goes_to_the_search_but_not_while_typing(visit: Callable[..., Page]) -> None:
    """One key from anywhere; in a text it is a letter like others."""
    page = visit("/articles/drucker-offline")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("")
    page.goto("/tickets/new")
    page.get_by_label("Was ist los?").focus()
    page.keyboard.type("1/2")
    expect(page.get_by_label("Was ist los?")).to_have_value("1/2")


def test_focus_is_never_hidden_on_a_phone(visit: Callable[..., Page]) -> None:
    """What sticks to the lower edge of an article never lies over what has the focus."""
    page = visit("/articles/druckauftrag-haengt", viewport={"width": 360, "height": 640})
    tab_to(page, ".related a")
