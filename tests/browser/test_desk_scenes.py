"""The seed scenes from both sides, each in a browser of its own, with keys alone, and with the mails that were sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.articles.test_history import git
from tests.browser.people import press, tab_to, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.people import PostBox

    Post = tuple[PostBox, int]
    Seat = Callable[..., Page]

PROGRAM = "programm-startet-nicht-nach-neuinstallation"
CRASH = "computer-stuerzt-immer-wieder-ab"
WEBSITE = "website-nicht-erreichbar-dns"
ROUTER = "router-leuchtet-kein-internet"
LOG = "12:00:01 INFO Start\n12:00:02 FATAL profil.dll 3.1 und profil.dll 4.0 sind beide geladen\n"
TICKET = re.compile(r"/tickets/(?!new)[\w-]+$")


# What a customer does.


def search_and_read(page: Page, words: str, slug: str) -> None:
    """Search, go to the article, and tick its first two steps."""
    page.goto("/")
    page.keyboard.type(words)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, f"main a[href*='/articles/{slug}']")
    tab_to(page, "input[name=step][value='1']")
    page.keyboard.press("Space")
    tab_to(page, "input[name=step][value='2']")
    page.keyboard.press("Space")
    expect(page.locator("input[name=step]:checked")).to_have_count(2)


def send_ticket(page: Page, text: str, email: str, wait: Callable[[Page], None], log: Path | None = None) -> str:
    """Go on from the article to the form, send it, and return the number of the ticket."""
    press(page, "#unsolved button")
    write(page, "#description", text)
    if log:
        page.once("filechooser", lambda chooser: chooser.set_files(log))
        tab_to(page, "#attachment")
        page.keyboard.press("Enter")
        expect(page.locator("[data-chosen]")).to_be_visible()
    write(page, "#name", "Anna Beispiel")
    write(page, "#email", email)
    tab_to(page, "button[data-send]")
    wait(page)
    page.keyboard.press("Enter")
    page.wait_for_url(TICKET)
    return page.locator(".ticket-number strong").inner_text()


def say(page: Page, text: str) -> None:
    """Write on the page of the ticket, which was kept open."""
    page.reload()
    write(page, "#text", text)
    press(page, "button[data-send]")
    expect(page.locator(".message-text").last).to_have_text(text)


def confirm(page: Page, mail: str) -> None:
    """Follow the link of a mail, give five points, and say that it is solved."""
    page.goto(re.findall(r"http://\S+/solutions/\S+", mail)[0])
    tab_to(page, "input[name=score]")
    page.keyboard.press("ArrowLeft")  # from the first one round to the last
    expect(page.get_by_label("5 sehr")).to_be_checked()
    press(page, "button[value=yes]")
    expect(page.get_by_role("heading", level=1)).to_have_text("Schön, dass es gelöst ist")


# What an agent does.


def open_from_queue(page: Page, queue: str, number: str) -> None:
    """Go to a queue, and from there to a ticket."""
    page.goto("/desk/tickets")
    press(page, f".desk-queues a[href*='queue={queue}']")
    press(page, f".desk-rows a[href*='{number}']")
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)


def take(page: Page) -> None:
    """Take the ticket that is on the screen."""
    press(page, "form[action*='/take'] button")
    expect(page.get_by_role("button", name="Wieder freigeben")).to_be_visible()


def answer(page: Page, text: str, then: str) -> None:
    """Answer the customer: `open`, `waiting` for what the customer says, or `solved`."""
    write(page, "#reply-text", text)
    press(page, f"#reply button[value={then}]")
    expect(page.locator("#messages .message-text").last).to_have_text(text)


def hand_over(page: Page, level: int, text: str) -> None:
    """Hand the ticket to another level, with what stands in the box already and some more."""
    tab_to(page, ".desk-side details summary")
    page.keyboard.press("Enter")
    tab_to(page, "#level")
    page.keyboard.type(f"Ebene {level}")
    expect(page.locator("#level")).to_have_value(str(level))
    write(page, "#summary", text)
    press(page, ".desk-side details form[action*='/level'] button")
    expect(page.locator(".desk-facts")).to_contain_text(f"Ebene {level}")


def summary_comes_first(page: Page, text: str) -> None:
    """Find what the level before says as the first thing on the page."""
    expect(page.locator(".desk-story > section").first).to_contain_text(text)


def begin_article(page: Page, number: str) -> str:
    """Begin an article from a solved ticket that asks for it, with one key, and return the name of its branch."""
    page.goto(f"/desk/tickets/{number}")
    expect(page.locator(".desk-begun")).to_contain_text("Machen Sie einen Artikel daraus.")
    with page.expect_navigation():
        page.keyboard.press("e")
    expect(page.locator("#text")).to_have_value(re.compile("^---\ntitle: "))
    press(page, "button[value=branch]")
    expect(page.get_by_role("heading", level=1)).to_have_text("Der Entwurf ist angelegt")
    return page.locator(".draft-made code").inner_text()


def talk(page: Page, words: str, slug: str, notes: str, email: str) -> None:
    """Search while the caller talks until the article is there, and note who it is and what is said."""
    page.keyboard.type(words)
    expect(page.locator(f"article[data-slug={slug}]")).to_be_visible()
    page.keyboard.press("Alt+n")
    page.keyboard.type(notes)
    write_before(page, "#email", email)
    write_before(page, "#caller", "Jana Roth")
    expect(page.locator("[data-save]")).to_have_text("Gespeichert")


def write_before(page: Page, selector: str, text: str) -> None:
    """Go back to a field and write."""
    tab_to(page, selector, "Shift+Tab")
    page.keyboard.type(text)


def escalate_call(page: Page, summary: str) -> str:
    """Hand the caller's case to the second level while the call goes on; return the number of the ticket."""
    page.keyboard.press("Alt+e")
    expect(page.locator("#summary")).to_have_value(re.compile("Bekannt: "))
    write(page, "#summary", summary)
    tab_to(page, "[data-panel=ticket] button[type=submit]:not([hidden])")
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_contain_text("Kontakt beendet: Eskaliert")
    return page.locator("[data-said] a").inner_text()


