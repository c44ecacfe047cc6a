"""Fold: where in a mail what was written now ends, and the quote or the signature begins.

mail-parser-reply was tried: 8,000 empty lines take it eleven seconds, and a list with hyphens is a signature for it.
"""

from __future__ import annotations

import re

MAX_LINE = 300  # characters of a line that are looked at
MAX_HEADS = 4  # lines below "Von: …" among which the one with the time is looked for

_WROTE = re.compile(r"(am|on)\b.*\d.*\b(schrieb|geschrieben|wrote)\b", re.IGNORECASE)
_WROTE_LATE = re.compile(r"<[^<>@ ]+@[^<>@ ]+>\s*(schrieb|wrote)", re.IGNORECASE)
_WROTE_BEGIN = re.compile(r"(am|on)\b.*\d", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"-{2,}\s*(ursprüngliche nachricht|original message|original-nachricht|weitergeleitete nachricht|"
    r"forwarded message)\s*-{2,}|_{20,}",
    re.IGNORECASE,
)
_FROM = re.compile(r"\*?(von|from):\*?\s", re.IGNORECASE)
_SENT = re.compile(r"\*?(gesendet|datum|sent|date):\*?\s", re.IGNORECASE)
_SENT_FROM = re.compile(
    r"(von meinem .{1,40} gesendet|gesendet von .{1,40}|sent from .{1,40}|get outlook for .{1,40}|"
    r"diese nachricht wurde von meinem .{1,60} gesendet)\.?",
    re.IGNORECASE,
)


def fold_at(text: str) -> int:
    """Return how many characters of a mail are shown; the rest is folded. All are, where nothing else would be left.

    Only what goes on to the end is folded: who answers between quoted lines is shown whole.
    """
    lines = text.split("\n")
    place = _first_rest(lines)
    shown = "\n".join(lines[:place]).rstrip()
    return len(shown) if shown.strip() else len(text)


def _first_rest(lines: list[str]) -> int:
    looked_at = [line[:MAX_LINE].strip() for line in lines]
    first = next((place for place in range(len(lines)) if _begins_rest(looked_at, place)), len(lines))
    return min(first, _last_quote(looked_at, len(lines)))


def _begins_rest(lines: list[str], place: int) -> bool:
    line, after = lines[place], lines[place + 1 : place + 1 + MAX_HEADS]
    if _SEPARATOR.fullmatch(line) or (_FROM.match(line) and any(_SENT.match(one) for one in after)):
        return True
    if line == "--" or _SENT_FROM.fullmatch(line):
        return not _answers_below(lines, place)
    return _is_head(line, after) and not _answers_below(lines, place)


def _is_head(line: str, after: list[str]) -> bool:
    """Tell whether here stands who wrote what follows; a mail program may break that line once."""
    return _wrote(line) or bool(_WROTE_BEGIN.match(line) and after and _wrote(f"{line} {after[0]}"))


def _wrote(line: str) -> bool:
    return line.endswith(":") and bool(_WROTE.match(line) or _WROTE_LATE.search(line))


def _answers_below(lines: list[str], place: int) -> bool:
    """Tell whether words follow quoted lines: then somebody answers between them or below."""
    quoted = False
    for line in lines[place + 1 :]:
        if line == "--" or _SENT_FROM.fullmatch(line) or _SEPARATOR.fullmatch(line):
            return False
        if line and quoted and not line.startswith(">"):
            return True
        quoted = quoted or line.startswith(">")
    return False


def _last_quote(lines: list[str], end: int) -> int:
    """Return where the quoted lines begin with which the mail ends."""
    place = end
    while place and (not lines[place - 1] or lines[place - 1].startswith(">")):
        place -= 1
    return place if any(line.startswith(">") for line in lines[place:]) else end
