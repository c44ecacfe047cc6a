"""The mailbag: which mails to customers are due, who has leased one, and what became of every try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine, bindparam, func, select

from app.database import reading
from app.tickets.ledger import Ledger
from app.tickets.mail import Mail, MailKind
from app.tickets.parcel import DeliveryState
from app.tickets.tables import mail_attempts, mails, tickets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.tickets.parcel import Lease, Report

_MAIL = select(mails).where(mails.c.id == bindparam("this"))
_NUMBER = select(tickets.c.number).where(tickets.c.id == bindparam("ticket"))
_FIRST = select(func.min(mails.c.id)).where(mails.c.ticket_id == bindparam("ticket")).scalar_subquery()
_FIRST_TOKEN = select(mails.c.token).where(mails.c.id == _FIRST)
"""What a thread of mails hangs on; a mail without ticket is a thread of its own."""


@dataclass(frozen=True, slots=True)
class Mailbag:
    """The mails of one database. Each method raises StoreUnavailable when that cannot be used."""

    engine: Engine
    clock: Callable[[], datetime]

    def lease(self, most: int = 1) -> list[Lease]:
        """Lease the mails due longest, at most so many, and write down that a try of each begins."""
        return self._ledger.lease(MailKind, most)

    def pack(self, lease: Lease) -> Mail:
        """Return the mail as it was composed, with the token of the first one about its ticket."""
        with reading(self.engine) as connection:
            row = connection.execute(_MAIL, {"this": lease.delivery_id}).one()
            first_token = connection.scalar(_FIRST_TOKEN, {"ticket": row.ticket_id}) or row.token
            number = connection.scalar(_NUMBER, {"ticket": row.ticket_id}) or ""
        said = (MailKind(row.kind), row.recipient, row.lang, row.subject, row.text)
        return Mail(*said, row.token, first_token, row.created_at, number)

    def record(self, ends: Sequence[tuple[Lease, Report]], untried: Sequence[Lease] = ()) -> None:
        """Write down how tries ended; one whose lease has ended meanwhile counts only where it succeeded.

        What was leased and not tried is given back.
        """
        self._ledger.record(ends, untried)

    def revive(self) -> int:
        """Let every dead mail be tried once more, now; what an address has refused, it would refuse again."""
        return self._ledger.revive((DeliveryState.DEAD,))

    def counts(self) -> dict[DeliveryState, int]:
        """Return how many mails are in each state, for the health page."""
        return self._ledger.counts()

    @property
    def _ledger(self) -> Ledger:
        return Ledger(self.engine, self.clock, mails, mail_attempts, mail_attempts.c.mail_id)
