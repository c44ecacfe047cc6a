"""Past: the tickets that agents have worked on, as far as they tell something of a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.tickets.classification import nearest_past
from app.tickets.state import TicketState
from app.tickets.tables import messages, tickets
from app.tickets.ticket import Urgency

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.tickets.classification import Past

MOST_READ = 500  # newest tickets that are compared
MOST_CHARACTERS = 1_000  # of each text
UNSURE = "sonstiges"
"""The category of customers who do not know: it tells nothing of a ticket."""


def similar_tickets(connection: Connection, number: str, text: str) -> tuple[Past, ...]:
    """Return the tickets that share most words with a text, nearest first, without the one of this number.

    A ticket that nobody has touched only says what its customer thought, and has no vote.
    """
    touched = (tickets.c.state != TicketState.NEW) & (tickets.c.number != number) & (tickets.c.category != UNSURE)
    few = select(tickets.c.id).where(touched).order_by(tickets.c.id.desc()).limit(MOST_READ)
    first = select(func.min(messages.c.id)).where(messages.c.ticket_id.in_(few)).group_by(messages.c.ticket_id)
    said = func.substr(messages.c.text, 1, MOST_CHARACTERS)
    chosen = select(tickets.c.category, tickets.c.urgency, said).join(messages).where(messages.c.id.in_(first))
    known = [(category, Urgency(urgency), words) for category, urgency, words in connection.execute(chosen)]
    return nearest_past(text[:MOST_CHARACTERS], known)
