"""Tests of manuscripts: every rule of the contract, and the exact line of every fault."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.articles.address import Address
from app.articles.manuscript import LONGEST_TITLE, Manuscript, parse

PATH = "public/netz/wlan.md"
FULL = """---
title: WLAN weg
summary: Kurz.
questions:
  - wo ist mein wlan
  - "WLAN: weg"
codes: [404, "0x80070005", 1e5, DNS_PROBE]
level: 2
owner: netz
reviewed: 2026-10-14
review_after: 2027-10-14
applies_to: [FRITZ!Box, Windows 11]
related: [mesh]
redirects: [wlan-alt]
translation_of_revision: 1234567
source: https://example.org
license: MIT
lang: de
---

Der erste Satz.

## Ursache
"""


def read(fields: str, body: str = "Text.", path: str = PATH) -> Manuscript:
    """Parse a file with these lines of front matter."""
    return parse(path, f"---\n{fields}\n---\n{body}\n")


def faults(manuscript: Manuscript) -> list[str]:
    """List faults as people see them."""
    return [str(fault) for fault in manuscript.faults]


def test_reads_every_field() -> None:
    """A full file becomes an article without a remark."""
    manuscript = parse(PATH, FULL, changed=date(2026, 11, 1))
    article = manuscript.valid
    assert not manuscript.faults
    assert (article.slug, article.lang, article.category, article.visibility) == ("wlan", "de", "netz", "public")
    assert article.questions == ("wo ist mein wlan", "WLAN: weg")
    assert article.codes == ("404", "0x80070005", "1e5", "DNS_PROBE")
    assert (article.level, article.owner, article.summary) == (2, "netz", "Kurz.")
    assert (article.reviewed, article.review_after) == (date(2026, 10, 14), date(2027, 10, 14))
    assert (article.related, article.redirects) == (("mesh",), ("wlan-alt",))
    assert article.applies_to == ("FRITZ!Box", "Windows 11")
    assert (article.translation_of_revision, article.source, article.license) == (
        "1234567",
        "https://example.org",
        "MIT",
    )
    assert article.changed == date(2026, 11, 1)
    assert article.body == "Der erste Satz.\n\n## Ursache"


def test_knows_the_line_of_the_body_and_of_each_field() -> None:
    """Later checks can name the line of what they find."""
    manuscript = parse(PATH, FULL)
    assert manuscript.body_line == 21
    assert manuscript.lines["related"] == 13


def test_only_the_title_is_required() -> None:
    """A title and a text make an article."""
    article = read("title: T").valid
    assert (article.title, article.body, article.level, article.reviewed) == ("T", "Text.", 1, None)


def test_empty_fields_count_as_left_out() -> None:
    """A template whose fields were not filled in is no fault."""
    article = read("title: T\nsummary:\nquestions:\nlevel:\nreviewed:\nrelated:\nlang:\ncodes: []").valid
    assert (article.summary, article.questions, article.level, article.lang) == ("", (), 1, "de")


@pytest.mark.parametrize(
    ("fields", "line", "told"),
    [
        ("summary: x", 1, "the title is missing"),
        ("title:", 2, "the title is missing"),
        ('title: "  "', 2, "the title is missing"),
        ("title: [a]", 2, '"title" is a list, not a text'),
        ("title: {a: b}", 2, '"title" is a group of fields'),
        ("title: 404", 2, '"title" is "404", not a text'),
        ("title: yes", 2, '"title" is "yes", not a text'),
        (f"title: {'x' * (LONGEST_TITLE + 1)}", 2, "the title is longer"),
        ("title: T\nreviewed: 2026-02-30", 3, '"reviewed" is "2026-02-30", not a date. Write it as YYYY-MM-DD.'),
        ("title: T\nreviewed: 14.10.2026", 3, "not a date"),
        ("title: T\nreviewed: 2026-10-14 10:00:00", 3, "not a date"),
        ("title: T\nreviewed: [2026-10-14]", 3, '"reviewed" is a list, not a date'),
        ("title: T\nlevel: 4", 3, '"level" is "4", not a level. Write 1, 2 or 3.'),
        ("title: T\nlevel: high", 3, "not a level"),
        ("title: T\nlevel: 2.0", 3, "not a level"),
        ("title: T\nquestions: eine Frage", 3, '"questions" is "eine Frage", not a list'),
        ("title: T\nquestions:\n  - a\n  - [b]", 5, '"questions" is a list, not a text'),
        ("title: T\nquestions:\n  - a\n  -", 5, '"questions" has an empty entry'),
        ("title: T\nrelated: [Gast WLAN]", 3, '"related" holds "Gast WLAN", not a slug'),
        ("title: T\nlang: fr", 3, '"lang" is "fr", no language'),
        ("title: T\ntitle: U", 3, '"title" is there twice, first in line 2'),
        ("title: T\nsummary: &a x", 3, "anchors and aliases"),
        ("title: T\nsummary: *a", 3, "anchors and aliases"),
        ("title: T\nsummary: !!python/name:os.system x", 3, "tags (!)"),
        ("title: T\n<<: {summary: x}", 3, "merge keys"),
        ("title: T\n? [a]\n: b", 3, "a field's name"),
        ("title: WLAN: weg", 2, "broken YAML (mapping values are not allowed here)"),
        ("title: T\nquestions: [a, b", 3, "broken YAML"),
        ('title: "T', 2, "broken YAML"),
        ("title: T\nsummary:\tx", 3, "a tab"),
        ("- a", 2, "holds no fields"),
        ("nur Text", 2, "holds no fields"),
        ("%YAML 9.9", 2, "broken YAML"),
        ("title: T\nvisibility: internal", 3, "the top folder decides"),
        ("[" * 1200, 2, "not YAML that can be read"),
        (f"title: {'x' * 20_001}", 2, "longer than 20000 characters"),
    ],
)
def test_names_the_line_of_each_fault_in_the_front_matter(fields: str, line: int, told: str) -> None:
    """A fault keeps the file out and says where and what."""
    manuscript = read(fields)
    assert manuscript.article is None
    assert any(fault.startswith(f"{PATH}:{line}: ") and told in fault for fault in faults(manuscript)), faults(
        manuscript
    )


@pytest.mark.parametrize(
    ("field", "told"),
    [("sumary: x", 'Did you mean "summary"?'), ("zzz: x", "Known are: title, summary"), ("Title2: x", '"title"')],
)
def test_an_unknown_field_is_only_a_hint(field: str, told: str) -> None:
    """A misspelt field keeps no file out, and its right name is suggested."""
    manuscript = read(f"title: T\n{field}")
    assert manuscript.valid.title == "T"
    (fault,) = manuscript.faults
    assert (fault.line, fault.hint) == (3, True)
    assert told in fault.message


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "there is no front matter"),
        ("Text ohne alles", 1, "there is no front matter"),
        ("\n---\ntitle: T\n---\n", 1, "there is no front matter"),
        ("---\ntitle: T\n\nText", 1, "never closed"),
        ("\ufeff---\ntitle: T\n---\n", 1, "byte-order mark"),
        ("---\ntitle: T\n---\na\x00b", 4, "control character (U+0000) at column 2"),
        ("---\ntitle: T\n---\n\x1b[31m", 4, "U+001B"),
        ("---\ntitle: T\n---\na\u2028::: intern", 4, "U+2028"),
        ("---\ntitle: T\n---\na\rb", 4, "U+000D"),
        ("---\ntitle: T\n---\na\udc80", 4, "surrogate"),
        ("---\ntitle: T\n---\n<<<<<<< HEAD\n", 4, "merge conflict"),
        ("---\ntitle: T\n---\na\n>>>>>>> x", 5, "merge conflict"),
        ("---\ntitle: T\n---\n::: intern\nx", 4, "never closed"),
        ("---\ntitle: T\n---\n:::", 4, "closes nothing"),
        ("---\ntitle: T\n---\n```\n  ::: note\n```", 5, "is not a mark"),
        ("---\ntitle: T\nsummary: |\n  ::: intern\n---\n", 4, "is not a mark"),
        (f"---\ntitle: T\n---\n{'ä' * 102_400}", 1, "larger than 200 KB"),
    ],
)
def test_names_the_line_of_each_fault_in_the_text(text: str, line: int, told: str) -> None:
    """What is wrong with the text as such is found before it is understood."""
    manuscript = parse(PATH, text)
    assert manuscript.article is None
    assert any(fault.startswith(f"{PATH}:{line}: ") and told in fault for fault in faults(manuscript)), faults(
        manuscript
    )


def test_windows_line_ends_are_accepted_silently() -> None:
    """An editor's line ends are no fault and change no line number."""
    manuscript = parse(PATH, "---\r\ntitle: T\r\n---\r\na\r\n\r\nb\r\n")
    assert not manuscript.faults
    assert manuscript.valid.body == "a\n\nb"


