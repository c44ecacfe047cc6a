"""Plain folders: Markdown that was not written for this portal, with slugs made from its file names."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from app.articles.address import plain_slugs, read_plain_address, without_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.articles.manuscript import Manuscript

_INTERNAL = re.compile(r"intern(a|al|als|ally|e|em|en|er|es|s|um)?|private?|privates?|vertraulich(es)?|confidential")
_NEARLY = 0.85


def looks_internal(name: str) -> bool:
    """Tell whether a folder is named as if customers should not read it."""
    words = re.findall(r"[a-z]+", name.lower())
    return any(_INTERNAL.fullmatch(word) or _nearly_internal(word) for word in words)


def with_own_slugs(manuscripts: Iterable[Manuscript]) -> tuple[Manuscript, ...]:
    """Give files of the same name and language longer slugs; those of one name and several languages stay together."""
    namesakes: dict[str, list[Manuscript]] = defaultdict(list)
    for manuscript in manuscripts:
        namesakes[read_plain_address(manuscript.valid.path).slug].append(manuscript)
    taken: set[str] = set(namesakes)
    return tuple(manuscript for group in namesakes.values() for manuscript in _named(group, taken))


def folder_names(manuscripts: Iterable[Manuscript]) -> dict[str, str]:
    """Give the name of the top folder for each category, without its language."""
    names = {}
    for manuscript in manuscripts:
        top, below, _ = manuscript.valid.path.partition("/")
        names[manuscript.valid.category] = without_language(top) if below else "Artikel"
    return names


def _named(group: Sequence[Manuscript], taken: set[str]) -> Sequence[Manuscript]:
    """Take the first form of their names in which no two of the group are the same."""
    choices = zip(*(plain_slugs(manuscript.valid.path) for manuscript in group), strict=True)
    for number, slugs in enumerate(choices):
        distinct = {(slug, manuscript.valid.lang) for slug, manuscript in zip(slugs, group, strict=True)}
        if len(distinct) == len(group) and (not number or taken.isdisjoint(slugs)):
            break
    taken.update(slugs)
    return [_called(manuscript, slug) for slug, manuscript in zip(slugs, group, strict=True)]


def _called(manuscript: Manuscript, slug: str) -> Manuscript:
    return replace(manuscript, article=replace(manuscript.valid, slug=slug))


def _nearly_internal(word: str) -> bool:
    return not word.startswith("internet") and bool(difflib.get_close_matches(word, ["internal"], cutoff=_NEARLY))
