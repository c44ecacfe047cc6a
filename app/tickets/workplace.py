"""The workplace of agents: what waits for them, and everything they do with a ticket."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from app.database import reading, writing
from app.text import clean_line
from app.tickets import links
from app.tickets.decision import MAX_VALUE, hit_rates, keep_decision
from app.tickets.news import Changed, Replied, Solved
from app.tickets.past import similar_tickets
from app.tickets.queue import count_queues, find_rows, queue_named, queue_rows
from app.tickets.record import FIRST_LEVEL, mark_solution
from app.tickets.schedule import Schedule
from app.tickets.since import count_changed, since_version
from app.tickets.state import Step, TicketState
from app.tickets.store import Tell
from app.tickets.ticket import check_category, check_message, check_summary, check_tags
from app.tickets.turn import begin_turn
from app.tickets.words import write_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from app.tickets.classification import Past
    from app.tickets.decision import HitRate
    from app.tickets.news import News
    from app.tickets.queue import QueueName, QueueRow
    from app.tickets.since import Since
    from app.tickets.ticket import Ticket, Urgency
    from app.tickets.turn import Agent, Turn

LAST_LEVEL = 3


class WrongLevel(Exception):
    """A ticket cannot be handed from its level to this one that way; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What agents do with the tickets of one database. Each method raises StoreUnavailable when that cannot be used.

    What changes a ticket is one transaction, returns the ticket as staff see it, raises UnknownTicket, IllegalStep,
    and Stale when the ticket is not the `version` any more that the agent has seen. An error has changed nothing.
    """

    engine: Engine
    clock: Callable[[], datetime]
    announce: Callable[[], None] = lambda: None
    """Called after every commit."""
    tell: Tell = lambda *_: None
    """Called in the transaction with what the customer is told by mail."""
    schedule: Schedule = field(default_factory=Schedule)

    def queue(self, name: QueueName | str, agent: Agent, page: int = 1) -> tuple[QueueRow, ...]:
        """Return a page of a queue, counted from 1; raise UnknownQueue."""
        known = queue_named(name)
        with reading(self.engine) as connection:
            return queue_rows(connection, known, agent, page, self.clock())

    def counts(self, agent: Agent) -> Mapping[QueueName, int]:
        """Return how many tickets are in each queue."""
        with reading(self.engine) as connection:
            return count_queues(connection, agent, self.clock())

    def find(self, text: str) -> tuple[QueueRow, ...]:
        """Return the tickets with this number or with all of these words, newest change first, at most 50."""
        with reading(self.engine) as connection:
            return find_rows(connection, text)

    def similar(self, number: str, text: str) -> tuple[Past, ...]:
        """Return the tickets that share most words with a text, nearest first, without the one of this number."""
        with reading(self.engine) as connection:
            return similar_tickets(connection, number, text)

    def hit_rate(self, since: datetime) -> Mapping[str, HitRate]:
        """Return how often agents took what was suggested for category and urgency since then."""
        with reading(self.engine) as connection:
            return hit_rates(connection, since)

    def take(self, number: str, agent: Agent, version: int) -> Ticket:
        """Let the agent have the ticket; raise Taken when another one has it. To take it twice changes nothing."""
        with self._turn(number, agent) as turn:
            turn.refuse_taken()
            if not turn.is_mine:
                turn.begin(version)
                turn.step(Step.TAKE)
                turn.give(agent)
                self._tell_of_first_hand(turn)
            return turn.ticket

    def release(self, number: str, agent: Agent, version: int) -> Ticket:
        """Let nobody have the ticket any more; raise Taken when another agent has it."""
        with self._turn(number, agent) as turn:
            turn.refuse_taken()
            if turn.is_mine:
                turn.begin(version)
                turn.step(Step.RELEASE)
                turn.give(None)
            return turn.ticket

    def assign(self, number: str, to: Agent, who: Agent, version: int) -> Ticket:
        """Let `to` have the ticket, whoever had it; `who` is the agent that says so."""
        with self._turn(number, who) as turn:
            if turn.row.assignee != str(to.id):
                turn.begin(version)
                turn.step(Step.ASSIGN)
                turn.give(to)
                self._tell_of_first_hand(turn)
            return turn.ticket

    def reply(  # noqa: PLR0913 - one form
        self, number: str, agent: Agent, text: str, key: str, version: int, *, waits: bool = False,
    ) -> Ticket:  # fmt: skip
        """Answer the customer; the ticket is open, or `waits` for what the customer says.

        The same reply again changes nothing. Raise Invalid, and KeyReused for another text with the same `key`.
        """
        return self._say(number, agent, check_message(text), key, version, Step.ASK if waits else Step.REPLY)

    def solve(self, number: str, agent: Agent, text: str, key: str, version: int) -> Ticket:
        """Answer the customer with what solves the problem; repeats and errors are those of `reply`."""
        return self._say(number, agent, check_message(text), key, version, Step.SOLVE)

    def note(self, number: str, agent: Agent, text: str, key: str) -> Ticket:
        """Write down what only staff can read, whatever has changed since; repeats and errors are those of `reply`."""
        noted = check_message(text)
        with self._turn(number, agent) as turn:
            if not turn.knows(key, noted, internal=True):
                turn.begin()
                turn.say(noted, key, internal=True)
            return turn.ticket

    def reopen(self, number: str, agent: Agent, version: int) -> Ticket:
        """Open a solved or closed ticket again; the agent who had it has it still."""
        with self._turn(number, agent) as turn:
            turn.begin(version)
            turn.step(Step.REOPEN)
            self.tell(turn.connection, turn.row.id, Changed.REOPENED, turn.now)
            return turn.ticket

    def escalate(self, number: str, agent: Agent, level: int, summary: str, version: int) -> Ticket:
        """Hand the ticket to a higher level with a summary: what is known, what was tried, what is asked.

        Nobody has it then. The summary stays in the ticket as an internal message. Raise Invalid and WrongLevel.
        """
        said = check_summary(summary)
        with self._turn(number, agent) as turn:
            if not turn.row.level < level <= LAST_LEVEL:
                raise WrongLevel(_no_way("escalated", turn, level, f"a higher one, at most {LAST_LEVEL}"))
            turn.begin(version)
            _hand_over(turn, Step.ESCALATE, level, said)
            return turn.ticket

    def hand_back(self, number: str, agent: Agent, level: int, text: str, version: int) -> Ticket:
        """Hand the ticket back to a lower level with an answer, which takes the place of the summary.

        Nobody has it then. The answer stays in the ticket as an internal message. Raise Invalid and WrongLevel.
        """
        said = check_summary(text)
        with self._turn(number, agent) as turn:
            if not FIRST_LEVEL <= level < turn.row.level:
                raise WrongLevel(_no_way("handed back", turn, level, f"a lower one, at least {FIRST_LEVEL}"))
            turn.begin(version)
            _hand_over(turn, Step.RETURN, level, said)
            return turn.ticket

    def set_tags(self, number: str, agent: Agent, tags: str, version: int) -> Ticket:
        """Give the ticket these tags and no others; raise Invalid."""
        return self._set(number, agent, "tags", " ".join(check_tags(tags)), version)

    def set_category(  # noqa: PLR0913 - one form
        self, number: str, agent: Agent, category: str, version: int, known: Collection[str] | None = None,
        *, suggested: str = "",
    ) -> Ticket:  # fmt: skip
        """Put the ticket into a category, one of the `known` if these are given; raise Invalid.

        Where one was `suggested`, it is counted whether the agent took it.
        """
        return self._set(number, agent, "category", check_category(category, known), version, suggested)

    def set_urgency(
        self, number: str, agent: Agent, urgency: Urgency, version: int, *, suggested: str = "",
    ) -> Ticket:  # fmt: skip
        """Say how pressing it is; what was `suggested` is counted as for the category."""
        return self._set(number, agent, "urgency", urgency.value, version, suggested)

    def merge(self, number: str, into: str, agent: Agent, version: int) -> Ticket:
        """Close a duplicate, whose successor is `into`, of the same customer; raise CannotJoin."""
        with self._turn(number, agent, into) as turn:
            links.merge(turn, links.lock_other(turn.connection, number, into), version)
            return turn.ticket

    def part(self, number: str, agent: Agent, version: int) -> Ticket:
        """Undo a merge: the ticket stands on its own, and is open again."""
        with self._turn(number, agent) as turn:
            links.part(turn, version)
            return turn.ticket

    def link(self, number: str, other: str, agent: Agent) -> Ticket:
        """Let two tickets, of whomever, know each other on the desk; raise CannotJoin."""
        with self._turn(number, agent, other) as turn:
            links.link(turn, links.lock_other(turn.connection, number, other))
            return turn.ticket

    def unlink(self, number: str, other: str, agent: Agent) -> Ticket:
        """Let two tickets not know each other any more."""
        with self._turn(number, agent, other) as turn:
            links.unlink(turn, links.lock_other(turn.connection, number, other))
            return turn.ticket

    def relations(self, number: str) -> links.Relations:
        """Return what belongs to a ticket; raise UnknownTicket."""
        with reading(self.engine) as connection:
            return links.relations_of(connection, number)

    def since(self, number: str, version: int) -> Since | None:
        """Return what has happened to a ticket since this version; None for nothing. Raise UnknownTicket."""
        with reading(self.engine) as connection:
            return since_version(connection, number, version)

    def changed(self, name: str, agent: Agent, since: datetime) -> int:
        """Return how many tickets of a queue have come or changed since then; raise UnknownQueue."""
        known = queue_named(name)
        with reading(self.engine) as connection:
            return count_changed(connection, known, agent, self.clock(), since)

    def _say(  # noqa: PLR0913, PLR0917 - one form
        self, number: str, agent: Agent, said: str, key: str, version: int, step: Step,
    ) -> Ticket:  # fmt: skip
        with self._turn(number, agent) as turn:
            if not turn.knows(key, said, internal=False):
                turn.begin(version)
                message_id = turn.say(said, key)
                turn.step(step)
                self._tell_of_answer(turn, step, said, message_id)
            return turn.ticket

    def _tell_of_answer(self, turn: Turn, step: Step, said: str, message_id: int) -> None:
        news: News = Replied(said, waits=step is Step.ASK)
        if step is Step.SOLVE:
            mark_solution(turn.connection, turn.row.id, message_id)
            news = Solved(said, message_id)
        self.tell(turn.connection, turn.row.id, news, turn.now)

    def _tell_of_first_hand(self, turn: Turn) -> None:
        """Say once that somebody works on it: later the ticket goes from hand to hand, which is our affair."""
        if turn.row.state == TicketState.NEW:
            self.tell(turn.connection, turn.row.id, Changed.IN_PROGRESS, turn.now)

    def _set(  # noqa: PLR0913, PLR0917 - one form
        self, number: str, agent: Agent, what: str, value: str, version: int, suggested: str = "",
    ) -> Ticket:  # fmt: skip
        with self._turn(number, agent) as turn:
            was = turn.row._mapping[what]  # noqa: SLF001 - its public name
            if was != value:
                turn.begin(version)
                turn.change(what, was, value)
                if what == "tags":
                    write_words(turn.connection, [turn.row.id])
            if suggested:
                keep_decision(turn.connection, turn.row.id, what, clean_line(suggested)[:MAX_VALUE], value, turn.now)
            return turn.ticket

    @contextmanager
    def _turn(self, number: str, agent: Agent, other: str | None = None) -> Iterator[Turn]:
        with writing(self.engine) as connection:
            if other is not None:
                links.lock_other(connection, number, other)
            yield begin_turn(connection, number, agent, self.clock(), self.schedule)
        self.announce()


def _hand_over(turn: Turn, step: Step, level: int, said: str) -> None:
    turn.step(step)
    turn.say(said, secrets.token_urlsafe(), internal=True)
    turn.change("level", turn.row.level, level, level=level, summary=said)
    turn.give(None)


def _no_way(verb: str, turn: Turn, level: int, allowed: str) -> str:
    return f"{turn.row.number} is at level {turn.row.level} and cannot be {verb} to {level}. Choose {allowed}."