def test_a_file_in_the_wrong_place_is_a_fault() -> None:
    """The place gives slug, category and visibility, so there is no article without it."""
    manuscript = read("title: T", path="public/wlan.md")
    assert faults(manuscript)[0].startswith('public/wlan.md:1: "public/wlan.md" is not in its place. Put it into')


def test_all_faults_of_a_file_are_told_at_once_and_by_line() -> None:
    """An author mends everything in one go."""
    manuscript = read("levl: 1\nlevel: 9\nreviewed: gestern", path="public/netz/Wlan.md")
    assert [fault.line for fault in manuscript.faults] == [1, 2, 3, 4]


def test_the_folder_decides_who_may_read() -> None:
    """An article below internal/ is internal."""
    assert read("title: T", path="internal/netz/leitung.md").valid.visibility == "internal"


def test_the_file_name_gives_the_language() -> None:
    """A translation has the slug of the original."""
    article = read("title: T", path="public/netz/wlan.en.md").valid
    assert (article.slug, article.lang) == ("wlan", "en")


def test_the_front_matter_gives_the_language_where_the_name_has_none() -> None:
    """A single English article needs no suffix."""
    assert read("title: T\nlang: en").valid.lang == "en"


def test_the_default_language_is_a_setting() -> None:
    """A portal in English needs no suffixes."""
    assert parse(PATH, "---\ntitle: T\n---\n", default_language="en").valid.lang == "en"


