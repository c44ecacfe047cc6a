"""An agent: staff who answers, and what may stand for one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_NAME = 100  # characters
MAX_EMAIL = 254  # characters, RFC 5321
MIN_PASSWORD = 12  # characters
MAX_PASSWORD = 200  # characters

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class BadAgent(ValueError):
    """What was given cannot stand for an agent; nothing was stored."""


class Role(StrEnum):
    """What an agent is there for."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    AUTHOR = "author"
    ADMINISTRATOR = "administrator"

    @property
    def level(self) -> int | None:
        """Return the level whose tickets the role answers; None for one that answers none."""
        return LEVELS.get(self)


LEVELS: Mapping[Role, int] = MappingProxyType({Role.FIRST: 1, Role.SECOND: 2, Role.THIRD: 3})


@dataclass(frozen=True, slots=True)
class Agent:
    """One of the staff."""

    id: int
    name: str
    email: str
    role: Role
    active: bool
    """Whether the agent may sign in; who has left stays in the history of tickets."""

    @property
    def level(self) -> int | None:
        """Whose tickets the agent answers; None for one who answers none, or those of all levels."""
        return self.role.level


def check_name(text: str) -> str:
    """Return the name as one clean line; raise BadAgent when none is left or it is too long."""
    name = clean_line(text)
    if not 0 < len(name) <= MAX_NAME:
        raise BadAgent(f"The name has {len(name)} characters. Give one of 1 to {MAX_NAME}.")
    return name


def normal_email(text: str) -> str:
    """Return an address as it is compared: on one line, in lower case."""
    return clean_line(text).lower()


def check_email(text: str) -> str:
    """Return the address as it is kept; raise BadAgent when it cannot be one."""
    email = normal_email(text)
    if len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email):
        raise BadAgent(f"{email!r:.80} is no e-mail address. Write one, like name@example.org.")
    return email


def check_password(text: str) -> str:
    """Return the password as it was given; raise BadAgent, without repeating it, when it is too short or too long."""
    if not MIN_PASSWORD <= len(text) <= MAX_PASSWORD:
        raise BadAgent(f"The password has {len(text)} characters. Give one of {MIN_PASSWORD} to {MAX_PASSWORD}.")
    return text
