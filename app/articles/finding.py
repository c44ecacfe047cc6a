"""A finding: one thing an author is told before an article goes out, in a form that people and machines read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from app.articles.article import Fault

Level = Literal["error", "hint"]

RULES = {
    "contract": "The file keeps the contract of articles: place, encoding, front matter, marks.",
    "link": "Every link to an article, and every image, leads to something.",
    "internal-link": "A public article links to no internal one.",
    "heading": "A link to a heading leads to a heading there is.",
    "alt": "Every image says in words what it shows.",
    "personal": "No personal data and no secrets stand in an article.",
    "review": "An article is reviewed before its review date has passed.",
    "translation": "A translation says what its original says now.",
    "readability": "A text for customers is read without effort.",
    "twin": "No two articles say the same.",
    "question": "An article is found by the questions its author wrote for it.",
}
"""Rule → what it asks for, in the order in which they are explained."""

_WAY_OUT = re.compile(r"(?<=[.!?]) (?=[A-Z\"“`])")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is wrong or could be better, where it stands, and the way out; the fields are stable for machines."""

    path: str
    """Relative to the article folder, with forward slashes."""
    line: int
    rule: str
    level: Level
    message: str
    """What is wrong."""
    hint: str
    """What to do."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.level} [{self.rule}] {self.message} {self.hint}".rstrip()


def finding_of(fault: Fault) -> Finding:
    """Return a fault of the library as a finding; a link to nothing, which only drops out of a page, is an error."""
    level: Level = "error" if not fault.hint or fault.rule == "link" else "hint"
    parts = _WAY_OUT.split(fault.message, maxsplit=1)
    return Finding(fault.path, fault.line, fault.rule, level, parts[0], "".join(parts[1:]))