def test_a_language_that_contradicts_the_file_name_is_a_fault() -> None:
    """One of the two is wrong, and only the author knows which."""
    manuscript = read("title: T\nlang: de", path="public/netz/wlan.en.md")
    assert faults(manuscript) == [
        'public/netz/wlan.en.md:3: "lang" is "de" but the file name says "en". Change one of them.'
    ]


def test_a_script_is_hinted_at_with_its_line_unless_it_is_code() -> None:
    """It will be removed from the page, and the author learns why."""
    body = "`<script>`\n\n```\n<script>\n```\n\n<SCRIPT>alert(1)</SCRIPT>"
    (fault,) = read("title: T", body).faults
    assert (fault.line, fault.hint) == (10, True)


@pytest.mark.parametrize("heading", ["# WLAN weg", "# WLAN **weg** #", "WLAN weg\n========"])
def test_a_heading_that_repeats_the_title_is_dropped(heading: str) -> None:
    """The page has the title as its heading already."""
    manuscript = read("title: WLAN weg", f"\n{heading}\n\nText.")
    assert manuscript.valid.body == "Text."
    assert manuscript.body_line == 7 + heading.count("\n")


def test_another_first_heading_stays() -> None:
    """Only the repetition goes."""
    assert read("title: WLAN weg", "# Ursache\n\nText.").valid.body == "# Ursache\n\nText."


def test_a_plain_file_needs_no_front_matter() -> None:
    """Its first heading is its title, and is not repeated in the text."""
    article = parse("Router/VPN.md", "# VPN *einrichten*\n\nText.", plain=Address("vpn", None, "router")).valid
    assert (article.title, article.body, article.category) == ("VPN *einrichten*", "Text.", "router")


def test_a_plain_file_without_a_heading_is_called_by_its_name() -> None:
    """There is always a title."""
    assert (
        parse("Router/VPN Setup.md", "```\n# kein Titel\n```", plain=Address("v", None, "r")).valid.title == "VPN Setup"
    )


def test_unknown_fields_of_a_plain_file_are_nobodys_business() -> None:
    """It was written for another program."""
    manuscript = parse("a.md", "---\ntags: [x]\ntitle: T\n---\n", plain=Address("a", "en", "articles"))
    assert not manuscript.faults
    assert (manuscript.valid.title, manuscript.valid.lang) == ("T", "en")


def test_a_faulty_manuscript_has_no_article_to_give() -> None:
    """Whoever asks for it by mistake is told."""
    with pytest.raises(ValueError, match="has faults"):
        _ = Manuscript(None).valid


@given(st.text(max_size=300))
def test_any_text_is_read_or_reported_but_never_raises(text: str) -> None:
    """Whatever is in a file, the other files are read."""
    manuscript = parse(PATH, f"---\n{text}")
    assert manuscript.article or manuscript.faults
