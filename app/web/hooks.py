"""Hooks: the address that a git server calls after a push. It wakes the builder and does nothing else.

So a call that is sent again, or for another branch, costs one look at the remote and changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.requests import Request

    from app.articles.publication import Publications
    from app.web.pages import Parts

SIGNATURES = ("X-Hub-Signature-256", "X-Gitea-Signature")
"""Headers of GitHub and of Gitea or Forgejo: HMAC-SHA256 of the body in hexadecimals."""
TOKEN = "X-Gitlab-Token"  # noqa: S105 - the name of a header
"""Header of GitLab, which sends the secret itself."""

log = logging.getLogger(__name__)


def router(parts: Parts, secret: str) -> APIRouter:
    """Return the route of the webhook; without a secret there is none."""
    routes = APIRouter()

    async def articles(request: Request) -> Response:
        if not secret or parts.publications is None:
            raise HTTPException(404)
        parts.limiter.check("hook", request)
        if not is_signed(await request.body(), request.headers, secret):
            log.warning("A call of /hooks/articles was refused: its signature is wrong.")
            raise HTTPException(403)
        await run_in_threadpool(wake, parts.publications)
        return Response(status_code=202, headers=PRIVATE)

    routes.add_route("/hooks/articles", articles, methods=["POST"])
    return routes


def is_signed(body: bytes, headers: Headers, secret: str) -> bool:
    """Return whether a call comes from who knows the secret; comparing takes as long for every wrong one."""
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = (headers.get(name, "").removeprefix("sha256=") for name in SIGNATURES)
    signed = [same(one, wanted) for one in given]
    return any((*signed, same(headers.get(TOKEN, ""), secret)))


def same(one: str, other: str) -> bool:
    """Compare two texts in a time that tells nothing of them."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())


def wake(publications: Publications) -> None:
    """Let the builder look; 503 when it cannot be told."""
    try:
        publications.wake()
    except OSError as error:
        raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
