"""The feed of gaps: what to write next, for a feed reader that cannot sign in, under an address of each agent's own."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar

from fastapi import HTTPException

from app.database import StoreUnavailable
from app.desk.access import may
from app.web.feeds import Entry
from app.web.gaps_page import gaps_page
from app.web.pages import PRIVATE
from app.web.refusals import RETRY_SECONDS
from app.web.words import msg

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.desk.agent import Agent
    from app.web.gaps_page import GapRow, GapsPage
    from app.web.pages import Parts
    from app.web.reader import Reader
    from app.web.words import Words

PATH = "/desk/gaps.xml"
ENTRIES = 20
LARGEST = 2**31 - 1
"""Numbers of agents end here; a greater one is nobody's."""


@dataclass(frozen=True, slots=True)
class GapsFeedPage:
    """The costliest gaps, each of which counts as new once a week."""

    template: ClassVar[str] = "gaps.xml"
    url: str
    home: str
    updated: datetime
    entries: tuple[Entry, ...]


def feed_address(parts: Parts, reader: Reader, agent: Agent) -> str:
    """Return the address of an agent's feed; a new password or a disabled account ends it. Raise StoreUnavailable."""
    path = reader.url(PATH, agent=agent.id, key=_key(parts, agent.id))
    return f"{parts.site.base_url}{path}"


def feed(parts: Parts, request: Request) -> Response:
    """Answer with the gaps that are open, as Atom; 404 for a key that is not the agent's, as for any unknown page."""
    parts.limiter.check("search", request)
    reader = parts.reader(request)
    try:
        agent = _agent(parts, request)
        found = parts.gap_list.every() if agent and parts.gap_list else None
    except StoreUnavailable as error:
        raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)}) from error
    if agent is None or found is None:
        raise HTTPException(404)
    words = parts.templates.words[reader.lang]
    listed = gaps_page(agent, found, parts.internal.index, words, "")
    response = parts.show(request, _page(listed, parts.site.base_url, reader, words), 200, PRIVATE, reader)
    response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return response


def _agent(parts: Parts, request: Request) -> Agent | None:
    named, given = request.query_params.get("agent", ""), request.query_params.get("key", "")
    if not (named.isascii() and named.isdecimal()) or int(named[:11]) > LARGEST:
        return None
    known = parts.accounts.known(int(named))
    right = hmac.compare_digest(given.encode(), _key(parts, int(named)).encode())
    return known[0] if known and right and may(known[0].role, PATH) else None


def _key(parts: Parts, agent_id: int) -> str:
    known = parts.accounts.known(agent_id)
    return parts.keys.of(f"gaps feed {agent_id} {known[1] if known else ''}")


def _page(listed: GapsPage, base: str, reader: Reader, words: Words) -> GapsFeedPage:
    """Return the feed; its days are Mondays, so that no reader shows the same gap as new more than once a week."""
    day = (listed.made_at or reader.now).date()
    monday = datetime.combine(day - timedelta(days=day.weekday()), time(), UTC)
    entries = tuple(_entry(row, base, reader, words, monday) for row in listed.open[:ENTRIES])
    return GapsFeedPage(base + PATH, base + reader.url("/desk/gaps"), monday, entries)


def _entry(row: GapRow, base: str, reader: Reader, words: Words, monday: datetime) -> Entry:
    people = words.ngettext("%(num)s Person", "%(num)s Personen", row.people).replace("%(num)s", str(row.people))
    tickets = words.ngettext("%(num)s Ticket", "%(num)s Tickets", row.tickets).replace("%(num)s", str(row.tickets))
    others = f"{words.gettext(msg('Auch so gefragt'))}: {' | '.join(row.others)}" if row.others else ""
    said = ". ".join(filter(None, (f"{people}, {tickets}, {row.trend}", others)))
    return Entry(base + reader.url("/desk/gaps", f"gap-of-{row.id}"), row.title, said, monday)
