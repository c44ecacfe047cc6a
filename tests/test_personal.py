"""Personal data and secrets: what is masked before it is kept, and what a question needs to be understood."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.personal import PLACEHOLDERS, find, mask

KEY = "Xk3vQ_9aL0-ZbT7mWc2RyUe8HsJdPf4N"

PERSONAL = [
    ("Schreiben Sie an erika.muster@example.org.", "Schreiben Sie an [E-Mail]."),
    ("jo@müller.de und <a+b@x.co.uk>", "[E-Mail] und <[E-Mail]>"),
    ("erika (at) firma (punkt) de", "[E-Mail]"),
    ("erika[at]firma.de bitte", "[E-Mail] bitte"),
    ("Rufen Sie 0221 123456-78 an", "Rufen Sie [Telefon] an"),
    ("0176 1234567 oder 0171/2345678", "[Telefon] oder [Telefon]"),
    ("+49 (0)221 1234567, 0049 30 1234567", "[Telefon], [Telefon]"),
    ("+44 20 7946 0958 please", "[Telefon] please"),
    ("Tel.: 555 0100 22", "Tel.: [Telefon]"),
    ("meine Handynummer ist 176 1234567", "meine Handynummer ist [Telefon]"),
    ("IBAN DE89 3704 0044 0532 0130 00 bitte", "IBAN [IBAN] bitte"),
    ("de89370400440532013000", "[IBAN]"),
    ("GB82 WEST 1234 5698 7654 32 is mine", "[IBAN] is mine"),
    ("IBAN DE88 3704 0044 0532 0130 00", "IBAN [IBAN]"),
    ("Karte 4111 1111 1111 1111 abgelehnt", "Karte [Kartennummer] abgelehnt"),
    ("Kundennummer 4711-0815", "Kundennummer [Kundennummer]"),
    ("meine Kundennr. lautet K12345, Hilfe", "meine Kundennr. lautet [Kundennummer], Hilfe"),
    ("customer number: 8841234", "customer number: [Kundennummer]"),
    ("KD-123456 kommt nicht rein", "[Kundennummer] kommt nicht rein"),
    ("Seriennummer: SN12-3456-X", "Seriennummer: [Seriennummer]"),
    ("serial no. 99A12345", "serial no. [Seriennummer]"),
    ("IMEI 356938035643809", "IMEI [Seriennummer]"),
    (f"siehe https://hilfe.example/tickets/{KEY}", "siehe [Ticket-Link]"),
    (f"/tickets/{KEY}#antwort geht nicht", "[Ticket-Link] geht nicht"),
    (f"https://hilfe.example/wishes/confirm_{KEY}.x.y", "[Ticket-Link]"),
    (f"Schlüssel {KEY}", "Schlüssel [Geheimnis]"),
    ("Ich wohne Musterstraße 12a, 50667 Köln", "Ich wohne [Anschrift]"),
    ("Adresse: Lindenweg 7", "Adresse: [Anschrift]"),
    ("Techniker in die Berliner Straße 5", "Techniker in die [Anschrift]"),
    ("Am Alten Markt 3, 50667 Köln", "[Anschrift]"),
    ("at 221 Baker Street", "at [Anschrift]"),
    ("Ich heiße Erika Mustermann und", "Ich heiße [Name] und"),
    ("ich heiße erika und mein wlan geht nicht", "ich heiße [Name] und mein wlan geht nicht"),
    ("Mein Name ist Jan von der Heide.", "Mein Name ist [Name]."),
    ("my name is John Smith, help", "my name is [Name], help"),
    ("Frau Dr. Müller hat angerufen", "Frau [Name] hat angerufen"),
    ("Mit freundlichen Grüßen\nErika Mustermann", "Mit freundlichen Grüßen\n[Name]"),
    ("Passwort: geheim", "Passwort: [Passwort]"),
    ("mein Passwort ist Sommer2024! und", "mein Passwort ist [Passwort] und"),
    ("the password is hunter2", "the password is [Passwort]"),
    ("WLAN-Schlüssel: 1234567890123456", "WLAN-Schlüssel: [Passwort]"),
    ("PIN 4711 falsch", "PIN [Passwort] falsch"),
    ('Passwort "geheim" geht nicht', "Passwort [Passwort] geht nicht"),
    ("AKIAIOSFODNN7EXAMPLE", "[Geheimnis]"),
    ("ghp_" + "a1B2" * 9, "[Geheimnis]"),
    ("Authorization: Bearer abc.def-123456789", "Authorization: Bearer [Geheimnis]"),
    ("postgres://jan:s3cr3t@db/x", "postgres://[Geheimnis]@db/x"),
    ("api_key = 0123456789ab", "api_key = [Geheimnis]"),
    ("a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b", "a [Geheimnis] b"),
    ("meine IP-Adresse ist 84.141.17.3", "meine IP-Adresse ist [IP-Adresse]"),
    ("2003:e1:7f0b:1200::5 erreicht", "[IP-Adresse] erreicht"),
    ("Gerät a4:5e:60:c1:02:9f", "Gerät [MAC-Adresse]"),
    ("geboren am 12.03.1980", "geboren am [Geburtsdatum]"),
]
KEPT = """
Fehler 0x80070005 bei FRITZ!Box 7590
Ticket W-2026-000123 vom 22.11.2026
Windows 11 24H2 Build 26100.2033, Firmware 7.59.1.2
Router unter 192.168.178.1 oder 10.0.0.138 nicht erreichbar
DNS IP 8.8.8.8 eintragen
Error 0123-456 / P2002, M-DSL 0815
kostenlose Nummer 0800 3301000
Passwort ist falsch
password is not accepted
Passwort: vergessen?
Passwort ändern geht nicht
Kundennummer vergessen
Seriennummer nicht gefunden
am 01.02.2026 um 10:15 Uhr, 2026-02-01
Steckplatz 2, Speicherplatz 20 GB
HP LaserJet 4100, Canon MG3650, Galaxy S23
iOS 17.4.1 und Office 365
KB5034441 installiert nicht
Seite 404, HTTP 503, Port 8080, VLAN 1234
{6B29FC40-CA47-1067-B31D-00DD010662DA}
wie heiße ich im System
Name der Datei: bericht.pdf
https://hilfe.example/tickets/new
1234567890
Donaudampfschifffahrtsgesellschaftskapitän
255.255.255.0
Tel. geht nicht
mein Handy 5 GB Speicher
""".strip().splitlines()


@pytest.mark.parametrize(("text", "masked"), PERSONAL)
def test_personal_data_and_secrets_are_masked(text: str, masked: str) -> None:
    """What stays can be read as before."""
    assert mask(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_what_a_question_needs_stays(text: str) -> None:
    """Error codes, products, versions, dates, private addresses, ticket numbers, and words about passwords."""
    assert mask(text) == text


@pytest.mark.parametrize("text", [text for text, _ in PERSONAL])
def test_masking_again_changes_nothing(text: str) -> None:
    """A placeholder is no personal data."""
    assert mask(mask(text)) == mask(text)


def test_the_provider_is_no_person() -> None:
    """Its own number and address may stand in articles, in whatever spelling."""
    ours = ("0221 5550100", "hilfe@birkennetz.de")
    assert mask("0221/555 01 00, Hilfe@birkennetz.de, 0221 5550101", ours) == (
        "0221/555 01 00, Hilfe@birkennetz.de, [Telefon]"
    )


def test_what_is_found_says_where_and_what() -> None:
    """For whoever names a line instead of masking."""
    (one,) = find("An a@b.org!")
    assert (one.kind, one.start, one.end, one.text) == ("mail", 3, 10, "a@b.org")


@given(st.text() | st.text(alphabet="0123456789 +-/.@abAB:[]\n"))
def test_any_text_is_masked_into_known_placeholders(text: str) -> None:
    """Parts lie in order and apart; the rest is as it was."""
    found = find(text)
    assert all(text[one.start : one.end] == one.text and one.kind in PLACEHOLDERS for one in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "0" * 20_000, "0 " * 10_000, "A1-" * 7_000, "@" * 20_000, "Aa " * 7_000, "pw " * 7_000,
             "-----BEGIN A PRIVATE KEY-----" * 700, "/tickets/" * 2_000, "ip 1.1.1." * 2_000, "2a:" * 7_000],
)  # fmt: skip
def test_hostile_texts_take_no_time(text: str) -> None:
    """Whatever people paste: under a second of the processor for 20,000 characters."""
    began = time.process_time()
    find(text)
    assert time.process_time() - began < 2
