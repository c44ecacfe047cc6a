"""Front matter: the YAML between two `---` lines, read field by field, each mistake with its line.

The YAML is only composed into nodes, never constructed into objects: nodes know their lines, show duplicate keys and
keep what was written (`codes: [0x80070005]` stays that text). Anchors, aliases, tags and merge keys are refused.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from app.articles.fields import Mistaken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.articles.fields import Reader

LONGEST = 20_000
"""Characters of front matter that are read at all; the YAML parser needs seconds for much more."""

_HIDING = {"visibility", "sichtbarkeit", "intern", "internal", "private", "privat", "draft", "entwurf"}


@dataclass(frozen=True, slots=True)
class Remark:
    """One mistake and the line of the file it stands in. A hint keeps no file out."""

    line: int
    message: str
    hint: bool = False


@dataclass(slots=True)
class FrontMatter:
    """What the front matter says, by field; `lines` tells where in the file each field stands."""

    first_line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def read(self, text: str, readers: Mapping[str, Reader], other: Reader | None = None) -> FrontMatter:
        """Read the YAML with a reader for each known field, and `other` for the rest; remark on what is wrong."""
        try:
            for key, value in _pairs(text):
                self._field(key, value, readers, other)
        except Mistaken as mistake:
            self._remark(mistake.line, str(mistake))
        except yaml.MarkedYAMLError as error:
            self._remark(error.problem_mark.line if error.problem_mark else None, _advice(error.problem))
        except (yaml.YAMLError, RecursionError):
            self._remark(None, "the front matter is not YAML that can be read. Write one plain field a line.")
        return self

    def _field(self, key: yaml.Node, value: yaml.Node, readers: Mapping[str, Reader], other: Reader | None) -> None:
        name = _key(key)
        if name in self.lines:
            raise Mistaken(f'"{name}" is there twice, first in line {self.lines[name]}. Keep one of them.', key)
        self.lines[name] = key.start_mark.line + self.first_line
        if reader := readers.get(name, other):
            self._value(name, value, reader)
        else:
            self._remark(key.start_mark.line, _unknown(name, readers), hint=name.lower() not in _HIDING)

    def _value(self, name: str, value: yaml.Node, reader: Reader) -> None:
        try:
            read = reader(value)
        except Mistaken as mistake:
            self._remark(mistake.line, f'"{name}" {mistake}')
        else:
            if read is not None:
                self.values[name] = read

    def _remark(self, line: int | None, message: str, *, hint: bool = False) -> None:
        self.remarks.append(Remark((line or 0) + self.first_line, message, hint))


class _Loader(yaml.SafeLoader):
    """Composes plain nodes only: what could repeat, name or disguise a value is refused where it stands."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Mistaken('anchors and aliases (& and *) are not allowed. Write the value out, or in "quotes".', event)
        if getattr(event, "tag", None):
            raise Mistaken('tags (!) are not allowed. Remove it, or put the value in "quotes".', event)
        return super().compose_node(parent, index)


def _pairs(text: str) -> Iterable[tuple[yaml.Node, yaml.Node]]:
    if len(text) > LONGEST:
        raise Mistaken(f"the front matter is longer than {LONGEST} characters. Move text below it.")
    if "\t" in text:
        raise Mistaken("there is a tab in the front matter. Use spaces.", text.count("\n", 0, text.index("\t")))
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    if node is None:
        return ()
    if not isinstance(node, yaml.MappingNode):
        raise Mistaken("the front matter holds no fields. Write them as `title: …`, one a line.", node)
    return [(key, value) for key, value in node.value]


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise Mistaken("a field's name must be a plain word. Write it as `title: …`.", node)
    if node.tag.endswith(":merge"):
        raise Mistaken('merge keys ("<<") are not allowed. Write the fields out.', node)
    return str(node.value)


def _unknown(name: str, readers: Mapping[str, Reader]) -> str:
    if name.lower() in _HIDING:
        return f'"{name}" hides nothing: the top folder decides who may read. Remove it, or move the file to internal/.'
    near = difflib.get_close_matches(name.lower(), readers, n=1)
    known = f'Did you mean "{near[0]}"?' if near else f"Known are: {', '.join(readers)}."
    return f'"{name[:40]}" is not a field that is read. {known}'


def _advice(problem: str | None) -> str:
    return f'the front matter is broken YAML ({problem}). Put texts that hold ": ", "#" or quotes in "quotes".'
