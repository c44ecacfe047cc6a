"""Reads the past of articles out of git, bounded in time and size, and keeps what was read last."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import dropwhile
from typing import TYPE_CHECKING

from app.articles.address import read_plain_address
from app.articles.corrected import Corrected
from app.articles.file_text import LARGEST, Unreadable, decode
from app.articles.git_answer import GitAnswer, ask
from app.articles.lags import Lags
from app.articles.manuscript import parse
from app.articles.past import Past, Version, withdrawn_in
from app.articles.plain import looks_internal
from app.articles.revisions import REVISION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from app.articles.article import Article, Language

MOST = 200
"""Versions that are read of one article."""
SECONDS = 5.0
"""One call of git may take; a path is looked for in every commit there is."""
LARGEST_LOG = 2_000_000
LARGEST_TEXTS = 4_000_000
"""Bytes that are read of one article's versions altogether."""
KEPT = 24
"""Articles whose past is kept in memory."""
READERS = 2
"""Who may ask git at the same time."""

_TOPS = ("public", "internal")
_LOG = (
    "log", "-m", "--first-parent", "--no-show-signature", "--no-renames", "--diff-filter=d", "--name-only",
    "--relative", "-z", "--encoding=UTF-8", "--format=format:%x01%H%x00%an%x00%cI%x00%B%x02",
)  # fmt: skip


class PastBusy(Exception):
    """Too many ask for the past of articles at once; in a moment it can be read."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A commit that changed the file of an article, and where it lay then."""

    commit: str
    author: str
    at: datetime
    message: str
    path: str

    @property
    def is_own(self) -> bool:
        """Whether it lay in a folder that was made for this portal."""
        return self.path.partition("/")[0] in _TOPS


