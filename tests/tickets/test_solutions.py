"""Solutions: who holds the signed link may say yes or no to one solution of one ticket, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from app.tickets.mail import LINK_DAYS, Provider
from app.tickets.post import Post
from app.tickets.solution_links import BadLink, SolutionLinks, SolutionRef
from app.tickets.solutions import Outdated, Solutions
from app.tickets.state import TicketState
from app.tickets.store import KeyReused, TooMany, UnknownTicket
from app.tickets.ticket import Author, Invalid, Ticket
from tests.tickets.colleagues import ANNA

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.tickets.store import TicketStore
    from app.tickets.ticket import TicketDraft
    from app.tickets.workplace import Workplace
    from tests.conftest import Clock

    Draft = Callable[..., TicketDraft]
    Rows = Callable[[str], list[dict[str, object]]]

NUMBER = "W-2026-000001"
PROVIDER = Provider("Birkennetz", "0221 4710 100", {"de": "Mo–Fr", "en": "Mon–Fri"}, "https://hilfe.example")


@pytest.fixture
def solutions(store: TicketStore, clock: Clock) -> Solutions:
    links = SolutionLinks("secret", clock)
    post = Post(store.engine, clock, PROVIDER, links, ZoneInfo("Europe/Berlin"))
    return Solutions(replace(store, tell=post.tell), links)


@pytest.fixture
def token(store: TicketStore, workplace: Workplace, solutions: Solutions, make_draft: Draft) -> str:
    """Give the token of a ticket that an agent has solved."""
    store.open_ticket(make_draft())
    return solutions.token_of(workplace.solve(NUMBER, ANNA, "Neu starten.", "s", 1))


def now(solutions: Solutions) -> Ticket:
    """Return the ticket as staff see it."""
    ticket = solutions.store.by_number(NUMBER)
    assert ticket
    return ticket


def test_looking_changes_nothing(solutions: Solutions, token: str) -> None:
    """A mail scanner opens every link."""
    before = now(solutions)
    found = solutions.find(token)
    assert (found.number, found.state, found.holds, found.rating) == (NUMBER, TicketState.SOLVED, True, None)
    assert now(solutions) == before


def test_yes_closes_once(solutions: Solutions, token: str, rows: Rows) -> None:
    """The history has who; the customer is told once."""
    for _ in range(2):
        assert solutions.accept(token, 5, "Schnell!").state is TicketState.CLOSED
    ticket = now(solutions)
    assert (ticket.state, ticket.changes[-1].who, ticket.version) == (TicketState.CLOSED, Author.VISITOR, 3)
    assert [row["kind"] for row in rows("SELECT kind FROM mails")] == ["state"]


def test_a_rating_can_be_changed(solutions: Solutions, token: str) -> None:
    """There is one for a solution; what is left out stays."""
    for score, comment in ((2, "Naja"), (4, ""), (None, "Doch gut"), (None, ""), (9, "")):
        solutions.accept(token, score, comment)
    assert [(one.score, one.comment) for one in now(solutions).ratings] == [(4, "Doch gut")]


def test_no_opens_again_with_what_was_written(solutions: Solutions, token: str, rows: Rows) -> None:
    """It is a message of the visitor, delivered as every answer; the same again is no second one."""
    for _ in range(2):
        assert not solutions.reject(token, 1, "Lampe blinkt noch", "k").holds
    ticket = now(solutions)
    assert (ticket.state, ticket.messages[-1].text) == (TicketState.OPEN, "Lampe blinkt noch")
    assert (ticket.messages[-1].author, len(ticket.messages)) == (Author.VISITOR, 3)
    assert [one.score for one in ticket.ratings] == [1]
    assert len(rows("SELECT * FROM deliveries WHERE kind = 'answer'")) == 1


def test_no_without_a_word_says_it_in_ours(solutions: Solutions, token: str) -> None:
    """Somebody has to read it; also after a yes that was too early."""
    solutions.accept(token, None, "")
    solutions.reject(token, None, " ", "k")
    assert now(solutions).messages[-1].text == "Das Problem ist noch nicht gelöst."


def test_another_text_with_the_same_key_is_refused(solutions: Solutions, token: str) -> None:
    """Nothing is stored."""
    solutions.reject(token, None, "Eins", "k")
    before = now(solutions)
    with pytest.raises(KeyReused):
        solutions.reject(token, None, "Zwei", "k")
    assert now(solutions) == before


def test_an_older_solution_has_no_say(solutions: Solutions, workplace: Workplace, token: str) -> None:
    """Neither while the ticket is open again nor when it was solved anew."""
    solutions.reject(token, None, "Nein", "k")
    for version in (3, None):
        if version:
            workplace.solve(NUMBER, ANNA, "Dann so.", "s2", version)
        before = now(solutions)
        assert not solutions.find(token).holds
        with pytest.raises(Outdated, match="page of the ticket"):
            solutions.accept(token, 5, "")
        with pytest.raises(Outdated):
            solutions.reject(token, 1, "Nein", "k2")
        assert now(solutions) == before


def test_what_cannot_be_taken_changes_nothing(solutions: Solutions, token: str) -> None:
    """A text that is too long, and a flood."""
    with pytest.raises(Invalid):
        solutions.accept(token, 5, "x" * 20_001)
    limited = replace(
        solutions, store=replace(solutions.store, limits=replace(solutions.store.limits, messages_per_ticket=0))
    )
    with pytest.raises(TooMany):
        limited.reject(token, None, "Nein", "k")
    assert now(solutions).state is TicketState.SOLVED


@pytest.mark.parametrize("bad", ["", "x", "W-2026-000001_2", "ü", "W-2026-000001_2.aaaa.bbbb"])
def test_a_forged_token_opens_nothing(solutions: Solutions, token: str, bad: str) -> None:
    """Nor does one that was signed elsewhere, or changed."""
    foreign = SolutionLinks("other", solutions.store.clock).token(SolutionRef(NUMBER, 2))
    for one in (bad, foreign, token[:-1], token.replace("_2.", "_3.")):
        with pytest.raises(UnknownTicket):
            solutions.find(one)
        with pytest.raises(UnknownTicket):
            solutions.accept(one, 5, "")
        with pytest.raises(UnknownTicket):
            solutions.reject(one, 1, "", "k")


def test_a_token_ends_after_sixty_days(solutions: Solutions, token: str, clock: Clock) -> None:
    """Until then it opens."""
    clock.move(days=LINK_DAYS)
    assert solutions.find(token).holds
    clock.move(seconds=1)
    with pytest.raises(BadLink):
        solutions.links.open(token)


def test_a_token_ends_with_its_ticket(solutions: Solutions, token: str, clock: Clock) -> None:
    """A new ticket may get the same rows, never the same number."""
    clock.move(days=2)
    assert solutions.store.forget(clock.now) == 1
    with pytest.raises(UnknownTicket):
        solutions.find(token)


def test_only_a_solution_that_holds_has_a_token(store: TicketStore, solutions: Solutions, make_draft: Draft) -> None:
    """An open ticket has none; one that its visitor solved has."""
    assert not solutions.token_of(store.open_ticket(make_draft()))
    assert solutions.find(solutions.token_of(store.solve("key-1"))).holds
