"""A turn: one agent changes one ticket, while nobody else can; all of it is stored, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection, Row, select, update

from app.text import clean_line
from app.tickets.deadline import settle
from app.tickets.loading import load_changes, load_messages, load_ticket
from app.tickets.record import (
    ASSIGNEE,
    add_change,
    add_message,
    begin_change,
    take_step,
)
from app.tickets.schedule import Schedule
from app.tickets.store import KeyReused, UnknownTicket, hash_key
from app.tickets.tables import changes, messages, tickets
from app.tickets.ticket import Author, Change, Message

if TYPE_CHECKING:
    from app.tickets.state import Step
    from app.tickets.ticket import Ticket

NOBODY = ""
"""Who has a ticket that nobody has, as the history says it."""


class Agent(Protocol):
    """Staff who answers, as far as tickets know one."""

    @property
    def id(self) -> int | str:
        """What the assignee of a ticket is stored as."""

    @property
    def name(self) -> str:
        """What the history says, also after the agent has left."""

    @property
    def level(self) -> int | None:
        """Whose tickets the agent answers; none for one who only looks, or looks at all levels."""


class Taken(Exception):
    """Another agent has the ticket: `holder` is the name; nothing was stored."""

    def __init__(self, number: str, holder: str) -> None:
        super().__init__(f"{holder} has {number}. Ask {holder} to release it, or assign it to somebody else.")
        self.number = number
        self.holder = holder


class Stale(Exception):
    """The ticket has changed since the page was loaded: `messages` and `changes` came since; nothing was stored."""

    def __init__(self, ticket: Ticket, seen: int, messages: tuple[Message, ...], changes: tuple[Change, ...]) -> None:
        super().__init__(
            f"{ticket.number} is at version {ticket.version}, the page shows version {seen}. "
            f"Read the {len(messages)} messages and {len(changes)} changes since, then send again."
        )
        self.ticket = ticket
        self.messages = messages
        self.changes = changes


@dataclass(frozen=True, slots=True)
class Turn:
    """A ticket that is locked for one agent until the transaction ends."""

    connection: Connection
    row: Row[Any]
    agent: Agent
    now: datetime
    schedule: Schedule = field(default_factory=Schedule)

    @property
    def is_mine(self) -> bool:
        """Whether the agent has the ticket already."""
        return bool(self.row.assignee == str(self.agent.id))

    @property
    def ticket(self) -> Ticket:
        """The ticket as it is now, as staff see it."""
        ticket = load_ticket(self.connection, tickets.c.id, self.row.id, internal=True)
        assert ticket is not None  # noqa: S101 - this turn has locked its row
        return ticket

    def knows(self, key: str, text: str, *, internal: bool) -> bool:
        """Tell whether this message is a repeat; raise KeyReused when another one came with its key."""
        columns = select(messages.c.text, messages.c.internal)
        same_key = (messages.c.ticket_id == self.row.id) & (messages.c.key_hash == hash_key(key))
        known = self.connection.execute(columns.where(same_key)).one_or_none()
        if known and tuple(known) != (text, internal):
            raise KeyReused("The key of a message came again with another text. Send it with a fresh key.")
        return known is not None

    def refuse_taken(self) -> None:
        """Raise Taken when another agent has the ticket."""
        if self.row.assignee is not None and not self.is_mine:
            raise Taken(self.row.number, self._holder())

    def begin(self, version: int | None = None) -> None:
        """Begin to change the ticket; raise Stale when it is not the given version any more."""
        if version is not None and version != self.row.version:
            raise self._stale(version)
        begin_change(self.connection, self.row.id, self.now)

    def step(self, step: Step) -> None:
        """Bring the ticket where the step leads; raise IllegalStep."""
        take_step(self.connection, self.row, step, self.agent.name, self.now)
        self.settle()

    def say(self, text: str, key: str, *, internal: bool = False) -> int:
        """Add what the agent writes, and return the id of the message."""
        message = Message(Author.AGENT, text, self.now, internal, who=self.agent.name)
        message_id = add_message(self.connection, self.row.id, message, hash_key(key))
        self.settle()
        return message_id

    def change(self, what: str, was: object, became: object, **columns: object) -> None:
        """Set these columns of the ticket, and tell the history what it was and became; without any, that of `what`."""
        values = columns or {what: became}
        self.connection.execute(update(tickets).where(tickets.c.id == self.row.id).values(**values))
        if str(was) != str(became):
            add_change(self.connection, self.row.id, Change(self.now, self.agent.name, what, str(was), str(became)))
        self.settle()

    def give(self, to: Agent | None) -> None:
        """Let an agent have the ticket, or nobody; the history has the names."""
        new, name = (str(to.id), to.name) if to else (None, NOBODY)
        if new != self.row.assignee:
            self.change(ASSIGNEE, self._holder(), name, assignee=new)

    def settle(self) -> None:
        """Make the times of the ticket anew; every change of it does."""
        settle(self.connection, self.row.id, self.schedule, self.now)

    def _holder(self) -> str:
        """Return the name of the agent who has the ticket, as it was when the ticket was taken."""
        if self.row.assignee is None:
            return NOBODY
        given = (changes.c.ticket_id == self.row.id) & (changes.c.what == ASSIGNEE)
        last = select(changes.c.became).where(given).order_by(changes.c.id.desc()).limit(1)
        return str(self.connection.execute(last).scalar_one())

    def _stale(self, seen: int) -> Stale:
        since = max(0, min(seen, self.row.version))  # what a form says may be a number that no database can take
        said = (messages.c.ticket_id == self.row.id) & (messages.c.version > since)
        done = (changes.c.ticket_id == self.row.id) & (changes.c.version > since)
        return Stale(self.ticket, seen, load_messages(self.connection, said), load_changes(self.connection, done))


def begin_turn(
    connection: Connection, number: str, agent: Agent, now: datetime, schedule: Schedule | None = None,
) -> Turn:  # fmt: skip
    """Lock the ticket with this number for the agent; raise UnknownTicket."""
    found = select(tickets).where(tickets.c.number == clean_line(number)).with_for_update()
    row = connection.execute(found).one_or_none()
    if row is None:
        raise UnknownTicket(f"No ticket has the number {number!r:.40}. Numbers look like W-2026-000123.")
    return Turn(connection, row, agent, now, schedule or Schedule())
