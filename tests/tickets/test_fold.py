from __future__ import annotations

import time

import pytest

from app.tickets.fold import fold_at

ANSWER = "Guten Tag,\n\ndie Lampe ist rot."
FOLDED = {
    "gmail": "Am So., 22. Nov. 2026 um 10:30 Uhr schrieb Birkennetz <hilfe@birkennetz.example>:\n\n> Guten Tag\n> x",
    "gmail, broken": "Am So., 22. Nov. 2026 um 10:30 Uhr schrieb Birkennetz <\nhilfe@birkennetz.example>:\n\n> Guten",
    "thunderbird": "Am 22.11.26 um 10:30 schrieb Birkennetz:\n> Guten Tag\n>\n> Ihr Team",
    "apple": "Am 22.11.2026 um 10:30 schrieb Birkennetz <h@b.example>:\n\nGuten Tag,\nWelche Lampe?",
    "english": "On Sun, Nov 22, 2026 at 10:30 AM Birkennetz <h@b.example> wrote:\n\n> Which lamp?",
    "late": "22. November 2026 10:30, Birkennetz <h@b.example> schrieb:\n> Guten Tag",
    "outlook": "Von: Birkennetz <h@b.example>\nGesendet: Sonntag, 22. November 2026 10:30\nAn: E\n\nGuten Tag",
    "outlook, english": "From: Birkennetz <h@b.example>\nSent: Sunday, November 22, 2026 10:30\nTo: E\n\nHello",
    "outlook, line": "________________________________\nVon: B\nGesendet: heute\n\nHallo",
    "original": "-----Ursprüngliche Nachricht-----\nVon: B\n\nHallo",
    "signature": "-- \nErika Müller\nMusterweg 1",
    "telephone": "Von meinem iPhone gesendet",
    "telephone, english": "Sent from my iPhone",
    "signature and quote": "-- \nErika\n\nAm 22.11.26 um 10:30 schrieb B:\n> Guten Tag",
    "bare quote": "> Guten Tag\n> Welche Lampe?",
}
SHOWN = {
    "nothing else": "Nur das.",
    "list": "Ich habe:\n- neu gestartet\n- Kabel geprüft\n--- wirklich",
    "between": "Am 22.11.26 um 10:30 schrieb B:\n> Welche Lampe?\nDie rote.\n> Seit wann?\nSeit gestern.",
    "below": "> Welche Lampe?\n\nDie rote.",
    "told": "Am Montag schrieb mir Ihr Kollege: Neu starten.\nVon: da an ging nichts.",
    "only a quote": "> Guten Tag",
}


@pytest.mark.parametrize("rest", FOLDED.values(), ids=FOLDED)
def test_quote_and_signature_are_folded(rest: str) -> None:
    """What was written now is shown, and nothing of what follows."""
    text = f"{ANSWER}\n\n{rest}"
    assert text[: fold_at(text)] == ANSWER


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN)
def test_what_may_be_an_answer_is_shown(text: str) -> None:
    """Rather a quote too many than a word of the customer too few."""
    assert fold_at(text) == len(text)


@pytest.mark.parametrize(
    "text", ["\n" * 20_000 + "x", "Am 1 " * 4_000, "Am 1 schrieb x:\n" * 1_250, ">" * 20_000, "--\n" * 6_600,
             "Von: a\n" * 2_800, "<a@" * 6_000 + ":", "Am 1 schrieb " * 1_500 + ":"],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    """As long as a message can be, made to be slow."""
    begin = time.process_time()
    fold_at(text)
    assert time.process_time() - begin < 1.0
