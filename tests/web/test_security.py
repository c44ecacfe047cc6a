"""The guards: what is refused before it is read, and what every answer carries."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI, HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.testclient import TestClient

from app.database import StoreUnavailable
from app.web import errors, security
from app.web.headers import HEADERS
from app.web.limiter import Limiter, address_prefix
from app.web.limits import MAX_BODY, MAX_TICKET_BODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from app.web.pages import Parts


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    """Give a visitor of a tiny portal whose pages do what a test needs."""
    app = FastAPI(middleware=security.guards(parts, {"testserver", "hilfe.example"}))
    app.add_route("/take", take, methods=["POST"])
    app.add_route("/tickets", take, methods=["POST"])
    app.add_route("/break", broken)
    app.add_route("/tickets/secret-key", broken)
    app.add_route("/break-late", broken_late)
    app.add_route("/away", away)
    app.add_route("/busy", busy)
    app.add_route("/teapot", teapot)
    app.add_api_route("/number/{number}", number)
    errors.install(app, parts)
    with TestClient(app) as visitor:
        yield visitor


async def take(request: Request) -> Response:
    """Answer with the size of the body."""
    return PlainTextResponse(str(len(await request.body())))


def broken(_request: Request) -> Response:
    """Fail as no code should."""
    raise ZeroDivisionError


def broken_late(_request: Request) -> Response:
    """Fail after the answer has begun."""

    async def pieces() -> Any:
        yield b"begun"
        raise ZeroDivisionError

    return StreamingResponse(pieces())


def away(_request: Request) -> Response:
    """Fail because the database is away."""
    raise StoreUnavailable("disk full")


def busy(_request: Request) -> Response:
    """Refuse for a while."""
    raise HTTPException(429, headers={"Retry-After": "7"})


def teapot(_request: Request) -> Response:
    """Refuse with a status of which we have no text."""
    raise HTTPException(418)


def number(number: int) -> int:
    """Take a number."""
    return number


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    """Pages, refusals and failures alike."""
    for path in ("/number/1", "/nowhere", "/break"):
        headers = client.get(path).headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS
        assert len(headers["X-Request-ID"]) == 12


def test_the_policy_allows_nothing_inline_and_nothing_foreign(client: TestClient) -> None:
    """The content security policy is the strictest that our own files pass."""
    assert client.get("/nowhere").headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def test_a_mistake_of_ours_becomes_a_page_and_a_log_entry(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """The page shows the number under which the log has the cause, and nothing of the cause."""
    answer = client.get("/break")
    assert answer.status_code == 500
    assert "Da ist bei uns etwas schiefgegangen" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert answer.headers["X-Request-ID"] in caplog.text
    assert "ZeroDivision" in caplog.text
    assert "ZeroDivision" not in answer.text


def test_a_ticket_key_does_not_reach_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """The address of a ticket is its key."""
    caplog.set_level(logging.DEBUG, logger="app")
    assert client.get("/tickets/secret-key").status_code == 500
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("app")]
    assert ours
    assert "secret-key" not in "".join(ours)


def test_a_failure_within_an_answer_is_not_hidden(client: TestClient) -> None:
    """What has begun cannot become an error page: the connection breaks, and the server hears why."""
    with pytest.raises(ZeroDivisionError):
        client.get("/break-late")


def test_a_database_that_is_away_is_a_matter_of_waiting(client: TestClient) -> None:
    """The answer says that it is our fault, and when to come back."""
    answer = client.get("/away")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "In 30 Sekunden geht es weiter" in answer.text


def test_too_many_requests_say_how_long_to_wait(client: TestClient) -> None:
    """429 carries Retry-After, and the page says it in words."""
    answer = client.get("/busy")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert "In 7 Sekunden geht es weiter" in answer.text


def test_a_status_without_words_of_its_own_gets_the_general_ones(client: TestClient) -> None:
    """Any refusal has a page."""
    answer = client.get("/teapot")
    assert answer.status_code == 418
    assert "Diese Anfrage konnten wir nicht lesen" in answer.text


def test_a_wrong_parameter_is_a_page(client: TestClient) -> None:
    """What FastAPI refuses looks like all else."""
    answer = client.get("/number/x")
    assert answer.status_code == 422
    assert "Mit diesen Angaben kommen wir nicht weiter" in answer.text


def test_a_wrong_method_is_a_page_that_names_the_right_one(client: TestClient) -> None:
    """405 keeps its Allow header."""
    answer = client.get("/take")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "So lässt sich diese Seite nicht aufrufen" in answer.text


@pytest.mark.parametrize("host", ["evil.example", "", "testserver.evil.example", "evil.example:80"])
def test_a_foreign_host_is_refused(client: TestClient, host: str) -> None:
    """The portal answers to its own names only."""
    assert client.get("/number/1", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["testserver", "testserver:8000", "HILFE.example"])
def test_its_own_hosts_are_known_with_and_without_port(client: TestClient, host: str) -> None:
    """A port changes nothing, nor does case."""
    assert client.get("/number/1", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["[::1]", "[::1]:8000", "anything"])
def test_a_star_allows_any_host(parts: Parts, host: str) -> None:
    """Behind a proxy that checks the host, the portal need not."""
    app = FastAPI(middleware=security.guards(parts, {"*"}))
    app.add_api_route("/number/{number}", number)
    assert TestClient(app).get("/number/1", headers={"Host": host}).status_code == 200


def test_ipv6_hosts_are_compared_without_their_port(parts: Parts) -> None:
    """The colons of an address are not its port."""
    app = FastAPI(middleware=security.guards(parts, {"[::1]"}))
    app.add_api_route("/number/{number}", number)
    assert TestClient(app).get("/number/1", headers={"Host": "[::1]"}).status_code == 200
    assert TestClient(app).get("/number/1", headers={"Host": "[::1]:8000"}).status_code == 200


def test_a_long_address_is_refused(client: TestClient) -> None:
    """414 says to search with less text."""
    answer = client.get("/search", params={"q": "a" * 9_000})
    assert answer.status_code == 414
    assert "Diese Adresse ist zu lang" in answer.text
    assert "aaaa" not in answer.text


def test_large_headers_are_refused(client: TestClient) -> None:
    """431 says what usually helps."""
    answer = client.get("/number/1", headers={"X-Much": "a" * 20_000})
    assert answer.status_code == 431
    assert "private" in answer.text


def test_a_declared_body_is_refused_before_it_is_read(client: TestClient) -> None:
    """413 comes from the length header alone."""
    answer = client.post("/take", content=b"x", headers={"Content-Length": str(MAX_BODY + 1)})
    assert answer.status_code == 413
    assert "Das ist zu groß" in answer.text


def test_an_undeclared_body_is_refused_while_it_is_read(client: TestClient) -> None:
    """A body in pieces without a length is counted."""
    answer = client.post("/take", content=(b"x" * 1024 for _ in range(1025)))
    assert answer.status_code == 413


def test_a_body_at_the_limit_is_taken(client: TestClient) -> None:
    """One megabyte is not too much."""
    assert client.post("/take", content=b"x" * MAX_BODY).text == str(MAX_BODY)


def test_a_ticket_may_carry_an_attachment(client: TestClient) -> None:
    """POST /tickets takes eleven megabytes, and not one byte more."""
    assert client.post("/tickets", content=b"x" * MAX_TICKET_BODY).status_code == 200
    assert client.post("/tickets", content=b"x" * (MAX_TICKET_BODY + 1)).status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "https://testserver"}, 200),
        ({"Origin": "http://testserver:81"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
    ],
)
def test_a_change_is_taken_from_our_own_pages_only(client: TestClient, headers: dict[str, str], status: int) -> None:
    """Browsers say where a form stood; a program that says nothing is no victim of forgery."""
    assert client.post("/take", content=b"x", headers=headers).status_code == status


def test_reading_is_open_to_links_from_anywhere(client: TestClient) -> None:
    """A link on another site opens a page."""
    assert client.get("/number/1", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_errors_of_the_api_are_json(client: TestClient) -> None:
    """A program gets what it can read, with the number for the log."""
    answer = client.get("/api/nothing")
    assert answer.status_code == 404
    assert answer.json() == {
        "error": "This page does not exist. It may have moved, or a character is missing from the address. "
        "The search will help you find it.",
        "request_id": answer.headers["X-Request-ID"],
    }


@pytest.mark.parametrize(
    ("host", "prefix"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_is_known_by_its_neighbourhood(host: str, prefix: str) -> None:
    """Changing the last number of an address, or the lower half of an IPv6 one, gives no fresh start."""
    assert address_prefix(host) == prefix


def test_the_limiter_counts_neighbours_together_and_strangers_apart() -> None:
    """The third search of one neighbourhood is refused with the time to wait, another's first is not."""
    limiter = Limiter("secret", {"search": "2/minute"})
    for host in ("192.0.2.1", "192.0.2.2"):
        limiter.check("search", request_from(host))
    with pytest.raises(HTTPException) as refused:
        limiter.check("search", request_from("192.0.2.3"))
    assert refused.value.status_code == 429
    assert 1 <= int((refused.value.headers or {})["Retry-After"]) <= 60
    limiter.check("search", request_from("198.51.100.1"))


def test_a_sender_cannot_be_read_back() -> None:
    """It is equal for neighbours, differs by secret, and holds no address."""
    sender = Limiter("secret").sender(request_from("192.0.2.1"))
    assert sender == Limiter("secret").sender(request_from("192.0.2.200"))
    assert sender != Limiter("other").sender(request_from("192.0.2.1"))
    assert len(sender) == 32


def test_a_request_without_an_address_has_a_sender_too() -> None:
    """A socket file has no address."""
    assert Limiter("secret").sender(Request({"type": "http", "client": None}))


def test_lifespan_passes_the_guards(parts: Parts) -> None:
    """Start and stop are no requests and are not guarded."""
    with TestClient(FastAPI(middleware=security.guards(parts, {"testserver"}))) as visitor:
        assert visitor.get("/").status_code == 404


def request_from(host: str) -> Request:
    """Return a request that came from an address."""
    return Request({"type": "http", "client": (host, 50000), "headers": []})
