"""The ticket form: nothing is sent twice, nothing that was written is lost, and the best ticket is none."""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import FilePayload, Page

    from tests.conftest import Portal

TICKET = re.compile(r"/tickets/(?!new)[\w-]+$")
QUESTION = "Mein Druckauftrag hängt in der Warteschlange und lässt sich nicht löschen."
SLUG = "druckauftrag-haengt"


def picture() -> bytes:
    """Return a PNG of one grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\x00\x80")), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def put_key(page: Page, key: str) -> None:
    """Give the form another key."""
    page.locator("[name=form_key]").evaluate("(field, key) => { field.value = key; }", key)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_click_is_one_ticket(
    visit: Callable[..., Page],
    fill_in: Callable[[Page, str], None],
    wait_out_the_trap: Callable[[Page], None],
    count: Callable[..., int],
    *,
    scripts: bool,
) -> None:
    """Two quick clicks on the button lead to one page with one message."""
    text = f"Doppelt geklickt {uuid4()}"
    page = visit("/tickets/new", java_script_enabled=scripts)
    fill_in(page, text)
    wait_out_the_trap(page)
    page.get_by_role("button", name="Ticket absenden").dblclick()
    expect(page).to_have_url(TICKET)
    expect(page.locator(".message-text")).to_have_text([text])
    assert count("messages", "text", text) == 1


@pytest.mark.parametrize(
    ("age", "says"),
    [
        ({"hours": 13}, "Das Formular war sehr lange offen."),
        ({"minutes": -1}, "Das ging ungewöhnlich schnell."),
        (None, "Das Formular ist nicht vollständig bei uns angekommen."),
    ],
    ids=["expired", "too fast", "forged"],
)
def test_a_key_that_is_no_good_costs_no_text(
    visit: Callable[..., Page],
    fill_in: Callable[[Page, str], None],
    form_key: Callable[..., str],
    age: dict[str, int] | None,
    says: str,
) -> None:
    """The form comes back with everything in it, with the reason on top."""
    page = visit("/tickets/new")
    fill_in(page, f"Bitte nicht verlieren. {says}")
    put_key(page, "gefälscht.abc.def" if age is None else form_key(**age))
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page.get_by_role("alert")).to_contain_text(says)
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Was ist los?")).to_have_value(f"Bitte nicht verlieren. {says}")
    expect(page.get_by_label("Ihr Name")).to_have_value("Anna Beispiel")


def test_a_form_that_came_back_can_be_sent(
    visit: Callable[..., Page],
    fill_in: Callable[[Page, str], None],
    form_key: Callable[..., str],
    wait_out_the_trap: Callable[[Page], None],
) -> None:
    """It has a fresh key: after the three seconds the next click makes the ticket."""
    page = visit("/tickets/new")
    fill_in(page, "Über Nacht offen gelassen.")
    put_key(page, form_key(hours=13))
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page.get_by_role("alert")).to_be_focused()
    wait_out_the_trap(page)
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page).to_have_url(TICKET)
    expect(page.locator(".message-text")).to_have_text(["Über Nacht offen gelassen."])


def test_a_reload_keeps_the_draft(visit: Callable[..., Page], fill_in: Callable[[Page, str], None]) -> None:
    """Text, choices and what was unticked are there again, in this tab only."""
    page = visit("/articles/drucker-offline")
    page.goto("/tickets/new")
    fill_in(page, "Noch nicht fertig")
    page.get_by_label("Es geht nichts mehr").check()
    page.get_by_label("Worum geht es?").select_option("geraete-drucken")
    page.locator("[data-trail] input").uncheck()
    page.reload()
    expect(page.get_by_label("Was ist los?")).to_have_value("Noch nicht fertig")
    expect(page.get_by_label("Ihr Name")).to_have_value("Anna Beispiel")
    expect(page.get_by_label("Es geht nichts mehr")).to_be_checked()
    expect(page.get_by_label("Worum geht es?")).to_have_value("geraete-drucken")
    expect(page.locator("[data-trail] input")).not_to_be_checked()
    expect(visit("/tickets/new").get_by_label("Was ist los?")).to_have_value("")


def test_a_ticket_tells_its_own_address(
    visit: Callable[..., Page], portal: Portal, form_key: Callable[..., str], fill_in: Callable[[Page, str], None]
) -> None:
    """What is copied and kept as a bookmark leads back here."""
    page = visit("/tickets/new")
    fill_in(page, "Wo finde ich das wieder?")
    put_key(page, form_key(seconds=10))
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page).to_have_url(TICKET)
    assert page.get_by_label("Adresse dieser Seite").input_value().startswith(portal.address)


def test_what_is_missing_is_said_before_sending(
    visit: Callable[..., Page], fill_in: Callable[[Page, str], None]
) -> None:
    """The summary has the focus and leads to the field, and nothing went to the server."""
    page = visit("/tickets/new")
    fill_in(page, "Ohne Adresse")
    page.get_by_label("Ihre E-Mail-Adresse").fill("anna")
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link", name=re.compile("name@beispiel.de")).click()
    expect(page.get_by_label("Ihre E-Mail-Adresse")).to_be_focused()
    assert page.url.endswith("/tickets/new#email")


def test_a_file_that_is_too_large_is_refused_before_sending(
    visit: Callable[..., Page],
    fill_in: Callable[[Page, str], None],
    wait_out_the_trap: Callable[[Page], None],
    tmp_path: Path,
) -> None:
    """It is said at once, the rest stays, and without the file the ticket goes."""
    page = visit("/tickets/new")
    fill_in(page, "Mit großem Protokoll")
    large = tmp_path / "alles.log"
    large.write_bytes(b"x" * (11 * 1024 * 1024))
    page.get_by_label("Bild oder Protokoll").set_input_files(large)
    expect(page.locator("#attachment-error")).to_contain_text("Die Datei ist mit 11 MB zu groß.")
    wait_out_the_trap(page)
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page.get_by_label("Bild oder Protokoll")).to_be_focused()
    expect(page.get_by_label("Was ist los?")).to_have_value("Mit großem Protokoll")
    page.get_by_role("button", name="Datei entfernen").click()
    expect(page.locator("#attachment-error")).to_have_text("")
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page).to_have_url(TICKET)


def test_a_picture_goes_along(
    visit: Callable[..., Page], fill_in: Callable[[Page, str], None], wait_out_the_trap: Callable[[Page], None]
) -> None:
    """It is listed with its size, in the form and on the page of the ticket."""
    page = visit("/tickets/new")
    fill_in(page, "Siehe Bild")
    file: FilePayload = {"name": "fehler.png", "mimeType": "image/png", "buffer": picture()}
    page.get_by_label("Bild oder Protokoll").set_input_files(file)
    expect(page.locator("[data-chosen]")).to_contain_text("Größe: 0,1 kB")
    wait_out_the_trap(page)
    page.get_by_role("button", name="Ticket absenden").click()
    expect(page.locator(".message-file")).to_have_text("Anhang: fehler.png (1 KB)")


def test_an_article_that_was_read_is_not_suggested(visit: Callable[..., Page]) -> None:
    """It comes first for who has not read it, and not at all for who has."""
    page = visit("/tickets/new")
    page.get_by_label("Was ist los?").fill(QUESTION)
    expect(page.locator(f".ticket-suggestion a[href*='{SLUG}']")).to_be_visible()
    page.goto(f"/articles/{SLUG}")
    page.goto("/tickets/new")
    expect(page.locator(".ticket-suggestion")).not_to_have_count(0)
    expect(page.locator(f".ticket-suggestion a[href*='{SLUG}']")).to_have_count(0)


def test_an_article_that_solves_it_closes_the_form_and_is_counted(
    visit: Callable[..., Page], count: Callable[..., int]
) -> None:
    """Nothing is sent, draft and trail are gone, and the front page says what helped."""
    before = count("solutions", "slug", SLUG)
    page = visit("/search?q=drucker")
    page.goto("/tickets/new")
    page.get_by_label("Was ist los?").fill(QUESTION)
    page.locator(".ticket-suggestion", has=page.locator(f"a[href*='{SLUG}']")).get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Schön, dass es wieder geht.")
    assert count("solutions", "slug", SLUG) == before + 1
    page.goto("/tickets/new")
    expect(page.get_by_label("Was ist los?")).to_have_value("")
    expect(page.locator("[data-trail] li")).to_have_count(0)
    page.goto("/")
    often = page.get_by_role("region", name="Diese Woche oft gelöst")
    expect(often.get_by_role("link", name="Druckauftrag hängt in der Warteschlange")).to_be_visible()
