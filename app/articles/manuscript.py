"""A manuscript: the text of an article file as its author left it, an Article once it keeps every rule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from app.articles import fields
from app.articles.address import Address, read_address
from app.articles.article import Article, Fault
from app.articles.file_text import end_of_front_matter, opens_front_matter, remarks_on_text
from app.articles.front_matter import FrontMatter, Remark
from app.articles.prose import prose, title_in, without_title

if TYPE_CHECKING:
    from datetime import date

    from app.articles.article import Language
    from app.articles.fields import Reader

LONGEST_TITLE = 200

READERS: Mapping[str, Reader] = {
    "title": fields.text,
    "summary": fields.text,
    "questions": fields.texts,
    "codes": fields.codes,
    "level": fields.level,
    "owner": fields.text,
    "reviewed": fields.day,
    "review_after": fields.day,
    "applies_to": fields.codes,
    "related": fields.slugs,
    "redirects": fields.slugs,
    "translation_of_revision": fields.written,
    "source": fields.text,
    "license": fields.text,
    "lang": fields.language,
}

_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Manuscript:
    """An article file as read: the article if it is valid, and everything there is to say about the file."""

    article: Article | None
    faults: tuple[Fault, ...] = ()
    body_line: int = 1
    """Line of the file in which the article's body begins."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Line of each field in the front matter."""

    @property
    def valid(self) -> Article:
        """The article, for those who keep valid manuscripts only."""
        if self.article is None:
            raise ValueError("This manuscript has faults and is no article. Look at `article` first.")
        return self.article


@lru_cache(maxsize=1 << 14)
def parse(
    path: str,
    text: str,
    *,
    plain: Address | None = None,
    default_language: Language = "de",
    changed: date | None = None,
) -> Manuscript:
    """Read one article file; the same text at the same place is read once, so that a change is read in no time.

    `path` is relative to the article folder. `plain` is the address of a file that was not written for this portal:
    it needs no front matter, may have fields of its own, and is titled by its first heading or its name.
    """
    draft = _Draft(path, text.replace("\r\n", "\n").split("\n"), plain)
    draft.read()
    if any(not remark.hint for remark in draft.remarks):
        return Manuscript(None, draft.faults())
    values = {"lang": default_language, **draft.values, "changed": changed}
    return Manuscript(Article(path=path, **values), draft.faults(), draft.body_line, draft.lines)


@dataclass(slots=True)
class _Draft:
    path: str
    text: Sequence[str]
    plain: Address | None
    body_line: int = 1
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def read(self) -> None:
        """Read it from the outside in: the text as such, its place, its front matter, its body."""
        self.remarks.extend(remarks_on_text(self.text))
        if self.remarks:
            return
        self._place()
        self._head()
        self._title()
        self._body()

    def faults(self) -> tuple[Fault, ...]:
        ordered = sorted(self.remarks, key=lambda remark: remark.line)
        return tuple(Fault(self.path, remark.line, remark.message, remark.hint) for remark in ordered)

    def _place(self) -> None:
        try:
            address = self.plain or read_address(self.path)
        except ValueError as error:
            self._wrong(1, str(error))
        else:
            self.values |= {"slug": address.slug, "category": address.category, "visibility": address.visibility}
            if address.lang:
                self.values["lang"] = address.lang

    def _head(self) -> None:
        end = end_of_front_matter(self.text)
        if end:
            self._fields("\n".join(self.text[1:end]))
            self.body_line = end + 2
        elif opens_front_matter(self.text):
            self._wrong(1, 'the front matter opened here is never closed. Put "---" on a line below the last field.')
        elif not self.plain:
            self._wrong(1, 'there is no front matter. Begin the file with "---", "title: …" and "---", a line each.')

    def _fields(self, text: str) -> None:
        front = FrontMatter(first_line=2).read(text, READERS)
        self.lines = front.lines
        self.remarks.extend(remark for remark in front.remarks if not (remark.hint and self.plain))
        self._language(front.values.get("lang"))
        self.values = front.values | self.values

    def _language(self, told: Language | None) -> None:
        named = self.values.get("lang")
        if told and named and told != named:
            message = f'"lang" is "{told}" but the file name says "{named}". Change one of them.'
            self._wrong(self.lines["lang"], message)

    def _title(self) -> None:
        if "title" not in self.values and self.plain:
            self.values["title"] = title_in(self.text) or PurePosixPath(self.path).stem
        title = self.values.get("title", "")
        if not title and not any(not remark.hint for remark in self.remarks):
            self._wrong(self.lines.get("title", 1), 'the title is missing. Write "title: …" into the front matter.')
        if len(title) > LONGEST_TITLE:
            self._wrong(self.lines["title"], f"the title is longer than {LONGEST_TITLE} characters. Shorten it.")

    def _body(self) -> None:
        start = self.body_line - 1
        start += without_title(self.text[start:], self.values.get("title", ""))
        self.body_line = start + 1
        self.values["body"] = "\n".join(self.text[start:]).rstrip()
        for number, line in prose(self.text[start:]) if _SCRIPT.search(self.values["body"]) else ():
            if _SCRIPT.search(line):
                message = "<script> will be removed: pages run no scripts of articles. Delete it, or show it as `code`."
                self.remarks.append(Remark(start + number, message, hint=True))

    def _wrong(self, line: int, message: str) -> None:
        self.remarks.append(Remark(line, message))
