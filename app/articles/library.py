"""The library: everything there is to read in an article folder, and everything that is wrong with it.

A folder with `public/` or `internal/` at its top was made for this portal. Any other folder of Markdown files is taken
as it is, and all of it as public.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.articles.address import read_plain_address
from app.articles.article import Article, Category, Fault, Language, Notice
from app.articles.categories import parse_categories, with_folders
from app.articles.file_text import LARGEST, Unreadable, decode
from app.articles.folder import read_bytes, walk
from app.articles.history import History, read_history
from app.articles.manuscript import Manuscript, parse
from app.articles.media import Medium, is_image, media_in
from app.articles.notices import parse_notice
from app.articles.plain import folder_names, looks_internal, with_own_slugs
from app.articles.relations import loose_ends, without_duplicates, without_false_redirects
from app.articles.rendering import render_all

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from app.articles.address import Address

__all__ = ["Library", "Medium", "read_library", "render_all"]

_TOPS = ("public/", "internal/")
_NOTICES = "notices/"
_CATEGORIES = "categories.yml"


@dataclass(frozen=True, slots=True)
class Library:
    """What was read in one folder at one time: only what is valid, and every fault."""

    articles: tuple[Article, ...] = ()
    """In full, text for agents included."""
    notices: tuple[Notice, ...] = ()
    categories: tuple[Category, ...] = ()
    """In the order of categories.yml, then the folders it does not name."""
    media: tuple[Medium, ...] = ()
    faults: tuple[Fault, ...] = ()
    """By file and line."""
    commit: str = ""
    """The last commit that changed the folder, "" when git does not know it."""


def read_library(
    folder: Path, *, default_language: Language = "de", previous: Mapping[str, Article] = MappingProxyType({})
) -> Library:
    """Read the folder; a file that is faulty now keeps its last good version out of `previous` (by path).

    Faults are collected and never raised: one broken file stops no other.
    """
    files, faults = walk(folder)
    reading = _Reading(folder, default_language, previous, read_history(folder), list(faults))
    own = any((folder / top).exists() for top in _TOPS)
    return reading.own(files) if own else reading.plain(files)


@dataclass(slots=True)
class _Reading:
    """One reading of a folder, which collects faults on its way."""

    folder: Path
    default_language: Language
    previous: Mapping[str, Article]
    history: History
    faults: list[Fault]

    def own(self, files: Sequence[str]) -> Library:
        """Read a folder that was made for this portal."""
        self.faults.extend(_strangers(files))
        articles = [file for file in files if file.startswith(_TOPS) and file.endswith(".md")]
        manuscripts = self._agreed(self._manuscripts(dict.fromkeys(articles)))
        media = self._media([file for file in files if file.startswith(_TOPS)])
        self.faults.extend(loose_ends(manuscripts, {medium.path for medium in media}))
        folders = {manuscript.valid.category: manuscript.valid.category for manuscript in manuscripts}
        categories = with_folders(self._categories(files), folders)
        notices = self._notices(files, {category.slug for category in categories})
        return self._library(manuscripts, notices, categories, media)

    def plain(self, files: Sequence[str]) -> Library:
        """Read a folder of other Markdown; none of it when a part seems to be meant for agents only."""
        secret = {file.partition("/")[0] for file in files if "/" in file and looks_internal(file.partition("/")[0])}
        if secret:
            self.faults.extend(Fault(top, 1, _misplaced(top)) for top in sorted(secret))
            return Library(faults=tuple(self.faults))
        addresses = {file: read_plain_address(file) for file in files if file.endswith(".md")}
        manuscripts = self._agreed(with_own_slugs(self._manuscripts(addresses)))
        categories = with_folders(self._categories(files), folder_names(manuscripts))
        return self._library(manuscripts, (), categories, self._media(files))

    def _library(
        self,
        manuscripts: Sequence[Manuscript],
        notices: tuple[Notice, ...],
        categories: tuple[Category, ...],
        media: tuple[Medium, ...],
    ) -> Library:
        if not manuscripts:
            self.faults.append(Fault(".", 1, "there is no article here. Write public/<category>/<slug>.md.", hint=True))
        articles = tuple(manuscript.valid for manuscript in manuscripts)
        faults = tuple(sorted(dict.fromkeys(self.faults), key=lambda fault: (fault.path, fault.line)))
        return Library(articles, notices, categories, media, faults, self.history.commit)

    def _manuscripts(self, addresses: Mapping[str, Address | None]) -> tuple[Manuscript, ...]:
        found = (self._manuscript(path, plain) for path, plain in addresses.items())
        return tuple(manuscript for manuscript in found if manuscript)

    def _manuscript(self, path: str, plain: Address | None) -> Manuscript | None:
        """Read one article, or take its last good version; a file that has gone meanwhile has no such claim."""
        text = self._text(path)
        if text is None:
            return self._last_good(path) if (self.folder / path).exists() else None
        changed, default = self.history.days.get(path), self.default_language
        manuscript = parse(path, text, plain=plain, default_language=default, changed=changed)
        self.faults.extend(manuscript.faults)
        return manuscript if manuscript.article else self._last_good(path)

    def _last_good(self, path: str) -> Manuscript | None:
        return Manuscript(self.previous[path]) if path in self.previous else None

    def _text(self, path: str) -> str | None:
        try:
            return decode(read_bytes(self.folder, path, LARGEST))
        except FileNotFoundError:
            self.faults.append(Fault(path, 1, "the file was removed while it was read.", hint=True))
        except Unreadable as error:
            self.faults.append(Fault(path, error.line, str(error)))
        except OSError as error:
            self.faults.append(Fault(path, 1, f"the file cannot be read ({error.strerror}). Check its rights."))
        return None

    def _agreed(self, manuscripts: Sequence[Manuscript]) -> tuple[Manuscript, ...]:
        single, doubles = without_duplicates(manuscripts, self.previous.keys())
        agreed, false = without_false_redirects(single)
        self.faults.extend((*doubles, *false))
        return agreed

    def _media(self, files: Sequence[str]) -> tuple[Medium, ...]:
        media, faults = media_in(self.folder, files)
        self.faults.extend(faults)
        return media

    def _categories(self, files: Sequence[str]) -> tuple[Category, ...]:
        text = self._text(_CATEGORIES) if _CATEGORIES in files else None
        categories, faults = parse_categories(text or "")
        self.faults.extend(faults)
        return categories

    def _notices(self, files: Sequence[str], categories: Collection[str]) -> tuple[Notice, ...]:
        paths = [file for file in files if file.startswith(_NOTICES) and file.endswith(".md")]
        found = (self._notice(path, categories) for path in paths)
        return tuple({(notice.slug, notice.lang): notice for notice in found if notice}.values())

    def _notice(self, path: str, categories: Collection[str]) -> Notice | None:
        text = self._text(path)
        if text is None:
            return None
        notice, faults = parse_notice(path, text, self.default_language, categories)
        self.faults.extend(faults)
        return notice


def _strangers(files: Sequence[str]) -> Iterator[Fault]:
    """Name the files that lie where nothing is read; a folder that was meant for agents or customers is a fault."""
    for top in sorted({file.partition("/")[0] for file in files if "/" in file and not file.startswith(_KNOWN)}):
        meant = looks_internal(top) or top.lower() == "public"
        yield Fault(top, 1, _misplaced(top) if meant else _UNREAD, hint=not meant)
    for file in files:
        if file.startswith(_KNOWN) and not file.endswith(".md") and not is_image(file):
            yield Fault(file, 1, "this is neither an article (.md) nor an image and is not read.", hint=True)


_KNOWN = (*_TOPS, _NOTICES)
_UNREAD = "nothing in this folder is read. Articles lie in public/<category>/ and internal/<category>/."


def _misplaced(top: str) -> str:
    return f'"{top}" is not read. For agents only: call it "internal", beside a folder "public". If not: rename it.'
