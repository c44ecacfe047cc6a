"""The door of the desk: who is let in, who is not, and what each of them learns."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from html import unescape
from typing import TYPE_CHECKING, ClassVar

import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from app.database import StoreUnavailable
from app.desk import access
from app.desk.access import ACCESS, may
from app.desk.accounts import Accounts
from app.desk.agent import Agent, Role
from app.main import PAGES, WEB
from app.web import errors, security
from app.web.desk import DeskRoutes, desk_agent, desk_cookie
from app.web.desk_sign_in import next_address
from app.web.forms import read_form
from app.web.limiter import RATES, Limiter
from app.web.pages import PRIVATE, Templates
from app.web.statics import Statics
from app.web.words import read_words
from tests.web.conftest import SITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response as Answer

    from app.web.pages import Parts
    from tests.conftest import Clock

EMAIL = "mia@example.org"
PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
OTHER = "ein anderes Passwort"
FORM = {"email": EMAIL, "password": PASSWORD}
WRONG = "Die E-Mail-Adresse oder das Passwort stimmt nicht."
OPEN = {"/desk/sign-in", "/desk/sign-in/provider", "/desk/sign-in/return", "/desk/sign-out"}
"""What can be used without a session."""


@dataclass(frozen=True, slots=True)
class ProbePage:
    """A page of the desk that shows nothing but its frame."""

    template: ClassVar[str] = "probe.html"
    agent: Agent


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Give the templates, with a page of the desk to look at."""
    folder = tmp_path_factory.mktemp("probe") / "templates"
    shutil.copytree(WEB / "templates", folder)
    probe = '{% extends "desk_base.html" %}{% set agent = page.agent %}{% block content %}<h1>Probe</h1>{% endblock %}'
    (folder / "probe.html").write_text(probe)
    return Templates(folder, SITE, Statics(WEB / "static"), read_words(WEB / "locale"))


@pytest.fixture
def parts(parts: Parts, templates: Templates) -> Parts:
    """Give the parts, patient with tests that sign in often, and with a page of the desk to look at."""
    return replace(parts, templates=templates, limiter=Limiter("secret", dict.fromkeys(RATES, "1000/minute")))


@pytest.fixture(autouse=True)
def mia(parts: Parts) -> Agent:
    """Give an agent of the first level."""
    return parts.accounts.add("Mia Weber", EMAIL, Role.FIRST, PASSWORD)


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    """Give a browser in front of the desk."""
    with browser(parts) as visitor:
        yield visitor


def browser(parts: Parts) -> TestClient:
    """Return a browser in front of a portal of these parts."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"testserver"}))
    for module in PAGES:
        app.include_router(module.router(parts))
    app.include_router(probes(parts))
    errors.install(app, parts)
    return TestClient(app, base_url="https://testserver", follow_redirects=False, headers={"Accept-Language": "de"})


def probes(parts: Parts) -> APIRouter:
    """Return three more routes of a desk: a page, a change, and a page that no table knows."""
    routes = APIRouter()
    desk = DeskRoutes(parts, routes)

    def show(request: Request, agent: Agent) -> Response:
        return parts.show(request, ProbePage(agent), headers=PRIVATE)

    async def change(request: Request, agent: Agent) -> Response:
        return Response(f"{agent.name}: {(await read_form(request)).one('text')}")

    desk.add_route("/desk/probe", show)
    desk.add_route("/desk/probe/{number}", change, methods=("POST",))
    desk.add_route("/desk/forgotten", show)
    return routes


@pytest.fixture(autouse=True)
def probed_access(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only the first level use the page, and only administrators the change."""
    more = {"/desk/probe": frozenset({Role.FIRST}), "/desk/probe/{number}": frozenset({Role.ADMINISTRATOR})}
    monkeypatch.setattr(access, "ACCESS", {**ACCESS, **more})


def sign_in(client: TestClient, **changes: str) -> Answer:
    """Send the form as it was filled in, with some fields changed."""
    return client.post("/desk/sign-in", data={**FORM, **changes})


