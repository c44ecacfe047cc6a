"""Health: whether the portal can do its work, for monitors and for whoever is called at night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from app.database import StoreUnavailable
from app.tickets.parcel import DeliveryState

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.tickets.collector import Collector
    from app.tickets.mailbag import Mailbag
    from app.tickets.outbox import Outbox
    from app.web.pages import Parts

HEADERS = {"Cache-Control": "no-store"}
STUCK = (DeliveryState.DEAD, DeliveryState.REFUSED)


def router(parts: Parts, outbox: Outbox, mailbag: Mailbag, collector: Collector | None = None) -> APIRouter:
    """Return the route of the health report."""
    routes = APIRouter()

    def health(_request: Request) -> Response:
        report = health_report(parts, outbox, mailbag, collector)
        return JSONResponse(report, 503 if report["status"] == "down" else 200, headers=HEADERS)

    routes.add_route("/health", health)
    return routes


def health_report(parts: Parts, outbox: Outbox, mailbag: Mailbag, collector: Collector | None = None) -> dict[str, Any]:
    """Return what works.

    "ok": everything · "degraded" (200): words only, tickets and mails that reach nobody, a mailbox that cannot
    be read, or articles older than what authors pushed, or that would be: the builder ends again and again
    (`articles_trouble` names it) · "down" (503): no database. Only who has a mailbox is told of it.
    """
    counts, mails = _counts(outbox), _counts(mailbag)
    meaning = parts.searcher.by_meaning
    status = _status(counts, mails, meaning=meaning)
    inbox = collector.last if collector else None
    failure = parts.publications.read().failure if parts.publications else None
    failing = failure is not None
    return {
        "status": "degraded" if status == "ok" and (failing or (inbox and not inbox.works)) else status,
        "version": parts.searcher.index.version,
        "articles": len(parts.searcher.index.rendered),
        "meaning": "on" if meaning else "off",
        "database": "unavailable" if counts is None else "ok",
        "deliveries": {"pending": _number(counts, DeliveryState.PENDING), "dead": _number(counts, *STUCK)},
        "mails": {state: _number(mails, state) for state in (DeliveryState.PENDING, *STUCK)},
        **({"articles_pulled": not failing} if parts.publications else {}),
        **({"articles_trouble": failure.trouble} if failure else {}),
        **({"inbox": {"works": inbox.works, "unclear": inbox.unclear}} if inbox else {}),
    }


def _counts(outbox: Outbox | Mailbag) -> dict[DeliveryState, int] | None:
    try:
        return outbox.counts()
    except StoreUnavailable:
        return None


def _number(counts: dict[DeliveryState, int] | None, *states: DeliveryState) -> int | None:
    return None if counts is None else sum(counts[state] for state in states)


def _status(counts: dict[DeliveryState, int] | None, mails: dict[DeliveryState, int] | None, *, meaning: bool) -> str:
    """Judge; a mail that was refused is no illness of ours: customers mistype their address."""
    if counts is None or mails is None:
        return "down"
    return "ok" if meaning and not _number(counts, *STUCK) and not mails[DeliveryState.DEAD] else "degraded"
