"""Personal data and secrets in what people write, in German and English: found, and masked before it is kept.

What is sure by its own shape or checksum is found anywhere, such as an address or an IBAN; what only its neighbours
betray, such as a name or a password, is found behind the words that announce it. A hole in a sentence costs an author a
guess, a number that stays costs a person her privacy: where both are likely, it is masked.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher, PhoneNumberType
from stdnum import iban, luhn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

PLACEHOLDERS = {
    "mail": "[E-Mail]", "phone": "[Telefon]", "iban": "[IBAN]", "card": "[Kartennummer]", "name": "[Name]",
    "customer": "[Kundennummer]", "serial": "[Seriennummer]", "ticket": "[Ticket-Link]", "address": "[Anschrift]",
    "password": "[Passwort]", "secret": "[Geheimnis]", "ip": "[IP-Adresse]", "mac": "[MAC-Adresse]",
    "birth": "[Geburtsdatum]",
}  # fmt: skip
"""Kind → what stands in its place."""
REGION = "DE"
FOR_EVERYBODY = {
    PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
}  # fmt: skip
"""Kinds of telephone numbers that services have, not persons."""

_IS = r"(?:\s*[:=#]\s*|\s+(?:ist|lautet|is|war|was|nr\.?|no\.?)\s*:?\s+|\s+)"
_ID = r"(?P<it>(?=(?:[\w./-]{0,30}?\d){3})[A-Za-z0-9][\w./-]{2,40}(?<![./-]))"
_WORD = r"[A-ZÄÖÜÀ-Þ](?:\.|[\w'’-]{1,30}\b)"
_NAME = rf"(?P<it>(?:(?:Dr|Prof)\.\s*)*{_WORD}(?:[ ](?:(?:von|van|de|der|den|zu|al|el|bin)[ ]){{0,2}}{_WORD}){{0,2}})"
_STREET = r"[A-ZÄÖÜ][\wäöüß.-]{1,30}"
_TOWN = r"(?:\s*[,\n]?\s*(?:D-)?\d{5}\s+[A-ZÄÖÜ][\w.-]+(?:[ ](?:am|an der|im)[ ][A-ZÄÖÜ]\w+)?)"
_SMALL = r"(?!(?:und|and|ich|mein|my|aus|from|bei|in|nicht|not|wie|how|das|die|der|es|it|is|ist)\b)[^\W\d_]{2,30}"

_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile("".join(parts)))
    for kind, *parts in (
        ("secret", r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)"),
        ("secret", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20,}"),
        ("secret", r"\bxox[abeoprs]-[\w-]{10,}|\bsk-[\w-]{20,}|\b[sr]k_(?:live|test)_\w{16,}|\bAIza[\w-]{30,}"),
        ("secret", r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\bnpm_\w{30,}|\bpypi-[\w-]{30,}|\bhf_\w{30,}|\bSG\.[\w.-]{40,}"),
        ("secret", r"(?i)\bbearer\s+(?P<it>(?!\[)[\w.~+/=-]{12,})|://(?P<too>[^\s/:@\[]{1,64}:[^\s/@\[]{1,64})@"),
        ("secret", r"(?i)\b(?:api[_ -]?key|api[_ -]?schlüssel|access[_ -]?token|token|secret)\s*[:=]\s*",
                   r"(?P<it>[\w.~+/=-]{8,})"),
        ("ticket", r"(?:https?://[\w.:-]{1,100})?/(?:tickets|solutions|wishes|loesungen|geloest)/[\w-]{16,}\S*"),
        ("secret", r"(?<![\w/-])(?=[\w-]{0,60}\d)(?=[\w-]{0,60}[A-Z])(?=[\w-]{0,60}[a-z])[A-Za-z0-9_-]{32,}(?![\w-])"),
        ("mail", r"[\w.!#$%&'*+=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}"),
        ("mail", r"(?i)[\w.+-]{1,64}\s?[(\[]\s?(?:at|ät)\s?[)\]]\s?[\w-]{1,63}",
                 r"(?:\s?(?:\.|[(\[]\s?(?:dot|punkt)\s?[)\]])\s?[\w-]{2,63}){1,4}"),
        ("mac", r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])"),
        ("iban", r"(?i)\bDE\d{2}(?:[ ]?\d{4}){4}[ ]?\d{2}\b"),
        ("address", rf"\b{_STREET}(?:straße|strasse|str\.|allee|gasse|damm|chaussee)[ ]\d{{1,4}}[ ]?[a-z]?\b{_TOWN}?"),
        ("address", rf"\b{_STREET}[ -](?:Straße|Strasse|Str\.|Allee|Gasse|Damm|Chaussee)[ ]\d{{1,4}}[ ]?[a-z]?\b",
                    rf"{_TOWN}?"),
        ("address", rf"\b(?:{_STREET}[ ]){{0,2}}{_STREET}[ ]\d{{1,4}}[ ]?[a-z]?\b\s*,\s*(?:D-)?\d{{5}}\s+{_STREET}"),
        ("address", r"(?i:wohne|adresse|anschrift)\W{1,3}(?:[a-zäöüß:]{1,12}\W){0,3}",
                    rf"(?P<it>{_STREET}(?:weg|platz|ring|steig|ufer)[ ]\d{{1,4}}[ ]?[a-z]?\b)"),
        ("address", r"\b\d{1,5}[ ](?:[A-Z][a-z]+[ ]){1,3}(?:Street|St\.|Road|Rd\.|Avenue|Ave\.|Lane|Drive)(?!\w)"),
        ("name", rf"(?:[Ii]ch hei(?:ß|ss)e?|[Mm]ein(?:e?)? Name(?: ist|:)|[Mm]y name is|[Mm]y name's)\s+{_NAME}"),
        ("name", rf"(?i)(?:ich hei(?:ß|ss)e?|mein name ist|my name is|my name's)\s+(?P<it>{_SMALL}(?:[ ]{_SMALL})?)"),
        ("name", rf"\b(?:Herrn?|Frau|Mr\.?|Mrs\.?|Ms\.?)[ ]{_NAME}"),
        ("name", rf"(?i:grüßen?|gruß|gruss|grüsse|\bmfg|\blg|regards|sincerely)[,.!]?\s*\n?\s*{_NAME}(?=\W|$)"),
        ("name", rf"\b(?:Vorname|Nachname|Name|Kunde|Kundin|Customer|Ansprechpartner(?:in)?)\s?:\s*{_NAME}"),
        ("customer", r"(?i)\b(?:kunden|vertrags|rechnungs|auftrags|bestell|personal|mitglieds|kd\.?|customer|contract|",
                     rf"invoice|order|account|member)[ -]?(?:nummer|nr\.?|no\.?|number|id|kennung|konto){_IS}{_ID}"),
        ("customer", r"\bKD?-?\d{5,}\b"),
        ("serial", r"(?i)\b(?:serien(?:-?nummer|-?nr\.?)|serial(?:[ -](?:number|no\.?))?|s/n|sn|imei|iccid)",
                   rf"{_IS}{_ID}"),
        ("birth", r"(?i)\b(?:geb(?:oren|\.)|geburtsdatum|geburtstag|born|date of birth)(?:\s*:|\s+(?:am|on|ist|is))?",
                  r"\s*(?P<it>\d{1,4}[./-]\s?(?:\d{1,2}|\w{3,9})[./ -]\s?\d{1,4})"),
        ("phone", r"(?i)\b(?:tel(?:efon)?(?:nummer)?|handy(?:nummer)?|mobil(?:e|funk|nummer)?|phone(?: number)?|",
                  r"rückruf(?:nummer)?|fax|call me (?:at|on))\.?[ ]?(?::|ist|is|lautet|unter)?\s*",
                  r"(?P<it>\+?\(?\d[\d ()/.-]{5,20}\d)(?![\d.]|[ ]?(?:MB|GB|Mbit|ms|Uhr))"),
        ("phone", r"(?<![\w.+/-])(?:\+|00)[1-9]\d{0,2}[ ()/.-]{0,3}\d(?:[ ()/.-]{0,3}\d){6,12}(?![\w])"),
        ("phone", r"(?<![\w.+/-])0(?:1[567]\d|[2-9]\d{1,4})[ ]?[ /–-][ ]?\d{3,}(?:[ -]\d{2,}){0,4}(?![\w.]*\w)"),
    )
)  # fmt: skip
"""Kind, and the shape of what is found: its groups "it" or "too", where only a part of the match is meant."""
_PASSWORD = re.compile(
    r"(?i)\b(?:\w{0,20}(?:passwort|password|passphrase|kennwort)|passwd|pwd?|pin|puk|tan|(?:wlan|wifi|netzwerk|network)"
    r"[- ]?(?:schlüssel|key))"
    r"(?P<how>\s*[:=]\s*|\s+(?:lautet|ist|is|war|was)\s*:?\s+|\s+(?=[\d\"'„“«]))(?P<it>[^\s\[]\S*)"
)
_ORDINARY = re.compile(r"[^\W\d_]+[.,;:?!)]*")
_IBAN = re.compile(r"(?i)\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]){11,30}")
_DIGITS = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
_CARD = re.compile(r"4|5[1-5]|2[2-7]|3[4678]|6(?:011|5)")
_IPV4 = re.compile(r"(?i)\bip(?:v4)?[^\d\n]{0,24}(?P<it>\d{1,3}(?:\.\d{1,3}){3})(?![\w.]*\d)")
_IPV6 = re.compile(r"(?<![\w:.])[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{4,34}(?![\w:])")
RESOLVERS = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "2001:4860:4860::8888"})
"""Addresses of everybody's name servers."""