def token_in(answer: Answer) -> str:
    """Return the token that an answer gives the browser."""
    found = re.match("__Host-desk=([^;]+);", answer.headers["Set-Cookie"])
    assert found
    return found[1]


def without_number(page: str) -> str:
    """Return a page without the number of its request, which is never the same."""
    return re.sub(r"<code>.*?</code>", "", page)


# The table


def desk_routes(parts: Parts) -> set[tuple[str, str]]:
    """Return path and method of every route of the portal below /desk."""
    routes = (route for module in PAGES for route in module.router(parts).routes if isinstance(route, BaseRoute))
    found = ((getattr(route, "path", ""), getattr(route, "methods", None) or ()) for route in routes)
    return {(path, method) for path, methods in found for method in methods if f"{path}/".startswith("/desk/")}


def test_every_route_of_the_desk_is_in_the_table_and_the_other_way_round(parts: Parts) -> None:
    """A new page needs a line that says whom it is for; a line without a page is a leftover."""
    assert {path for path, _method in desk_routes(parts)} == set(ACCESS)


def test_no_route_of_the_desk_answers_strangers(client: TestClient, parts: Parts) -> None:
    """But the form to sign in and the way out: pages lead to the form, changes are refused.

    The feed of gaps is for programs that cannot sign in: without the key of an agent there is none.
    """
    for path, method in sorted(desk_routes(parts)):
        status = client.request(method, re.sub(r"{[^}]*}", "1", path)).status_code
        refused = 404 if path == "/desk/gaps.xml" else 303
        assert path in OPEN or status == (refused if method in {"GET", "HEAD"} else 401)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", ACCESS)
def test_each_role_is_let_in_where_the_table_says(parts: Parts, route: str, role: Role) -> None:
    """Everywhere else the page does not exist for it."""
    parts.accounts.add("Max", "max@example.org", role, PASSWORD)
    opened = parts.accounts.sign_in("max@example.org", PASSWORD)
    assert opened
    request = request_with(f"__Host-desk={opened[0]}")
    if may(role, route):
        assert desk_agent(parts, request, route) == opened[1]
    else:
        with pytest.raises(HTTPException) as caught:
            desk_agent(parts, request, route)
        assert caught.value.status_code == 404


def request_with(cookie: str) -> Request:
    """Return a request for a page with a cookie."""
    headers = [(b"cookie", cookie.encode())]
    return Request({"type": "http", "method": "GET", "path": "/desk", "query_string": b"", "headers": headers})


@pytest.mark.parametrize(("method", "path"), [("GET", "/desk/forgotten"), ("POST", "/desk/probe/7")])
def test_what_a_role_may_not_use_is_missing_byte_by_byte(client: TestClient, method: str, path: str) -> None:
    """Nobody learns what there is for others; a route that no table knows is for nobody."""
    sign_in(client)
    hidden, missing = client.request(method, path), client.request(method, "/desk/nowhere")
    assert hidden.status_code == missing.status_code == 404
    assert without_number(hidden.text) == without_number(missing.text)
    assert {name for name in hidden.headers if name != "x-request-id"} == {
        name for name in missing.headers if name != "x-request-id"
    }


# The way in


def test_the_right_password_opens_the_desk(client: TestClient) -> None:
    """With the name of the agent and the way out on each page."""
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    page = client.get("/desk/probe").text
    assert "Mia Weber" in page
    assert '<form class="desk-agent" action="/desk/sign-out" method="post">' in page
    assert client.get("/desk").headers["Location"] == "/desk/tickets"


def test_the_cookie_is_for_this_host_and_for_no_script(client: TestClient) -> None:
    """And goes with the browser: it has no date."""
    rest = sign_in(client).headers["Set-Cookie"].partition("; ")[2]
    assert {part.lower() for part in rest.split("; ")} == {"httponly", "path=/", "samesite=lax", "secure"}


