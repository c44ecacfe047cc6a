"""The tally: reads what figures are made of, in one query for each kind of fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Engine,
    Integer,
    String,
    and_,
    case,
    column,
    func,
    literal,
    or_,
    select,
    table,
    union_all,
    values,
)

from app.database import Moment, reading, seconds_of
from app.learning.figures import ArticleUse, Calls, Facts, Happened, Took
from app.learning.journal import feedback, solutions
from app.learning.uses import uses_since

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

    from app.learning.figures import Period

DONE = ("solved", "closed")
# Learning reads what tickets and the desk have written, and knows no more of them than these columns.
tickets = table("tickets", column("id", Integer), column("opened_at", Moment), column("answered_at", Moment),
                column("category", String), column("level", Integer), column("state", String))  # fmt: skip
changes = table("changes", column("id", Integer), column("ticket_id", Integer), column("at", Moment),
                column("what", String), column("was", String), column("became", String))  # fmt: skip
ratings = table("ratings", column("at", Moment), column("score", Integer))
contacts = table("contacts", column("id", Integer), column("agent_id", Integer), column("ended_at", Moment),
                 column("outcome", String))  # fmt: skip
contact_events = table("contact_events", column("contact_id", Integer), column("kind", String), column("slug", String))
agents = table("agents", column("id", Integer), column("role", String), column("active", Boolean))
flags = table("flags", column("slug", String), column("kind", String), column("at", Moment))
suggestions = table("suggestions", column("suggested", String), column("chosen", String), column("at", Moment))
USED = ("opened", "ticked", "copied", "mailed")


@dataclass(frozen=True, slots=True)
class Tally:
    """What was written down in one database."""

    engine: Engine

    def facts(self, period: Period) -> Facts:
        """Return the facts of a period and the one before; raise StoreUnavailable."""
        with reading(self.engine) as connection:
            open_now = select(seconds_of(connection, tickets.c.opened_at)).where(tickets.c.state.not_in(DONE))
            return Facts(
                _happened(connection, period),
                _happened(connection, period.before),
                connection.scalars(open_now).all(),
                _articles(connection, period),
            )

    def uses(self, since: datetime) -> Mapping[tuple[str, str], int]:
        """Return how often each slug was used in each language since then; raise StoreUnavailable."""
        return uses_since(self.engine, since)


def _happened(connection: Connection, period: Period) -> Happened:
    since, until = period.begins, period.ends
    return Happened(
        [Took(*row) for row in connection.execute(_answers(connection, since, until))],
        [Took(*row) for row in connection.execute(_solutions(connection, since, until))],
        [Calls(*row) for row in connection.execute(_calls(since, until))],
        {(date.fromisoformat(day), kind): count for day, kind, count in connection.execute(_counted(period))},
        {row[0]: row[1] for row in connection.execute(_scores(since, until))},
    )


def _within(moment: Any, since: Any, until: Any) -> Any:
    return and_(moment >= since, moment < until)


def _leaves() -> Any:
    """Match the change by which a ticket is done: that it is closed after it was solved is no second one."""
    return and_(changes.c.what == "state", changes.c.became.in_(DONE), changes.c.was.not_in(DONE))


def _answers(connection: Connection, since: datetime, until: datetime) -> Select[Any]:
    return _took(connection, tickets.c.answered_at).where(_within(tickets.c.answered_at, since, until))


def _solutions(connection: Connection, since: datetime, until: datetime) -> Select[Any]:
    last = select(changes.c.ticket_id, func.max(changes.c.at, type_=Moment).label("at"))
    solved = last.where(_leaves(), _within(changes.c.at, since, until)).group_by(changes.c.ticket_id).subquery()
    return _took(connection, solved.c.at).join(solved, solved.c.ticket_id == tickets.c.id)


def _took(connection: Connection, moment: ColumnElement[Any]) -> Select[Any]:
    """Select seconds and no moments: to make these of tens of thousands of rows takes longer than all the rest."""
    seconds = seconds_of(connection, moment) - seconds_of(connection, tickets.c.opened_at)
    return select(seconds, tickets.c.level, tickets.c.category).select_from(tickets)


def _calls(since: datetime, until: datetime) -> Select[Any]:
    of_agent = contacts.join(agents, agents.c.id == contacts.c.agent_id)
    kind = (agents.c.role, contacts.c.outcome)
    ended = select(*kind, func.count()).select_from(of_agent).where(_within(contacts.c.ended_at, since, until))
    return ended.group_by(*kind).order_by(*kind)


def _counted(period: Period) -> Select[Any]:
    """Count by day and kind. Each day asks for its own rows: how its zone divides the year, no database is told."""
    bounds = [(day.isoformat(), *period.bounds(day)) for day in period]
    columns = (column("day", String), column("begins", Moment), column("ends", Moment))
    days = values(*columns, name="days").data(bounds).cte("days")

    def kind(name: Any, moment: Any, *where: Any) -> Select[Any]:
        within = _within(moment, days.c.begins, days.c.ends)
        return select(days.c.day, name.label("kind")).where(within, *where)

    again = and_(changes.c.what == "state", changes.c.was.in_(DONE), changes.c.became.not_in(DONE))
    climbs = and_(changes.c.what == "level", changes.c.became > changes.c.was)
    turn = case((_leaves(), "out"), (again, "reopened"), (climbs, "escalated"))
    decided, taken = suggestions.c.at, suggestions.c.suggested == suggestions.c.chosen
    every = union_all(
        kind(literal("in"), tickets.c.opened_at), kind(turn, changes.c.at, or_(_leaves(), again, climbs)),
        kind(literal("self"), solutions.c.at), kind(literal("decided"), decided),
        kind(literal("taken"), decided, taken),
    ).subquery()  # fmt: skip
    return select(every.c.day, every.c.kind, func.count()).group_by(every.c.day, every.c.kind)


def _scores(since: datetime, until: datetime) -> Select[int, int]:
    given = _within(ratings.c.at, since, until)
    counted = select(ratings.c.score, func.count()).where(given, ratings.c.score.is_not(None))
    return counted.group_by(ratings.c.score)


def _articles(connection: Connection, period: Period) -> list[ArticleUse]:
    """Count by article, each kind in one grouped query of their union."""
    since, until = period.begins, period.ends

    def kind(slug: Any, name: Any, moment: Any, *where: Any) -> Select[Any]:
        return select(slug.label("slug"), name.label("kind"), func.count().label("count")).where(
            _within(moment, since, until), *where).group_by(slug, name)  # fmt: skip

    in_solved = (contacts.c.id == contact_events.c.contact_id, contacts.c.outcome == "solved",
                 contact_events.c.kind.in_(USED), contact_events.c.slug != "")  # fmt: skip
    once = select(contact_events.c.slug, contact_events.c.contact_id, contacts.c.ended_at).where(*in_solved).distinct()
    used = once.subquery()
    vote = case((feedback.c.helpful, "helped"), else_="failed")
    votes = select(feedback.c.slug, vote.label("kind"), feedback.c.at).subquery()
    said = select(flags.c.slug, literal("flagged").label("kind"), flags.c.at).where(flags.c.slug != "").subquery()
    ended = select(used.c.slug, literal("solved").label("kind"), used.c.ended_at.label("at")).subquery()
    every = union_all(*(kind(one.c.slug, one.c.kind, one.c.at) for one in (votes, said, ended)))
    found: dict[str, dict[str, int]] = {}
    for slug, name, count in connection.execute(every):
        found.setdefault(slug, {})[name] = count
    return [ArticleUse(slug, **counts) for slug, counts in sorted(found.items())]
