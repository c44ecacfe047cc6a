"""Single sign-on: to a real provider and back, and everything that must not let anybody in."""

from __future__ import annotations

import hmac
import json
import re
import socket
import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.testclient import TestClient

from app.desk import provider as module
from app.desk.agent import Agent, Role
from app.desk.gate import MAX_ANSWER
from app.desk.provider import Provider, Registration
from app.main import single_sign_on_of
from app.settings import Settings
from app.web import desk_sign_in, desk_single_sign_on, desk_tickets, errors, security
from app.web.desk_single_sign_on import DOWN, LOST, NO_ACCOUNT, REFUSED, UNVERIFIED
from app.web.limiter import RATES, Limiter
from app.web.trips import SingleSignOn, Trips
from tests.web.sign_in_provider import CLIENT_ID, RETURN, SECRET, SignInProvider, new_key, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response as Answer
    from joserfc.jwk import RSAKey
    from starlette.responses import Response

    from app.web.pages import Parts
    from tests.conftest import Clock

EMAIL = "mia@example.org"
DISCOVERY = "/.well-known/openid-configuration"
PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example


@pytest.fixture(scope="module")
def keys() -> tuple[RSAKey, RSAKey]:
    """Give the provider's key, and another one."""
    return new_key("one"), new_key("two")


@pytest.fixture
def provider(keys: tuple[RSAKey, RSAKey], clock: Clock) -> Iterator[SignInProvider]:
    """Give a provider that runs."""
    with running(SignInProvider(clock, keys[0])) as provider:
        yield provider


@pytest.fixture
def parts(parts: Parts, provider: SignInProvider) -> Parts:
    """Give the parts of a portal that the provider knows."""
    return replace(parts, single_sign_on=sign_on(parts, provider.address), limiter=patient())


@pytest.fixture(autouse=True)
def mia(parts: Parts) -> Agent:
    """Give an agent without a password."""
    return parts.accounts.add("Mia Weber", EMAIL, Role.FIRST, None)


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    """Give a browser in front of the desk."""
    with browser(parts) as visitor:
        yield visitor


def sign_on(parts: Parts, issuer: str, secret: str = SECRET) -> SingleSignOn:
    """Return the way in by a provider."""
    registration = Registration(issuer, CLIENT_ID, secret, RETURN)
    return SingleSignOn(Provider(registration, parts.clock), Trips("secret", parts.clock), "Mit Firmenkonto anmelden")


def settings_of(**given: Any) -> Settings:
    """Return the settings as they come, but for those that are given."""
    return Settings(**given)


def patient() -> Limiter:
    """Return a limiter for tests that sign in often."""
    return Limiter("secret", dict.fromkeys(RATES, "1000/minute"))


