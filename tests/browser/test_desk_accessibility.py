"""Accessibility of the desk: axe finds nothing on any of its pages, light and dark, and nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest
from playwright.sync_api import Page, expect

from app.web.form_keys import FormKeys
from tests.browser.people import PASSWORD

if TYPE_CHECKING:
    from tests.browser.people import PostBox
    from tests.conftest import Portal

WIDTHS = (1280, 768, 360)
ASKED = {"name": "Anna Beispiel", "category": "software", "urgency": "high"}
TRAIL = '{"kind": "searched", "text": "programm startet nicht"}'
SUMMARY = "Bekannt: Druckt seit gestern nicht.\n\nVersucht:\n- nichts bekannt\n\nFrage: "
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


@dataclass(frozen=True)
class Scene:
    """Two tickets, one that is worked on and one that is solved, and what leads to them."""

    number: str
    page: str
    """Where the customer sees the ticket that is solved."""
    question: str
    """Where the mail leads that asks whether it is."""
    solved: str
    """The number of the ticket that is solved."""


def stay(page: Page) -> None:
    """Leave the page as it comes."""
    page.wait_for_load_state()


def search(page: Page) -> None:
    """Let an article stand beside its results."""
    page.locator("#call-q").fill("drucker offline")
    expect(page.locator("article[data-slug=drucker-offline]")).to_be_visible()


def search_and_write(page: Page) -> None:
    """Write notes beside the article, and open the boxes of a ticket for a higher level."""
    search(page)
    page.locator("#notes").fill("Druckt seit gestern nicht.")
    page.keyboard.press("Alt+e")
    expect(page.locator("#summary")).to_have_value(SUMMARY)


def help_keys(page: Page) -> None:
    """Show the keys over the article."""
    search(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def end(page: Page) -> None:
    """End a contact as solved."""
    search(page)
    page.locator("#notes").fill("Geht wieder.")
    page.keyboard.press("Alt+x")
    page.keyboard.press("s")
    expect(page.locator("[data-said]")).to_have_text("Kontakt beendet: Gelöst")


def open_blocks(page: Page) -> None:
    """Open what is folded, and look for an article to insert."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.locator("#find-article").fill("drucker offline")
    expect(page.locator("[data-found] button").first).to_be_visible()


def send_late(page: Page) -> None:
    """Answer a ticket that has changed since, so that the page comes back with the reason and the text."""
    page.locator("#reply [name=version]").evaluate("field => { field.value = '0'; }")
    page.locator("#reply-text").fill("Zu spät")
    page.get_by_role("button", name="Antwort senden").click()
    expect(page.get_by_role("alert")).to_be_visible()


def refuse(page: Page) -> None:
    """Try to sign in with a wrong password."""
    page.get_by_label("E-Mail-Adresse").fill("wer@example.org")
    page.get_by_label("Passwort").fill("falsch")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


def first_contact(page: Page) -> None:
    """Go on to the page of a contact."""
    page.goto("/desk/call")
    end(page)
    page.goto("/desk/contacts")
    page.locator(".desk-rows a").first.click()
    expect(page.locator("main[data-page=contact]")).to_be_visible()


@dataclass(frozen=True)
class Place:
    """A page in one of its states, for an agent of a role or for nobody who is known."""

    name: str
    path: str
    role: str = ""
    prepare: Callable[[Page], None] = stay


