"""Fields of front matter: for each kind of value a reader that gives the value or says what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import yaml

from app.articles.address import SLUG

if TYPE_CHECKING:
    from app.articles.article import Language

TIME_ZONE = "Europe/Berlin"
"""The zone of times that name none."""

Reader: TypeAlias = Callable[[yaml.Node], Any]

_TAG = "tag:yaml.org,2002:"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_LEVELS = {"1": 1, "2": 2, "3": 3}
_LANGUAGES: dict[str, Language] = {"de": "de", "en": "en"}


class Mistaken(ValueError):
    """A value that cannot be used: says what is wrong and what to do; `line` counts from 0 within the YAML."""

    def __init__(self, message: str, where: yaml.Node | yaml.Event | int = 0) -> None:
        super().__init__(message)
        mark = None if isinstance(where, int) else where.start_mark
        self.line = mark.line if mark else where if isinstance(where, int) else 0


def text(node: yaml.Node) -> str | None:
    """Read one text; None when the field is empty."""
    if _kind(node) == "null":
        return None
    if _kind(node) != "str":
        raise Mistaken(f'is {_described(node)}, not a text. Write one text, in "quotes" if need be.', node)
    return " ".join(node.value.split()) or None


def written(node: yaml.Node) -> str | None:
    """Read one text as it was written, be it a number like 404, 0x80070005 or 1e5."""
    if _kind(node) in {"int", "float"}:
        return str(node.value)
    return text(node)


def texts(node: yaml.Node) -> tuple[str, ...] | None:
    """Read a list of texts."""
    return _list(node, text)


def codes(node: yaml.Node) -> tuple[str, ...] | None:
    """Read a list of codes, each as it was written."""
    return _list(node, written)


def slugs(node: yaml.Node) -> tuple[str, ...] | None:
    """Read a list of slugs."""
    return _list(node, _slug)


def day(node: yaml.Node) -> date | None:
    """Read a day written as YYYY-MM-DD."""
    if _kind(node) == "null":
        return None
    try:
        return date.fromisoformat(_matching(_DAY, node))
    except ValueError:
        raise Mistaken(f"is {_described(node)}, not a date. Write it as YYYY-MM-DD.", node) from None


def moment(node: yaml.Node) -> datetime | None:
    """Read a time written as YYYY-MM-DD HH:MM, in the zone it names or else in Germany's."""
    if _kind(node) == "null":
        return None
    try:
        found = datetime.fromisoformat(_matching(_MOMENT, node))
    except ValueError:
        raise Mistaken(f"is {_described(node)}, not a time. Write it as YYYY-MM-DD HH:MM.", node) from None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(TIME_ZONE))).astimezone(UTC)


def level(node: yaml.Node) -> int | None:
    """Read a level, 1 to 3."""
    if _kind(node) == "null":
        return None
    if _kind(node) != "int" or node.value not in _LEVELS:
        raise Mistaken(f"is {_described(node)}, not a level. Write 1, 2 or 3.", node)
    return _LEVELS[node.value]


def language(node: yaml.Node) -> Language | None:
    """Read a language of the portal."""
    found = text(node)
    if found is not None and found not in _LANGUAGES:
        raise Mistaken(f"is {_described(node)}, no language of this portal. Write de or en.", node)
    return _LANGUAGES[found] if found else None


def names(node: yaml.Node) -> dict[Language, str]:
    """Read one text for all languages, or one for each as {de: …, en: …}; a missing one is taken from the other."""
    if not isinstance(node, yaml.MappingNode):
        found = text(node) or ""
        return {"de": found, "en": found}
    given = {language(key): text(value) for key, value in node.value}
    german, english = given.get("de"), given.get("en")
    return {"de": german or english or "", "en": english or german or ""}


def _slug(node: yaml.Node) -> str | None:
    found = written(node)
    if found is not None and not SLUG.fullmatch(found):
        raise Mistaken(f"holds {_described(node)}, not a slug. Write a file's name: only a-z, 0-9 and hyphens.", node)
    return found


def _list(node: yaml.Node, read: Callable[[yaml.Node], str | None]) -> tuple[str, ...] | None:
    if _kind(node) == "null":
        return None
    if not isinstance(node, yaml.SequenceNode):
        raise Mistaken(f"is {_described(node)}, not a list. Write `[one, two]` or lines that begin with `- `.", node)
    found = [_item(item, read) for item in node.value]
    return tuple(dict.fromkeys(found))


def _item(node: yaml.Node, read: Callable[[yaml.Node], str | None]) -> str:
    found = read(node)
    if not found:
        raise Mistaken("has an empty entry. Fill it in or remove it.", node)
    return found


def _matching(pattern: re.Pattern[str], node: yaml.Node) -> str:
    if _kind(node) in {"str", "timestamp"} and pattern.fullmatch(node.value):
        return str(node.value)
    raise ValueError(node.value)


def _kind(node: yaml.Node) -> str:
    return str(node.tag).removeprefix(_TAG)


def _described(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return f'"{str(node.value)[:40]}"'
    return "a list" if isinstance(node, yaml.SequenceNode) else "a group of fields"
