"""Files at the desk: saved as they came, looked at as they were drawn anew, and by nobody else."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.desk.agent import Role
from app.tickets.ticket import Attachment, Invalid, check_attachment, draft
from app.tickets.trail import Trail
from app.web import desk_files, desk_sign_in, desk_tickets, errors, security, tickets
from app.web.limiter import RATES, Limiter
from tests.tickets.images import BOMB, PLACE, POLYGLOT, SVG, TRUNCATED, image, photo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.tickets.ticket import Ticket
    from app.web.pages import Parts

PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
FIELDS = {"name": "Jana Roth", "email": "jana@example.org", "description": "Siehe Bild.", "category": "drucken"}
LOG = b"17:03 E_OUTOFMEMORY <script>alert(1)</script>\n"


@pytest.fixture
def parts(parts: Parts) -> Parts:
    """Give the parts, with an agent of the first level and an author."""
    parts.accounts.add("Mia Weber", "mia@example.org", Role.FIRST, PASSWORD)
    parts.accounts.add("Ada Blum", "ada@example.org", Role.AUTHOR, PASSWORD)
    return replace(parts, limiter=Limiter("secret", dict.fromkeys(RATES, "1000/minute")))


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    """Give the browser of the first level, signed in."""
    with browser(parts, "mia@example.org") as visitor:
        yield visitor


def browser(parts: Parts, email: str = "") -> TestClient:
    """Return the browser of an agent who has signed in, or of a stranger."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in (desk_sign_in, desk_tickets, desk_files, tickets):
        app.include_router(module.router(parts))
    errors.install(app, parts)
    visitor = TestClient(app, base_url="https://testserver", follow_redirects=False, headers={"Accept-Language": "de"})
    if email:
        visitor.post("/desk/sign-in", data={"email": email, "password": PASSWORD})
    return visitor


def ticket_with(parts: Parts, name: str, data: bytes, key: str = "key-of-jana") -> tuple[Ticket, str]:
    """Return a ticket with a file, and the file's address."""
    opened = parts.store.open_ticket(draft(FIELDS, Trail(()), check_attachment(name, data), key, "sender", "de"))
    kept = opened.messages[0].files[0]
    return opened, f"/desk/tickets/{opened.number}/files/{kept.id}"


def lose(parts: Parts) -> None:
    """Take the bytes of every file away."""
    for path in parts.store.files.iterdir():
        path.unlink()


# Saved


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [("fehler.log", LOG, "text/plain"), ("foto.jpg", photo(), "image/jpeg"), ("bild.png", POLYGLOT, "image/png"),
     ("vertrag.pdf", b"%PDF-1.7 <script>", "application/pdf")],
)  # fmt: skip
def test_a_file_is_saved_as_it_came(client: TestClient, parts: Parts, name: str, data: bytes, kind: str) -> None:
    """And a browser that shows it nevertheless lets nothing in it do anything."""
    answer = client.get(ticket_with(parts, name, data)[1])
    assert (answer.status_code, answer.content) == (200, data)
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}"')
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_name_is_no_header(client: TestClient, parts: Parts) -> None:
    """Umlauts come along, quotes and line ends do not."""
    file = Attachment('Fehler "groß"\r\nSet-Cookie: a=b;.png', "image/png", image())
    opened = parts.store.open_ticket(draft(FIELDS, Trail(()), file, "k", "sender", "de"))
    answer = client.get(f"/desk/tickets/{opened.number}/files/{opened.messages[0].files[0].id}")
    told = answer.headers["Content-Disposition"]
    assert told.startswith('attachment; filename="Fehler _gro__')
    assert "filename*=UTF-8''Fehler%20%22gro%C3%9F%22%0D%0ASet-Cookie%3A%20a%3Db%3B.png" in told
    assert "Set-Cookie" not in answer.headers


# Looked at


def test_an_image_is_shown_drawn_anew(client: TestClient, parts: Parts) -> None:
    """Without what was written beside it; nothing that came reaches the browser."""
    answer = client.get(ticket_with(parts, "foto.jpg", photo())[1] + "/image")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert answer.content.startswith(b"RIFF")
    assert PLACE.encode() not in answer.content
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize("data", [TRUNCATED, BOMB])
def test_an_image_that_cannot_be_drawn_says_so(client: TestClient, parts: Parts, data: bytes) -> None:
    """As a picture with words, in the language of the reader; it can be saved still."""
    address = ticket_with(parts, "foto", data)[1]
    answer = client.get(address + "/image")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "image/svg+xml")
    assert "Dieses Bild lässt sich nicht anzeigen" in answer.text
    assert "This picture cannot be shown" in client.get(address + "/image?lang=en").text
    assert client.get(address).content == data


