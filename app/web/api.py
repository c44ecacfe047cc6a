"""The API: the search as JSON, for programs and for people's own tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from app.articles.article import LANGUAGES
from app.search.query import normalise
from app.web.searches import readable, result_url

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.requests import Request
    from starlette.responses import Response

    from app.search.ranking import Findings, Result
    from app.web.pages import Parts
    from app.web.reader import Reader

LIMIT = 10
MAX_LIMIT = 50
HEADERS = {"Vary": "Accept-Language", "Cache-Control": "no-cache"}


def router(parts: Parts) -> APIRouter:
    """Return the route of the API."""
    routes = APIRouter()

    def search(request: Request) -> Response:
        parts.limiter.check("search", request)
        fault = find_fault(request.query_params)
        if fault:
            return JSONResponse({"error": fault}, 422)
        reader, query = parts.reader(request), normalise(request.query_params["q"])
        limit = int(request.query_params.get("limit", LIMIT))
        return JSONResponse(as_json(parts, reader, parts.searcher.search(query, reader.lang, limit)), headers=HEADERS)

    routes.add_route("/api/search", search)
    return routes


def find_fault(query: QueryParams) -> str:
    """Return what is wrong with the parameters and how to put it right, or nothing."""
    lang, limit = query.get("lang", "de"), query.get("limit", str(LIMIT))
    if not readable(normalise(query.get("q", ""))):
        return '"q" is missing or holds no letter and no digit. Give a question: /api/search?q=WLAN+langsam'
    if lang not in LANGUAGES:
        return f'"lang" is {lang[:20]!a}, not a language we speak. Give one of: {", ".join(LANGUAGES)}.'
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 4 and 1 <= int(limit) <= MAX_LIMIT):  # noqa: PLR2004
        return f'"limit" is {limit[:20]!a}. Give a number from 1 to {MAX_LIMIT}.'
    return ""


def as_json(parts: Parts, reader: Reader, found: Findings) -> dict[str, Any]:
    """Return findings in the shape of the contract."""
    return {
        "query": found.query,
        "answered": found.state == "answer",
        "confidence": round(found.confidence, 4),
        "results": [_result(parts, reader, result, found.query) for result in found.results],
    }


def _result(parts: Parts, reader: Reader, result: Result, query: str) -> dict[str, Any]:
    return {
        "slug": result.slug,
        "title": "".join(segment.text for segment in result.title),
        "lang": result.lang,
        "url": parts.site.base_url + result_url(parts.searcher.index, reader, result, query),
        "heading": result.heading,
        "anchor": result.anchor,
        "snippet": "".join(segment.text for segment in result.snippet),
        "confidence": round(result.confidence, 4),
    }
