"""Tests of notices: their fields, their times, and that everyone may read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.articles.notices import parse_notice

PATH = "notices/wartung.md"


def read(fields: str, body: str = "Text.", path: str = PATH) -> tuple[object, list[str]]:
    """Parse a notice; gives it and its faults as people see them."""
    notice, faults = parse_notice(path, f"---\n{fields}\n---\n\n{body}\n", "de", {"netz"})
    return notice, [str(fault) for fault in faults]


def test_reads_a_notice() -> None:
    """Times without a zone are those of Germany, in winter and in summer."""
    fields = ["title: Wartung", "from: 2026-11-22 08:00", "until: 2027-07-01T12:30:00+02:00", "categories: [netz]"]
    text = "\r\n".join(["---", *fields, "---", "Text."])
    notice, faults = parse_notice("notices/wartung.en.md", text, "de", {"netz"})
    assert not faults
    assert notice is not None
    assert (notice.slug, notice.lang, notice.title, notice.body) == ("wartung", "en", "Wartung", "Text.")
    assert notice.starts == datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    assert notice.ends == datetime(2027, 7, 1, 10, 30, tzinfo=UTC)
    assert notice.categories == ("netz",)


GOOD = "title: T\nfrom: 2026-11-22 08:00\nuntil: 2026-11-22 12:00"


@pytest.mark.parametrize(
    ("fields", "body", "path", "fault"),
    [
        (GOOD.replace("title: T\n", ""), "", PATH, f'{PATH}:1: "title" is missing.'),
        (GOOD.replace("from: 2026-11-22 08:00\n", "from:\n"), "", PATH, f'{PATH}:1: "from" is missing.'),
        (GOOD.replace("08:00", "12:00"), "", PATH, f'{PATH}:4: "until" is not after "from".'),
        (GOOD.replace("08:00", "25:00"), "", PATH, f'{PATH}:3: "from" is "2026-11-22 25:00", not a time.'),
        (GOOD.replace(" 08:00", ""), "", PATH, f'{PATH}:3: "from" is "2026-11-22", not a time.'),
        (GOOD, "a\n::: intern\nb\n:::", PATH, f"{PATH}:8: everyone reads notices"),
        (GOOD, "::: intern", PATH, f'{PATH}:7: this "::: intern" is never closed.'),
        (GOOD, "x" * 4000, PATH, f"{PATH}:1: the notice is longer than 4000 characters."),
        (GOOD, "", "notices/Große Wartung.md", 'notices/Große Wartung.md:1: "Große Wartung" may only hold'),
    ],
)
def test_names_what_is_wrong_and_where(fields: str, body: str, path: str, fault: str) -> None:
    """A faulty notice is not shown."""
    notice, faults = read(fields, body, path)
    assert notice is None
    assert any(found.startswith(fault) for found in faults), faults


def test_a_notice_without_front_matter_is_no_notice() -> None:
    """It has no beginning and no end."""
    notice, faults = parse_notice(PATH, "Nur Text.", "de", set())
    assert notice is None
    assert "a notice begins with" in faults[0].message


def test_an_unknown_category_is_a_hint() -> None:
    """The notice is shown all the same."""
    notice, faults = read(f"{GOOD}\ncategories: [netz, nezt]")
    assert notice is not None
    assert faults == [f'{PATH}:5: "nezt" is no category. Known: netz.']