class PastReader:
    """What git knows of the articles in one folder."""

    def __init__(self, folder: Path, default_language: Language = "de", most: int = MOST) -> None:
        """Look at a folder; nothing is asked of git yet."""
        self.folder, self._default, self._most = folder, default_language, most
        self.corrected, self.lags = Corrected(folder), Lags(folder, default_language)
        self._free = threading.BoundedSemaphore(READERS)
        self._kept = lru_cache(KEPT)(self._read)

    def past(self, article: Article, version: str) -> Past:
        """Return the versions of an article, empty where git knows none; PastBusy when too many ask.

        Of each `version` of the index the same is said: what was read once for it is kept.
        """
        return self._kept(version, tuple(self._places(article)), article.lang, "")

    def older(self, article: Article, version: str, commit: str) -> Past:
        """Return the versions up to a commit, for one that is older than those of `past`; PastBusy as there.

        Empty for a commit that was never the state of the published branch: what lies on others is not public.
        """
        if not REVISION.fullmatch(commit):
            return Past()
        return self._kept(version, tuple(self._places(article)), article.lang, commit)

    def prefix(self) -> str:
        """Return the place of the folder in its repository, such as "articles/"; "" when it is the whole of it."""
        return self._ask("rev-parse", "--show-prefix").said.decode("utf-8", "replace").strip()

    def _places(self, article: Article) -> Iterator[str]:
        """Name the files it may ever have been, in any category."""
        top, _, _ = article.path.partition("/")
        if top not in _TOPS:
            yield f":(literal){article.path}"
            return
        names = [f"{article.slug}.{article.lang}.md"] + [f"{article.slug}.md"] * (article.lang == self._default)
        yield from (f":(glob){top}/*/{name}" for top in _TOPS for name in names)

    def _read(self, _version: str, places: tuple[str, ...], lang: Language, start: str) -> Past:
        with self.turn():
            log = self._ask(*_LOG, "HEAD", "--", *places, most=LARGEST_LOG)
            every = list(_entries(log.said if log.whole else log.said.rpartition(b"\x01")[0]))
            older = list(dropwhile(lambda one: not one.commit.startswith(start), every))
            read = older[: self._most]
            texts = self._texts(read)
        return Past(
            tuple(version for entry in read for version in self._version(entry, texts, lang)),
            whole=log.whole and len(older) == len(read),
            withdrawn=tuple(commit for entry in every for commit in withdrawn_in(entry.message)),
        )

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until git may be asked; PastBusy when that takes too long."""
        if not self._free.acquire(timeout=SECONDS):
            raise PastBusy
        try:
            yield
        finally:
            self._free.release()

    def _texts(self, entries: Sequence[_Entry]) -> Mapping[str, bytes]:
        """Return files and top folders as they stood in commits, by `commit:path`; what is too large is left out."""
        names = [f"{one.commit}:./{one.path}" for one in entries]
        names += [f"{one.commit}:./" for one in entries if not one.is_own]
        sizes = self._ask("cat-file", "--batch-check=%(objectname) %(objectsize)", given=_lines(names)).said
        blobs: dict[str, str] = {}
        room = LARGEST_TEXTS
        for name, line in zip(names, sizes.decode().splitlines(), strict=False):
            blob, _, size = line.rpartition(" ")
            if size.isdecimal() and int(size) <= min(LARGEST, room):
                room -= int(size) if blob not in blobs.values() else 0
                blobs[name] = blob
        found = dict(_objects(self._ask("cat-file", "--batch", given=_lines(sorted(set(blobs.values())))).said))
        return {name: found[blob] for name, blob in blobs.items() if blob in found}

    def _version(self, entry: _Entry, texts: Mapping[str, bytes], lang: Language) -> Iterator[Version]:
        """Yield the version when it was one: a file with a fault was never on line."""
        article = self._article(entry, texts, lang)
        if article:
            yield Version(entry.commit, entry.author, entry.at, entry.message, article)

    def _article(self, entry: _Entry, texts: Mapping[str, bytes], lang: Language) -> Article | None:
        if not entry.is_own and not _was_plain(texts.get(f"{entry.commit}:./", b"")):
            return None
        try:
            text = decode(texts[f"{entry.commit}:./{entry.path}"])
        except (KeyError, Unreadable):
            return None
        plain = None if entry.is_own else read_plain_address(entry.path)
        # Not through the cache of `parse`: that is for what is published again and again.
        read = parse.__wrapped__(entry.path, text, plain=plain, default_language=self._default)
        return read.article if read.article and (read.article.lang == lang or plain) else None

    def _ask(self, *words: str, given: str = "", most: int = 2 * LARGEST_TEXTS) -> GitAnswer:
        return ask(self.folder, *words, given=given, seconds=SECONDS, most=most)


def _entries(log: bytes) -> Iterator[_Entry]:
    """Read commits, newest first: a mark, what git knows of it, another mark, and its files, parted by NUL."""
    for record in log.decode("utf-8", "replace").split("\x01")[1:]:
        head, mark, files = record.partition("\x02")
        fields = head.split("\0", 3)
        paths = [path for path in files.lstrip("\n").split("\0") if path and "\n" not in path]
        if mark and len(fields) == 4:  # noqa: PLR2004 - as many as the format names
            commit, author, at, message = fields
            with suppress(ValueError):  # git takes times that no calendar has
                moment = datetime.fromisoformat(at)
                yield from (_Entry(commit, author, moment, message.strip(), path) for path in paths[:1])


def _objects(said: bytes) -> Iterator[tuple[str, bytes]]:
    """Read what `cat-file --batch` says: name, kind and size on a line, then so many bytes and a line end."""
    while said:
        head, _, rest = said.partition(b"\n")
        name, _, size = head.decode("ascii", "replace").split(" ")[:3]
        yield name, rest[: int(size)]
        said = rest[int(size) + 1 :]


def _was_plain(tree: bytes) -> bool:
    """Tell whether a folder was then taken as it is, and all of it as public: never beside one for agents."""
    names = [head.partition(" ")[2] for head in _names(tree)]
    return bool(names) and not any(name in _TOPS or looks_internal(name) for name in names)


def _names(tree: bytes) -> Iterator[str]:
    """Read a tree of git: mode, name, NUL, and the 20 bytes of a hash."""
    while tree:
        head, _, rest = tree.partition(b"\0")
        yield head.decode("utf-8", "replace")
        tree = rest[20:]


def _lines(names: Sequence[str]) -> str:
    return "".join(f"{name}\n" for name in names)