def browser(parts: Parts) -> TestClient:
    """Return a browser in front of a portal of these parts."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, middleware=security.guards(parts, {"hilfe.example"}))
    for one in (desk_sign_in, desk_single_sign_on, desk_tickets):
        app.include_router(one.router(parts))
    errors.install(app, parts)
    return TestClient(app, base_url="https://hilfe.example", follow_redirects=False, headers={"Accept-Language": "de"})


def leave(client: TestClient, **query: str) -> str:
    """Go to the provider and return the address to which it sends the browser back."""
    answer = client.get("/desk/sign-in/provider", params=query)
    assert answer.status_code == 303, answer.text
    return httpx2.get(answer.headers["Location"]).headers["Location"]


def sign_in(client: TestClient, **query: str) -> Answer:
    """Go to the provider and back."""
    return client.get(leave(client, **query))


def refused(answer: Answer, failure: desk_sign_in.Failure, client: TestClient) -> bool:
    """Tell whether an answer is the form with these words, and nobody is signed in."""
    shown = failure.text in unescape(answer.text) and 'name="password"' in answer.text
    return shown and answer.status_code == failure.status and client.get("/desk").status_code == 303 and (
        "sign-in" in client.get("/desk").headers["Location"]
    )  # fmt: skip


def hostile(request: str) -> Response:
    """Return an answer that makes no sense."""
    return {
        "page": PlainTextResponse("<html>"), "list": JSONResponse([]), "number": JSONResponse(7),
        "deep": PlainTextResponse("[" * 100_000), "bytes": PlainTextResponse(b"\xff\xfe"),
        "error": PlainTextResponse("no", 500), "long": PlainTextResponse(b" " * (MAX_ANSWER + 1) + b"{}"),
        "empty": JSONResponse({}), "away": RedirectResponse("http://127.0.0.1:1/"),
        "packed": PlainTextResponse(b"", headers={"Content-Encoding": "gzip"}),
        "types": JSONResponse({"issuer": 1, "keys": 2, "id_token": 3, "access_token": [], "expires_in": "soon"}),
        "keys": JSONResponse({"keys": [{"kty": "RSA"}, 3]}),
    }[request]  # fmt: skip


# The way in


def test_who_has_an_account_comes_in(client: TestClient, parts: Parts, mia: Agent) -> None:
    """With the same session and the same cookie as by password."""
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    cookie = next(one for one in answer.headers.get_list("Set-Cookie") if one.startswith("__Host-desk="))
    rest = cookie.partition("; ")[2].lower()
    assert set(rest.split("; ")) == {"httponly", "path=/", "samesite=lax", "secure"}
    assert parts.accounts.agent_of(client.cookies["__Host-desk"]) == mia
    assert client.get("/desk/tickets").status_code == 200


def test_the_address_is_compared_as_by_password(client: TestClient, provider: SignInProvider) -> None:
    """Capitals make no difference."""
    provider.email = "Mia@Example.org"
    assert sign_in(client).headers["Location"] == "/desk"


def test_a_browser_gets_a_new_session_and_its_old_one_ends(client: TestClient, parts: Parts) -> None:
    """A token that somebody planted is worth nothing after a sign-in."""
    sign_in(client)
    first = client.cookies["__Host-desk"]
    sign_in(client)
    assert client.cookies["__Host-desk"] != first
    assert parts.accounts.agent_of(first) is None


def test_a_disabled_agent_is_out_at_once(client: TestClient, parts: Parts) -> None:
    """The session is a row that can be ended."""
    sign_in(client)
    parts.accounts.disable(EMAIL)
    assert client.get("/desk/tickets").status_code == 303


@pytest.mark.parametrize("wanted", ["/desk/tickets?queue=mine&lang=en", "/desk/tickets/W-2026-000001"])
def test_it_leads_to_where_the_agent_wanted_to_go(client: TestClient, wanted: str) -> None:
    """From the form, through the provider."""
    form = client.get("/desk/sign-in", params={"next": wanted}).text
    link = re.findall(r'href="(/desk/sign-in/provider[^"]*)"', unescape(form))[0]
    back = httpx2.get(client.get(link).headers["Location"]).headers["Location"]
    assert client.get(back).headers["Location"] == wanted


@pytest.mark.parametrize("wanted", ["https://evil.example/desk", "//evil.example", "/desk/../tickets", "/desk/sign-in"])
def test_a_forged_target_is_dropped(client: TestClient, wanted: str) -> None:
    """It leads to the front of the desk."""
    assert sign_in(client, next=wanted).headers["Location"] == "/desk"


def test_the_language_goes_along(client: TestClient, provider: SignInProvider) -> None:
    """The provider's way back names none."""
    assert sign_in(client, lang="en").headers["Location"] == "/desk?lang=en"
    provider.email = "max@example.org"
    assert "There is no account for this address" in sign_in(client, lang="en").text


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(
    client: TestClient, provider: SignInProvider
) -> None:
    """It says so in its document."""
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert sign_in(client).headers["Location"] == "/desk"


def test_a_new_key_is_learned_when_it_is_used(
    client: TestClient, provider: SignInProvider, keys: tuple[RSAKey, RSAKey]
) -> None:
    """And what is known already is not asked for again."""
    sign_in(client)
    sign_in(client)
    assert provider.seen.count(DISCOVERY) == provider.seen.count("/jwks") == 1
    provider.key = keys[1]
    assert sign_in(client).headers["Location"] == "/desk"
    assert provider.seen.count("/jwks") == 2


def test_what_is_known_is_asked_for_again_after_an_hour(
    client: TestClient, provider: SignInProvider, clock: Clock
) -> None:
    """A key that was withdrawn is not believed for long."""
    sign_in(client)
    clock.move(hours=1, seconds=1)
    sign_in(client)
    assert provider.seen.count("/jwks") == 2


# Who does not come in


def test_unknown_and_disabled_addresses_are_told_the_same(
    client: TestClient, parts: Parts, provider: SignInProvider, mia: Agent
) -> None:
    """Byte by byte, but for the number of the request."""
    parts.accounts.disable(mia.email)
    disabled = sign_in(client)
    provider.email = "max@example.org"
    unknown = sign_in(client)
    assert refused(disabled, NO_ACCOUNT, client)
    assert disabled.text == unknown.text


