"""Desk files: what customers attached, to be saved, and images drawn anew to be looked at. Never as they came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from app.database import StoreUnavailable
from app.desk.agent import Agent
from app.tickets.attachment import IMAGES
from app.tickets.files import Lost
from app.tickets.pictures import PICTURE_TYPE, Pictures
from app.web.desk import DeskRoutes
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from app.tickets.ticket import KeptFile
    from app.web.pages import Parts

MAX_ID = 9  # digits
_UNPLAIN = re.compile(r"[^A-Za-z0-9._ -]")
SHUT: Mapping[str, str] = MappingProxyType(
    {**PRIVATE, "Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"}
)
"""On every file: a browser that shows it nevertheless lets nothing in it do anything."""
NO_PICTURE = msg("Dieses Bild lässt sich nicht anzeigen")
_PLACEHOLDER = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="120" viewBox="0 0 480 120" role="img">'
    '<rect x="1" y="1" width="478" height="118" rx="8" fill="#f3f4f1" stroke="#8a8f86"/>'
    '<text x="240" y="66" text-anchor="middle" font-family="sans-serif" font-size="18" fill="#3c413a">{words}</text>'
    "</svg>"
)


@dataclass(frozen=True, slots=True)
class FileGonePage:
    """Says that a file stands in the ticket, but its bytes cannot be read."""

    template: ClassVar[str] = "desk_file_gone.html"
    agent: Agent
    number: str
    name: str


def router(parts: Parts) -> APIRouter:
    """Return the routes of files in tickets."""
    files, routes = _Files(parts), APIRouter()
    guarded = DeskRoutes(parts, routes)
    guarded.add_route("/desk/tickets/{number}/files/{id}", files.save)
    guarded.add_route("/desk/tickets/{number}/files/{id}/image", files.look)
    return routes


class _Files:
    """Answers the requests for files."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._pictures = parts, Pictures()

    def save(self, request: Request, agent: Agent) -> Response:
        """Hand out a file to be saved under its name; a page says so when its bytes are lost."""
        file = self._file(request)
        try:
            data = self._parts.store.bytes_of(file)
        except Lost:
            page = FileGonePage(agent, request.path_params["number"], file.name)
            return self._parts.show(request, page, 404, PRIVATE)
        return Response(data, headers={**SHUT, "Content-Type": file.media_type, "Content-Disposition": _saved(file)})

    def look(self, request: Request, _agent: Agent) -> Response:
        """Show an image drawn anew; one that cannot be drawn, or is lost, is a picture that says so."""
        file = self._file(request)
        if file.media_type not in IMAGES:
            raise HTTPException(404)
        try:
            picture = self._pictures.of(file.sha256, file.media_type, self._parts.store.bytes_of(file))
        except Lost:
            return self._placeholder(request, 404)
        if picture is None:
            return self._placeholder(request, 422)
        return Response(picture, headers={**SHUT, "Content-Type": PICTURE_TYPE})

    def _file(self, request: Request) -> KeptFile:
        """Return the file of this ticket with this id; another ticket's file is as unknown as none."""
        number, told = request.path_params["number"], request.path_params["id"]
        known = told.isascii() and told.isdigit() and len(told) <= MAX_ID
        try:
            file = self._parts.store.file(number, int(told)) if known else None
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        if file is None:
            raise HTTPException(404)
        return file

    def _placeholder(self, request: Request, status: int) -> Response:
        words = self._parts.templates.words[self._parts.reader(request).lang]
        drawn = _PLACEHOLDER.format(words=escape(words.gettext(NO_PICTURE)))
        return Response(drawn, status, {**SHUT, "Content-Type": "image/svg+xml"})


def _saved(file: KeptFile) -> str:
    """Return the header that makes a browser save a file, whatever it is, under its name."""
    return f"attachment; filename=\"{_UNPLAIN.sub('_', file.name)}\"; filename*=UTF-8''{quote(file.name, safe='')}"
