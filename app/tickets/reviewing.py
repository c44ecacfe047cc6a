"""Reviewing: owners are told once a week, by mail, which of their articles wait to be read again.

What was told stands in the bag of mails, under a name that follows from the week and the address: so neither a restart
nor a second process tells anybody twice.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.database import StoreUnavailable, writing
from app.job import Job
from app.tickets.post import add_mail
from app.tickets.review_mail import Overdue, by_address, compose_review_mail
from app.tickets.tables import mails

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

ROUND_SECONDS = 3600.0

log = logging.getLogger(__name__)


class Reviewing(Job):
    """Looks once an hour whether somebody is to be told."""

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime], overdue: Callable[[], Sequence[Overdue]],
        addresses: Mapping[str, str],
    ) -> None:  # fmt: skip
        """Tell owners at `addresses` of what `overdue` returns; without an address nobody is told."""
        super().__init__("reviewing")
        self._engine, self._clock, self._overdue = engine, clock, overdue
        self._addresses = addresses

    def remind(self) -> int:
        """Tell everybody who was not told this week, and return how many these were; raise StoreUnavailable."""
        told = by_address(self._overdue(), self._addresses) if self._addresses else {}
        return sum(self._tell(address, articles) for address, articles in told.items())

    def _tell(self, address: str, articles: Sequence[Overdue]) -> bool:
        now = self._clock()
        token = _token(now, address)
        try:
            with writing(self._engine) as connection:
                if connection.execute(select(mails.c.id).where(mails.c.token == token)).first():
                    return False
                add_mail(connection, compose_review_mail(articles), address, "de", now, token)
        except IntegrityError:  # another process was first
            return False
        return True

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._round()
            self._stopping.wait(ROUND_SECONDS)

    def _round(self) -> None:
        try:
            if count := self.remind():
                log.info("%s owners were told of overdue reviews", count)
        except StoreUnavailable as error:
            log.warning("Owners cannot be told of overdue reviews now, in an hour again: %s", error)
        except Exception:
            log.exception("Telling owners of overdue reviews stumbled and goes on in an hour.")


def _token(now: datetime, address: str) -> str:
    year, week, _ = now.isocalendar()
    return hashlib.sha256(f"review {year} {week} {address.lower()}".encode()).hexdigest()[:32]
