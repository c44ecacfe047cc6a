"""Figures: the page for staff, and the same as a file for spreadsheets."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from app.database import StoreUnavailable
from app.learning.figures import MOST_DAYS, Period
from app.web.desk import DeskRoutes
from app.web.figures_page import Chart, FiguresPage, Sheet, figures_page
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS
from app.web.words import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from starlette.requests import Request

    from app.desk.agent import Agent
    from app.web.pages import Parts
    from app.web.reader import Reader

USUAL_DAYS = 30
EARLIEST = date(2000, 1, 1)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins like this for a formula."""
BOM = "\ufeff"
"""Without it Excel reads umlauts as two letters each."""


def router(parts: Parts) -> APIRouter:
    """Return the routes of figures."""
    figures, routes = _Figures(parts), APIRouter()
    guarded = DeskRoutes(parts, routes)
    guarded.add_route("/desk/figures", figures.page)
    guarded.add_route("/desk/figures.csv", figures.file)
    return routes


class _Figures:
    """Answers the requests for figures."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def page(self, request: Request, agent: Agent) -> Response:
        """Show the figures of a period."""
        reader = self._parts.reader(request)
        return self._parts.show(request, self._made(request, agent, reader), headers=PRIVATE, reader=reader)

    def file(self, request: Request, agent: Agent) -> Response:
        """Hand out the figures of a period."""
        reader = self._parts.reader(request)
        page = self._made(request, agent, reader)
        name = f"wegweiser-{page.first}-{page.last}.csv"
        headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(csv_of(page), headers=headers, media_type="text/csv; charset=utf-8")

    def _made(self, request: Request, agent: Agent, reader: Reader) -> FiguresPage:
        first, last = (request.query_params.get(name, "") for name in ("from", "to"))
        period = read_period(first, last, reader.now)
        try:
            shown = period or usual_period(reader.now)
            facts = self._parts.tally.facts(shown)
        except StoreUnavailable as error:
            raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
        words = self._parts.templates.words[reader.lang]
        return figures_page(agent, facts, shown, words, reader.now, wrong=period is None)


def usual_period(now: datetime) -> Period:
    """Return the last days, today included."""
    zone = ZoneInfo(ZONE)
    today = now.astimezone(zone).date()
    return Period(today - timedelta(days=USUAL_DAYS - 1), today, zone)


def read_period(first: str, last: str, now: datetime) -> Period | None:
    """Return the period of an address, the usual one where it names none, and None where it names none that is one."""
    if not first and not last:
        return usual_period(now)
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last), ZoneInfo(ZONE))
    except ValueError:
        return None
    latest = now.astimezone(period.zone).date()
    return period if EARLIEST <= period.first <= period.last <= latest and period.days <= MOST_DAYS else None


def csv_of(page: FiguresPage) -> str:
    """Return the figures as a file that German spreadsheets open, and in which no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in _rows(page))
    return BOM + text.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that is read as text."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def _rows(page: FiguresPage) -> Iterator[tuple[str, ...]]:
    yield (page.first.isoformat(), page.last.isoformat())
    for tile in page.tiles:
        yield (tile.name, tile.value, tile.trend, tile.formula)
    tables: tuple[Chart | Sheet, ...] = (*page.charts, *page.sheets)
    for table in tables:
        yield from ((), (table.title,), table.heads, *table.rows)
