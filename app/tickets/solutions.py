"""Solutions: is it solved? What the customer says by the link of the mail, or on the page of the ticket."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from app.database import reading, writing
from app.tickets.loading import load_ratings
from app.tickets.news import Changed
from app.tickets.rating import SCORES, Rating
from app.tickets.record import begin_change, take_step
from app.tickets.solution_links import BadLink, SolutionLinks, SolutionRef
from app.tickets.state import Step, TicketState
from app.tickets.store import TicketStore, UnknownTicket, repeated_answer
from app.tickets.tables import ratings, tickets
from app.tickets.ticket import Author, check_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from app.tickets.ticket import Ticket

UNSOLVED_WORDS: Mapping[str, str] = MappingProxyType(
    {"de": "Das Problem ist noch nicht gelöst.", "en": "The problem is not solved yet."}
)


class Outdated(Exception):
    """The ticket is open again, or was solved in another way since; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Solution:
    """One solution of one ticket, as its link shows it: nothing that was written."""

    number: str
    state: TicketState
    """Solved or closed; any other where this solution does not hold any more."""
    rating: Rating | None

    @property
    def holds(self) -> bool:
        """Whether the ticket stands solved by it."""
        return self.state in {TicketState.SOLVED, TicketState.CLOSED}


@dataclass(frozen=True, slots=True)
class Solutions:
    """What customers say of solutions. Each method raises StoreUnavailable, and UnknownTicket for a token that is bad.

    That is a forged one, one that is too old, and one whose ticket is gone.
    """

    store: TicketStore
    links: SolutionLinks

    def token_of(self, ticket: Ticket) -> str:
        """Return a fresh token for the solution of a ticket, or nothing where none holds."""
        if ticket.solution is None or ticket.state not in {TicketState.SOLVED, TicketState.CLOSED}:
            return ""
        return self.links.token(SolutionRef(ticket.number, ticket.solution))

    def find(self, token: str) -> Solution:
        """Return the solution of a token; nothing changes."""
        ref = self._opened(token)
        with reading(self.store.engine) as connection:
            return _solution(connection, _row(connection, ref), ref)

    def accept(self, token: str, score: int | None, comment: str) -> Solution:
        """Close the ticket, and keep how satisfied its customer is.

        Both may be said again: what is said last counts, what is left out stays. Raise Outdated and Invalid.
        """
        ref, said = self._opened(token), check_message(comment) if comment.strip() else ""
        with writing(self.store.engine) as connection:
            row = _holding(connection, _row(connection, ref), ref)
            self._close(connection, row)
            self._rate(connection, row, ref, score, said)
            solution = _solution(connection, _row(connection, ref), ref)
        self.store.announce()
        return solution

    def reject(self, token: str, score: int | None, text: str, key: str) -> Solution:
        """Open the ticket again with what the visitor writes, or with words for it, which is delivered as an answer.

        The same again changes nothing. Raise Outdated, Invalid, TooMany, and KeyReused for another text with the key.
        """
        ref, said = self._opened(token), check_message(text) if text.strip() else ""
        with writing(self.store.engine) as connection:
            row = _row(connection, ref)
            answer = said or UNSOLVED_WORDS[row.lang]
            if not repeated_answer(connection, row.id, key, answer):
                self.store.add_answer(connection, _holding(connection, row, ref), answer, key)
                self._rate(connection, row, ref, score, "")
            solution = _solution(connection, _row(connection, ref), ref)
        self.store.announce()
        return solution

    def _opened(self, token: str) -> SolutionRef:
        try:
            return self.links.open(token)
        except BadLink as error:
            raise UnknownTicket(str(error)) from error

    def _close(self, connection: Connection, row: Row[Any]) -> None:
        if row.state == TicketState.SOLVED:
            now = self.store.clock()
            begin_change(connection, row.id, now)
            take_step(connection, row, Step.CLOSE, Author.VISITOR, now)
            self.store.tell(connection, row.id, Changed.CLOSED, now)

    def _rate(self, connection: Connection, row: Row[Any], ref: SolutionRef, score: int | None, comment: str) -> None:
        """Put a rating in the place of the one before, of which stays what is not said again."""
        known = score if score in SCORES else None
        if known or comment:
            this = (ratings.c.ticket_id == row.id) & (ratings.c.solution_id == ref.solution)
            now = self.store.clock()
            before = _solution(connection, row, ref).rating or Rating(ref.solution, now, None, "")
            said = {"score": known or before.score, "comment": comment or before.comment, "at": now}
            connection.execute(delete(ratings).where(this))
            connection.execute(insert(ratings).values(ticket_id=row.id, solution_id=ref.solution, **said))


def _row(connection: Connection, ref: SolutionRef) -> Row[Any]:
    """Return the row of the ticket, locked where this transaction writes."""
    row = connection.execute(select(tickets).where(tickets.c.number == ref.number).with_for_update()).one_or_none()
    if row is None:
        raise UnknownTicket(f"There is no ticket {ref.number} any more.")
    return row


def _holding(connection: Connection, row: Row[Any], ref: SolutionRef) -> Row[Any]:
    """Return the row; raise Outdated where the ticket does not stand solved by this solution any more."""
    if not _solution(connection, row, ref).holds:
        raise Outdated(f"{row.number} is open again, or was solved anew. Write on the page of the ticket.")
    return row


def _solution(connection: Connection, row: Row[Any], ref: SolutionRef) -> Solution:
    state = TicketState(row.state) if row.solution_id == ref.solution else TicketState.OPEN
    said = load_ratings(connection, row.id)
    return Solution(row.number, state, next((one for one in said if one.solution == ref.solution), None))
