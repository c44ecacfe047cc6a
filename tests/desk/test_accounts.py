"""Accounts: who is let in, for how long, and what is kept of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from app.database import StoreUnavailable
from app.desk import accounts as module
from app.desk.accounts import Accounts, AddressTaken, UnknownAgent
from app.desk.agent import Agent, BadAgent, Role
from app.desk.passwords import HASHER, NOBODY, fits, hash_password

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from tests.conftest import Clock

    Rows = Callable[[str], list[dict[str, Any]]]

EMAIL = "mia@example.org"
PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
OTHER = "ein anderes Passwort"


@pytest.fixture
def accounts(engine: Engine, clock: Clock) -> Accounts:
    """Give the accounts of the fresh database."""
    return Accounts(engine, clock)


@pytest.fixture
def mia(accounts: Accounts) -> Agent:
    """Give an agent who is there."""
    return accounts.add("Mia Weber", EMAIL, Role.FIRST, PASSWORD)


def token_of(accounts: Accounts, email: str = EMAIL, password: str = PASSWORD) -> str:
    """Sign in and return the token."""
    opened = accounts.sign_in(email, password)
    assert opened
    return opened[0]


def test_an_agent_who_was_added_can_sign_in(accounts: Accounts, mia: Agent) -> None:
    """And is who was added, also by the token."""
    opened = accounts.sign_in(" MIA@example.org ", PASSWORD)
    assert opened
    assert opened[1] == mia == Agent(mia.id, "Mia Weber", EMAIL, Role.FIRST, active=True)
    assert accounts.agent_of(opened[0]) == mia


def test_an_address_is_given_once(accounts: Accounts, mia: Agent, rows: Rows) -> None:
    """Whatever its capitals, and also when its agent is disabled; nothing is stored."""
    accounts.disable(mia.email)
    with pytest.raises(AddressTaken, match=r"mia@example\.org is the address of another agent"):
        accounts.add("Mia Schmidt", "Mia@Example.org", Role.SECOND, OTHER)
    assert [row["name"] for row in rows("SELECT name FROM agents")] == ["Mia Weber"]


def test_what_cannot_be_an_agent_is_not_stored(accounts: Accounts, rows: Rows) -> None:
    """Name, address and password are looked at before."""
    for name, email, password in (("", EMAIL, PASSWORD), ("Mia", "mia", PASSWORD), ("Mia", EMAIL, "short")):
        with pytest.raises(BadAgent):
            accounts.add(name, email, Role.FIRST, password)
    assert rows("SELECT * FROM agents") == []


@pytest.mark.usefixtures("mia")
def test_neither_password_nor_token_is_kept(accounts: Accounts, rows: Rows) -> None:
    """Of the password its argon2id hash, of the token its SHA-256."""
    token = token_of(accounts)
    (agent,), (session,) = rows("SELECT * FROM agents"), rows("SELECT * FROM sessions")
    assert agent["password_hash"].startswith("$argon2id$")
    assert session["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert not {token, PASSWORD} & {*map(str, agent.values()), *map(str, session.values())}


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, OTHER), (EMAIL, ""), ("max@example.org", PASSWORD), ("", ""), ("\ud800\x00", "\ud800\x00"),
     (EMAIL, PASSWORD * 1000)],
)  # fmt: skip
def test_what_does_not_fit_opens_nothing(accounts: Accounts, mia: Agent, rows: Rows, email: str, password: str) -> None:
    """No session is stored."""
    assert mia.active
    assert accounts.sign_in(email, password) is None
    assert rows("SELECT * FROM sessions") == []


def test_unknown_and_disabled_addresses_cost_the_same_work(
    accounts: Accounts, mia: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One comparison with a hash of the same cost: time tells nobody who works here."""
    compared: list[str] = []

    def note(password: str, password_hash: str) -> bool:
        compared.append(password_hash)
        return fits(password, password_hash)

    monkeypatch.setattr(module, "fits", note)
    accounts.sign_in("max@example.org", PASSWORD)
    accounts.disable(mia.email)
    accounts.sign_in(mia.email, PASSWORD)
    assert compared == [NOBODY, NOBODY]
    assert not HASHER.check_needs_rehash(NOBODY)


