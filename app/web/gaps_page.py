"""The page of gaps: each in people's own words, with what it cost and how it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from app.desk.agent import Agent
from app.learning.gap_list import GapState
from app.web.shelf import in_language
from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.articles.article import Language
    from app.learning.gap_list import KnownGap
    from app.search.index import Index
    from app.web.words import Words

WIDTH, HEIGHT = 96, 28  # of the small chart, in its own units
HALF = 4  # weeks that are compared with those before


@dataclass(frozen=True, slots=True)
class Bar:
    """The askers of one week, in the chart's own units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Near:
    """An article that is near; without an address where customers cannot read it."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A question of a gap that is solved, with the article that answers it today, if any does."""

    text: str
    lang: str
    answer: Near | None


@dataclass(frozen=True, slots=True)
class GapRow:
    """A gap as the page lists it."""

    id: int
    title: str
    lang: str
    others: tuple[str, ...]
    people: int
    tickets: int
    trend: str
    weeks: str
    """The same as the chart, in words."""
    bars: tuple[Bar, ...]
    nearest: tuple[Near, ...]
    state: str
    asked: tuple[AskedRow, ...] = ()
    """Each question with its answer, where the gap is solved."""
    since: datetime | None = None
    """Since when it is."""


@dataclass(frozen=True, slots=True)
class GapsPage:
    """What to write next."""

    template: ClassVar[str] = "gaps.html"
    agent: Agent
    open: tuple[GapRow, ...]
    solved: tuple[GapRow, ...]
    """Those that an article answers today."""
    decided: tuple[GapRow, ...]
    changed: GapRow | None
    """The gap that was just decided about."""
    made_at: datetime | None
    feed: str = ""
    """Address of the agent's own feed."""


def gaps_page(agent: Agent, found: Sequence[KnownGap], index: Index, words: Words, changed: str) -> GapsPage:
    """Return the page of what was found last; `changed` is the number of the gap that was just decided about."""
    rows = {gap.id: _row(gap, index, words) for gap in found if gap.words}
    solved = {gap.id for gap in found if gap.answered and gap.state is not GapState.IGNORED}
    others = [gap for gap in found if gap.id in rows and gap.id not in solved]
    return GapsPage(
        agent=agent,
        open=tuple(rows[gap.id] for gap in others if gap.state is GapState.OPEN),
        solved=tuple(row for row in rows.values() if row.id in solved),
        decided=tuple(rows[gap.id] for gap in others if gap.state is not GapState.OPEN),
        changed=next((row for row in rows.values() if str(row.id) == changed), None),
        made_at=max((gap.made_at for gap in found), default=None),
    )


def heads_of(words: Words) -> tuple[str, ...]:
    """Return the first row of the table."""
    heads = (msg("Frage"), msg("Personen"), msg("Tickets"), msg("Entwicklung"), msg("Nächste Artikel"),
             msg("Auch so gefragt"))  # fmt: skip
    return tuple(map(words.gettext, heads))


def trend_of(weeks: Sequence[int], words: Words) -> str:
    """Return in words how the last weeks differ from those before."""
    late, early = sum(weeks[-HALF:]), sum(weeks[:-HALF])
    if not early:
        return words.gettext(msg("neu"))
    if late == early:
        return words.gettext(msg("gleich bleibend"))
    return words.gettext(msg("nimmt zu") if late > early else msg("nimmt ab"))


def _row(gap: KnownGap, index: Index, words: Words) -> GapRow:
    lang: Language = "en" if gap.langs[0] == "en" else "de"
    told = words.gettext(msg("Personen je Woche, die letzte zuletzt: {weeks}"))
    return GapRow(
        gap.id, gap.words[0], lang, gap.words[1:], gap.people, gap.tickets, trend_of(gap.weeks, words),
        told.replace("{weeks}", ", ".join(map(words.number, gap.weeks))), _bars(gap.weeks),
        tuple(_near(index, slug, lang) for slug in gap.nearest if index.editions(slug)), gap.state.value,
        _asked(gap, index), gap.answered_at,
    )  # fmt: skip


def _asked(gap: KnownGap, index: Index) -> tuple[AskedRow, ...]:
    """Return each question with the article that answers it; an article that is gone answers nothing."""
    asked = zip(gap.words, gap.langs, gap.answers, strict=True) if gap.answered else ()
    return tuple(
        AskedRow(text, lang, _near(index, slug, "en" if lang == "en" else "de") if index.editions(slug) else None)
        for text, lang, slug in asked
    )


def _near(index: Index, slug: str, lang: Language) -> Near:
    article = in_language(index.editions(slug), lang).article
    return Near(article.title, f"/articles/{slug}" if article.visibility == "public" else "")


def _bars(weeks: Sequence[int]) -> tuple[Bar, ...]:
    most, slot = max(weeks, default=0) or 1, WIDTH / max(1, len(weeks))
    heights = [(HEIGHT - 2) * count / most for count in weeks]
    return tuple(
        Bar(round(place * slot + 1, 1), round(HEIGHT - 1 - height, 1), round(slot - 3, 1), round(height, 1))
        for place, height in enumerate(heights)
    )
