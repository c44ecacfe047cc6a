"""Call: the one screen of an agent with a caller on the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from starlette.responses import FileResponse

from app.articles.article import LANGUAGES, Language
from app.database import StoreUnavailable
from app.web.articles import MEDIA_TYPES
from app.web.call_article import CallArticlePage, call_article
from app.web.call_page import call_page
from app.web.call_results import results_page
from app.web.desk import DeskRoutes
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.desk.agent import Agent
    from app.web.pages import Parts

MAX_SENTENCE = 2_000  # characters


def router(parts: Parts) -> APIRouter:
    """Return the routes of the call mode that read."""
    call, routes = _Call(parts), APIRouter()
    guarded = DeskRoutes(parts, routes)
    guarded.add_route("/desk/call", call.show)
    guarded.add_route("/desk/call/results", call.results)
    guarded.add_route("/desk/call/article", call.article)
    guarded.add_route("/desk/call/media/{path:path}", call.medium)
    return routes


class _Call:
    """Answers what an agent asks while a caller talks."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def show(self, request: Request, agent: Agent) -> Response:
        """Show the screen with the agent's open contacts."""
        reader = self._parts.reader(request)
        try:
            contacts = self._parts.contacts.open_of(agent.id)
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        page = call_page(self._parts, agent, self._parts.templates.words[reader.lang], contacts, reader.now)
        return self._parts.show(request, page, headers=PRIVATE, reader=reader)

    def results(self, request: Request, _agent: Agent) -> Response:
        """Show what the words find, and the best article, as a fragment."""
        reader, asked = self._parts.reader(request), request.query_params
        lang = _language(asked.get("in", ""))
        page = results_page(self._parts, reader, asked.get("q", ""), lang, quick=asked.get("quick") == "1")
        return self._parts.show(request, page, headers=PRIVATE, reader=reader)

    def article(self, request: Request, _agent: Agent) -> Response:
        """Show one article as a fragment, opened at a sentence; 404 for one that there is not."""
        reader, asked = self._parts.reader(request), request.query_params
        found = self._parts.internal.index.edition(asked.get("slug", ""), _language(asked.get("in", "")))
        if found is None:
            raise HTTPException(404)
        words, sentence = self._parts.templates.words[reader.lang], asked.get("sentence", "")[:MAX_SENTENCE]
        page = CallArticlePage(call_article(self._parts, words, found, sentence))
        return self._parts.show(request, page, headers=PRIVATE, reader=reader)

    def medium(self, request: Request, _agent: Agent) -> Response:
        """Answer with a picture of any article: the name is a key, never a path."""
        path = self._parts.internal.index.media.get(request.path_params["path"])
        media_type = MEDIA_TYPES.get(path.suffix.lower()) if path else None
        if path is None or media_type is None or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type=media_type, headers=dict(PRIVATE))


def _language(name: str) -> Language:
    return next((lang for lang in LANGUAGES if lang == name), "de")
