"""Desk presence: tells in words who else has a ticket open, and who is writing an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.web.words import msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.desk.presence import Peer
    from app.web.words import Words


@dataclass(frozen=True, slots=True)
class Company:
    """Who else is at a ticket, one sentence for each."""

    writing: tuple[str, ...] = ()
    looking: tuple[str, ...] = ()


ALONE = Company()


def company_of(peers: Iterable[Peer], words: Words) -> Company:
    """Return the sentences: of those who are writing an answer, and of those who have the ticket open."""
    known = tuple(peers)
    writes = words.gettext(msg("%(name)s schreibt gerade eine Antwort."))
    looks = words.gettext(msg("%(name)s hat dieses Ticket gerade offen."))
    return Company(
        tuple(writes % {"name": one.name} for one in known if one.is_writing),
        tuple(looks % {"name": one.name} for one in known if not one.is_writing),
    )
