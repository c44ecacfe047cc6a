from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tickets.trail import (
    MAX_ENTRIES,
    Entry,
    Opened,
    Rated,
    Searched,
    Trail,
    Tried,
    read_entry,
    read_trail,
    write_entry,
)

ENTRIES: list[tuple[str, Entry]] = [
    ('{"kind":"searched","text":"wlan"}', Searched("wlan")),
    ('{"kind":"opened","slug":"wlan","title":"WLAN"}', Opened("wlan", "WLAN")),
    ('{"kind":"tried","slug":"wlan","title":"WLAN","step":3,"text":"Neu"}', Tried("wlan", "WLAN", 3, "Neu")),
    ('{"kind":"rated","slug":"wlan","title":"WLAN","helpful":true}', Rated("wlan", "WLAN", helpful=True)),
]


@pytest.mark.parametrize(("json_text", "entry"), ENTRIES)
def test_each_kind_is_read(json_text: str, entry: Entry) -> None:
    """The four kinds of entries are read from what trail.js writes."""
    assert read_entry(json_text) == entry


@pytest.mark.parametrize("entry", [entry for _, entry in ENTRIES])
def test_what_is_written_is_read_again(entry: Entry) -> None:
    """Writing and reading end where they began."""
    assert read_entry(write_entry(entry)) == entry


@pytest.mark.parametrize(
    "json_text",
    [
        "",
        "null",
        "[]",
        "wlan",
        "{}",
        '{"kind":"bought","text":"x"}',
        '{"kind":["searched"],"text":"x"}',
        '{"kind":"searched"}',
        '{"kind":"searched","text":"x","more":1}',
        '{"kind":"searched","text":" \\n "}',
        '{"kind":"searched","text":7}',
        '{"kind":"opened","slug":"../../etc","title":"x"}',
        '{"kind":"opened","slug":"","title":"x"}',
        '{"kind":"opened","slug":7,"title":"x"}',
        '{"kind":"opened","slug":"' + "a" * 201 + '","title":"x"}',
        '{"kind":"tried","slug":"a","title":"x","step":0,"text":"x"}',
        '{"kind":"tried","slug":"a","title":"x","step":1000,"text":"x"}',
        '{"kind":"tried","slug":"a","title":"x","step":true,"text":"x"}',
        '{"kind":"tried","slug":"a","title":"x","step":"1","text":"x"}',
        '{"kind":"tried","slug":"a","title":"x","step":NaN,"text":"x"}',
        '{"kind":"tried","slug":"a","title":"x","step":1' + "0" * 3900 + ',"text":"x"}',
        '{"kind":"rated","slug":"a","title":"x","helpful":1}',
        '{"kind":"searched","text":"' + "x" * 4000 + '"}',
        "[" * 3999,
    ],
)
def test_anything_else_is_refused(json_text: str) -> None:
    """What is no entry is a ValueError, however odd."""
    with pytest.raises(ValueError, match=r"."):
        read_entry(json_text)


def test_a_text_is_one_clean_line_of_300_characters() -> None:
    """Controls, line ends and what is too long are gone."""
    entry = read_entry(json.dumps({"kind": "searched", "text": " a\nb\x00c\ud800 " + "x" * 400}))
    assert entry == Searched("a bc\ufffd " + "x" * 294)


def test_a_trail_leaves_out_what_cannot_be_read() -> None:
    """A broken entry does not break the form."""
    assert read_trail([ENTRIES[0][0], "broken", ENTRIES[1][0]]) == Trail((ENTRIES[0][1], ENTRIES[1][1]))


def test_a_trail_has_no_repeats() -> None:
    """What was searched twice is told once, in its first place."""
    first, second = ENTRIES[0][0], ENTRIES[1][0]
    assert read_trail([first, second, first]).entries == (ENTRIES[0][1], ENTRIES[1][1])


def test_a_trail_has_at_most_fifty_entries() -> None:
    """Repeats do not count."""
    texts = [write_entry(Searched(f"x{i}")) for i in range(99)]
    assert read_trail(texts[:1] * 50 + texts).entries == tuple(Searched(f"x{i}") for i in range(MAX_ENTRIES))


def test_read_articles_are_those_opened_or_tried() -> None:
    """A vote alone does not mean that it was read here."""
    trail = Trail((Searched("x"), Opened("a", "A"), Tried("b", "B", 1, "x"), Rated("c", "C", helpful=False)))
    assert trail.read_slugs == {"a", "b"}


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is in the field, there is a trail."""
    assert len(read_trail([text, f'{{"kind":"searched","text":{json.dumps(text)}}}']).entries) <= 1