def test_what_is_no_image_has_no_picture(client: TestClient, parts: Parts) -> None:
    """A log is saved, not looked at."""
    assert client.get(ticket_with(parts, "fehler.log", LOG)[1] + "/image").status_code == 404


def test_a_drawing_with_scripts_is_refused_as_ever() -> None:
    """SVG never becomes a file of a ticket."""
    with pytest.raises(Invalid):
        check_attachment("bild.svg", SVG)


# Gone, or somebody else's


def test_a_file_whose_bytes_are_lost_says_so(client: TestClient, parts: Parts) -> None:
    """With its name, what to do, and the way back to the ticket; the picture says so too."""
    opened, address = ticket_with(parts, "foto.jpg", photo())
    lose(parts)
    answer = client.get(address)
    assert answer.status_code == 404
    assert all(text in answer.text for text in ("Diese Datei ist nicht mehr lesbar", "foto.jpg", opened.number))
    assert "This file cannot be read any more" in client.get(address + "?lang=en").text
    assert "nicht anzeigen" in client.get(address + "/image").text
    assert client.get(f"/desk/tickets/{opened.number}").status_code == 200


def test_a_file_belongs_to_its_ticket_alone(client: TestClient, parts: Parts) -> None:
    """Under another number, or none, it is as unknown as one that never was."""
    _, address = ticket_with(parts, "foto.jpg", photo())
    other, _ = ticket_with(parts, "fehler.log", LOG, "another-key")
    for wrong in (other.number, "W-1999-000001"):
        moved = re.sub("W-[0-9-]+", wrong, address)
        assert [client.get(moved + end).status_code for end in ("", "/image")] == [404, 404]


@pytest.mark.parametrize("wrong", ["0", "999", "-1", "x", "1e3", "٣", "9" * 30, "1.0", "%00", "..%2f..%2fsecret"])
def test_an_id_that_there_is_not_is_not_found(client: TestClient, parts: Parts, wrong: str) -> None:
    """Whatever it is made of."""
    opened, _ = ticket_with(parts, "foto.jpg", photo())
    for end in ("", "/image"):
        assert client.get(f"/desk/tickets/{opened.number}/files/{wrong}{end}").status_code == 404


def test_who_does_not_answer_customers_sees_no_files(parts: Parts) -> None:
    """Authors are told that there is no such page; strangers are led to the form."""
    _, address = ticket_with(parts, "foto.jpg", photo())
    for end in ("", "/image"):
        with browser(parts, "ada@example.org") as author, browser(parts) as stranger:
            assert author.get(address + end).status_code == 404
            assert stranger.get(address + end).status_code == 303


def test_a_store_that_cannot_be_used_is_503(client: TestClient, parts: Parts) -> None:
    """As on every page."""
    _, address = ticket_with(parts, "foto.jpg", photo())
    from sqlalchemy import text

    with parts.accounts.engine.begin() as connection:
        connection.execute(text("DROP TABLE attachments"))
    answer = client.get(address)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


# On the page


def test_the_ticket_shows_images_small_and_offers_the_rest(client: TestClient, parts: Parts) -> None:
    """With name and size."""
    opened, address = ticket_with(parts, "foto.jpg", photo())
    page = unescape(client.get(f"/desk/tickets/{opened.number}").text)
    assert f'<a class="desk-file-look" href="{address}/image"><img src="{address}/image" alt="foto.jpg groß' in page
    assert f'href="{address}">Herunterladen' in page
    assert "1 KB" in page
    logged, address = ticket_with(parts, "fehler.log", LOG, "another-key")
    page = client.get(f"/desk/tickets/{logged.number}").text
    assert "<img" not in page
    assert f'href="{address}">Herunterladen' in page


def test_customers_see_the_names_of_their_files_and_nothing_new(client: TestClient, parts: Parts) -> None:
    """No address of the desk is on their page."""
    ticket_with(parts, "foto.jpg", photo())
    page = client.get("/tickets/key-of-jana").text
    assert "foto.jpg" in page
    assert "/files/" not in page
    assert "<img" not in page
