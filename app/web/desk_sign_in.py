"""Signing in to the desk, and out again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.database import StoreUnavailable
from app.web.desk import DESK, SIGN_IN, DeskRoutes, desk_cookie, signed_in
from app.web.forms import PostedForm, read_form
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from app.desk.agent import Agent
    from app.web.pages import Parts
    from app.web.reader import Reader
    from app.web.words import Words

TICKETS = "/desk/tickets"
MAX_NEXT = 2_000  # characters
_NEXT = re.compile(r"/desk(/[A-Za-z0-9_.~%-]+)*/?(\?[!-\[\]-~]*)?")
"""Path and query in printable ASCII, as browsers write them; no backslash, which some of them read as a slash."""


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form, empty or come back with the address that was typed; a password never comes back."""

    template: ClassVar[str] = "desk_sign_in.html"
    next: str = ""
    """Where it leads, a local path below /desk; empty for the front of the desk."""
    email: str = ""
    alert: str = ""
    button: str = ""
    """What stands on the button of the single sign-on; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why nobody was signed in."""

    status: int
    text: str
    wait: int | None = None
    """Seconds after which another try makes sense, where we know."""


WRONG = Failure(422, msg("Die E-Mail-Adresse oder das Passwort stimmt nicht."))
"""One text for every reason: nobody learns who works here."""
TOO_MANY = msg("Das waren gerade sehr viele Anmeldungen. Bitte warten Sie eine Minute.")
UNAVAILABLE = Failure(
    503,
    msg("Wir können Sie im Moment nicht anmelden. Bitte versuchen Sie es in einigen Minuten noch einmal."),
    RETRY_SECONDS,
)


def router(parts: Parts) -> APIRouter:
    """Return the routes of the sign-in."""
    sign, routes = _Sign(parts), APIRouter()

    async def enter(request: Request) -> Response:
        return await run_in_threadpool(sign.enter, request, await read_form(request))

    routes.add_route("/desk/sign-in", sign.show)
    routes.add_route("/desk/sign-in", enter, methods=["POST"])
    routes.add_route("/desk/sign-out", sign.leave, methods=["POST"])
    DeskRoutes(parts, routes).add_route("/desk", sign.front)
    return routes


def next_address(text: str) -> str:
    """Return where a sign-in may lead: the text, if it is a local path below /desk, and empty otherwise."""
    path = unquote(text.partition("?")[0])
    harmless = len(text) <= MAX_NEXT and _NEXT.fullmatch(text) and ".." not in path
    return text if harmless and not text.startswith(SIGN_IN) else ""


class _Sign:
    """Answers the requests about signing in and out."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._cookie = desk_cookie(parts.site.base_url)

    def show(self, request: Request) -> Response:
        """Show the form; who is signed in already is led on."""
        reader, wanted = self._parts.reader(request), next_address(request.query_params.get("next", ""))
        if signed_in(self._parts, request):
            return _redirect(wanted or reader.url(DESK))
        words = self._parts.templates.words[reader.lang]
        page = SignInPage(wanted, button=button_text(self._parts, words))
        return self._parts.show(request, page, headers=PRIVATE, reader=reader)

    def enter(self, request: Request, posted: PostedForm) -> Response:
        """Open a session and lead on; what opens none brings the form back."""
        reader = self._parts.reader(request)
        try:
            opened = self._open(request, posted)
        except HTTPException as busy:  # the limiter's 429
            wait = int((busy.headers or {})["Retry-After"])
            return self._return_form(request, reader, posted, Failure(busy.status_code, TOO_MANY, wait))
        except StoreUnavailable:
            return self._return_form(request, reader, posted, UNAVAILABLE)
        if opened is None:
            return self._return_form(request, reader, posted, WRONG)
        response = _redirect(next_address(posted.one("next")) or reader.url(DESK))
        self._cookie.give(response, opened[0])
        return response

    def leave(self, request: Request) -> Response:
        """End the session, if there is one, and lead to the form."""
        self._parts.accounts.sign_out(self._cookie.token(request))
        response = _redirect(self._parts.reader(request).url(SIGN_IN))
        self._cookie.take(response)
        return response

    def front(self, request: Request, _agent: Agent) -> Response:
        """Lead to what an agent begins with."""
        return _redirect(self._parts.reader(request).url(TICKETS))

    def _open(self, request: Request, posted: PostedForm) -> tuple[str, Agent] | None:
        """Open a new session in place of the one that the browser had."""
        self._parts.limiter.check("sign-in", request)
        self._parts.limiter.check_all("sign-in of all")
        opened = self._parts.accounts.sign_in(posted.one("email"), posted.one("password"))
        if opened and (old := self._cookie.token(request)):
            self._parts.accounts.sign_out(old)
        return opened

    def _return_form(self, request: Request, reader: Reader, posted: PostedForm, failure: Failure) -> Response:
        wanted, words = next_address(posted.one("next")), self._parts.templates.words[reader.lang]
        page = SignInPage(wanted, posted.one("email"), words.gettext(failure.text), button_text(self._parts, words))
        here = reader.at(reader.url(SIGN_IN, next=wanted))
        return self._parts.show(request, page, failure.status, {**PRIVATE, **waiting(failure.wait)}, here)


def button_text(parts: Parts, words: Words) -> str:
    """Return what stands on the button of the single sign-on; empty where there is none."""
    return words.gettext(parts.single_sign_on.button) if parts.single_sign_on else ""


def waiting(seconds: int | None) -> Mapping[str, str]:
    """Return the header that says when another try makes sense, where we know."""
    return {} if seconds is None else {"Retry-After": str(seconds)}


def _redirect(address: str) -> Response:
    return RedirectResponse(address, 303, PRIVATE)