@pytest.mark.parametrize(
    "claims",
    [{"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}, {"email_verified": 1},
     {"email": None}, {"email": [EMAIL]}, {"email": "mia@example.org\u0000"}, {"email": "\u212aia@example.org"},
     {"email": "m" * 300 + "@example.org"}],
)  # fmt: skip
def test_an_address_that_is_not_verified_counts_for_nothing(
    client: TestClient, provider: SignInProvider, claims: dict[str, Any]
) -> None:
    """Anybody could have written it there; nor does one that becomes another when it is compared."""
    provider.claims = claims
    assert refused(sign_in(client), UNVERIFIED, client)


@pytest.mark.parametrize(
    "claims",
    [{"nonce": "another"}, {"nonce": None}, {"nonce": ""}, {"aud": "another"}, {"aud": None}, {"aud": []},
     {"aud": [CLIENT_ID, "another"]}, {"aud": CLIENT_ID, "azp": "another"}, {"iss": "https://evil.example"},
     {"iss": None}, {"sub": None}, {"exp": None}, {"exp": "tomorrow"}, {"exp": 1}, {"iat": None},
     {"nbf": 4_000_000_000}],
)  # fmt: skip
def test_a_token_for_somebody_else_or_another_time_is_not_believed(
    client: TestClient, provider: SignInProvider, claims: dict[str, Any]
) -> None:
    """However well it is signed."""
    provider.claims = claims
    assert refused(sign_in(client), REFUSED, client)


def test_a_token_that_has_expired_is_not_believed(client: TestClient, provider: SignInProvider, clock: Clock) -> None:
    """Beyond the minute that clocks may be apart."""
    now = int(clock().timestamp())
    provider.claims = {"iat": now - 400, "exp": now - 59}
    assert sign_in(client).headers["Location"] == "/desk"
    client.post("/desk/sign-out")
    provider.claims = {"iat": now - 400, "exp": now - 61}
    assert refused(sign_in(client), REFUSED, client)


def test_a_wrong_key_opens_nothing(client: TestClient, provider: SignInProvider, keys: tuple[RSAKey, RSAKey]) -> None:
    """Neither one that the provider does not name, nor one under the name of its own."""
    provider.signing = keys[1], "RS256"
    assert refused(sign_in(client), REFUSED, client)
    same_name = type(keys[1]).import_key(keys[1].as_pem(private=True), {"kid": "one"})
    provider.signing = same_name, "RS256"
    assert refused(sign_in(client), REFUSED, client)


def test_a_token_signed_with_what_everybody_can_read_is_not_believed(
    client: TestClient, provider: SignInProvider, keys: tuple[RSAKey, RSAKey], clock: Clock
) -> None:
    """The public key as a shared secret, and no signature at all, are the two oldest forgeries."""
    now = int(clock().timestamp())
    back = leave(client)
    trip = client.cookies["__Host-desk-trip"]
    claims = {"iss": provider.address, "sub": "1", "aud": CLIENT_ID, "iat": now, "exp": now + 60,
              "nonce": provider.nonce_of(back), "email": EMAIL, "email_verified": True}  # fmt: skip
    public = keys[0].as_pem(private=False)
    for algorithm, secret in (("HS256", public), ("none", None)):
        token = forged({"alg": algorithm, "kid": keys[0].kid}, claims, secret)
        provider.answers["/token"] = JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})
        client.cookies.set("__Host-desk-trip", trip, domain="hilfe.example")
        assert refused(client.get(back), REFUSED, client)


def forged(header: dict[str, str | None], claims: dict[str, Any], secret: bytes | None) -> str:
    """Return a token with a signature that needs no secret; the libraries refuse to make one."""
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = hmac.digest(secret, b".".join(parts), "sha256") if secret else b""
    return b".".join([*parts, urlsafe_b64encode(signature).rstrip(b"=")]).decode()


# The way back


def test_a_wrong_state_is_refused_before_the_provider_is_asked(client: TestClient, provider: SignInProvider) -> None:
    """Nobody is signed in by a link of somebody else."""
    back = leave(client)
    for forged in (re.sub("state=[^&]*", "state=forged", back), re.sub("state=[^&]*", "state=%ff", back)):
        assert refused(client.get(forged), LOST, client)
    assert "/token" not in provider.seen


def test_the_way_back_is_open_to_the_browser_that_went_only(
    client: TestClient, parts: Parts, provider: SignInProvider
) -> None:
    """A stolen address opens nothing elsewhere."""
    with browser(parts) as other:
        assert refused(other.get(leave(client)), LOST, other)
    assert "/token" not in provider.seen


