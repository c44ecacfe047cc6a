"""Compounds: the words of the knowledge base's own vocabulary that a German compound is made of.

"Hochspannungsnetzgerät" is to be found with "Netzgerät", and "Routerpasswort" is to find what stands under "Router" and
"Passwort". A part is only ever a whole word that the knowledge base uses by itself; the stemmer covers what stands
between two parts (the s of Verbindungs|test, the n of Kunden|konto) and what is dropped (the e of Schul|buch).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING

from app.search.language import FUNCTION_WORDS, stem

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST_PART = 4
SHORTEST_FREQUENT_PART = 3
FREQUENT = 5
"""Passages that a word of three letters must stand in to be a part: dns, vpn and app do, chance finds do not."""
SHORTEST_HEAD = 5
"""The last part may stand alone when it is this long: of "Starkstromkabel" only "Kabel" is known."""
SHORTEST_INFLECTED_HEAD = 7
SHORTEST_REST = 4
LONG_REST = 10
"""From this length on an unknown rest needs no ending that the knowledge base knows."""
END = 3
SHORTEST_ROOT = 3
"""Letters that a prefix leaves of a word: "vers" in front of "Endung" is no word, so "Versendung" is none of these."""
LONGEST_WORD = 60
OWN_WORD = 3
"""A word that is so many times commoner than its parts has a meaning of its own: "Passwort" is no kind of "Wort"."""
LONGEST_ENDING = 3
LONGEST_PREFIX = 8

PREFIXES = frozenset(
    """ab an auf aus be bei bevor da dar durch ein emp ent er fort ge gegen her hin hinter inter los miss mit nach
    nieder ob per pre pro rück sub trans über um un unter ur ver vor weg weiter wider wieder zer zu zurück
    zusammen""".split()
)
"""What makes another word of a word, and no compound: "Umleitung" is no kind of "Leitung"."""
SUFFIXES = frozenset(
    """artig bar end ende enden ends fähig falls gemäß haft halb heit keit lich los mal mals mäßig maßen reich sam
    schaft seits tisch tum ung voll wärts weise würdig""".split()
)
"""What ends another kind of word, though it is also a word: no Weise in "möglicherweise", no Tisch in "politisch"."""
NO_PARTS = PREFIXES | SUFFIXES | FUNCTION_WORDS["de"] | FUNCTION_WORDS["en"]
NOUN_ENDS = frozenset(("aft", "eit", "ion", "tät", "ung"))
ENDINGS = frozenset(("", "e", "em", "en", "ens", "er", "ern", "es", "n", "s"))
"""What may stand between two parts, may be dropped there, or may end a word in another case or number."""


@dataclass(frozen=True, slots=True)
class Splitter:
    """Splits German words, in lower case, into `words`: those of a knowledge base, each with its number of passages."""

    words: Mapping[str, int]
    _whole: frozenset[str] = field(init=False, repr=False, compare=False)
    _roots: dict[str, str] = field(init=False, repr=False, compare=False)
    """What the stemmer leaves of words → the commonest word that is this and an ending."""
    _ends: frozenset[str] = field(init=False, repr=False, compare=False)
    """The letters that words end in; an unknown part must end so too."""

    def __post_init__(self) -> None:
        """Look once which words can be parts."""
        whole = sorted(filter(self._can_be_part, self.words), key=lambda word: (self.words[word], -len(word), word))
        roots = {root_of(word): word for word in whole}
        object.__setattr__(self, "_whole", frozenset(whole))
        object.__setattr__(self, "_roots", roots | {word: word for word in whole})
        object.__setattr__(self, "_ends", frozenset(word[-END:] for word in whole) | NOUN_ENDS)

    def parts(self, word: str) -> tuple[str, ...]:
        """Return the known words that `word` is made of, in order, as few and so as long as can be; () if it is none.

        One word alone is the head, the last part, of a compound whose other parts are not known.
        """
        if not SHORTEST_PART < len(word) <= LONGEST_WORD:
            return ()
        parts = self._cover(word) or self._head(word)
        return parts if self._explain(parts, word) else ()

    def _can_be_part(self, word: str) -> bool:
        if word in NO_PARTS or only_prefixes(word):
            return False
        frequent = len(word) >= SHORTEST_FREQUENT_PART and self.words[word] >= FREQUENT
        return len(word) >= SHORTEST_PART or frequent

    def _explain(self, parts: tuple[str, ...], word: str) -> bool:
        """Tell whether the geometric mean of the parts' frequencies compares with the word's own.

        The measure is that of Koehn and Knight, Empirical Methods for Compound Splitting (2003).
        """
        together: int = prod(self.words[part] for part in parts)
        own = self.words.get(word, 0) / OWN_WORD
        return together >= own ** len(parts)

    def _cover(self, word: str) -> tuple[str, ...]:
        """Return the fewest known words that cover all of `word`; of two ways the one with the longer last part."""
        covers: dict[int, tuple[str, ...]] = {0: ()}
        for start in range(len(word)):
            for end, part in self._parts_at(word, start) if start in covers else ():
                if end not in covers or len(covers[end]) > len(covers[start]) + 1:
                    covers[end] = (*covers[start], part)
        return covers.get(len(word), ())

    def _parts_at(self, word: str, start: int) -> Iterator[tuple[int, str]]:
        """Yield where each known part that begins at `start` ends; the whole word is no part of itself."""
        for end in range(start + SHORTEST_FREQUENT_PART, len(word) + (start > 0)):
            part = self._known(word[start:end])
            if part and (end < len(word) or len(part) >= SHORTEST_PART):
                yield end, part

    def _head(self, word: str) -> tuple[str, ...]:
        """Return the longest known word at the end, if what stands in front of it can be a word."""
        for start in range(SHORTEST_REST, len(word) - SHORTEST_HEAD + 1):
            piece = word[start:]
            head = self._known(piece)
            if head == piece or (head and len(piece) >= SHORTEST_INFLECTED_HEAD):
                return (head,) if self._can_be_word(word[:start]) else ()
        return ()

    def _known(self, piece: str) -> str | None:
        """Return the known word that a piece is, as it stands or by its stem."""
        if piece in self._whole:
            return piece
        if len(piece) < SHORTEST_PART or piece in NO_PARTS:
            return None
        for end in range(len(piece), len(piece) - LONGEST_ENDING - 1, -1):
            word = self._roots.get(piece[:end])
            if word and piece[end:] in ENDINGS:
                return word
        return None

    def _can_be_word(self, rest: str) -> bool:
        """Tell whether an unknown piece can be a word: it ends like one, and is more than a word and prefixes."""
        if rest in NO_PARTS or only_prefixes(rest):
            return False
        if any(rest.endswith(prefix) and self._known(rest.removesuffix(prefix)) for prefix in PREFIXES):
            return False
        return len(rest) >= LONG_REST or rest[-END:] in self._ends or rest.removesuffix("s")[-END:] in self._ends


def root_of(word: str) -> str:
    """Return what is left of a word without its ending: "kund" of "kunde", but all of "meldung"."""
    root = word[: len(stem(word, "de"))]
    return root if word[len(root) :] in ENDINGS else word


def only_prefixes(word: str) -> bool:
    """Tell whether a word is made of prefixes, such as "herunter", up to a piece that is too short for a root."""
    if len(word) < SHORTEST_ROOT:
        return True
    ends = (end for end in range(2, LONGEST_PREFIX + 1) if word[:end] in PREFIXES)
    return any(only_prefixes(word[end:]) for end in ends)
