"""A proof: one article file as it stands on the disk while its author still writes, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.articles.address import read_plain_address
from app.articles.article import Article, Fault, Rendered, public_edition
from app.articles.directory import directory_of
from app.articles.file_text import LARGEST, Unreadable, decode
from app.articles.folder import read_bytes
from app.articles.library import Library
from app.articles.manuscript import Manuscript, parse
from app.articles.media import Medium, is_image, media_in
from app.articles.relations import loose_ends, without_duplicates, without_false_redirects
from app.articles.rendering import render_one
from app.articles.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.articles.article import Language

_TOPS = ("public/", "internal/")


@dataclass(frozen=True, slots=True)
class Proof:
    """What can be shown of a file."""

    path: str
    """Relative to the article folder."""
    current: bool
    """Whether what is shown is what the file says; otherwise it is the last good version, if there was one."""
    faults: tuple[Fault, ...]
    library: Library
    """All articles, this one among them as it is shown."""
    internal: Rendered | None = None
    """As agents read it; None where there never was a good version."""
    public: Rendered | None = None
    """As customers read it; None for an article that only agents may read."""
    source: Source | None = None
    """The lines of the file; None where the shown version is not the one in the file."""

    @property
    def article(self) -> Article | None:
        """The article that is shown, in full."""
        return self.internal.article if self.internal else None

    @property
    def pictures(self) -> Mapping[str, Path]:
        """Files of the images, by the path that pages name."""
        return {medium.path: medium.file for medium in self.library.media}


class Proofs:
    """Reads one file again and again, and keeps its last good version."""

    def __init__(self, folder: Path, path: str, library: Library, language: Language) -> None:
        self._folder, self._path, self._language = folder, path, language
        self._library = library
        known = next((one for one in library.articles if one.path == path), None)
        self._last = self._proof(Manuscript(known), ()) if known else Proof(path, current=False, faults=(),
                                                                            library=library)  # fmt: skip

    def read(self) -> Proof:
        """Read the file as it is now; what is wrong is told and never raised."""
        self._library = replace(self._library, media=self._media())
        try:
            manuscript, faults = self._manuscript()
        except Unreadable as error:
            return self._kept(Fault(self._path, error.line, str(error)))
        if manuscript.article is None:
            return self._kept(*faults)
        proof = self._proof(manuscript, faults)
        if proof.internal is None:
            return self._kept(*proof.faults)
        self._last = proof
        return proof

    def _kept(self, *faults: Fault) -> Proof:
        return replace(self._last, current=False, faults=faults, source=None)

    def _manuscript(self) -> tuple[Manuscript, tuple[Fault, ...]]:
        """Return what the file says, with the faults that only show beside the other articles."""
        plain = None if self._path.startswith(_TOPS) or self._is_own else read_plain_address(self._path)
        found = parse(self._path, self._text(), plain=plain, default_language=self._language)
        if found.article is None:
            return found, found.faults
        others = [Manuscript(replace(one, body="", related=())) for one in self._others]
        single, doubles = without_duplicates([*others, found])
        agreed, false = without_false_redirects(single)
        loose = loose_ends(agreed, {medium.path for medium in self._library.media})
        ours = [fault for fault in (*found.faults, *doubles, *false, *loose) if fault.path == self._path]
        mine = next((one for one in agreed if one.valid.path == self._path), Manuscript(None))
        return mine, tuple(sorted(dict.fromkeys(ours), key=lambda fault: fault.line))

    def _text(self) -> str:
        try:
            return decode(read_bytes(self._folder, self._path, LARGEST))
        except FileNotFoundError:
            raise Unreadable("there is no such file. Save it here; it is shown as soon as it is there.") from None
        except IsADirectoryError:
            raise Unreadable("this is a folder. Start the preview with one article file in it.") from None
        except OSError as error:
            raise Unreadable(f"the file cannot be read ({error.strerror}). Check its rights; links are not followed."
                             ) from None  # fmt: skip

    def _proof(self, manuscript: Manuscript, faults: Iterable[Fault]) -> Proof:
        article = manuscript.valid
        library = replace(self._library, articles=(*self._others, article))
        internal = render_one(article, directory_of(library.articles, [medium.path for medium in library.media]))
        if isinstance(internal, Fault):
            return Proof(self._path, current=False, faults=(*faults, internal), library=library)
        source = Source(article, self._safe_text(), manuscript.body_line, manuscript.lines)
        return Proof(self._path, current=True, faults=tuple(faults), library=library, internal=internal,
                     public=self._public(library, article), source=source)  # fmt: skip

    def _public(self, library: Library, article: Article) -> Rendered | None:
        edition = public_edition(article)
        if edition is None:
            return None
        shown = [one for one in library.articles if one.visibility == "public"]
        media = [medium.path for medium in library.media if medium.visibility == "public"]
        rendered = render_one(edition, directory_of(shown, media))
        return rendered if isinstance(rendered, Rendered) else None

    def _safe_text(self) -> str:
        try:
            return self._text()
        except Unreadable:
            return ""

    @property
    def _is_own(self) -> bool:
        return any((self._folder / top).exists() for top in _TOPS)

    @property
    def _others(self) -> tuple[Article, ...]:
        return tuple(one for one in self._library.articles if one.path != self._path)

    def _media(self) -> tuple[Medium, ...]:
        """Return the images, with those beside the file as they lie there now."""
        place = Path(self._path).parent
        try:
            beside = [(place / entry.name).as_posix() for entry in (self._folder / place).iterdir()
                      if is_image(entry.name) and entry.is_file() and not entry.is_symlink()]  # fmt: skip
        except OSError:
            return self._library.media
        found, _ = media_in(self._folder, beside)
        rest = (one for one in self._library.media if one.file.parent != self._folder / place)
        return tuple({one.path: one for one in (*found, *rest)}.values())