PLACES = (
    Place("sign-in", "/desk/sign-in"),
    Place("sign-in refused", "/desk/sign-in", "", refuse),
    Place("queue that is empty", "/desk/tickets?queue=mine", "third"),
    Place("queue that is full", "/desk/tickets?queue=all", "first"),
    Place("nothing found", "/desk/tickets?find=gibtesnicht", "first"),
    Place("ticket", "/desk/tickets/{number}", "second", open_blocks),
    Place("ticket that has changed", "/desk/tickets/{number}", "second", send_late),
    Place("call that begins", "/desk/call", "third"),
    Place("call with an article", "/desk/call", "first", search),
    Place("call that is escalated", "/desk/call", "second", search_and_write),
    Place("call with its keys", "/desk/call", "first", help_keys),
    Place("call that has ended", "/desk/call", "first", end),
    Place("contacts", "/desk/contacts", "first"),
    Place("no contacts", "/desk/contacts", "third"),
    Place("contact", "/desk/contacts", "first", first_contact),
    Place("gaps", "/desk/gaps", "second"),
    Place("translations", "/desk/translations", "author"),
    Place("what is live", "/desk/version", "author"),
    Place("past of an article", "/desk/articles/drucker-offline/history", "first"),
    Place("article from a ticket", "/desk/tickets/{solved}/article", "third"),
    Place("customer's ticket with the question", "{page}"),
    Place("question of the mail", "{question}"),
)


@pytest.fixture(scope="session")
def scene(desk_portal: Portal, staff: dict[str, str], post_box: tuple[PostBox, int]) -> Scene:
    """Give the tickets: the first with everything a page of the desk can show, the second solved."""
    with httpx.Client(base_url=desk_portal.address) as client:
        signed = client.post("/desk/sign-in", data={"email": staff["first"], "password": PASSWORD})
        client.headers["cookie"] = signed.headers["set-cookie"].split(";")[0]
        first, second = (send(client, desk_portal, text) for text in ("Es geht nicht auf.", "Es ruckelt."))
        told = post_box[0].wait(address(first), "Nummer")
        solved = post_box[0].wait(address(second), "Nummer")
        number, other = (text.split("[")[1].split("]")[0] for text in (told, solved))
        step(client, number, "notes", text="Profil geprüft, daran liegt es nicht.")
        step(client, number, "replies", text="Welche Version ist es?", then="open")
        step(client, number, "level", level="2", summary="Bekannt: 4.0. Frage: Was nun?")
        step(client, other, "replies", text="Bitte neu starten.", then="solved")
    link = post_box[0].wait(address(second), "/solutions/").split("/solutions/")[1].split()[0]
    return Scene(number, second, f"/solutions/{link}", other)


def address(page: str) -> str:
    """Return the customer's address, which is another one for each ticket."""
    return f"k{page[-6:].lower().strip('-_')}@example.org"


def send(client: httpx.Client, portal: Portal, text: str) -> str:
    """Send a ticket with a search and a picture, and return the address of its page."""
    secret = (portal.data / "secret").read_text(encoding="ascii")
    signed = FormKeys(secret, lambda: datetime.now(UTC) - timedelta(seconds=10)).new()
    page = f"/tickets/{signed.split('.')[0]}"
    fields = {**ASKED, "description": text, "email": address(page), "form_key": signed, "trail": TRAIL}
    answer = client.post("/tickets", data=fields, files={"attachment": ("bild.png", PICTURE, "image/png")})
    assert answer.headers["location"].startswith(page)
    return page


def step(client: httpx.Client, number: str, name: str, **fields: str) -> None:
    """Change a ticket as an agent who has just read it."""
    shown = client.get(f"/desk/tickets/{number}").text
    version = shown.split('name="version" value="')[1].split('"')[0]
    answer = client.post(f"/desk/tickets/{number}/{name}", data={"version": version, "key": name, **fields})
    assert answer.status_code == 303


@pytest.mark.parametrize("place", PLACES, ids=[place.name for place in PLACES])
def test_axe_finds_nothing_at_the_desk(
    person: Callable[..., Page], agent_at: Callable[..., Page], axe_faults: Callable[[Page], list[str]],
    scene: Scene, place: Place,
) -> None:  # fmt: skip
    """All rules, light and dark, wide, on a tablet and on a phone."""
    path = place.path.format(number=scene.number, page=scene.page, question=scene.question, solved=scene.solved)
    page = agent_at(place.role, "/desk/figures") if place.role else person()
    page.goto(path)
    place.prepare(page)
    assert axe_faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert axe_faults(page) == []
    root = "document.documentElement"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(f"[{root}.scrollWidth, {root}.clientWidth]") == [width, width]
    assert axe_faults(page) == []
