"""Error pages: what happened, a search box, and the number under which we find it in the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.database import StoreUnavailable
from app.web.desk import SignInNeeded, sign_in_first
from app.web.reader import guess_reader
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

    from app.web.pages import Parts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an error page says: what happened, and what to do."""

    title: str
    advice: str


TEXTS: Mapping[int, Explanation] = {
    400: Explanation(
        msg("Diese Anfrage konnten wir nicht lesen"),
        msg("Rufen Sie die Seite bitte noch einmal auf, am besten über die Startseite."),
    ),
    401: Explanation(
        msg("Sie sind nicht mehr angemeldet"),
        msg(
            "Melden Sie sich in einem zweiten Fenster an und laden Sie dann diese Seite neu: "
            "Ihr Browser sendet Ihre Angaben noch einmal."
        ),
    ),
    403: Explanation(
        msg("Diese Anfrage kam von einer anderen Website"),
        msg("Zur Sicherheit haben wir nichts gespeichert. Öffnen Sie das Formular hier und senden Sie es erneut."),
    ),
    404: Explanation(
        msg("Diese Seite gibt es nicht"),
        msg("Vielleicht wurde sie verschoben, oder in der Adresse fehlt ein Zeichen. Die Suche hilft Ihnen weiter."),
    ),
    405: Explanation(
        msg("So lässt sich diese Seite nicht aufrufen"),
        msg("Beginnen Sie bitte auf der Startseite oder suchen Sie nach Ihrem Anliegen."),
    ),
    413: Explanation(
        msg("Das ist zu groß"),
        msg("Ein Anhang darf höchstens 10 MB groß sein. Gehen Sie zurück: Ihr Text steht noch im Formular."),
    ),
    414: Explanation(
        msg("Diese Adresse ist zu lang"),
        msg("Suchen Sie bitte mit weniger Text. Ein oder zwei Sätze genügen."),
    ),
    422: Explanation(
        msg("Mit diesen Angaben kommen wir nicht weiter"),
        msg("Gehen Sie bitte zurück und prüfen Sie, was Sie eingegeben haben."),
    ),
    429: Explanation(
        msg("Das waren gerade sehr viele Anfragen"),
        msg("Warten Sie bitte einen Moment und versuchen Sie es dann noch einmal."),
    ),
    431: Explanation(
        msg("Ihr Browser hat zu viele Zusatzdaten geschickt"),
        msg("Meist hilft es, die Seite in einem privaten Fenster zu öffnen oder Website-Daten zu löschen."),
    ),
    500: Explanation(
        msg("Da ist bei uns etwas schiefgegangen"),
        msg("Es liegt nicht an Ihnen. Versuchen Sie es bitte noch einmal, oder rufen Sie uns an."),
    ),
    503: Explanation(
        msg("Das geht im Moment nicht"),
        msg("Wir arbeiten daran. Versuchen Sie es bitte in einigen Minuten noch einmal, oder rufen Sie uns an."),
    ),
}
"""What we say for each status we answer with."""
API = "/api/"
TRY_AGAIN = {"Retry-After": "30"}
"""Seconds a database usually needs to come back."""


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What went wrong and how to go on. It says nothing about the address, so hidden and missing pages are the same."""

    template: ClassVar[str] = "error.html"
    status: int
    explanation: Explanation
    wait: int | None
    """Seconds after which another try makes sense, where we know."""


class Errors:
    """Answers errors as a page, or as JSON under /api/."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def answer(self, request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
        """Return the response for a status; a status without its own text gets the nearest one."""
        if request.scope["path"].startswith(API):
            return self._as_json(request, status, headers)
        reader = guess_reader(request, self._parts.clock()).at("/")
        page = ErrorPage(status, explain(status), _wait(headers or {}))
        return self._parts.show(request, page, status, headers, reader)

    def _as_json(self, request: Request, status: int, headers: Mapping[str, str] | None) -> Response:
        text, words = explain(status), self._parts.templates.words["en"]
        message = f"{words.gettext(text.title)}. {words.gettext(text.advice)}"
        return JSONResponse({"error": message, "request_id": request.scope.get("request_id", "")}, status, headers)


def install(app: FastAPI, parts: Parts) -> None:
    """Let the application answer its errors with our pages."""
    errors = Errors(parts)

    def refused(request: Request, error: Exception) -> Response:
        status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (422, None)
        return errors.answer(request, status, headers)

    def unavailable(request: Request, error: Exception) -> Response:
        log.error("Request %s: the database cannot be used", request.scope.get("request_id"), exc_info=error)
        return errors.answer(request, 503, TRY_AGAIN)

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, refused)
    app.add_exception_handler(StoreUnavailable, unavailable)
    app.add_exception_handler(SignInNeeded, sign_in_first)


def explain(status: int) -> Explanation:
    """Return what we say for a status; one without words of its own gets the general ones."""
    general = 500 if status >= 500 else 400  # noqa: PLR2004 (the border between their fault and ours)
    return TEXTS.get(status, TEXTS[general])


def _wait(headers: Mapping[str, str]) -> int | None:
    seconds = headers.get("Retry-After", "")
    return int(seconds) if seconds.isdecimal() else None
