"""Single sign-on: to the provider and back, into a session like any other."""

from __future__ import annotations

import hmac
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.articles.article import LANGUAGES
from app.database import StoreUnavailable
from app.desk.identity import NotBelieved, Unverified
from app.desk.provider import ProviderUnavailable
from app.web.desk import DESK, SIGN_IN, desk_cookie
from app.web.desk_sign_in import TOO_MANY, UNAVAILABLE, Failure, SignInPage, button_text, next_address, waiting
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS
from app.web.trips import MAX_AGE, Trip
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from app.web.pages import Parts
    from app.web.reader import Reader
    from app.web.trips import SingleSignOn

RATE = "single sign-on"
MAX_CODE = 4_000  # characters
LOST = Failure(
    422,
    msg(
        "Diese Anmeldung ist abgelaufen, oder sie wurde in einem anderen Fenster begonnen. "
        "Bitte beginnen Sie noch einmal."
    ),
)
REFUSED = Failure(422, msg("Das Firmenkonto hat die Anmeldung nicht bestätigt. Bitte versuchen Sie es noch einmal."))
UNVERIFIED = Failure(
    403,
    msg(
        "Das Firmenkonto nennt keine bestätigte E-Mail-Adresse. "
        "Lassen Sie Ihre Adresse dort bestätigen, und melden Sie sich dann noch einmal an."
    ),
)
NO_ACCOUNT = Failure(
    403,
    msg(
        "Für diese Adresse gibt es kein Konto an diesem Arbeitsplatz. "
        "Wenn Sie eines brauchen, wenden Sie sich bitte an Ihre Administration."
    ),
)
"""Also for a disabled one: nobody learns who worked here."""
DOWN = Failure(
    503,
    msg(
        "Das Firmenkonto ist im Moment nicht erreichbar. Bitte versuchen Sie es in einigen Minuten noch einmal. "
        "Wer ein Passwort hat, kann sich damit anmelden."
    ),
    RETRY_SECONDS,
)
FAILURES: Mapping[type[Exception], Failure] = MappingProxyType(
    {Unverified: UNVERIFIED, NotBelieved: REFUSED, ProviderUnavailable: DOWN, StoreUnavailable: UNAVAILABLE}
)
"""The first that fits is told."""


def router(parts: Parts) -> APIRouter:
    """Return the routes to the provider and back; without a provider they are not there."""
    door, routes = _Door(parts), APIRouter()
    routes.add_route("/desk/sign-in/provider", door.leave)
    routes.add_route("/desk/sign-in/return", door.come_back)
    return routes


class _Door:
    """Answers the requests about signing in at the provider."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._session = desk_cookie(parts.site.base_url)
        self._trip = replace(self._session, name=f"{self._session.name}-trip", seconds=MAX_AGE)

    async def leave(self, request: Request) -> Response:
        """Lead to the provider; where that cannot be used, say so over the form."""
        single, reader = self._single(), self._parts.reader(request)
        wanted = next_address(request.query_params.get("next", ""))
        try:
            self._parts.limiter.check(RATE, request)
            way = await single.provider.departure()
        except HTTPException as busy:
            return await self._fail(request, reader, wanted, _busy(busy))
        except ProviderUnavailable:
            return await self._fail(request, reader, wanted, DOWN)
        trip = Trip(way.state, way.nonce, way.verifier, wanted, reader.lang if reader.explicit else "")
        response = _redirect(way.address)
        self._trip.give(response, single.trips.seal(trip))
        return response

    async def come_back(self, request: Request) -> Response:
        """Open a session for who comes back from the provider and has an account; whatever comes, the trip ends."""
        single = self._single()
        trip = single.trips.open(self._trip.token(request))
        reader = _reader_of(self._parts.reader(request), trip)
        wanted = next_address(trip.next) if trip else ""
        outcome = await self._outcome(request, single, trip)
        if isinstance(outcome, Failure):
            response = await self._fail(request, reader, wanted, outcome)
        else:
            response = _redirect(wanted or reader.url(DESK))
            self._session.give(response, outcome)
        self._trip.take(response)
        return response

    async def _outcome(self, request: Request, single: SingleSignOn, trip: Trip | None) -> Failure | str:
        """Return the token of a new session, or why there is none."""
        told = request.query_params
        if trip is None or not _same(told.get("state", ""), trip.state):
            return LOST
        code = told.get("code", "")
        if not 0 < len(code) <= MAX_CODE or told.get("iss", single.provider.issuer) != single.provider.issuer:
            return REFUSED
        try:
            self._parts.limiter.check(RATE, request)
            email = await single.provider.email_of(code, trip.nonce, trip.verifier)
            return await run_in_threadpool(self._open, request, email) or NO_ACCOUNT
        except HTTPException as busy:
            return _busy(busy)
        except tuple(FAILURES) as error:
            return next(failure for kind, failure in FAILURES.items() if isinstance(error, kind))

    def _open(self, request: Request, email: str) -> str | None:
        """Return the token of a new session in place of the one that the browser had."""
        opened = self._parts.accounts.enter(email)
        if opened and (old := self._session.token(request)):
            self._parts.accounts.sign_out(old)
        return opened[0] if opened else None

    async def _fail(self, request: Request, reader: Reader, wanted: str, failure: Failure) -> Response:
        words = self._parts.templates.words[reader.lang]
        page = SignInPage(wanted, alert=words.gettext(failure.text), button=button_text(self._parts, words))
        here = reader.at(reader.url(SIGN_IN, next=wanted))
        headers = {**PRIVATE, **waiting(failure.wait)}
        return await run_in_threadpool(self._parts.show, request, page, failure.status, headers, here)

    def _single(self) -> SingleSignOn:
        if self._parts.single_sign_on is None:
            raise HTTPException(404)
        return self._parts.single_sign_on


def _reader_of(reader: Reader, trip: Trip | None) -> Reader:
    """Return the reader in the language in which the trip began: the provider's way back names none."""
    spoken = next((lang for lang in LANGUAGES if trip and lang == trip.lang), None)
    return replace(reader, lang=spoken, explicit=True) if spoken else reader


def _same(told: str, state: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "replace"), state.encode())


def _busy(busy: HTTPException) -> Failure:
    return Failure(busy.status_code, TOO_MANY, int((busy.headers or {})["Retry-After"]))


def _redirect(address: str) -> Response:
    return RedirectResponse(address, 303, PRIVATE)
