"""Phrases: titles and authors' questions that what is being typed may become."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from app.search.language import FOLDS, PART

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHORTEST = 2
"""Letters from which on something is completed."""
LOOKED_AT = 200
"""Phrases looked at to find the shortest few."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """Completes what is typed to a phrase in which it begins a word; sorted once, then looked up by halving."""

    texts: tuple[str, ...]
    _starts: list[tuple[str, int]] = field(init=False, repr=False, compare=False)
    """Each phrase from each of its words on, folded, with the number of the phrase."""

    def __post_init__(self) -> None:
        """Sort all starts once."""
        starts = sorted((start, number) for number, text in enumerate(self.texts) for start in starts_of(text))
        object.__setattr__(self, "_starts", starts)

    def completing(self, typed: str, limit: int) -> tuple[str, ...]:
        """Return phrases in which `typed` begins a word: those that begin with it first, then the shortest."""
        half = folded(typed)
        if len(half) < SHORTEST:
            return ()
        found = {self.texts[number] for number in islice(self._from(half), LOOKED_AT)}
        fresh = (text for text in found if folded(text) != half)
        return tuple(sorted(fresh, key=lambda text: (not folded(text).startswith(half), len(text), text))[:limit])

    def _from(self, half: str) -> Iterator[int]:
        for at in range(bisect_left(self._starts, (half, 0)), len(self._starts)):
            start, number = self._starts[at]
            if not start.startswith(half):
                return
            yield number


def phrases_of(texts: Iterable[str]) -> Phrases:
    """Return phrases to complete to, each once."""
    return Phrases(tuple(dict.fromkeys(texts)))


def starts_of(text: str) -> Iterator[str]:
    """Yield the rest of a phrase from each of its words on, folded."""
    whole = folded(text)
    yield from (whole[word.start() :] for word in PART.finditer(whole))


def folded(text: str) -> str:
    """Return text as it is compared: in lower case, without umlauts, with single spaces."""
    return " ".join(text.casefold().translate(FOLDS).split())
