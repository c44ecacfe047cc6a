"""Lags: which translations say something else than their originals do by now, told by the index and one log of git.

`check-articles` tells the same to authors from files; here it is told to readers, of what is on line.
"""

from __future__ import annotations

import io
import re
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from app.articles.address import read_address
from app.articles.article import Article, public_edition
from app.articles.file_text import LARGEST, Unreadable, decode
from app.articles.git_answer import ask
from app.articles.manuscript import parse
from app.articles.past import SHORT, wording
from app.articles.revisions import REVISION
from app.articles.translations import changed_paragraphs

if TYPE_CHECKING:
    from pathlib import Path

    from app.articles.article import Language

SECONDS = 30.0
LARGEST_LOG = 60_000_000
LARGEST_TEXTS = 40_000_000
MOST_NAMED = 5
_MARKS = re.compile(r"^\s*(?:[-*+>#]+|\d{1,3}[.)])\s+|\*\*|`", re.MULTILINE)
"""Signs of Markdown that only get in the way of a first glance."""
_TOPS = ("public/", "internal/")
_LOG = (
    "log", "-m", "--first-parent", "--no-show-signature", "--no-renames", "--diff-filter=d", "--name-only",
    "--relative", "-z", "--format=format:%x01%H %ct", "HEAD", "--", ".",
)  # fmt: skip

Edition = tuple[str, str]
"""Slug and language."""


@dataclass(frozen=True, slots=True)
class Lag:
    """A translation that fell behind."""

    original: Article
    since: str
    """Commit of the original that it was made from."""
    changed: date
    """Day of the original's last change."""
    paragraphs: tuple[str, ...]
    """First words of paragraphs that changed, the first few."""
    count: int
    """How many changed or are gone."""


