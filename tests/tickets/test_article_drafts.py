"""Article drafts: written down once, told in the history, and gone with their ticket."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.tickets.article_drafts import ArticleDraft, ArticleDrafts
from app.tickets.store import UnknownTicket
from tests.tickets.colleagues import ANNA

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from app.tickets.store import TicketStore
    from app.tickets.ticket import TicketDraft
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock


@pytest.fixture
def drafts(engine: Engine, clock: Clock) -> ArticleDrafts:
    """Give the drafts of a database."""
    return ArticleDrafts(engine, clock)


def test_a_draft_is_told_in_the_history_once(
    drafts: ArticleDrafts, store: TicketStore, make_draft: Callable[..., TicketDraft], clock: Clock
) -> None:
    """With who began it; the ticket has changed, and the form that comes again has not."""
    number = store.open_ticket(make_draft()).number
    made = drafts.note(number, "Ruth", "neu", "entwurf/neu", "key")
    assert drafts.note(number, "Ruth", "neu-2", "entwurf/neu-2", "key") == made
    assert made == ArticleDraft("neu", "entwurf/neu", "Ruth", clock())
    assert (drafts.of_ticket(number), drafts.by_key("key"), drafts.by_key("other")) == ((made,), made, None)
    ticket = store.by_number(number)
    assert ticket
    assert [(one.what, one.became, one.who) for one in ticket.changes][-1] == ("article", "entwurf/neu", "Ruth")
    assert ticket.version == 2


def test_a_gap_has_no_ticket(drafts: ArticleDrafts) -> None:
    """Its draft is known by its form."""
    made = drafts.note("", "Ruth", "neu", "entwurf/neu", "key")
    assert drafts.by_key("key") == made


def test_a_ticket_that_there_is_not_has_no_drafts(drafts: ArticleDrafts) -> None:
    """And can get none."""
    assert drafts.of_ticket("W-2026-000009") == ()
    with pytest.raises(UnknownTicket):
        drafts.note("W-2026-000009", "Ruth", "neu", "entwurf/neu", "key")


def test_drafts_go_with_their_ticket(
    drafts: ArticleDrafts,
    store: TicketStore,
    workplace: Workplace,
    make_draft: Callable[..., TicketDraft],
    clock: Clock,
) -> None:
    """The branch is the authors'."""
    number = store.open_ticket(make_draft()).number
    workplace.solve(number, ANNA, "So geht es.", "solve", 1)
    drafts.note(number, "Ruth", "neu", "entwurf/neu", "key")
    clock.move(days=2)
    assert store.forget(clock() - timedelta(days=1)) == 1
    assert drafts.by_key("key") is None
