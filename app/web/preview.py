"""Preview: the page that shows an article file as customers and agents will see it, and where it will be found."""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from fastapi import FastAPI, HTTPException
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from app.articles.asking import questions_of
from app.articles.finding import Finding
from app.articles.proof import Proof
from app.search.query import normalise
from app.search.ranking import State
from app.search.standing import Standing
from app.web.articles import MEDIA_TYPES
from app.web.body import article_body
from app.web.call_answer import answer_of
from app.web.call_article import MEDIA, CallArticle, for_agents
from app.web.headers import Headers
from app.web.limits import Limits
from app.web.reader import Reader, guess_reader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from starlette.requests import Request

    from app.articles.article import Rendered
    from app.search.searcher import Searcher
    from app.web.pages import Templates
    from app.web.words import Words

HOSTS = frozenset({"127.0.0.1", "localhost"})
LISTED = 5
"""Results of a query that is tried."""
_PLACES = re.compile(r'(<(?:h[1-6]|li class="step") id="|<a (?:class="anchor" )?href="#)')


@dataclass(frozen=True, slots=True)
class Found:
    """Where the article stands for its own questions, and how far the index is that tells."""

    state: Literal["waiting", "building", "ready", "failed"] = "waiting"
    standings: tuple[Standing, ...] = ()
    done: int = 0
    total: int = 0
    reason: str = ""
    by_words: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """How the file stands; each change has a revision of its own."""

    revision: int
    path: str
    proof: Proof | None = None
    findings: tuple[Finding, ...] = ()
    found: Found = Found()


class Watched(Protocol):
    """A file that is watched."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End."""
        ...

    def look(self) -> Shown:
        """Return how it stands now."""
        ...

    def searcher(self) -> Searcher | None:
        """Return what searches the index with it; None while there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Tried:
    """One result of a query that was tried."""

    title: str
    heading: str
    percent: int
    own: bool


@dataclass(frozen=True, slots=True)
class Customers:
    """The article as customers read it."""

    title: str
    summary: str
    body: Markup


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """The whole preview."""

    template: ClassVar[str] = "preview.html"
    tag: str
    path: str
    lang: str
    current: bool
    customers: Customers | None
    agents: CallArticle | None
    findings: tuple[Finding, ...]
    errors: int
    found: Found
    good: int
    """Of its questions and title: how many find it."""
    query: str
    outcome: State | None
    """None where no query was tried, or there is nothing to try it with yet."""
    tried: tuple[Tried, ...]


def create(watched: Watched, templates: Templates, clock: Callable[[], datetime]) -> FastAPI:
    """Return the server of a preview; it answers on this machine's own names only."""
    pages = Previews(watched, templates, clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        watched.start()
        yield
        watched.stop()

    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan,
        middleware=[Middleware(Headers, refuse=refuse), Middleware(Limits, refuse=refuse, hosts=HOSTS)],
    )  # fmt: skip
    app.add_route("/", pages.page)
    app.add_route("/media/{path:path}", pages.picture)
    app.add_route(MEDIA + "{path:path}", pages.picture)
    app.mount("/static", templates.statics)
    app.add_exception_handler(404, lambda request, _error: refuse(request, 404))
    return app


def refuse(_request: Request, status: int) -> Response:
    """Answer in one line what cannot be had here."""
    text = "The preview shows one article and nothing else. Go back to /." if status == 404 else f"Refused: {status}."  # noqa: PLR2004
    return PlainTextResponse(text, status)