def test_an_agent_without_a_password_is_let_in_by_the_provider_only(accounts: Accounts) -> None:
    """No password opens the account, not even an empty one or what is kept in its place."""
    mia = accounts.add("Mia Weber", EMAIL, Role.FIRST, None)
    assert [accounts.sign_in(EMAIL, password) for password in ("", PASSWORD, NOBODY)] == [None, None, None]
    opened = accounts.enter(" MIA@example.org ")
    assert opened
    assert accounts.agent_of(opened[0]) == opened[1] == mia


def test_an_account_without_a_password_costs_the_same_work(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time tells nobody who signs in at the provider; even where the comparison succeeds, nobody is let in."""
    compared: list[str] = []
    accounts.add("Mia Weber", EMAIL, Role.FIRST, None)

    def fit_always(_password: str, password_hash: str) -> bool:
        compared.append(password_hash)
        return True

    monkeypatch.setattr(module, "fits", fit_always)
    assert accounts.sign_in(EMAIL, PASSWORD) is None
    assert compared == [NOBODY]


def test_the_provider_lets_in_nobody_who_is_unknown_or_disabled(accounts: Accounts, mia: Agent, rows: Rows) -> None:
    """No session is stored."""
    accounts.disable(mia.email)
    assert accounts.enter(mia.email) is None
    assert accounts.enter("max@example.org") is None
    assert rows("SELECT * FROM sessions") == []


def test_a_password_can_be_given_later(accounts: Accounts) -> None:
    """Then both ways are open, and the sessions of before have ended."""
    accounts.add("Mia Weber", EMAIL, Role.FIRST, None)
    opened = accounts.enter(EMAIL)
    accounts.change_password(EMAIL, PASSWORD)
    assert opened
    assert accounts.agent_of(opened[0]) is None
    assert accounts.sign_in(EMAIL, PASSWORD)
    assert accounts.enter(EMAIL)


def test_a_password_is_the_same_on_every_keyboard() -> None:
    """Whether a letter comes as one character or as two."""
    assert fits("Gru\u0308n ist die Birke", hash_password("Gr\u00fcn ist die Birke"))


@pytest.mark.usefixtures("mia")
def test_each_sign_in_has_a_token_of_its_own(accounts: Accounts) -> None:
    """Ending one session leaves the other."""
    first, second = token_of(accounts), token_of(accounts)
    accounts.sign_out(first)
    assert first != second
    assert accounts.agent_of(first) is None
    assert accounts.agent_of(second)


@pytest.mark.parametrize("token", ["", "unknown", "\ud800", "x" * 10_000])
def test_a_token_of_no_session_is_nobody(accounts: Accounts, token: str) -> None:
    """And signing out with it changes nothing."""
    accounts.sign_out(token)
    assert accounts.agent_of(token) is None


@pytest.mark.usefixtures("mia")
def test_a_session_ends_after_twelve_idle_hours(accounts: Accounts, clock: Clock) -> None:
    """Each request begins them anew."""
    token = token_of(accounts)
    clock.move(hours=12)
    assert accounts.agent_of(token)
    clock.move(hours=12)
    assert accounts.agent_of(token)
    clock.move(hours=12, seconds=1)
    assert accounts.agent_of(token) is None


@pytest.mark.usefixtures("mia")
def test_a_session_ends_after_seven_days(accounts: Accounts, clock: Clock) -> None:
    """However much it is used."""
    token = token_of(accounts)
    for _ in range(14):
        clock.move(hours=12)
        assert accounts.agent_of(token)
    clock.move(seconds=1)
    assert accounts.agent_of(token) is None


@pytest.mark.usefixtures("mia")
def test_use_is_written_down_once_a_minute(accounts: Accounts, clock: Clock, rows: Rows) -> None:
    """A page of many requests is one write."""
    token = token_of(accounts)
    seen = [row["last_seen_at"] for row in rows("SELECT last_seen_at FROM sessions")]
    clock.move(seconds=59)
    accounts.agent_of(token)
    assert [row["last_seen_at"] for row in rows("SELECT last_seen_at FROM sessions")] == seen
    clock.move(seconds=1)
    accounts.agent_of(token)
    assert [row["last_seen_at"] for row in rows("SELECT last_seen_at FROM sessions")] != seen


@pytest.mark.usefixtures("mia")
def test_old_sessions_are_forgotten_by_the_next_sign_in(accounts: Accounts, clock: Clock, rows: Rows) -> None:
    """They would tell when somebody worked."""
    token_of(accounts)
    clock.move(days=7, seconds=1)
    token_of(accounts)
    assert len(rows("SELECT * FROM sessions")) == 1


def test_all_sessions_of_an_agent_end_together(accounts: Accounts, mia: Agent) -> None:
    """Those of others go on."""
    accounts.add("Max", "max@example.org", Role.THIRD, OTHER)
    tokens, other = [token_of(accounts), token_of(accounts)], token_of(accounts, "max@example.org", OTHER)
    accounts.end_sessions(mia.id)
    assert [accounts.agent_of(token) for token in tokens] == [None, None]
    assert accounts.agent_of(other)


def test_a_disabled_agent_is_out_at_once(accounts: Accounts, mia: Agent) -> None:
    """And stays out with the right password."""
    token = token_of(accounts)
    accounts.disable("MIA@example.org")
    assert accounts.agent_of(token) is None
    assert accounts.sign_in(mia.email, PASSWORD) is None


@pytest.mark.usefixtures("mia")
def test_a_new_password_ends_every_session(accounts: Accounts) -> None:
    """The old one opens nothing any more."""
    token = token_of(accounts)
    accounts.change_password(EMAIL, OTHER)
    assert accounts.agent_of(token) is None
    assert accounts.sign_in(EMAIL, PASSWORD) is None
    assert accounts.sign_in(EMAIL, OTHER)


@pytest.mark.usefixtures("mia")
def test_a_bad_new_password_changes_nothing(accounts: Accounts) -> None:
    """Neither the password nor the session."""
    token = token_of(accounts)
    with pytest.raises(BadAgent):
        accounts.change_password(EMAIL, "short")
    assert accounts.agent_of(token)
    assert accounts.sign_in(EMAIL, PASSWORD)


def test_who_is_not_there_cannot_be_changed(accounts: Accounts) -> None:
    """The error names the address."""
    with pytest.raises(UnknownAgent, match=r"max@example\.org"):
        accounts.disable("max@example.org")
    with pytest.raises(UnknownAgent):
        accounts.change_password("max@example.org", PASSWORD)


def test_a_password_changed_during_sign_in_wins(
    accounts: Accounts, mia: Agent, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who knows the old one gets no session that outlives it."""

    def slow(password: str, password_hash: str) -> bool:
        accounts.change_password(mia.email, OTHER)
        return fits(password, password_hash)

    monkeypatch.setattr(module, "fits", slow)
    assert accounts.sign_in(mia.email, PASSWORD) is None
    assert rows("SELECT * FROM sessions") == []


@pytest.mark.usefixtures("mia")
def test_an_agent_can_read_where_nothing_can_be_written(accounts: Accounts, clock: Clock) -> None:
    """A full disk is no reason to send staff away."""
    token = token_of(accounts)
    clock.move(minutes=5)
    event.listen(accounts.engine, "begin", fail_when_writing)
    assert accounts.agent_of(token)
    with pytest.raises(StoreUnavailable):
        accounts.sign_out(token)


def fail_when_writing(connection: Any) -> None:
    """Stand in for a disk that is full."""
    if connection.get_execution_options().get("writes"):
        raise OSError("disk full")


def test_a_ticket_concerns_who_has_it_or_else_its_level(accounts: Accounts) -> None:
    """Who has left is told of nothing: then it is the level's again."""
    mia, tom, ben = (
        accounts.add(name, f"{name}@example.org", role, PASSWORD)
        for name, role in (("mia", Role.FIRST), ("tom", Role.FIRST), ("ben", Role.SECOND))
    )
    assert accounts.concerned(str(ben.id), 1) == (ben.email,)
    assert accounts.concerned(None, 1) == (mia.email, tom.email)
    accounts.disable(ben.email)
    assert accounts.concerned(str(ben.id), 2) == ()
