"""Version: which articles are live, what is wrong in them, and why what was pushed is not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse

from app.web.desk import DeskRoutes
from app.web.hooks import wake
from app.web.pages import PRIVATE
from app.web.version_page import version_page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.articles.publication import Publications
    from app.desk.agent import Agent
    from app.web.pages import Parts


def router(parts: Parts) -> APIRouter:
    """Return the routes of the version."""
    version, routes = _Version(parts), APIRouter()
    guarded = DeskRoutes(parts, routes)
    guarded.add_route("/desk/version", version.page)
    guarded.add_route("/desk/version/pull", version.pull, methods=("POST",))
    return routes


class _Version:
    """Answers from what the builder noted."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def page(self, request: Request, agent: Agent) -> Response:
        """Show what is live, and what stands in the way of what is newer."""
        reader, noted = self._parts.reader(request), self._noted()
        words = self._parts.templates.words[reader.lang]
        asked = bool(request.query_params.get("asked")) and noted.is_waiting()
        page = version_page(agent, noted.read(), self._parts.internal.index.version, words, asked=asked)
        return self._parts.show(request, page, headers=PRIVATE, reader=reader)

    def pull(self, request: Request, _agent: Agent) -> Response:
        """Let the builder look now; doing it twice lets it look once more."""
        wake(self._noted())
        return RedirectResponse(self._parts.reader(request).url("/desk/version", asked="1"), 303, PRIVATE)

    def _noted(self) -> Publications:
        if self._parts.publications is None:
            raise HTTPException(404)
        return self._parts.publications
