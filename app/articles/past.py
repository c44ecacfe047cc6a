"""The past of an article: its versions, newest first, and which of them customers may read.

A version is a state of the branch that is published, never of a branch that was merged into it: what somebody tried
there was not on line. Where a file lay then tells who could read it then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import dropwhile, groupby
from typing import TYPE_CHECKING

from app.articles.article import Article, public_edition

if TYPE_CHECKING:
    from app.articles.article import Language

SHORT = 12
"""Characters of a commit in an address."""

_CORRECTION = re.compile(
    r"^(Korrektur|Correction)(?:\s*\(([a-z0-9-]+)\))?:[ \t]*(\S.*(?:\n[ \t]+\S.*)*)$", re.MULTILINE
)
_WITHDRAWN = re.compile(r"^(?:Zurückgezogen|Withdrawn):[ \t]*([0-9a-f]{7,64})\b", re.MULTILINE)
_SPOKEN: dict[str, Language] = {"Korrektur": "de", "Correction": "en"}


@dataclass(frozen=True, slots=True)
class Version:
    """An article as it stood in one commit."""

    commit: str
    author: str
    at: datetime
    message: str
    article: Article

    @property
    def short(self) -> str:
        """The commit as it stands in addresses."""
        return self.commit[:SHORT]

    @property
    def subject(self) -> str:
        """First line of what its author said about it."""
        return self.message.partition("\n")[0]

    @property
    def corrections(self) -> tuple[str, ...]:
        """What had been wrong before, in the article's language where it was said in that one."""
        found = [(_SPOKEN[word], _line(text)) for word, slug, text in _CORRECTION.findall(self.message)
                 if slug in ("", self.article.slug)]  # fmt: skip
        own = tuple(text for lang, text in found if lang == self.article.lang)
        return own or tuple(text for _, text in found)


@dataclass(frozen=True, slots=True)
class Past:
    """Versions of one article in one language, newest first."""

    versions: tuple[Version, ...] = ()
    whole: bool = True
    """Whether these are all; git was asked for no more than a number of them, and for no longer than a time."""
    same: tuple[tuple[str, str], ...] = ()
    """Commits that changed nothing of the text, each with the version that has it."""
    withdrawn: tuple[str, ...] = ()
    """Commits that no customer may read any more, maybe cut short: a later message said so."""

    def version(self, commit: str) -> Version | None:
        """Return the version of a commit, which may be cut short."""
        if not commit:
            return None
        named = next((kept for other, kept in self.same if other.startswith(commit)), commit)
        return next((one for one in self.versions if one.commit.startswith(named)), None)

    def before(self, version: Version) -> Version | None:
        """Return the version that came before another."""
        place = self.versions.index(version) + 1
        return self.versions[place] if place < len(self.versions) else None

    def up_to(self, live: Article) -> Past:
        """Leave out what is newer than the text that is on line; where none is that text, all is older."""
        text = wording(live)
        older = tuple(dropwhile(lambda one: wording(one.article) != text, self.versions))
        return replace(self, versions=older or self.versions)

    def for_customers(self) -> Past:
        """Return what customers could read: public then, without the text for agents, and not withdrawn since.

        Commits that changed nothing of it are no versions for them: of the same text the oldest is, when it came.
        """
        kept = (one for one in self.versions if not one.commit.startswith(self.withdrawn))
        editions = ((one, public_edition(one.article)) for one in kept)
        public = [replace(one, article=edition) for one, edition in editions if edition]
        runs = [list(run) for _, run in groupby(public, lambda one: wording(one.article))]
        same = tuple((one.commit, run[-1].commit) for run in runs for one in run[:-1])
        return replace(self, versions=tuple(run[-1] for run in runs), same=same)


def withdrawn_in(message: str) -> tuple[str, ...]:
    """Return the commits that a message takes back."""
    return tuple(_WITHDRAWN.findall(message))


def wording(article: Article) -> str:
    """Return all that is read of an article, as paragraphs."""
    return "\n\n".join(part for part in (article.title, article.summary, article.body) if part)


def _line(text: str) -> str:
    return " ".join(text.split())
