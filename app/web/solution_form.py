"""The solution form: is it solved, and how satisfied is the customer? On the page of a ticket and on one of its own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.tickets.rating import SCORES
from app.tickets.state import TicketState
from app.tickets.ticket import MAX_DESCRIPTION, Author

if TYPE_CHECKING:
    from app.tickets.ticket import Ticket

KEY_BYTES = 24


@dataclass(frozen=True, slots=True)
class SolutionForm:
    """The question, and what has been said so far."""

    path: str
    key: str
    """Tells a repeat from a second message."""
    confirmed: bool
    """Whether the customer has said already that it is solved."""
    rated: bool
    score: int | None = None
    text: str = ""
    fault: str = ""
    back: str = ""
    """Key of the ticket on whose page the form stands."""
    scores: tuple[int, ...] = SCORES
    most_characters: int = MAX_DESCRIPTION


def solution_path(token: str) -> str:
    """Return the address of a solution on this site."""
    return f"/solutions/{token}"


def new_form_key() -> str:
    """Return a fresh key."""
    return secrets.token_urlsafe(KEY_BYTES)


def asked_on_page(ticket: Ticket, token: str, key: str) -> SolutionForm | None:
    """Return the form for the page of a ticket; none without a token, which only a solution that holds has."""
    if not token:
        return None
    solved = [change.who for change in ticket.changes if change.became == TicketState.SOLVED]
    confirmed = ticket.state == TicketState.CLOSED or solved[-1:] == [Author.VISITOR]
    rated = any(rating.solution == ticket.solution for rating in ticket.ratings)
    return SolutionForm(solution_path(token), new_form_key(), confirmed, rated, back=key)
