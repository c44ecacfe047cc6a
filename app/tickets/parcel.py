"""A parcel: one message of a ticket on its way to an outside helpdesk, and how each try of handing it over ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.tickets.ticket import Attachment, Message, Ticket


class DeliveryKind(StrEnum):
    """What is handed over: a new ticket, or what the visitor answered in one."""

    TICKET = "ticket"
    ANSWER = "answer"


class DeliveryState(StrEnum):
    """Where a delivery stands; `pending` is the only one from which a courier goes on."""

    PENDING = "pending"
    DELIVERED = "delivered"
    REFUSED = "refused"
    DEAD = "dead"


class Outcome(StrEnum):
    """How one try ended; ambiguous is one of which nobody knows whether the helpdesk kept the parcel."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Lease:
    """A delivery, or a mail, that one courier alone may try, until the lease ends."""

    delivery_id: int
    number: str
    """Of the ticket, for the log; a dash where there is none."""
    kind: StrEnum
    token: str
    attempt: int
    """Which try this is, from 1."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a helpdesk is given."""

    kind: DeliveryKind
    token: str
    """Names this delivery to the outside, the same in every try, so that a repeat is recognised."""
    first_token: str
    """The token under which the ticket itself went out; an answer refers to it."""
    ticket: Ticket
    message: Message
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """How a try ended, and what follows: the delivery's state, and for a pending one the time of the next try."""

    outcome: Outcome
    detail: str
    state: DeliveryState
    next_try: datetime | None = None