@dataclass(frozen=True, slots=True)
class Log:
    """The commits of the published branch, newest first, and those that changed each edition."""

    commits: Mapping[str, int] = field(default_factory=dict)
    """Its place, by commit."""
    days: Mapping[str, date] = field(default_factory=dict)
    files: Mapping[Edition, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """Commit and path, newest first."""
    ordered: Sequence[str] = ()
    """The commits by name."""

    def place(self, named: str) -> int | None:
        """Return the place of a commit, which may be cut short; None for one of another branch."""
        at = bisect_left(self.ordered, named)
        found = self.ordered[at] if at < len(self.ordered) else ""
        return self.commits[found] if found.startswith(named) else None


class Lags:
    """What is known of an audience's translations, found out once for each version of its index."""

    def __init__(self, folder: Path, default_language: Language = "de") -> None:
        """Look at a folder; nothing is asked of git yet."""
        self._folder, self._default = folder, default_language
        self._lock = threading.Lock()
        self._known: dict[bool, tuple[str, Mapping[Edition, Lag]]] = {}
        self._begun: set[tuple[str, bool]] = set()

    def known(
        self, version: str, articles: Callable[[], Iterable[Article]], *, internal: bool = False
    ) -> Mapping[Edition, Lag]:
        """Return what is known without waiting; a new version is looked at in a thread of its own."""
        with self._lock:
            if (version, internal) not in self._begun:
                self._begun = {one for one in self._begun if one[1] != internal} | {(version, internal)}
                given = (version, tuple(articles()))
                threading.Thread(target=self.find, args=given, kwargs={"internal": internal}, daemon=True).start()
            return self._known.get(internal, ("", {}))[1]

    def find(self, version: str, articles: Iterable[Article], *, internal: bool = False) -> Mapping[Edition, Lag]:
        """Return the lags of a version, and know them from now on; some seconds where git has much to read."""
        before, found = self._known.get(internal, ("", {}))
        if before != version:
            found = self._find(tuple(articles), internal=internal)
            self._known[internal] = (version, found)
        return found

    def _find(self, articles: Sequence[Article], *, internal: bool) -> Mapping[Edition, Lag]:
        log = _read_log(ask(self._folder, *_LOG, seconds=SECONDS, most=LARGEST_LOG).said, self._default)
        bases = {(one.slug, one.lang): (original, base) for original, one in pairs(articles, self._default)
                 if (base := base_of(log, original, one))}  # fmt: skip
        texts = _texts(self._folder, {f"{commit}:./{path}" for _, (commit, path) in bases.values()})
        found: dict[Edition, Lag] = {}
        for edition, (original, (commit, path)) in bases.items():
            then = self._article(path, texts.get(f"{commit}:./{path}"), internal=internal)
            lag = _lag(original, then, commit, log) if then else None
            if lag:
                found[edition] = lag
        return found

    def _article(self, path: str, text: bytes | None, *, internal: bool) -> Article | None:
        """Return the article that a file was; for customers as they could read it, None where they could not."""
        if text is None:
            return None
        try:
            read = parse.__wrapped__(path, decode(text), default_language=self._default).article
        except Unreadable:
            return None
        return read if internal or read is None else public_edition(read)


def pairs(articles: Iterable[Article], default: Language) -> Iterable[tuple[Article, Article]]:
    """Yield each original with each of its translations: the original names no revision, else it is the default's."""
    groups: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        groups[article.slug].append(article)
    for group in groups.values():
        first, *others = sorted(group, key=lambda one: (bool(one.translation_of_revision), one.lang != default))
        yield from ((first, other) for other in others)


def base_of(log: Log, original: Article, translation: Article) -> tuple[str, str] | None:
    """Return the commit and path of the original that a translation was made from; None when it is the newest.

    A revision that is not on the published branch says nothing: then it is as old as the translation's last commit.
    """
    files = log.files.get((original.slug, original.lang), ())
    told = translation.translation_of_revision
    named = told if REVISION.fullmatch(told) else ""
    place = log.place(named) if named else None
    if place is None:
        own = log.files.get((translation.slug, translation.lang), ())
        place = log.commits[own[0][0]] if own else None
    if place is None:
        return None
    base = next((one for one in files if log.commits[one[0]] >= place), None)
    return base if base and base != files[0] else None


def _lag(original: Article, then: Article, commit: str, log: Log) -> Lag | None:
    changed, removed = changed_paragraphs(wording(then), wording(original))
    if not changed and not removed:
        return None
    newest = log.files[original.slug, original.lang][0][0]
    named = tuple(" ".join(_MARKS.sub("", one.text).split()[:8]) for one in changed[:MOST_NAMED])
    return Lag(original, commit[:SHORT], log.days[newest], named, len(changed) + removed)


def _read_log(said: bytes, default: Language) -> Log:
    commits: dict[str, int] = {}
    days: dict[str, date] = {}
    files: dict[Edition, list[tuple[str, str]]] = defaultdict(list)
    for place, record in enumerate(said.decode("utf-8", "replace").split("\x01")[1:]):
        head, _, names = record.partition("\n")
        commit, _, seconds = head.strip("\0").partition(" ")
        commits[commit], days[commit] = place, datetime.fromtimestamp(int(seconds or 0), UTC).date()
        for path in names.split("\0"):
            if edition := _edition(path, default):
                files[edition].append((commit, path))
    return Log(commits, days, files, sorted(commits))


def _edition(path: str, default: Language) -> Edition | None:
    """Return the edition that a file is of; in folders that were not made for this portal names say too little."""
    if not path.startswith(_TOPS) or not path.endswith(".md") or "\n" in path:
        return None
    try:
        address = read_address(path)
    except ValueError:
        return None
    return address.slug, address.lang or default


def _texts(folder: Path, names: Iterable[str]) -> Mapping[str, bytes]:
    """Return files as they stood in commits; what is too large is left out."""
    wanted = sorted(names)
    given = "".join(f"{name}\n" for name in wanted)
    said = io.BytesIO(ask(folder, "cat-file", "--batch", given=given, seconds=SECONDS, most=LARGEST_TEXTS).said)
    found: dict[str, bytes] = {}
    for name in wanted:
        size = said.readline().rpartition(b" ")[2].strip()
        text = said.read(int(size)) if size.isdigit() else b""
        if size.isdigit() and said.read(1) and len(text) <= LARGEST:
            found[name] = text
    return found
