"""The schedule: targets, and the file of rules for categories."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.tickets.rules import BadRules, read_rules
from app.tickets.schedule import BadTarget, Climb, Schedule, Target, pair_targets, read_duration
from app.tickets.ticket import Urgency

RULES = """# who gets what
email:
  climb: [{after: 4 h, level: 2}, {after: 8 h, level: 3}]
  targets:
    high: {respond: 30 min, solve: 4 h}
router-wlan:
  climb:
    - {after: 90 min, level: 3}
"""


def test_a_rule_has_climbs_and_targets() -> None:
    """Both may be missing; what has no rule is as everything else."""
    schedule = Schedule(rules=read_rules(RULES, "rules.yml"))
    assert schedule.climbs("email") == (Climb(timedelta(hours=4), 2), Climb(timedelta(hours=8), 3))
    assert schedule.target("email", Urgency.HIGH) == Target(timedelta(minutes=30), timedelta(hours=4))
    assert (
        schedule.target("email", Urgency.LOW)
        == schedule.target("drucken", Urgency.LOW)
        == Schedule().targets[Urgency.LOW]
    )
    assert schedule.target("router-wlan", Urgency.HIGH) == Schedule().targets[Urgency.HIGH]
    assert schedule.climbs("drucken") == ()


def test_a_file_without_rules_has_none() -> None:
    """Nor has one of comments."""
    assert read_rules("", "r") == read_rules("# later\n", "r") == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("- email", 'r.yml:1: "this" has no fields. Write email:'),
        ("email: 4 h", 'r.yml:1: "this" has no fields'),
        ("email:\n  climbs: []", 'r.yml:2: "climbs" is not known. Known are climb, targets.'),
        ("email: {}\nemail: {}", 'r.yml:2: "email" is there twice. Keep one of them.'),
        ("email:\n  climb: 4 h", 'r.yml:2: "climb" is no list'),
        ("email:\n  climb:\n    - {after: 4 h}", 'r.yml:3: "level" is missing'),
        ("email:\n  climb:\n    - {after: 4 h, level: 1}", 'r.yml:3: "level" is "1". Write 2 or 3.'),
        ("email:\n  climb:\n    - {after: soon, level: 2}", 'r.yml:3: "after" is "soon". Write working time like'),
        ("email:\n  climb: [{after: 4 h, level: 3},\n    {after: 8 h, level: 2}]", 'r.yml:3: "climb" is no step up'),
        ("email:\n  climb: [{after: 4 h, level: 2},\n    {after: 4 h, level: 3}]", 'r.yml:3: "climb" is no step up'),
        ("email:\n  targets:\n    huge: {respond: 1 h, solve: 2 h}", 'r.yml:3: "huge" is not known. Known are low'),
        ("email:\n  targets:\n    high: {respond: 1 h}", 'r.yml:3: "solve" is missing'),
        ("email:\n  targets:\n    high: {respond: [1], solve: 1 h}", 'r.yml:3: "this" is no plain value'),
        ("email:\n\t climb: []", "r.yml:2: this is broken YAML"),
        ("a: &x {}\nb: *x", "r.yml has &, * or ! in it"),
        ("#" * 100_001, "r.yml is longer than 100000 characters"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_read_is_named(text: str, named: str) -> None:
    """With file, line, value and the way out."""
    with pytest.raises(BadRules) as error:
        read_rules(text, "r.yml")
    assert str(error.value).startswith(named)


@pytest.mark.parametrize(
    ("response", "named"),
    [
        ("", 'RESPONSE_TARGETS: "" cannot be read'),
        ("high 2 h, normal 8 h", "without low"),
        ("high 2 h, normal 8 h, low 16", '"low 16" cannot be read'),
        ("high 2 h, normal 8 h, low 0 h", '"low 0 h" cannot be read'),
        ("high 2 h, high 3 h, normal 8 h, low 1 h", '"high 3 h" cannot be read'),
        ("huge 2 h, normal 8 h, low 1 h", '"huge 2 h" cannot be read'),
    ],
)
def test_targets_that_cannot_be_read_are_named(response: str, named: str) -> None:
    """With the setting, the value and the way out."""
    with pytest.raises(BadTarget, match=r"^RESPONSE_TARGETS.*Write hours or minutes") as error:
        pair_targets(response, "high 8 h, normal 24 h, low 40 h")
    assert named in str(error.value)


def test_a_duration_has_an_end() -> None:
    """Nobody aims at ten thousand hours and more; that would take long to count."""
    assert read_duration("10000 h") == timedelta(hours=10_000)
    assert read_duration("10001 h") is None
