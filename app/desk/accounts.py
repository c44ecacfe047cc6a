"""Accounts: the agents of one database, and the sessions in which they work."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, bindparam, delete, insert, select, update

from app.database import StoreUnavailable, alone, reading, writing
from app.desk.access import ANSWERING
from app.desk.agent import MAX_PASSWORD, Agent, Role, check_email, check_name, check_password, normal_email
from app.desk.passwords import NOBODY, fits, hash_password
from app.desk.tables import agents, sessions

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row, Update

TOKEN_BYTES = 32
IDLE = timedelta(hours=12)
"""How long a session lasts without a request: a shift, with its breaks."""
LIFETIME = timedelta(days=7)
"""How long a session lasts at most."""
SEEN_EVERY = timedelta(minutes=1)
"""How often a session writes down that it is used."""
NO_PASSWORD = ""
"""What is kept of an agent who signs in at the provider only."""
_SESSION = (
    select(agents, sessions.c.id.label("session_id"), sessions.c.created_at.label("session_began"),
           sessions.c.last_seen_at)
    .join(sessions, sessions.c.agent_id == agents.c.id)
    .where(sessions.c.token_hash == bindparam("token_hash"), sessions.c.ended_at.is_(None), agents.c.active)
)  # fmt: skip
"""The session of a token and its agent, while neither has ended: made once, for every request of the desk asks it."""
ADDING_LOCK = 0x57656703  # agents are added one after the other, so that an address that is taken is seen


class AddressTaken(ValueError):
    """Another agent has this address, perhaps a disabled one; nothing was stored."""


class UnknownAgent(ValueError):
    """No agent has this address."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The agents of one database. Each method raises StoreUnavailable when that cannot be used."""

    engine: Engine
    clock: Callable[[], datetime]

    def add(self, name: str, email: str, role: Role, password: str | None) -> Agent:
        """Store and return a new agent; raise BadAgent or AddressTaken. Without a password none opens the account."""
        values = {"name": check_name(name), "email": check_email(email), "role": role}
        password_hash = NO_PASSWORD if password is None else hash_password(check_password(password))
        with writing(self.engine) as connection:
            alone(connection, ADDING_LOCK)
            if _by_email(connection, email):
                raise AddressTaken(f"{values['email']} is the address of another agent. Give a different one.")
            row = insert(agents).values(**values, password_hash=password_hash, active=True, created_at=self.clock())
            connection.execute(row)
            return _agent(connection.execute(select(agents).where(agents.c.email == values["email"])).one())

    def sign_in(self, email: str, password: str) -> tuple[str, Agent] | None:
        """Return the token of a new session and its agent; None when address and password open nothing.

        It takes the same time whether the address is unknown, disabled, without a password or known.
        """
        with reading(self.engine) as connection:
            account = _by_email(connection, email)
        known = account if account and account.active else None
        right = fits(password[: MAX_PASSWORD + 1], (known and known.password_hash) or NOBODY)
        return self._open_session(known) if known and known.password_hash and right else None

    def enter(self, email: str) -> tuple[str, Agent] | None:
        """Return the token of a new session and its agent, whom a provider has named; None for nobody we let in."""
        with reading(self.engine) as connection:
            account = _by_email(connection, email)
        return self._open_session(account) if account and account.active else None

    def agent_of(self, token: str) -> Agent | None:
        """Return the active agent whose session this is; None when it is unknown, ended, too long idle or too old."""
        now = self.clock()
        with reading(self.engine) as connection:
            row = connection.execute(_SESSION, {"token_hash": token_hash(token)}).one_or_none()
        if row is None or now - row.last_seen_at > IDLE or now - row.session_began > LIFETIME:
            return None
        if now - row.last_seen_at >= SEEN_EVERY:
            self._see(row.session_id, now)
        return _agent(row)

    def known(self, agent_id: int) -> tuple[Agent, str] | None:
        """Return an active agent by number, with what changes whenever the password does; None for nobody."""
        wanted = select(agents).where(agents.c.id == agent_id, agents.c.active)
        with reading(self.engine) as connection:
            row = connection.execute(wanted).one_or_none()
        return (_agent(row), token_hash(row.password_hash)) if row else None

    def names(self) -> dict[str, str]:
        """Return the names of all agents by their id, also of those who have left."""
        with reading(self.engine) as connection:
            return {str(row.id): row.name for row in connection.execute(select(agents.c.id, agents.c.name))}

    def answering(self) -> tuple[Agent, ...]:
        """Return who can be given a ticket, by name: every active agent whose role answers customers."""
        wanted = select(agents).where(agents.c.active, agents.c.role.in_(ANSWERING)).order_by(agents.c.name)
        with reading(self.engine) as connection:
            return tuple(_agent(row) for row in connection.execute(wanted))

    def concerned(self, agent_id: str | None, level: int) -> tuple[str, ...]:
        """Return the addresses of whom a ticket concerns: who has it, or else everybody who answers its level."""
        known = self.answering()
        holder = tuple(one.email for one in known if str(one.id) == agent_id)
        return holder or tuple(one.email for one in known if one.level == level)

    def sign_out(self, token: str) -> None:
        """End the session of a token; one that is unknown or ended is left as it is."""
        self._end(sessions.c.token_hash == token_hash(token))

    def end_sessions(self, agent_id: int) -> None:
        """End every session of an agent."""
        self._end(sessions.c.agent_id == agent_id)

    def change_password(self, email: str, password: str) -> None:
        """Keep a new password and end every session of its agent; raise BadAgent or UnknownAgent."""
        self._change(email, password_hash=hash_password(check_password(password)))

    def disable(self, email: str) -> None:
        """Let an agent in no longer, and end every session; raise UnknownAgent."""
        self._change(email, active=False)

    def _open_session(self, account: Row[Any]) -> tuple[str, Agent] | None:
        """Open a session, unless the account was changed while its password was compared."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self.clock()
        unchanged = (agents.c.id == account.id, agents.c.active, agents.c.password_hash == account.password_hash)
        values = {"token_hash": token_hash(token), "agent_id": account.id, "created_at": now, "last_seen_at": now}
        with writing(self.engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.created_at < now - LIFETIME))
            if connection.execute(select(agents.c.id).where(*unchanged).with_for_update()).one_or_none() is None:
                return None
            connection.execute(insert(sessions).values(**values))
        return token, _agent(account)

    def _see(self, session_id: int, now: datetime) -> None:
        """Write down that a session is used; where nothing can be written now, its agent can still read."""
        seen = update(sessions).where(sessions.c.id == session_id).values(last_seen_at=now)
        with suppress(StoreUnavailable), writing(self.engine) as connection:
            connection.execute(seen)

    def _change(self, email: str, **values: object) -> None:
        with writing(self.engine) as connection:
            account = _by_email(connection, email)
            if account is None:
                raise UnknownAgent(f"No agent has the address {normal_email(email)!r:.80}. Look for a slip in it.")
            connection.execute(update(agents).where(agents.c.id == account.id).values(**values))
            connection.execute(_ended(sessions.c.agent_id == account.id, self.clock()))

    def _end(self, which: ColumnElement[bool]) -> None:
        with writing(self.engine) as connection:
            connection.execute(_ended(which, self.clock()))


def token_hash(token: str) -> str:
    """Return what is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _by_email(connection: Connection, email: str) -> Row[Any] | None:
    return connection.execute(select(agents).where(agents.c.email == normal_email(email))).one_or_none()


def _ended(which: ColumnElement[bool], now: datetime) -> Update:
    return update(sessions).where(which, sessions.c.ended_at.is_(None)).values(ended_at=now)


def _agent(row: Row[Any]) -> Agent:
    return Agent(row.id, row.name, row.email, Role(row.role), row.active)
