"""Mails: what they say, and that nothing in them becomes a header or a way into a ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

import pytest

from app.tickets.mail import AUTOMATIC, Composer, Mail, MailKind, Provider, compose_article, write_mail
from app.tickets.news import Changed

if TYPE_CHECKING:
    from email.message import EmailMessage

    from app.tickets.mail import Composed
    from app.tickets.ticket import Language

PROVIDER = Provider("Birkennetz", "0221 4710 100", {"de": "Mo–Fr", "en": "Mon–Fri"}, "https://hilfe.example")
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def composer(lang: Language = "de") -> Composer:
    """Return what composes the mails about one ticket."""
    return Composer("W-2026-000123", lang, PROVIDER)


def letter(**given: Any) -> EmailMessage:
    """Return a mail as whoever gets it reads it."""
    fields: dict[str, Any] = {
        "kind": MailKind.REPLY, "recipient": "erika@example.org", "lang": "de", "subject": "[W-2026-000123] Antwort",
        "text": "Guten Tag", "token": "t2", "first_token": "t1", "at": AT,
    }  # fmt: skip
    wire = write_mail(Mail(**(fields | given)), "portal@birkennetz.example", "Birkennetz", "hilfe@birkennetz.example")
    return message_from_bytes(wire, policy=SMTP)


@pytest.mark.parametrize(("lang", "words"), [("de", "Dienstag, 24. November 2026"), ("en", "Tuesday, 24 November")])
def test_a_receipt_has_number_and_day(lang: Language, words: str) -> None:
    """In the language of the ticket, and with the phone number below."""
    mail = composer(lang).receipt(date(2026, 11, 24))
    assert all(text in mail.text for text in ("W-2026-000123", words, "0221 4710 100"))
    assert "W-2026-000123" in mail.subject


def every_mail(lang: Language) -> list[Composed]:
    """Return one mail of each sort about a ticket."""
    one = composer(lang)
    changes = [one.change(change) for change in Changed]
    replies = [one.reply("Text", waits=waits) for waits in (False, True)]
    return [one.receipt(date(2026, 11, 24)), *replies, one.solution("Text", "signed"), *changes]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_each_mail_is_filled_in_and_names_its_ticket(lang: Language) -> None:
    """No placeholder is left, each subject has the number and says something else."""
    mails = every_mail(lang)
    assert not [mail for mail in mails if "{" in mail.subject + mail.text]
    assert all(mail.subject.startswith("[W-2026-000123] ") for mail in mails)
    assert len({mail.subject for mail in mails}) == len(mails)


def test_braces_in_an_answer_are_text() -> None:
    """An agent explains a template."""
    assert composer().solution("Schreiben Sie {link} und {0}", "t").text.startswith("Schreiben Sie {link} und {0}\n")
    assert composer().reply("{phone}", waits=False).text.startswith("{phone}\n")


def test_a_solution_asks_and_links() -> None:
    """To the page that closes or opens again."""
    assert "https://hilfe.example/solutions/signed\n" in composer().solution("Neu starten.", "signed").text


def test_an_article_has_passage_and_address() -> None:
    """Its title is the subject, cleaned as every header."""
    mail = compose_article("WLAN =?utf-8?q?x?=", "Starten Sie neu.", "https://hilfe.example/articles/w", "de", PROVIDER)
    assert (mail.kind, mail.subject) == (MailKind.ARTICLE, "WLAN = ?utf-8?q?x?=")
    assert "Starten Sie neu.\n" in mail.text
    assert "https://hilfe.example/articles/w\n" in mail.text


@pytest.mark.parametrize("subject", ["a\r\nBcc: x@y.example", "=?utf-8?q?a=0A=42cc:_x=40y.example?=", "a\u2028Bcc: x"])
def test_a_subject_cannot_bring_a_header_along(subject: str) -> None:
    """Neither by a line end nor by an encoded word."""
    mail = letter(subject=subject)
    assert "Bcc" not in mail
    assert len(mail.get_all("To", [])) == 1


def test_a_long_subject_is_cut() -> None:
    """To what a header may have."""
    assert len(letter(subject="x" * 5_000)["Subject"]) == 150


@pytest.mark.parametrize("recipient", ["a@b.example, c@d.example", "a@b.example\nBcc: c@d.example", ""])
def test_a_mail_goes_to_one_address(recipient: str) -> None:
    """Anything else is not sent at all."""
    with pytest.raises(Exception, match=r".+"):
        letter(recipient=recipient)


def test_later_mails_hang_on_the_first() -> None:
    """So a mail program shows one thread; the first one refers to nothing."""
    assert (letter()["In-Reply-To"], letter()["References"]) == ("<t1@birkennetz.example>",) * 2
    assert letter()["Message-ID"] == "<t2@birkennetz.example>"
    assert "In-Reply-To" not in letter(token="t1")  # noqa: S106 - no password


@pytest.mark.parametrize("kind", MailKind)
def test_only_automatic_mails_say_that_they_are(kind: MailKind) -> None:
    """An auto-responder keeps quiet on these."""
    assert letter(kind=kind)["Auto-Submitted"] == ("auto-generated" if kind in AUTOMATIC else None)


def test_answers_go_to_people() -> None:
    """From us by name, back to the address that every page shows."""
    mail = letter(text="Grüße, …")
    assert (str(mail["From"]), mail["Reply-To"]) == (
        "Birkennetz <portal@birkennetz.example>",
        "hilfe@birkennetz.example",
    )
    assert mail.get_content().replace("\r\n", "\n") == "Grüße, …\n"
    assert mail["Content-Language"] == "de"


@pytest.mark.parametrize("waits", [True, False])
def test_where_answers_by_mail_come_in_the_mail_asks_for_one(*, waits: bool) -> None:
    """Elsewhere it leads to the page of the ticket: nobody reads what comes to its sender."""
    page, mail = (
        Composer("W-2026-000001", "de", replace(PROVIDER, reads_mail=reads)).reply("Gern.", waits=waits).text
        for reads in (False, True)
    )
    assert "Seite Ihres Tickets" in page
    assert "Antworten Sie einfach auf diese Mail" in mail
    assert "Seite Ihres Tickets" not in mail


@pytest.mark.parametrize(("lang", "page"), [("de", "Seite Ihres Tickets"), ("en", "page of your ticket")])
def test_who_called_reads_nothing_of_a_page_never_seen(lang: Language, page: str) -> None:
    """Only the number, which can be named on the phone."""
    (written, called) = (composer(lang).receipt(date(2026, 11, 24), called=one).text for one in (False, True))
    assert page in written
    assert page not in called
    assert "W-2026-000123" in called
