"""The parts of a mail: its text and its files, from bytes that anybody may have written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.header import decode_header
from html import unescape
from typing import TYPE_CHECKING

from app.text import clean_line, clean_text
from app.tickets.ticket import Attachment, check_attachment

if TYPE_CHECKING:
    from email.message import Message

MAX_PARTS = 300  # of a mail that are looked at
MAX_FILES = 10  # that are kept; the rest is named
MAX_HEADER = 2_000  # characters
MAX_SAME = 20  # headers of one name
MAX_HTML = 300_000  # characters
MAX_NAMED = 20  # files that were not kept are named up to this number

_LINES = frozenset({"br", "div", "li", "tr", "pre", "table", "ul", "ol"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "blockquote"})
_DROPPED = frozenset({"script", "style", "title"})
_TAG = re.compile(r"(<[^<>]*>)")
_TAG_NAME = re.compile(r"</?([a-z0-9]+)", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r"\n[ \n]*\n")


@dataclass(frozen=True, slots=True)
class Parts:
    """What is in a mail."""

    text: str
    files: tuple[Attachment, ...]
    left_out: tuple[str, ...]
    """Names of files that were not kept: of a kind or size that is not taken, or too many."""


def read_parts(mail: Message) -> Parts:
    """Return the text of a mail, or that of its HTML where it has no other, and its files."""
    plain: list[str] = []
    marked: list[str] = []
    files: list[Attachment] = []
    left_out: list[str] = []
    for part in _leaves(mail):
        kind = part.get_content_type()
        if not _is_file(part) and kind in {"text/plain", "text/html"}:
            (plain if kind == "text/plain" else marked).append(_decoded(part))
        else:
            _sort(part, files, left_out)
    text = "\n\n".join(filter(None, (clean_text(one) for one in plain)))
    return Parts(text or "\n\n".join(map(text_of_html, marked)).strip(), tuple(files), tuple(left_out[:MAX_NAMED]))


def text_of_html(html: str) -> str:
    """Return the words of an HTML mail, each paragraph and each line on one of its own; the time is that of its length.

    It is text afterwards and is shown as such: nothing is made safe here. nh3 takes minutes for 200,000 tags in one
    another.
    """
    said, dropped = [], ""
    for piece in _TAG.split(html[:MAX_HTML].replace("\r", " ").replace("\n", " ")):
        found = _TAG_NAME.match(piece) if piece.startswith("<") else None
        name = found[1].lower() if found else ""
        if name in _DROPPED:
            dropped = "" if piece.startswith("</") else name
        elif not dropped:
            said.append(_break_of(name) if piece.endswith(">") and piece.startswith("<") else piece)
    tidy = "\n".join(line.strip() for line in _SPACES.sub(" ", unescape("".join(said))).split("\n"))
    return clean_text(_GAPS.sub("\n\n", tidy))


def _break_of(tag: str) -> str:
    return "\n\n" if tag in _PARAGRAPHS else "\n" if tag in _LINES else ""


def header_text(mail: Message, name: str) -> str:
    """Return every header of this name as one clean line; its encoded words are read, and nothing else is believed."""
    return clean_line(" ".join(_words(str(value)[:MAX_HEADER]) for value in mail.get_all(name, [])[:MAX_SAME]))


def _words(value: str) -> str:
    try:
        found = decode_header(value)
        return "".join(one if isinstance(one, str) else one.decode(code or "latin-1", "replace") for one, code in found)
    except (ValueError, LookupError):  # HeaderParseError is a ValueError
        return value


def _leaves(mail: Message) -> list[Message]:
    """Return the parts that hold something, in their order; a mail within a mail is one of them."""
    waiting, found = [mail], []
    for _ in range(MAX_PARTS):
        if not waiting:
            break
        part = waiting.pop(0)
        inner = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if isinstance(inner, list):
            waiting[:0] = [one for one in inner if not isinstance(one, str)]
        else:
            found.append(part)
    return found


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_name(part))


def _name(part: Message) -> str:
    try:
        return clean_line(_words(part.get_filename("") or ""))[:MAX_HEADER]
    except Exception:  # noqa: BLE001 - the library stumbles over parameters in many ways
        return "anhang"


def _decoded(part: Message) -> str:
    data = _bytes(part)
    try:
        return data.decode(part.get_content_charset() or "utf-8")
    except (LookupError, ValueError):
        return data.decode("latin-1")


def _bytes(part: Message) -> bytes:
    if part.get_content_maintype() == "message":
        return b"".join(one.as_bytes() for one in part.get_payload() if not isinstance(one, str))
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _sort(part: Message, files: list[Attachment], left_out: list[str]) -> None:
    """Keep the file, or its name. A mail that was attached is a text."""
    name = _name(part) or ("nachricht.eml" if part.get_content_maintype() == "message" else "anhang")
    try:
        if len(files) < MAX_FILES:
            files.append(check_attachment(name, _bytes(part)))
            return
    except Exception:  # noqa: BLE001, S110 - not a file that is taken, or one over which the library stumbles
        pass
    left_out.append(name)