def test_a_program_that_does_not_start_is_solved_by_the_second_level(
    person: Seat, agent_at: Seat, post_box: Post, wait_out_the_trap: Callable[[Page], None], tmp_path: Path
) -> None:
    """First level asks and escalates, second level finds the conflict in the attached log, the customer confirms."""
    log, customer, email = tmp_path / "assistent.log", person(), "anna.programm@example.org"
    log.write_text(LOG, encoding="utf-8")
    search_and_read(customer, "programm startet nach neuinstallation nicht", PROGRAM)
    number = send_ticket(customer, "Der Assistent geht seit gestern nicht auf.", email, wait_out_the_trap, log)
    post_box[0].wait(email, f"Es hat die Nummer {number}.")

    first = agent_at("first")
    open_from_queue(first, "unassigned", number)
    expect(first.locator(".desk-story .trail")).to_contain_text("programm startet nach neuinstallation nicht")
    take(first)
    answer(first, "Welche Version steht unter Hilfe?", "waiting")
    post_box[0].wait(email, "Welche Version steht unter Hilfe?")
    say(customer, "Version 4.0, vorher war es 3.1.")
    first.reload()
    hand_over(first, 2, "Passen die beiden Versionen zusammen?")

    second = agent_at("second")
    open_from_queue(second, "level-2", number)
    summary_comes_first(second, "Passen die beiden Versionen zusammen?")
    take(second)
    tab_to(second, ".desk-file-save")
    with second.expect_download() as saved:
        second.keyboard.press("Enter")
    assert saved.value.path().read_text(encoding="utf-8") == LOG
    answer(second, "Zwei Fassungen von profil.dll stören sich. Löschen Sie den Ordner „Assistent 3“.", "solved")

    confirm(customer, post_box[0].wait(email, "Zwei Fassungen von profil.dll"))
    second.reload()
    expect(second.get_by_role("heading", level=1)).to_contain_text("Geschlossen")
    expect(second.locator(".desk-ratings")).to_contain_text("5 von 5")
    assert "4.0" not in post_box[0].texts(email)[0]


