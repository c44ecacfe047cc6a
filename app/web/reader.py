"""The reader of a page: language, place and time of one request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import HTTPException

from app.articles.article import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the language, whether it stands in the address, the address itself, and now."""

    lang: Language
    explicit: bool
    here: str
    """Path and query of this page as a GET, the target of the language switch."""
    request_id: str
    now: datetime

    def url(self, path: str, fragment: str = "", **query: str | int | None) -> str:
        """Return an address on this site that keeps an explicit language; empty values are left out."""
        values: dict[str, str | int | None] = {"lang": self.lang if self.explicit else None, **query}
        return _address(path, {name: value for name, value in values.items() if value}, fragment)

    def in_language(self, lang: Language) -> str:
        """Return the address of this same page in another language."""
        path, _, query = self.here.partition("?")
        kept = [(name, value) for name, value in parse_qsl(query) if name != "lang"]
        return f"{path}?{urlencode([*kept, ('lang', lang)])}"

    def at(self, path: str) -> Reader:
        """Return the same reader on another page: the language switch of a form that came back leads to its GET."""
        return replace(self, here=path)


def read_reader(request: Request, now: datetime) -> Reader:
    """Return the reader of a request; an unknown language in the address is an unknown page (404)."""
    asked = request.query_params.get("lang", "")
    if asked and asked not in LANGUAGES:
        raise HTTPException(404)
    return guess_reader(request, now)


def guess_reader(request: Request, now: datetime) -> Reader:
    """Return the reader of a request of which nothing may be wrong: error pages use it."""
    asked = [lang for lang in LANGUAGES if lang == request.query_params.get("lang")]
    accepted = accepted_language(request.headers.get("accept-language", ""))
    return Reader(
        lang=asked[0] if asked else accepted,
        explicit=bool(asked),
        here=_here(request),
        request_id=request.scope.get("request_id", ""),
        now=now,
    )


def accepted_language(header: str) -> Language:
    """Return the best of our languages for an Accept-Language header, German when it names none."""
    wishes = sorted((_wish(part) for part in header.split(",")), key=lambda wish: -wish[1])
    for name, quality in wishes:
        for lang in LANGUAGES:
            if quality > 0 and name.split("-")[0] == lang:
                return lang
    return "de"


def _wish(part: str) -> tuple[str, float]:
    name, _, quality = part.strip().lower().partition(";q=")
    try:
        return name.strip(), float(quality or 1)
    except ValueError:
        return name.strip(), 0.0


def _here(request: Request) -> str:
    if request.method not in {"GET", "HEAD"}:
        return "/"
    query = request.scope.get("query_string", b"").decode("latin-1")
    return quote(request.scope["path"]) + (f"?{query}" if query else "")


def _address(path: str, query: Mapping[str, str | int | None], fragment: str) -> str:
    parts = quote(path)
    if query:
        parts += "?" + urlencode(query)
    return parts + ("#" + quote(fragment) if fragment else "")
