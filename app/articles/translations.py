"""Translations: which of them say something else than their original does by now, and in which paragraphs.

A translation is made from one revision of its original: the one in `translation_of_revision`, or where that field is
missing the one that was there when the translation was last committed. Only texts are compared: other questions, codes
and dates make no translation wrong.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from app.articles.file_text import end_of_front_matter
from app.articles.finding import Finding
from app.articles.revisions import REVISION
from app.articles.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.articles.article import Language
    from app.articles.revisions import Revisions

_NAMED = 3
"""Paragraphs that are named with their first words."""
_WORDS = 6
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines between empty lines, or one item of a list, and the line of the file in which they begin."""

    line: int
    text: str

    def __str__(self) -> str:
        return f'line {self.line} ("{" ".join(self.text.split()[:_WORDS])} …")'


@dataclass(frozen=True, slots=True)
class Pair:
    """A translation and the article it was made from."""

    original: Source
    translation: Source


def fallen_behind(sources: Iterable[Source], revisions: Revisions, default: Language) -> Iterator[Finding]:
    """Yield the translations whose originals have changed; where git cannot tell, only a named revision counts."""
    for pair in pairs(sources, default):
        told = pair.translation.article.translation_of_revision
        base = told or revisions.last(pair.translation.article.path)
        before = revisions.text(base, pair.original.article.path) if REVISION.fullmatch(base) else None
        if before is not None:
            yield from _compared(pair, before, base, revisions)
        elif told:
            yield _finding(pair, f'git knows no revision "{told[:40]}" of {pair.original.article.path}.', revisions)


def pairs(sources: Iterable[Source], default: Language) -> Iterator[Pair]:
    """Yield each translation with its original: the edition that names no revision, else the default language's."""
    editions: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        editions[source.article.slug].append(source)
    for group in editions.values():
        first, *others = sorted(group, key=lambda one: _rank(one, default))
        yield from (Pair(first, other) for other in others)


def changed_paragraphs(before: str, now: str) -> tuple[Sequence[Paragraph], int]:
    """Return the paragraphs of `now` that `before` has not, and how many of `before` are gone without another."""
    old, new = _paragraphs(before), _paragraphs(now)
    matcher = SequenceMatcher(None, [one.text for one in old], [one.text for one in new], autojunk=False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    changed = [one for _, _, _, start, end in changes for one in new[start:end]]
    return changed, sum(max(0, (last - first) - (end - start)) for _, first, last, start, end in changes)


def _rank(source: Source, default: Language) -> tuple[bool, bool, str]:
    article = source.article
    return bool(article.translation_of_revision), article.lang != default, article.lang


def _compared(pair: Pair, before: str, base: str, revisions: Revisions) -> Iterator[Finding]:
    changed, removed = changed_paragraphs(before, pair.original.text)
    if not changed and not removed:
        return
    named = [str(one) for one in changed[:_NAMED]]
    named += [f"{len(changed) - _NAMED} more"] if len(changed) > _NAMED else []
    named += [f"{removed} removed"] if removed else []
    since = f"{pair.original.article.path} has changed since {base[:8]}"
    yield _finding(pair, f"{since}: {', '.join(named)}.", revisions)


def _finding(pair: Pair, message: str, revisions: Revisions) -> Finding:
    last = revisions.last(pair.original.article.path)[:10] or "the commit of the original"
    advice = f"Carry that over, then write `translation_of_revision: {last}`."
    article = pair.translation.article
    line = pair.translation.line_of("translation_of_revision")
    return Finding(article.path, line, "translation", "hint", message, advice)


def _paragraphs(text: str) -> list[Paragraph]:
    lines = text.split("\n")
    end = end_of_front_matter(lines)
    start = end + 1 if end else 0
    found: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(lines[start:], start=start + 1):
        if not line.strip() or _ITEM.match(line):
            found.append([])
        if line.strip():
            found[-1].append((number, " ".join(line.split())))
    return [Paragraph(rows[0][0], "\n".join(row for _, row in rows)) for rows in found if rows]