def test_a_trip_ends_after_ten_minutes(client: TestClient, clock: Clock) -> None:
    """And is told so."""
    back = leave(client)
    clock.move(minutes=10, seconds=1)
    assert refused(client.get(back), LOST, client)


def test_a_trip_that_was_changed_is_none(client: TestClient) -> None:
    """It is signed."""
    back = leave(client)
    client.cookies.set("__Host-desk-trip", client.cookies["__Host-desk-trip"] + "x", domain="hilfe.example")
    assert refused(client.get(back), LOST, client)


def test_a_code_opens_the_desk_once(client: TestClient) -> None:
    """Also for a browser that kept its trip."""
    back = leave(client)
    trip = client.cookies["__Host-desk-trip"]
    assert client.get(back).headers["Location"] == "/desk"
    assert "__Host-desk-trip" not in client.cookies
    client.post("/desk/sign-out")
    client.cookies.set("__Host-desk-trip", trip, domain="hilfe.example")
    assert refused(client.get(back), REFUSED, client)


@pytest.mark.parametrize(
    ("old", "new"),
    [("code=[^&]*", "error=access_denied"), ("code=[^&]*", "code=another"), ("code=[^&]*", "code=" + "x" * 4001),
     ("iss=.*", "iss=https://evil.example")],
)  # fmt: skip
def test_a_way_back_without_the_code_of_this_provider_is_refused(client: TestClient, old: str, new: str) -> None:
    """Such as that of somebody who changed his mind."""
    assert refused(client.get(re.sub(old, new, leave(client))), REFUSED, client)


def test_the_trip_is_for_this_host_and_for_no_script_and_for_ten_minutes(client: TestClient) -> None:
    """Its state, nonce and verifier are new each time, and ten minutes are enough to type a password."""
    addresses = []
    for _ in range(2):
        answer = client.get("/desk/sign-in/provider")
        rest = answer.headers["Set-Cookie"].partition("; ")[2].lower()
        assert {"httponly", "max-age=600", "path=/", "samesite=lax", "secure"} == set(rest.split("; "))
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        addresses.append({name: asked[name][0] for name in ("state", "nonce", "code_challenge")})
    assert not set(addresses[0].values()) & set(addresses[1].values())


# The provider fails


def free_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_provider_that_is_down_leaves_the_password(parts: Parts) -> None:
    """The form comes with words, and says when another try makes sense."""
    parts.accounts.add("Ada", "ada@example.org", Role.ADMINISTRATOR, PASSWORD)
    with browser(replace(parts, single_sign_on=sign_on(parts, f"http://127.0.0.1:{free_port()}"))) as client:
        answer = client.get("/desk/sign-in/provider?next=/desk/tickets")
        assert refused(answer, DOWN, client)
        assert int(answer.headers["Retry-After"]) > 0
        assert 'name="next" value="/desk/tickets"' in answer.text
        form = {"email": "ada@example.org", "password": PASSWORD, "next": "/desk/tickets"}
        assert client.post("/desk/sign-in", data=form).headers["Location"] == "/desk/tickets"


