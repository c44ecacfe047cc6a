"""Rules: the file that says for categories who gets a ticket that is not answered, and which targets are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from app.tickets.schedule import Climb, Rule, Target, read_duration
from app.tickets.ticket import Urgency

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

LEVELS = ("2", "3")
MOST_CHARACTERS = 100_000
EXAMPLE = "email: {climb: [{after: 4 h, level: 2}], targets: {high: {respond: 1 h, solve: 4 h}}}"


class BadRules(ValueError):
    """The file of rules cannot be used; the message names file, line, value and the way out."""


def read_rules(text: str, name: str) -> Mapping[str, Rule]:
    """Return the rule of each category; raise BadRules. `name` is what the file is called in errors."""
    return _Reader(name).read(text)


class _Reader:
    """Reads one file, node by node, so that every error can tell its line."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read(self, text: str) -> Mapping[str, Rule]:
        """Return the rules by category."""
        if len(text) > MOST_CHARACTERS:
            raise BadRules(f"{self._name} is longer than {MOST_CHARACTERS} characters. Is it the right file?")
        if "&" in text or "*" in text or "!" in text:
            raise BadRules(f"{self._name} has &, * or ! in it. Anchors, aliases and tags are not read.")
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError) as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0)
            raise BadRules(f"{self._name}:{line + 1}: this is broken YAML. Write {EXAMPLE}") from None
        return {} if node is None else {name: self._rule(value) for name, value in self._fields(node)}

    def _rule(self, node: yaml.Node) -> Rule:
        known = dict(self._fields(node, "climb", "targets"))
        targets = dict(self._targets(known["targets"])) if "targets" in known else {}
        return Rule(self._climbs(known["climb"]) if "climb" in known else (), targets)

    def _climbs(self, node: yaml.Node) -> tuple[Climb, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._bad(node, "climb", "is no list", f"Write {EXAMPLE}")
        climbs: list[Climb] = []
        for one in node.value:
            climb = self._climb(one)
            if climbs and (climb.after <= climbs[-1].after or climb.level <= climbs[-1].level):
                raise self._bad(one, "climb", "is no step up", "Put the soonest first, each leading higher.")
            climbs.append(climb)
        return tuple(climbs)

    def _climb(self, node: yaml.Node) -> Climb:
        known = dict(self._fields(node, "after", "level", needed=True))
        level = self._word(known["level"])
        if level not in LEVELS:
            raise self._bad(known["level"], "level", f'is "{level}"', f"Write {' or '.join(LEVELS)}.")
        return Climb(self._duration(known["after"], "after"), int(level))

    def _targets(self, node: yaml.Node) -> Iterator[tuple[Urgency, Target]]:
        for name, value in self._fields(node, *Urgency):
            told = dict(self._fields(value, "respond", "solve", needed=True))
            yield Urgency(name), Target(*(self._duration(told[what], what) for what in ("respond", "solve")))

    def _duration(self, node: yaml.Node, what: str) -> timedelta:
        text = self._word(node)
        told = read_duration(text)
        if told is None:
            raise self._bad(node, what, f'is "{text}"', 'Write working time like "4 h" or "90 min".')
        return told

    def _fields(self, node: yaml.Node, *known: str, needed: bool = False) -> Iterator[tuple[str, yaml.Node]]:
        """Yield the fields below a node; any name will do where none is known."""
        if not isinstance(node, yaml.MappingNode):
            raise self._bad(node, "this", "has no fields", f"Write {EXAMPLE}")
        seen: set[str] = set()
        for key, value in node.value:
            name = self._word(key)
            if name in seen or (known and name not in known):
                wrong = "is there twice" if name in seen else "is not known"
                raise self._bad(key, name, wrong, f"Known are {', '.join(known)}." if known else "Keep one of them.")
            seen.add(name)
            yield name, value
        if missing := [name for name in known if needed and name not in seen]:
            raise self._bad(node, missing[0], "is missing", f"Write {EXAMPLE}")

    def _word(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._bad(node, "this", "is no plain value", f"Write {EXAMPLE}")
        return str(node.value).strip()

    def _bad(self, node: yaml.Node, what: str, wrong: str, way_out: str) -> BadRules:
        return BadRules(f'{self._name}:{node.start_mark.line + 1}: "{what}" {wrong}. {way_out}')
