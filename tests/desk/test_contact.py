"""A contact: it ends once, and what cannot be read of a browser's save is refused by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.desk.contact import (
    MAX_EVENTS,
    MAX_NOTES,
    OUTCOMES,
    BadContact,
    Contact,
    Event,
    EventKind,
    IllegalOutcome,
    Outcome,
    ended,
    read_draft,
    read_event,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NAME = "contact-0123456789"
FIELDS = {"agent": "1", "version": "0", "tab": "window-0123456789", "turn": "1", "ago": "90", "lang": "de",
          "caller": " Jana  Roth ", "email": "jana@example.org", "phone": "0221 1", "notes": "Kein Netz"}  # fmt: skip
ARTICLE: dict[str, object] = {"slug": "wlan-langsam", "lang": "de", "title": "WLAN ist langsam"}
EVENTS: dict[str, dict[str, object]] = {
    "searched": {"text": "wlan lahm"},
    "opened": ARTICLE,
    "ticked": {**ARTICLE, "step": 2, "text": "Router neu starten"},
    "unticked": {**ARTICLE, "step": 2, "text": ""},
    "copied": ARTICLE,
    "wrong": {**ARTICLE, "text": "Menü heißt anders", "words": "wlan lahm"},
    "missing": {"text": "", "words": "faxgerät"},
}


def fields(**changes: str) -> list[tuple[str, str]]:
    """Return the fields of a save, with some changed."""
    return [*{**FIELDS, **changes}.items()]


def event(kind: str, **changes: object) -> str:
    """Return an event as a browser sends it."""
    return json.dumps({"key": "event-0123456789", "kind": kind, "ago": 5, **EVENTS.get(kind, {}), **changes})


@pytest.mark.parametrize("new", Outcome)
@pytest.mark.parametrize("outcome", Outcome)
def test_a_contact_goes_where_the_table_says(outcome: Outcome, new: Outcome) -> None:
    """From open to one of four ends, and nowhere from there."""
    if outcome is Outcome.OPEN and new is not Outcome.OPEN:
        assert new in OUTCOMES[outcome]
        assert ended(outcome, new) is new
    else:
        with pytest.raises(IllegalOutcome, match=f'"{outcome}" cannot become "{new}"'):
            ended(outcome, new)


def test_a_save_is_read_as_it_was_meant() -> None:
    """Lines are clean, and the beginning is counted back from now."""
    draft = read_draft(NAME, [*fields(), ("event", event("searched"))], NOW)
    assert (draft.caller, draft.notes, draft.started_at) == ("Jana Roth", "Kein Netz", NOW - timedelta(seconds=90))
    assert draft.events == (
        Event("event-0123456789", EventKind.SEARCHED, NOW - timedelta(seconds=5), text="wlan lahm"),
    )


@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_a_browser_may_send_is_known(kind: str) -> None:
    """With its own fields."""
    read = read_event(event(kind), NOW)
    assert read.kind == kind
    assert {name: getattr(read, name) for name in EVENTS[kind]} == EVENTS[kind]


def test_a_clock_that_is_days_late_is_believed_two_days() -> None:
    """Nobody talks for longer."""
    assert read_event(event("searched", ago=10**8), NOW).at == NOW - timedelta(days=2)


@pytest.mark.parametrize(
    "text",
    [
        event("mailed", **ARTICLE, text="a@example.org"), event("exploded"), event("searched", slug="x"),
        event("searched", text=" "), event("searched", text=7), event("searched", key="short"),
        event("searched", ago=-1), event("ticked", step=0), event("ticked", step="²"), event("opened", slug="../x"),
        event("opened", lang="fr"), event("opened", title=None), '{"kind": []}', "[]", "{", "[" * 3000,
        " " * 4001,
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_is_refused(text: str) -> None:
    """Also one that only the portal itself may write down."""
    with pytest.raises(BadContact):
        read_event(text, NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"version": "-1"}, "version"), ({"turn": "²"}, "turn"), ({"tab": "x"}, "tab"), ({"ago": ""}, "ago"),
        ({"lang": "fr"}, "lang"), ({"caller": "x" * 101}, "caller"), ({"email": "x" * 255}, "email"),
        ({"phone": "1" * 41}, "phone"), ({"notes": "x" * (MAX_NOTES + 1)}, "notes"), ({"role": "boss"}, "role"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_taken_is_named(changes: dict[str, str], field: str) -> None:
    """So is one that no page sends."""
    with pytest.raises(BadContact) as refused:
        read_draft(NAME, fields(**changes), NOW)
    assert refused.value.field == field


def test_notes_of_20000_characters_are_taken() -> None:
    """As many as a ticket may have."""
    assert len(read_draft(NAME, fields(notes="x" * MAX_NOTES), NOW).notes) == MAX_NOTES


def test_what_is_missing_comes_twice_or_is_too_much_is_refused() -> None:
    """A page never sends that."""
    for sent in (
        fields()[1:],
        [*fields(), ("lang", "en")],
        [*fields(), *[("event", event("copied"))] * (MAX_EVENTS + 1)],
    ):
        with pytest.raises(BadContact):
            read_draft(NAME, sent, NOW)
    with pytest.raises(BadContact):
        read_draft("short", fields(), NOW)


@pytest.mark.parametrize(
    ("notes", "searched", "subject"),
    [
        ("Kein Netz\nseit gestern", "wlan", "Kein Netz"),
        ("", "wlan", "wlan"),
        ("", "", ""),
        ("x" * 200, "", "x" * 99 + "…"),
    ],
)
def test_a_contact_says_in_a_line_what_it_is_about(notes: str, searched: str, subject: str) -> None:
    """By its notes, or by what was searched."""
    events = (Event("k", EventKind.SEARCHED, NOW, text=searched),) if searched else ()
    contact = Contact(NAME, 1, NOW, None, Outcome.OPEN, "de", "", "", "", notes, None, None, 1, events)
    assert contact.subject == subject
    assert contact.lasted(NOW + timedelta(minutes=3)) == timedelta(minutes=3)