@dataclass(frozen=True, slots=True)
class Found:
    """What should not be kept: its kind (a key of PLACEHOLDERS) and where it stands, in characters."""

    kind: str
    start: int
    end: int
    text: str


def find(text: str, ours: Collection[str] = ()) -> tuple[Found, ...]:
    """Return personal data and secrets in the order of the text, no two of them overlapping.

    `ours` are telephone numbers and addresses that are no person's, such as those of the provider.
    """
    known = {_bare(one) for one in ours}
    every = [one for search in (_shapes, _passwords, _phones, _accounts, _machines) for one in search(text)]
    spans = [one for one in every if _bare(one.text) not in known]
    return tuple(_apart(sorted(spans, key=lambda one: (one.start, -one.end)), text))


def mask(text: str, ours: Collection[str] = ()) -> str:
    """Return the text with placeholders such as "[E-Mail]" in place of personal data and secrets."""
    parts, last = [], 0
    for one in find(text, ours):
        parts += [text[last : one.start], PLACEHOLDERS[one.kind]]
        last = one.end
    return "".join([*parts, text[last:]])


def _bare(text: str) -> str:
    return re.sub(r"[\s()/.-]", "", text).lower()


def _apart(found: list[Found], text: str) -> Iterator[Found]:
    """Join what overlaps, under the kind of the first: nothing of either is left over."""
    held: Found | None = None
    for one in found:
        if held and one.start < held.end:
            end = max(held.end, one.end)
            held = Found(held.kind, held.start, end, text[held.start : end])
            continue
        if held:
            yield held
        held = one
    if held:
        yield held