def test_a_provider_that_hangs_is_given_up(client: TestClient, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nobody else waits meanwhile."""
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with browser(replace(parts, single_sign_on=sign_on(parts, f"http://127.0.0.1:{port}"))) as other:
            began = time.monotonic()
            assert refused(other.get("/desk/sign-in/provider"), DOWN, other)
            assert time.monotonic() - began < 5
    assert client.get("/desk/sign-in").status_code == 200


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks"])
@pytest.mark.parametrize("nonsense", "page list number deep bytes error long empty away packed types keys".split())
def test_a_provider_that_talks_nonsense_is_not_followed(
    client: TestClient, provider: SignInProvider, path: str, nonsense: str
) -> None:
    """Never a 500; the next try asks again."""
    provider.answers[path] = hostile(nonsense)
    assert refused(client.get("/desk/sign-in/provider"), DOWN, client)
    provider.answers.clear()
    assert sign_in(client).headers["Location"] == "/desk"


@pytest.mark.parametrize("nonsense", "page list number deep bytes error long empty away packed types".split())
def test_a_token_endpoint_that_talks_nonsense_lets_nobody_in(
    client: TestClient, provider: SignInProvider, nonsense: str
) -> None:
    """Never a 500."""
    back = leave(client)
    provider.answers["/token"] = hostile(nonsense)
    answer = client.get(back)
    assert refused(answer, DOWN, client) or refused(answer, REFUSED, client)


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "https://evil.example/token"},
     {"jwks_uri": "http://127.0.0.1:1/jwks"}, {"authorization_endpoint": "javascript:alert(1)"},
     {"authorization_endpoint": "http://evil.example"}, {"token_endpoint": "http://[::1"}],
)  # fmt: skip
def test_the_provider_names_no_other_host(
    client: TestClient, provider: SignInProvider, metadata: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody but the issuer is asked, and nobody is sent elsewhere; the log says what is wrong."""
    provider.metadata = metadata
    assert refused(client.get("/desk/sign-in/provider"), DOWN, client)
    assert "cannot be used" in caplog.text


def test_a_wrong_secret_is_the_operators_business(
    parts: Parts, provider: SignInProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """The agent is told that it does not work now; the log says why, and not the secret."""
    with browser(replace(parts, single_sign_on=sign_on(parts, provider.address, "falsch & geheim"))) as client:
        assert refused(sign_in(client), DOWN, client)
    assert "invalid_client" in caplog.text
    assert "falsch" not in caplog.text


def test_a_public_client_sends_no_secret(parts: Parts, provider: SignInProvider) -> None:
    """This provider wants one; what counts is that none is made up."""
    with browser(replace(parts, single_sign_on=sign_on(parts, provider.address, ""))) as client:
        assert refused(sign_in(client), DOWN, client)


def test_a_store_that_cannot_be_used_says_so(client: TestClient, parts: Parts) -> None:
    """In words, with 503."""
    back = leave(client)
    with parts.accounts.engine.begin() as connection:
        connection.execute(text("DROP TABLE sessions"))
    answer = client.get(back)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert desk_sign_in.UNAVAILABLE.text in unescape(answer.text)


def test_too_many_tries_wait(parts: Parts) -> None:
    """There, and back."""
    few = Limiter("secret", dict.fromkeys(RATES, "1000/minute") | {"single sign-on": "3/minute"})
    with browser(replace(parts, limiter=few)) as client:
        sign_in(client)
        client.post("/desk/sign-out")
        for answer in (client.get(leave(client)), client.get("/desk/sign-in/provider")):
            assert answer.status_code == 429
            assert int(answer.headers["Retry-After"]) > 0


# Without a provider


def test_without_a_provider_there_is_no_button_and_no_way(parts: Parts) -> None:
    """The form is what it was."""
    with browser(replace(parts, single_sign_on=None)) as client:
        assert "Firmenkonto" not in client.get("/desk/sign-in").text
        assert client.get("/desk/sign-in/provider").status_code == 404
        assert client.get("/desk/sign-in/return?code=1&state=2").status_code == 404


def test_pages_for_customers_and_the_form_set_no_cookie(client: TestClient) -> None:
    """Only the way to the provider does."""
    assert "Set-Cookie" not in client.get("/desk/sign-in").headers
    assert "Mit Firmenkonto anmelden" in client.get("/desk/sign-in").text
    assert "Sign in with your company account" in client.get("/desk/sign-in?lang=en").text


def test_nobody_keeps_a_page_of_the_way(client: TestClient) -> None:
    """Neither there nor back."""
    back = leave(client)
    for answer in (client.get("/desk/sign-in/provider"), client.get(back), client.get(back)):
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("issuer", ["http://login.example", "login.example", "https://u:p@login.example", "https://["])
def test_an_issuer_without_tls_stops_the_start(issuer: str, clock: Clock) -> None:
    """In a sentence that names it."""
    with pytest.raises(ValueError, match=r"cannot be asked|is no address"):
        single_sign_on_of(settings_of(oidc_issuer=issuer, oidc_client_id="x"), "secret", clock)


def test_an_issuer_needs_a_client_id(clock: Clock) -> None:
    """The start says which setting is missing."""
    with pytest.raises(ValueError, match="OIDC_CLIENT_ID is empty"):
        single_sign_on_of(settings_of(oidc_issuer="https://login.example"), "secret", clock)
    assert single_sign_on_of(settings_of(), "secret", clock) is None


def test_the_settings_say_who_is_asked_and_what_stands_on_the_button(clock: Clock) -> None:
    """And nobody is asked yet."""
    settings = settings_of(oidc_issuer="https://login.example/firma", oidc_client_id="x", oidc_button="Über die Uni")
    made = single_sign_on_of(settings, "secret", clock)
    assert made
    assert (made.provider.issuer, made.button) == ("https://login.example/firma", "Über die Uni")