class Previews:
    """The endpoints of a preview."""

    def __init__(self, watched: Watched, templates: Templates, clock: Callable[[], datetime]) -> None:
        self._watched, self._templates, self._clock = watched, templates, clock
        self._start = secrets.token_hex(4)

    async def page(self, request: Request) -> Response:
        """Answer with the page as the file stands now; 304 when nothing has changed."""
        return await run_in_threadpool(self._page, request)

    def picture(self, request: Request) -> Response:
        """Answer with an image beside the articles: the name is a key, never a path."""
        proof = self._watched.look().proof
        file = proof.pictures.get(request.path_params["path"]) if proof else None
        kind = MEDIA_TYPES.get(file.suffix.lower()) if file else None
        if file is None or kind is None or not file.is_file():
            raise HTTPException(404)
        return FileResponse(file, media_type=kind, headers={"Cache-Control": "no-cache"})

    def _page(self, request: Request) -> Response:
        shown = self._watched.look()
        reader = self._reader(request, shown)
        query = normalise(request.query_params.get("q", ""))
        tag = self._tag(shown, f"{reader.lang} {query}")
        kept = {"ETag": tag, "Cache-Control": "no-cache", "Content-Language": reader.lang}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=kept)
        page = preview_page(shown, self._templates.words[reader.lang], tag)
        html = self._templates.render(with_query(page, self._watched.searcher(), query, shown), reader)
        return HTMLResponse(html.encode("utf-8", "replace"), headers=kept)

    def _reader(self, request: Request, shown: Shown) -> Reader:
        """Return the reader: without a wish of its own the page speaks the language of the file."""
        reader = guess_reader(request, self._clock())
        article = shown.proof.article if shown.proof else None
        return reader if reader.explicit or article is None else replace(reader, lang=article.lang)

    def _tag(self, shown: Shown, wish: str) -> str:
        digest = hashlib.sha256(wish.encode("utf-8", "replace")).hexdigest()[:8]
        return f'W/"{self._start}-{shown.revision}-{digest}"'


def preview_page(shown: Shown, words: Words, tag: str) -> PreviewPage:
    """Return the page of a file, without any query that is tried."""
    proof, findings = shown.proof, shown.findings
    article = proof.article if proof else None
    return PreviewPage(
        tag=tag,
        path=shown.path,
        lang=article.lang if article else words.lang,
        current=bool(proof and proof.current),
        customers=customers(proof.public, words) if proof and proof.public else None,
        agents=agents(proof, proof.internal, words) if proof and proof.internal else None,
        findings=findings,
        errors=sum(one.level == "error" for one in findings),
        found=shown.found,
        good=sum(one.found for one in shown.found.standings),
        query="",
        outcome=None,
        tried=(),
    )


def customers(public: Rendered, words: Words) -> Customers:
    """Return the article as customers read it."""
    return Customers(public.article.title, public.article.summary, article_body(public, words))


def agents(proof: Proof, internal: Rendered, words: Words) -> CallArticle:
    """Return the article as agents read it beside a call; its places are named apart from those for customers."""
    article = internal.article
    body = for_agents(article_body(internal, words), words)
    shelf = next((one for one in proof.library.categories if one.slug == article.category), None)
    return CallArticle(
        slug=article.slug,
        lang=article.lang,
        title=article.title,
        category=shelf.title.get(words.lang, "") if shelf else article.category,
        internal=article.visibility == "internal",
        sentence="",
        answer=replace(answer_of(internal, proof.public, ""), found=True),
        url="",
        clipping="",
        questions=questions_of(article),
        body=Markup(_PLACES.sub(r"\1agents-", str(body))),  # noqa: S704 - sanitised before; only names were changed
        steps=len(internal.steps),
    )


def with_query(page: PreviewPage, searcher: Searcher | None, query: str, shown: Shown) -> PreviewPage:
    """Return the page with what a query finds."""
    article = shown.proof.article if shown.proof else None
    if not query or searcher is None or article is None:
        return replace(page, query=query)
    found = searcher.search(query, article.lang, LISTED)
    rows = tuple(
        Tried("".join(part.text for part in one.title), one.heading, round(one.confidence * 100),
              one.slug == article.slug)
        for one in found.results
    )  # fmt: skip
    return replace(page, query=query, outcome=found.state, tried=rows)
