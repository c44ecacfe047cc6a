"""The page of figures: each with its value, its trend and its formula in words, and charts that are tables too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from app.desk.agent import Agent
from app.learning.figures import Figures, Period, ages, figures_of, flow, most_failing, most_used
from app.web.words import Words, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from app.learning.figures import Facts, Group, Happened, Spread

    Rows = Sequence[tuple[str, *tuple[int, ...]]]

WIDTH, HEIGHT, FOOT = 720, 200, 24  # of a chart, in its own units
MOST_LABELS = 8
ROLES = {"first": msg("Erste Ebene"), "second": msg("Zweite Ebene"), "third": msg("Dritte Ebene"),
         "administrator": msg("Verwaltung"), "author": msg("Redaktion")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: its name, its value, how it was before, and how it is made."""

    name: str
    value: str
    trend: str
    formula: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart, in the chart's own units."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word below a chart."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Groups of bars, and the same as a table."""

    id: str
    title: str
    about: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    top: str
    """What the highest bar stands for."""
    is_empty: bool
    """Whether there is no bar to be seen."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of figures."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    formula: str = ""


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """The figures of a period beside those of the one before."""

    template: ClassVar[str] = "figures.html"
    agent: Agent
    first: date
    last: date
    presets: tuple[tuple[int, date, bool], ...]
    """Days, their first one, and whether these are shown."""
    wrong: bool
    """Whether the address named no period; then the usual one is shown."""
    is_empty: bool
    tiles: tuple[Tile, ...]
    charts: tuple[Chart, ...]
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """Figures as one language tells them."""

    words: Words
    now: Figures
    before: Figures

    def share(self, name: str, formula: str, get: Callable[[Figures], float | None]) -> Tile:
        """Return a share as per cent; its trend is in points."""
        now, before = get(self.now), get(self.before)
        change = None if now is None or before is None else round(now * 100) - round(before * 100)
        unit = self.words.gettext(msg("Prozentpunkte"))
        return Tile(self._say(name), self.percent(now), self._trend(change, unit), self._say(formula))

    def hours(self, name: str, formula: str, get: Callable[[Figures], Spread]) -> Tile:
        """Return a median with the 90th percentile."""
        now, before = get(self.now), get(self.before).median
        change = None if now.median is None or before is None else round(now.median - before, 1)
        ninth = self._say(msg("9 von 10 in höchstens"))
        value = self.duration(now.median) + (f" ({ninth} {self.duration(now.ninth)})" if now.count else "")
        return Tile(self._say(name), value, self._trend(change, self._say(msg("Std."))), self._say(formula))

    def mean(self, name: str, formula: str) -> Tile:
        """Return the mean satisfaction."""
        now, before = self.now.satisfaction, self.before.satisfaction
        change = None if now is None or before is None else round(now - before, 1)
        value = "–" if now is None else f"{self.words.number(round(now, 1))} / 5"
        return Tile(self._say(name), value, self._trend(change, ""), self._say(formula))

    def percent(self, value: float | None) -> str:
        """Return a share, or a dash where there is none."""
        return "–" if value is None else f"{round(value * 100)} %"

    def duration(self, hours: float | None) -> str:
        """Return hours with one digit, or a dash."""
        return "–" if hours is None else f"{self.words.number(round(hours, 1))} {self._say(msg('Std.'))}"

    def _trend(self, change: float | None, unit: str) -> str:
        if change is None:
            return self._say(msg("davor keine Zahlen"))
        if not change:
            return self._say(msg("wie davor"))
        sign, word = ("▲ +", msg("mehr als davor")) if change > 0 else ("▼ −", msg("weniger als davor"))
        return " ".join(f"{sign}{self.words.number(abs(change))} {unit} {self._say(word)}".split())

    def _say(self, text: str) -> str:
        return self.words.gettext(text)


def figures_page(  # noqa: PLR0913 - what a page shows, to whom and when
    agent: Agent, facts: Facts, period: Period, words: Words, now: datetime, *, wrong: bool = False
) -> FiguresPage:
    """Return the page."""
    telling = Telling(words, figures_of(facts.now), figures_of(facts.before))
    today = now.astimezone(period.zone).date()
    return FiguresPage(
        agent=agent, first=period.first, last=period.last, wrong=wrong,
        presets=tuple((days, first, (period.first, period.last) == (first, today))
                      for days in (7, 30, 90) for first in (_first(today, days),)),
        is_empty=telling.now.is_empty and not facts.articles,
        tiles=tiles(telling),
        charts=(_flow(facts.now, period, words), _scores(telling)),
        sheets=sheets(telling, facts, now),
    )  # fmt: skip


def tiles(telling: Telling) -> tuple[Tile, ...]:
    """Return the six figures on top."""
    return (
        telling.share(msg("Im ersten Kontakt gelöst"),
                      msg("Kontakte, die als gelöst endeten, geteilt durch alle beendeten Kontakte."),
                      lambda one: one.first_contact),
        telling.hours(msg("Bis zur ersten Antwort"),
                      msg("Median der Stunden, rund um die Uhr, vom Eingang bis zur ersten Antwort; "
                          "gezählt werden Tickets, die im Zeitraum zum ersten Mal beantwortet wurden."),
                      lambda one: one.answer),
        telling.hours(msg("Bis zur Lösung"),
                      msg("Median der Stunden, rund um die Uhr, vom Eingang bis zur letzten Lösung im Zeitraum."),
                      lambda one: one.solution),
        telling.mean(msg("Zufriedenheit"), msg("Mittelwert der Bewertungen von 1 bis 5, die im Zeitraum kamen.")),
        telling.share(msg("Selbst gelöst"),
                      msg("Von Lesern als gelöst gemeldet, geteilt durch diese und alle neuen Tickets."),
                      lambda one: one.self_service),
        telling.share(msg("Vorschläge angenommen"),
                      msg("Vorgeschlagene Themen und Dringlichkeiten, die Mitarbeitende übernommen haben, "
                          "geteilt durch alle, über die entschieden wurde."),
                      lambda one: one.hit_rate),
    )  # fmt: skip


def sheets(telling: Telling, facts: Facts, now: datetime) -> tuple[Sheet, ...]:
    """Return the tables below the charts."""
    say, number = telling.words.gettext, telling.words.number
    waiting = ages(facts, now)
    happened = ((msg("Eingegangen"), "in"), (msg("Erledigt"), "out"), (msg("Wieder geöffnet"), "reopened"),
                (msg("An eine höhere Ebene gegeben"), "escalated"))  # fmt: skip
    counts = [(say(name), *(number(one.counts.get(kind, 0)) for one in (telling.now, telling.before)))
              for name, kind in happened]  # fmt: skip
    roles = [(say(ROLES.get(role, role)), number(count), telling.percent(part))
             for role, (count, part) in telling.now.calls_by_role.items()]  # fmt: skip
    times = (say(msg("Beantwortet")), say(msg("Antwort: Median")), say(msg("Antwort: 9 von 10")),
             say(msg("Gelöst")), say(msg("Lösung: Median")), say(msg("Lösung: 9 von 10")))  # fmt: skip
    used, failing = most_used(facts.articles), most_failing(facts.articles)
    open_now = (number(waiting.count), telling.duration(waiting.median), telling.duration(waiting.ninth))
    every = (
        Sheet(
            say(msg("Tickets")),
            ("", say(msg("Zeitraum")), say(msg("davor"))),
            tuple(counts),
            say(msg("Erledigt ist, was gelöst oder geschlossen wurde; wieder geöffnet, was es danach nicht mehr war.")),
        ),
        Sheet(
            say(msg("Offen, jetzt")),
            (say(msg("Tickets")), say(msg("Alter: Median")), say(msg("Alter: 9 von 10"))),
            (open_now,),
            say(msg("Alle Tickets, die weder gelöst noch geschlossen sind, und die Stunden seit Eingang.")),
        ),
        Sheet(
            say(msg("Nach Ebene")),
            (say(msg("Ebene")), *times),
            _groups(telling, telling.now.by_level),
            say(msg("Die Ebene und das Thema, die das Ticket jetzt hat; Stunden rund um die Uhr.")),
        ),
        Sheet(say(msg("Nach Thema")), (say(msg("Thema")), *times), _groups(telling, telling.now.by_category)),
        Sheet(
            say(msg("Kontakte nach Gruppe")),
            (say(msg("Gruppe")), say(msg("Kontakte")), say(msg("gelöst"))),
            tuple(roles),
        ),
        Sheet(
            say(msg("Meistgenutzte Artikel")),
            (say(msg("Artikel")), say(msg("hat geholfen")), say(msg("in gelösten Kontakten"))),
            tuple((one.slug, number(one.helped), number(one.solved)) for one in used),
            say(msg("Stimmen „hat geholfen“ und gelöste Kontakte, in denen der Artikel benutzt wurde.")),
        ),
        Sheet(
            say(msg("Artikel, die nicht helfen")),
            (say(msg("Artikel")), say(msg("hat nicht geholfen")), say(msg("gemeldet"))),
            tuple((one.slug, number(one.failed), number(one.flagged)) for one in failing),
            say(msg("Stimmen „hat nicht geholfen“ und Meldungen aus Kontakten.")),
        ),
    )
    return tuple(sheet for sheet in every if sheet.rows)


def _groups(telling: Telling, groups: Iterable[Group]) -> tuple[tuple[str, ...], ...]:
    number, hours = telling.words.number, telling.duration
    return tuple(
        (one.name, number(one.answer.count), hours(one.answer.median), hours(one.answer.ninth),
         number(one.solution.count), hours(one.solution.median), hours(one.solution.ninth))
        for one in groups
    )  # fmt: skip


def _flow(facts: Happened, period: Period, words: Words) -> Chart:
    say, found = words.gettext, flow(facts, period)
    rows = [(words.short_day(day), came, went) for day, came, went in found]
    came, went = sum(row[1] for row in rows), sum(row[2] for row in rows)
    about = f"{say(msg('Eingegangen'))}: {words.number(came)}. {say(msg('Erledigt'))}: {words.number(went)}."
    unit = msg("Woche ab") if len(found) < period.days else msg("Tag")
    heads = (say(unit), say(msg("Eingegangen")), say(msg("Erledigt")))
    return _chart("flow", say(msg("Tickets: eingegangen und erledigt")), about, heads, rows, words)


def _scores(telling: Telling) -> Chart:
    say, scores = telling.words.gettext, telling.now.scores
    rows = [(str(score), scores.get(score, 0)) for score in range(1, 6)]
    about = f"{say(msg('Bewertungen'))}: {telling.words.number(sum(scores.values()))}."
    heads = (say(msg("Bewertung")), say(msg("Anzahl")))
    return _chart("scores", say(msg("Zufriedenheit: wie oft welche Bewertung")), about, heads, rows, telling.words)


def _chart(  # noqa: PLR0913, PLR0917 - what a chart shows
    name: str, title: str, about: str, heads: tuple[str, ...], rows: Rows, words: Words
) -> Chart:
    most = max((value for _, *values in rows for value in values), default=0)
    slot, every = WIDTH / max(1, len(rows)), -(-len(rows) // MOST_LABELS)
    bars = [bar for place, (_, *values) in enumerate(rows) for bar in _bars(place * slot, slot, values, most)]
    labels = [Label(round(place * slot + slot / 2, 1), text) for place, (text, *_) in enumerate(rows)
              if place % every == 0]  # fmt: skip
    table = tuple((text, *map(words.number, values)) for text, *values in rows)
    return Chart(name, title, about, heads, table, tuple(bars), tuple(labels), words.number(most), most == 0)


def _bars(left: float, slot: float, values: list[int], most: int) -> list[Bar]:
    width = slot * 0.8 / len(values)
    heights = [(HEIGHT - FOOT) * value / most if most else 0 for value in values]
    return [
        Bar(
            round(left + slot * 0.1 + place * width, 1),
            round(HEIGHT - FOOT - height, 1),
            round(width, 1),
            round(height, 1),
            "first" if place == 0 else "second",
        )
        for place, height in enumerate(heights)
    ]


def _first(today: date, days: int) -> date:
    return date.fromordinal(today.toordinal() - days + 1)
