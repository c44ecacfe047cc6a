"""Notices: known disturbances, each a small file `notices/<slug>[.<lang>].md` with a beginning and an end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.articles import fields
from app.articles.address import read_name
from app.articles.article import Fault, Notice
from app.articles.file_text import end_of_front_matter, remarks_on_text
from app.articles.front_matter import FrontMatter, Remark
from app.articles.intern import OPENING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from app.articles.article import Language
    from app.articles.fields import Reader

LONGEST_NOTICE = 4_000
"""Characters of a notice; it is rendered by the pages themselves."""

_READERS: Mapping[str, Reader] = {
    "title": fields.text,
    "from": fields.moment,
    "until": fields.moment,
    "categories": fields.slugs,
}


def parse_notice(
    path: str, text: str, default_language: Language, categories: Collection[str]
) -> tuple[Notice | None, tuple[Fault, ...]]:
    """Read one notice; everyone can read notices, so text for agents has no place in them."""
    lines = text.replace("\r\n", "\n").split("\n")
    front = FrontMatter(first_line=2)
    remarks = [*_remarks(path, lines), *remarks_on_text(lines)]
    if not remarks:
        front.read("\n".join(lines[1 : end_of_front_matter(lines)]), _READERS)
        remarks = [*front.remarks, *_missing(front), *_unknown(front, categories)]
    faults = tuple(Fault(path, remark.line, remark.message, remark.hint) for remark in remarks)
    if any(not remark.hint for remark in remarks):
        return None, faults
    return _notice(path, lines, front.values, default_language), faults


def _remarks(path: str, lines: Sequence[str]) -> Iterator[Remark]:
    try:
        read_name(path.rpartition("/")[2])
    except ValueError as error:
        yield Remark(1, str(error))
    if not end_of_front_matter(lines):
        yield Remark(1, 'a notice begins with "---", its fields, and "---" again, a line each. Put them there.')
    if sum(map(len, lines)) > LONGEST_NOTICE:
        yield Remark(1, f"the notice is longer than {LONGEST_NOTICE} characters. Shorten it.")
    for number, line in enumerate(lines, start=1):
        if line.startswith(OPENING):
            yield Remark(number, "everyone reads notices, agents and customers. Remove the text for agents.")


def _missing(front: FrontMatter) -> Iterator[Remark]:
    if front.remarks:
        return
    for name in ("title", "from", "until"):
        if name not in front.values:
            yield Remark(1, f'"{name}" is missing. Write it into the front matter.')
    if {"from", "until"} <= front.values.keys() and front.values["until"] <= front.values["from"]:
        yield Remark(front.lines["until"], '"until" is not after "from". Change one of them.')


def _unknown(front: FrontMatter, categories: Collection[str]) -> Iterator[Remark]:
    for slug in front.values.get("categories", ()):
        if slug not in categories:
            message = f'"{slug}" is no category. Known: {", ".join(categories)}.'
            yield Remark(front.lines["categories"], message, hint=True)


def _notice(path: str, lines: Sequence[str], values: Mapping[str, Any], default_language: Language) -> Notice:
    slug, lang = read_name(path.rpartition("/")[2])
    return Notice(
        slug=slug,
        lang=lang or default_language,
        title=values["title"],
        body="\n".join(lines[end_of_front_matter(lines) + 1 :]).strip(),
        starts=values["from"],
        ends=values["until"],
        categories=values.get("categories", ()),
    )
