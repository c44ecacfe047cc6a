"""Categories: the shelves of the library, in the order of categories.yml, each named in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from app.articles import fields
from app.articles.address import SLUG
from app.articles.article import Category, Fault
from app.articles.fields import Mistaken
from app.articles.front_matter import FrontMatter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.articles.article import Language

FILE = "categories.yml"


def parse_categories(text: str) -> tuple[tuple[Category, ...], tuple[Fault, ...]]:
    """Read `slug: {title: {de: …, en: …}, summary: {de: …, en: …}}`; one that is wrong is left out."""
    front = FrontMatter(first_line=1).read(text, {}, other=_names)
    faults = [Fault(FILE, remark.line, remark.message, remark.hint) for remark in front.remarks]
    faults += [
        Fault(FILE, front.lines[slug], f'"{slug}" is not a folder name. Use only a-z, 0-9 and hyphens.')
        for slug in front.values
        if not SLUG.fullmatch(slug)
    ]
    good = (Category(slug, *names) for slug, names in front.values.items() if SLUG.fullmatch(slug))
    return tuple(good), tuple(faults)


def with_folders(categories: Iterable[Category], folders: Mapping[str, str]) -> tuple[Category, ...]:
    """Append the folders (slug → name) that categories.yml does not name, by slug."""
    known = {category.slug: category for category in categories}
    return (*known.values(), *(_unnamed(slug, folders[slug]) for slug in sorted(set(folders) - set(known))))


def _unnamed(slug: str, folder: str) -> Category:
    words = folder.replace("-", " ").replace("_", " ").split()
    title = " ".join(words) or slug
    title = title[0].upper() + title[1:]
    return Category(slug, {"de": title, "en": title}, {"de": "", "en": ""})


def _names(node: yaml.Node) -> tuple[dict[Language, str], dict[Language, str]]:
    if not isinstance(node, yaml.MappingNode):
        raise Mistaken("is no group of fields. Write `title: {de: …, en: …}` below it.", node)
    given = {str(key.value): value for key, value in node.value}
    if "title" not in given:
        raise Mistaken("has no title. Write `title: {de: …, en: …}` below it.", node)
    nothing: dict[Language, str] = {"de": "", "en": ""}
    return fields.names(given["title"]), fields.names(given["summary"]) if "summary" in given else nothing