@pytest.mark.parametrize(
    ("base_url", "name", "secure"),
    [
        ("https://hilfe.example", "__Host-desk", True),
        ("http://127.0.0.1:8000", "__Host-desk", True),
        ("http://localhost:8000", "__Host-desk", True),
        ("http://[::1]:8000", "__Host-desk", True),
        ("http://192.0.2.1:8000", "desk", False),
        ("http://localhost.example", "desk", False),
    ],
)
def test_the_cookie_is_one_that_browsers_keep(base_url: str, name: str, secure: bool) -> None:  # noqa: FBT001 - a table
    """They drop a secure one over plain HTTP, but from the machine itself."""
    cookie = desk_cookie(base_url)
    assert (cookie.name, cookie.secure) == (name, secure)


@pytest.mark.parametrize(
    "changes", [{"password": OTHER}, {"email": "max@example.org"}, {"email": ""}, {"password": ""}]
)
def test_every_failure_looks_the_same(client: TestClient, changes: dict[str, str]) -> None:
    """One sentence for all reasons; the address comes back, the password does not."""
    answer = sign_in(client, **changes)
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert f'value="{changes.get("email", EMAIL)}"' in answer.text
    assert PASSWORD not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_disabled_agent_is_told_no_more_than_a_stranger(client: TestClient, parts: Parts) -> None:
    """And is out at once where signed in before."""
    sign_in(client)
    parts.accounts.disable(EMAIL)
    assert client.get("/desk/probe").status_code == 303
    assert WRONG in sign_in(client).text


def test_what_was_typed_is_text(client: TestClient) -> None:
    """And never markup."""
    assert "<b>" not in sign_in(client, email='"><b>x').text


def test_a_browser_gets_a_new_session_and_its_old_one_ends(client: TestClient, parts: Parts) -> None:
    """A token that somebody planted or found is worth nothing after a sign-in."""
    first, second = token_in(sign_in(client)), token_in(sign_in(client))
    assert first != second
    assert parts.accounts.agent_of(first) is None
    assert parts.accounts.agent_of(second)


def test_who_is_signed_in_needs_no_form(client: TestClient) -> None:
    """It leads on."""
    sign_in(client)
    assert client.get("/desk/sign-in").headers["Location"] == "/desk"
    assert client.get("/desk/sign-in?next=/desk/probe").headers["Location"] == "/desk/probe"


# The way back


def test_a_page_that_needs_a_session_comes_after_the_form(client: TestClient) -> None:
    """With all of its address, through a failure too."""
    wanted = "/desk/probe?state=open&lang=en"
    form = client.get(client.get(wanted).headers["Location"])
    assert f'name="next" value="{wanted}"' in unescape(form.text)
    assert f'name="next" value="{wanted}"' in unescape(sign_in(client, next=wanted, password=OTHER).text)
    assert sign_in(client, next=wanted).headers["Location"] == wanted


@pytest.mark.parametrize(
    "address", ["/desk", "/desk?lang=en", "/desk/tickets", "/desk/tickets/W-2026-000001?a=%20b/../c:d"]
)
def test_a_sign_in_leads_to_any_place_of_the_desk(address: str) -> None:
    """Just as it was asked for."""
    assert next_address(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "/", "/tickets", "/deskx", "desk", "//evil.example", "//desk/x", "/desk//evil.example",
     "https://evil.example/desk",
     "/desk/../tickets", "/desk/%2e%2e/tickets", "/desk/..\\x", "\\desk", "/desk\\@evil.example", "/desk@evil.example",
     "/desk\r\nSet-Cookie: a=b", "/desk/ü", "/desk/\n",
     "/desk/sign-in", "/desk/sign-in?next=/desk", "/desk/" + "x" * 2000],
)  # fmt: skip
def test_a_sign_in_leads_nowhere_else(address: str) -> None:
    """No link of a stranger makes use of it."""
    assert next_address(address) == ""


def test_a_change_without_a_session_is_not_lost(client: TestClient) -> None:
    """The page says how it is sent once more after signing in."""
    answer = client.post("/desk/probe/7", data={"text": "long"})
    assert answer.status_code == 401
    assert "Sie sind nicht mehr angemeldet" in answer.text
    assert 'href="/desk/sign-in" target="_blank"' in answer.text


