"""Reports: findings written for people, for programs, and for the systems that show them beside a change.

JSON is a list of objects with the fields path, line, rule, level, message and hint. SARIF 2.1.0 is the OASIS standard
for results of checks, which GitHub, GitLab, Azure DevOps and Jenkins read.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from app.articles.finding import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from app.articles.finding import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "hint": "note"}


def as_text(findings: Sequence[Finding], _prefix: str = "") -> str:
    """Return a line for each finding."""
    return "".join(f"{finding}\n" for finding in findings)


def as_json(findings: Sequence[Finding], _prefix: str = "") -> str:
    """Return a list of objects."""
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1) + "\n"


def as_sarif(findings: Sequence[Finding], prefix: str = "") -> str:
    """Return a SARIF log; `prefix` is the place of the article folder in its repository, such as "articles/"."""
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in RULES.items()]
    driver = {"name": "Wegweiser", "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, prefix) for finding in findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _result(finding: Finding, prefix: str) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": quote(f"{prefix}{finding.path}")},
        "region": {"startLine": finding.line},
    }
    return {
        "ruleId": finding.rule,
        "level": LEVELS[finding.level],
        "message": {"text": f"{finding.message} {finding.hint}".rstrip()},
        "locations": [{"physicalLocation": place}],
    }


FORMATS: Mapping[str, Callable[[Sequence[Finding], str], str]] = {"text": as_text, "json": as_json, "sarif": as_sarif}