def test_repeated_crashes_reach_the_third_level_and_the_first_is_told(
    person: Seat, agent_at: Seat, post_box: Post, wait_out_the_trap: Callable[[Page], None], article_folder: Path
) -> None:
    """Each level finds the words of the one before on top; what was found becomes an article, and the first hears."""
    customer, email = person(), "anna.absturz@example.org"
    search_and_read(customer, "computer stürzt immer wieder ab", CRASH)
    number = send_ticket(customer, "Dreimal am Tag geht er aus.", email, wait_out_the_trap)
    first = agent_at("first")
    open_from_queue(first, "level-1", number)
    hand_over(first, 2, "Hardware oder Treiber?")
    second = agent_at("second")
    open_from_queue(second, "level-2", number)
    summary_comes_first(second, "Hardware oder Treiber?")
    hand_over(second, 3, "Treiber sind neu. WHEA 18 im Protokoll, was nun?")
    third = agent_at("third")
    open_from_queue(third, "level-3", number)
    summary_comes_first(third, "WHEA 18 im Protokoll, was nun?")
    take(third)
    hand_over(third, 1, "BIOS 1.8 behebt WHEA 18. Bitte dem Kunden den Weg nennen.")
    open_from_queue(first, "unassigned", number)
    summary_comes_first(first, "BIOS 1.8 behebt WHEA 18.")
    take(first)
    answer(first, "Bitte spielen Sie das BIOS 1.8 ein.", "solved")
    mail = post_box[0].wait(email, "Bitte spielen Sie das BIOS 1.8 ein.")
    assert "WHEA" not in "".join(post_box[0].texts(email))
    confirm(customer, mail)
    branch = begin_article(third, number)
    (path,) = git(article_folder, "2026-11-01", "diff", "--name-only", "main", branch).splitlines()
    text = git(article_folder, "2026-11-01", "show", f"{branch}:{path}")
    assert "- computer stürzt immer wieder ab" in text
    assert "BIOS 1.8 behebt WHEA 18" in text.split("::: intern")[1].split(":::")[0]
    assert not [word for word in ("Anna", "Beispiel", email) if word in text]
    first.reload()
    expect(first.locator(".desk-begun")).to_contain_text(f"{branch}, begonnen von Ruth Sommer")


def test_a_website_that_is_not_there_is_escalated_at_once(agent_at: Seat, person: Seat, post_box: Post) -> None:
    """From the call to the second level; the customer, who has no page of the ticket, is told by mail and confirms."""
    first, email = agent_at("first", "/desk/call"), "jana.website@example.org"
    talk(first, "website nicht erreichbar dns nxdomain", WEBSITE, "Der Shop ist seit heute früh weg.", email)
    number = escalate_call(first, "Bitte sofort die Zone ansehen.")
    second = agent_at("second")
    open_from_queue(second, "level-2", number)
    summary_comes_first(second, "Bitte sofort die Zone ansehen.")
    expect(second.locator(".desk-story .trail")).to_contain_text("website nicht erreichbar")
    take(second)
    answer(second, "Der A-Eintrag war gelöscht und ist wieder da.", "solved")
    confirm(person(), post_box[0].wait(email, "Der A-Eintrag war gelöscht"))


def test_a_router_is_replaced_by_a_date_that_second_level_promises_during_the_call(
    agent_at: Seat, post_box: Post
) -> None:
    """Second level answers while the caller waits; the mail names the day, and the call back stands in a contact."""
    first, email = agent_at("first", "/desk/call"), "jana.router@example.org"
    day = f"{datetime.now(UTC) + timedelta(days=3):%d.%m.%Y}"
    talk(first, "router leuchtet aber kein internet", ROUTER, "Auch nach dem Neustart geht nichts.", email)
    number = escalate_call(first, "Ist das Gerät defekt? Der Kunde ist am Apparat.")
    second = agent_at("second")
    open_from_queue(second, "level-2", number)
    take(second)
    answer(second, f"Der Router ist defekt. Ein neuer kommt bis zum {day}.", "waiting")
    post_box[0].wait(email, f"Ein neuer kommt bis zum {day}.")
    tab_to(first, "#notes", "Shift+Tab")
    first.keyboard.type(f"{number}: Am {day} anrufen, ob der neue Router läuft.")
    expect(first.locator("[data-save]")).to_have_text("Gespeichert")
    first.keyboard.press("Alt+x")
    first.keyboard.press("r")
    expect(first.locator("#callback")).to_be_focused()
    first.keyboard.press("Enter")
    expect(first.locator("[data-said]")).to_contain_text("Kontakt beendet: Rückruf")
    first.goto(f"/desk/tickets/{number}")
    expect(first.get_by_role("heading", level=1)).to_contain_text("Wartet auf Kunden")
    first.goto("/desk/contacts")
    row = first.locator(".desk-rows tr", has_text=f"{number}: Am {day}")
    expect(row).to_contain_text("Rückruf")
