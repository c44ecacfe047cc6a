"""Pull: what a place of articles holds now, and why it could not be brought up to date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from app.articles.article import Fault
from app.articles.publication import Signature, Trouble

if TYPE_CHECKING:
    from pathlib import Path


class NotPulled(Exception):
    """The articles could not be brought up to date; those from before are still there."""

    def __init__(self, trouble: Trouble, detail: str) -> None:
        super().__init__(detail)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Pull:
    """What there is to read now."""

    state: str
    """The same for the same articles."""
    signature: Signature
    faults: tuple[Fault, ...] = ()
    """What is not read because of what it is: links and submodules."""
    rewritten: bool = False


class Place(Protocol):
    """Where articles come from."""

    @property
    def folder(self) -> Path:
        """The folder that is read."""
        ...

    @property
    def name(self) -> str:
        """What people call it, without a password."""
        ...

    @property
    def every(self) -> float:
        """Seconds between two looks; 0: only when asked to."""
        ...

    def move(self) -> None:
        """Fetch what is new; NotPulled when that fails."""

    def settle(self) -> None:
        """Wait until nobody is writing; where nobody can, return at once."""

    def pull(self) -> Pull:
        """Return what there is now; NotPulled when there is nothing."""
        ...