def test_a_change_reaches_its_endpoint_with_the_agent(client: TestClient, parts: Parts) -> None:
    """And with its form."""
    parts.accounts.add("Ada", "ada@example.org", Role.ADMINISTRATOR, PASSWORD)
    sign_in(client, email="ada@example.org")
    assert client.post("/desk/probe/7", data={"text": "done"}).text == "Ada: done"


# The way out


def test_signing_out_ends_the_session_and_takes_the_cookie(client: TestClient, parts: Parts) -> None:
    """Somebody who kept the token has nothing."""
    token = token_in(sign_in(client))
    answer = client.post("/desk/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/sign-in")
    assert 'desk=""; ' in answer.headers["Set-Cookie"]
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert parts.accounts.agent_of(token) is None
    assert client.get("/desk/probe").status_code == 303


def test_no_other_site_signs_anybody_in_or_out(client: TestClient, parts: Parts) -> None:
    """As with every change."""
    token = token_in(sign_in(client))
    for path in ("/desk/sign-in", "/desk/sign-out"):
        assert client.post(path, data=FORM, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert parts.accounts.agent_of(token)


# What goes with every answer


def test_nobody_keeps_a_page_of_the_desk_and_nobody_finds_it(client: TestClient) -> None:
    """Neither pages nor what leads to them."""
    before = [client.get("/desk"), client.get("/desk/sign-in"), sign_in(client, password=OTHER), sign_in(client)]
    for answer in (*before, client.get("/desk"), client.get("/desk/probe"), client.post("/desk/sign-out")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"


def test_the_desk_promises_no_page_without_cookies(client: TestClient) -> None:
    """And runs none of the scripts that remember what customers read."""
    page = client.get("/desk/sign-in").text
    assert "Cookies" not in page
    assert "<script" not in page


def test_the_desk_speaks_english(client: TestClient) -> None:
    """And says what went wrong in it; the switch of a form that came back leads to the form."""
    assert "<h1>Sign in</h1>" in client.get("/desk/sign-in?lang=en").text
    page = unescape(client.post("/desk/sign-in?lang=en", data={**FORM, "password": "", "next": "/desk/probe"}).text)
    assert "The email address or the password is not right." in page
    assert 'href="/desk/sign-in?next=%2Fdesk%2Fprobe&lang=de"' in page


# What is refused for a while


@pytest.mark.parametrize("kind", ["sign-in", "sign-in of all"])
def test_too_many_sign_ins_have_to_wait(parts: Parts, kind: str) -> None:
    """From one neighbourhood and in all, even with the right password; the address comes back."""
    limiter = Limiter("secret", {**dict.fromkeys(RATES, "1000/minute"), kind: "2/minute"})
    with browser(replace(parts, limiter=limiter)) as client:
        sign_in(client, password=OTHER)
        sign_in(client, password=OTHER)
        answer = sign_in(client)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "Bitte warten Sie eine Minute." in answer.text
    assert f'value="{EMAIL}"' in answer.text


def test_neighbourhoods_are_counted_together() -> None:
    """Who has many addresses does not have many tries."""
    limiter = Limiter("secret", {"all": "1/minute"})
    limiter.check_all("all")
    with pytest.raises(HTTPException):
        limiter.check_all("all")


def test_without_a_database_the_form_comes_back(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the address that was typed, and when to try again."""

    def fail(*_given: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(Accounts, "sign_in", fail)
    with browser(parts) as client:
        answer = sign_in(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "120")
    assert "Wir können Sie im Moment nicht anmelden." in answer.text
    assert f'value="{EMAIL}"' in answer.text


def test_a_session_ends_by_itself(client: TestClient, clock: Clock) -> None:
    """The next page leads to the form."""
    sign_in(client)
    clock.move(hours=12, seconds=1)
    assert client.get("/desk/probe").headers["Location"] == "/desk/sign-in?next=%2Fdesk%2Fprobe"
