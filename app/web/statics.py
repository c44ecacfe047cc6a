"""Static files: styles, scripts and icons under an address that changes with their content."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Scope

FOREVER = "public, max-age=31536000, immutable"
STYLES = "site.css"


class Statics(StaticFiles):
    """Serves /static/<version>/<name>.

    The version is part of the path and not of the query, so that a script that imports "./trail.js" gets the
    trail of its own version. All files of css/ are served joined as site.css: one request, one cache entry.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._folder = folder
        self.styles = b"\n".join(path.read_bytes() for path in sorted(folder.glob("css/*.css")))
        self.version = _version(folder)

    def url(self, name: str) -> str:
        """Return the address of a file as it is now."""
        return f"/static/{self.version}/{name}"

    def path(self, name: str) -> Path:
        """Return where a file is on disk."""
        return self._folder / name

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file; only its own version may be kept forever."""
        version, _, name = path.replace("\\", "/").partition("/")
        response = self._styles() if name == STYLES else await super().get_response(name, scope)
        response.headers["Cache-Control"] = FOREVER if version == self.version else "no-cache"
        return response

    def _styles(self) -> Response:
        return Response(self.styles, media_type="text/css")


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
