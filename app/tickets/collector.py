"""The collector: a thread that brings what is in the inbox to the mailroom, each mail once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.database import StoreUnavailable
from app.job import Job
from app.tickets.inbox import MAX_MAIL, InboxUnavailable
from app.tickets.mailroom import Verdict

if TYPE_CHECKING:
    from app.tickets.inbox import Inbox, Mailbox
    from app.tickets.mailroom import Mailroom

ROUND_SECONDS = 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Collected:
    """How the last round ended, for the health page."""

    works: bool
    unclear: int | None
    """Mails in the folder at which a person has to look; None before the first round that worked."""


class Collector(Job):
    """Reads the inbox in a thread of its own between `start` and `stop`.

    A mail is moved after it is stored: where that fails in between, it is read again and known.
    """

    def __init__(self, inbox: Inbox, room: Mailroom) -> None:
        super().__init__("collector")
        self._inbox = inbox
        self._room = room
        self.last = Collected(works=True, unclear=None)

    def run_once(self) -> int:
        """Take what is in the inbox and return how many mails that were; raise InboxUnavailable, StoreUnavailable.

        A mail that cannot be stored stays where it is, and does not stop the others.
        """
        taken, failures = 0, []
        with self._inbox.open() as mailbox:
            for uid, size in mailbox.waiting().items():
                if self._stopping.is_set():
                    break
                try:
                    self._bring(mailbox, uid, size)
                    taken += 1
                except StoreUnavailable as error:
                    failures.append(error)
            self.last = Collected(not failures, mailbox.count_unclear())
        if failures:
            raise failures[0]
        return taken

    def _bring(self, mailbox: Mailbox, uid: int, size: int) -> None:
        verdict = self._take(mailbox, uid, size)
        mailbox.move(uid, unclear=verdict is Verdict.UNCLEAR)
        log.info("mail %s was taken: %s", uid, verdict)

    def _take(self, mailbox: Mailbox, uid: int, size: int) -> Verdict:
        if size > MAX_MAIL:
            name = f"{mailbox.validity}/{uid}/{size}"
            return self._room.set_aside(name, f"It has {size} bytes, at most {MAX_MAIL} are read.")
        raw = mailbox.read(uid)
        return Verdict.SILENT if raw is None else self._room.take(raw)

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._survive()
            self._stopping.wait(ROUND_SECONDS)

    def _survive(self) -> None:
        try:
            self.run_once()
        except (InboxUnavailable, StoreUnavailable) as error:
            self._failed()
            log.warning("No mails are read now, the next look is in %s seconds: %s", ROUND_SECONDS, error)
        except Exception:
            self._failed()
            log.exception("The collector stumbled and goes on.")

    def _failed(self) -> None:
        self.last = Collected(works=False, unclear=self.last.unclear)
