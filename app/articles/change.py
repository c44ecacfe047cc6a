"""A change: files that differ from an earlier commit, and which findings it has to answer for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.articles.finding import Finding

_LINKS = frozenset({"link", "internal-link", "heading"})


@dataclass(frozen=True, slots=True)
class Change:
    """Files below the article folder that were added, changed or removed; the removed ones once more by themselves."""

    paths: frozenset[str]
    removed: frozenset[str] = frozenset()

    def concerns(self, finding: Finding) -> bool:
        """Tell whether the change may be the reason for a finding, in a file of its own or elsewhere.

        An article taken away leaves links that lead nowhere, another one takes its readers, a new original makes its
        translation old, a second file of one name shows at the first.
        """
        if finding.path in self.paths or any(path in finding.message for path in self.paths):
            return True
        if finding.rule == "question":
            return finding.level == "error"
        if finding.rule == "translation":
            return _name(finding.path) in {_name(path) for path in self.paths}
        return finding.rule in _LINKS and bool(self.removed or finding.rule == "heading")


def _name(path: str) -> str:
    return PurePosixPath(path).name.partition(".")[0]
