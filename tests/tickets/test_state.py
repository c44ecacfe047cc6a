from __future__ import annotations

from itertools import product

import pytest

from app.tickets.state import TRANSITIONS, IllegalStep, Step, TicketState, after


@pytest.mark.parametrize(("state", "step"), list(product(TicketState, Step)))
def test_every_step_from_every_state(state: TicketState, step: Step) -> None:
    """What the table has leads where it says; anything else is an error that names what is possible."""
    if (state, step) in TRANSITIONS:
        assert after(state, step) is TRANSITIONS[state, step]
    else:
        with pytest.raises(IllegalStep, match=f'"{state}" cannot "{step}". It can .*answer'):
            after(state, step)


def test_every_state_can_be_reached() -> None:
    """From a new ticket the steps lead everywhere."""
    reached = {TicketState.NEW}
    for _ in TicketState:
        reached |= {TRANSITIONS[key] for key in TRANSITIONS if key[0] in reached}
    assert reached == set(TicketState)


@pytest.mark.parametrize("state", list(TicketState))
def test_a_visitor_can_always_answer(state: TicketState) -> None:
    """An answer is never lost to a state, and never leaves a ticket waiting for the visitor, solved or closed."""
    assert after(state, Step.ANSWER) in {TicketState.NEW, TicketState.OPEN}
