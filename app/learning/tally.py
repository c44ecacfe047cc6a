"""The tally: reads what figures are made of, in one query for each kind of fact."""

from __future__ import annotations

from dataclasses import dataclass
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
)

from app.database import Moment, reading
from app.learning.figures import ArticleUse, Call, Counted, Facts, Scored, Worked
from app.learning.journal import feedback, solutions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Select

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
        since, until = period.before.begins, period.ends
        with reading(self.engine) as connection:
            return Facts(
                [Worked(*row) for row in connection.execute(_worked(since, until))],
                [Call(*row) for row in connection.execute(_calls(since, until))],
                [Counted(*row) for row in connection.execute(_counted(since, until))],
                [Scored(*row) for row in connection.execute(_scores(since, until))],
                connection.scalars(select(tickets.c.opened_at).where(tickets.c.state.not_in(DONE))).all(),
                _articles(connection, period),
            )


def _within(moment: Any, since: datetime, until: datetime) -> Any:
    return and_(moment >= since, moment < until)


def _leaves() -> Any:
    """Match the change by which a ticket is done: that it is closed after it was solved is no second one."""
    return and_(changes.c.what == "state", changes.c.became.in_(DONE), changes.c.was.not_in(DONE))


def _worked(since: datetime, until: datetime) -> Select[Any]:
    last = select(changes.c.ticket_id, func.max(changes.c.at, type_=Moment).label("at"))
    solved = last.where(_leaves(), _within(changes.c.at, since, until)).group_by(changes.c.ticket_id).subquery()
    of_ticket = tickets.outerjoin(solved, solved.c.ticket_id == tickets.c.id)
    told = (tickets.c.opened_at, tickets.c.answered_at, solved.c.at, tickets.c.category, tickets.c.level)
    asked = or_(_within(tickets.c.answered_at, since, until), solved.c.at.is_not(None))
    return select(*told).select_from(of_ticket).where(asked)


def _calls(since: datetime, until: datetime) -> Select[Any]:
    of_agent = contacts.join(agents, agents.c.id == contacts.c.agent_id)
    ended = select(contacts.c.ended_at, contacts.c.outcome, agents.c.role).select_from(of_agent)
    return ended.where(_within(contacts.c.ended_at, since, until))


def _counted(since: datetime, until: datetime) -> Any:
    def kind(name: str, moment: Any, *where: Any) -> Select[Any]:
        return select(moment.label("at"), literal(name).label("kind")).where(_within(moment, since, until), *where)

    at = changes.c.at
    again = (changes.c.what == "state", changes.c.was.in_(DONE), changes.c.became.not_in(DONE))
    return union_all(
        kind("in", tickets.c.opened_at), kind("out", at, _leaves()), kind("reopened", at, *again),
        kind("escalated", at, changes.c.what == "level", changes.c.became > changes.c.was),
        kind("self", solutions.c.at), kind("decided", suggestions.c.at),
        kind("taken", suggestions.c.at, suggestions.c.suggested == suggestions.c.chosen),
    )  # fmt: skip


def _scores(since: datetime, until: datetime) -> Select[Any]:
    given = _within(ratings.c.at, since, until)
    return select(ratings.c.at, ratings.c.score).where(given, ratings.c.score.is_not(None))


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
