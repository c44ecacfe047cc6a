from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alembic import command

from app.database import migrate, migration_config, writing
from app.tickets.ticket import Times
from tests.tickets.colleagues import ANNA

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from app.tickets.store import TicketStore
    from app.tickets.ticket import TicketDraft
    from app.tickets.workplace import Workplace


def test_tickets_from_before_there_were_agents(
    engine: Engine, store: TicketStore, workplace: Workplace, make_draft: Callable[..., TicketDraft]
) -> None:
    """They are at their first version, nobody has them, and agents can work with them."""
    opened = store.open_ticket(make_draft())
    with writing(engine) as connection:
        command.downgrade(migration_config(connection), "0003")
    migrate(engine)
    before = replace(opened, times=Times())
    assert store.by_key("key-1") == store.by_number(opened.number) == before
    assert [row.number for row in workplace.find("lampen")] == [opened.number]
    assert workplace.take(opened.number, ANNA, opened.version).version == 2