def _found(kind: str, match: re.Match[str], name: str | int = 0) -> Found:
    return Found(kind, *match.span(name), match[name])


def _shapes(text: str) -> Iterator[Found]:
    for kind, pattern in _SHAPES:
        for match in pattern.finditer(text):
            parts = [name for name in ("it", "too") if name in pattern.groupindex and match[name]]
            one = _found(kind, match, parts[0] if parts else 0)
            if kind != "phone" or not _is_for_everybody(one.text):
                yield one


def _passwords(text: str) -> Iterator[Found]:
    """Find what stands behind "Passwort:" or "password is"; "is wrong" says something about it and stays."""
    for match in _PASSWORD.finditer(text):
        said = match["it"].strip("\"'„“”«»")
        if ":" not in match["how"] and "=" not in match["how"] and _ORDINARY.fullmatch(said) and said == match["it"]:
            continue
        if not _ORDINARY.fullmatch(said) or said.rstrip(".,;:?!)").lower() not in _ABOUT:
            yield _found("password", match, "it")


_ABOUT = frozenset(
    """vergessen zurücksetzen ändern falsch wie was abgelaufen gesperrt funktioniert geht wird nicht kein keine ungültig
    wrong forgot forgotten reset change expired invalid how what does not cannot locked rejected""".split()
)


def _phones(text: str) -> Iterator[Found]:
    for match in PhoneNumberMatcher(text, REGION, leniency=Leniency.VALID, max_tries=200):
        dotted = match.raw_string.count(".") > 1 and "+" not in match.raw_string
        if phonenumbers.number_type(match.number) not in FOR_EVERYBODY and not dotted:
            yield Found("phone", match.start, match.end, match.raw_string)


def _is_for_everybody(raw: str) -> bool:
    try:
        return phonenumbers.number_type(phonenumbers.parse(raw, REGION)) in FOR_EVERYBODY
    except phonenumbers.NumberParseException:
        return False


def _accounts(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        start, end = match.span()
        fitting = (
            stop for stop in range(end, start + 14, -1) if text[stop - 1] != " " and iban.is_valid(text[start:stop])
        )
        if stop := next(fitting, 0):
            yield Found("iban", start, stop, text[start:stop])
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _CARD.match(digits) and luhn.is_valid(digits):
            yield _found("card", match)


def _machines(text: str) -> Iterator[Found]:
    """Find addresses on the internet; those of private networks are the same in every home."""
    for pattern, name in ((_IPV4, "it"), (_IPV6, 0)):
        for match in pattern.finditer(text):
            if match[name] not in RESOLVERS and _is_public(match[name]):
                yield _found("ip", match, name)


def _is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
