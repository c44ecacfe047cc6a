"""What kind of file an attachment is, told by its bytes; its name is never believed."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath

from app.text import clean_line

MAX_NAME = 100  # characters

TEXT = "text/plain"
IMAGES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
"""Media type of an image → what its format is called where images are drawn."""
SUFFIXES: dict[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
TEXT_SUFFIXES = frozenset(
    {"cfg", "cnf", "conf", "config", "csv", "eml", "err", "ini", "json", "jsonl", "log", "md", "nfo", "out", "reg"}
    | {"report", "toml", "trace", "tsv", "txt", "xml", "yaml", "yml"},
)
_SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"%PDF-"), "application/pdf"),
)
_BINARY = re.compile("[\x00-\x06\x0e-\x1a\x1c-\x1f]")  # not tab, line ends, bell, backspace, nor a terminal's colours
_UNSAFE = re.compile(r'[<>:"|?*;%\\/]')


def media_type(name: str, data: bytes) -> str | None:
    """Return the media type of an image, a PDF, or a text named like one (`.log`, `.log.1`), else None."""
    for signature, kind in _SIGNATURES:
        if signature.match(data):
            return kind
    return TEXT if _named_like_text(name) and charset(data) else None


def charset(data: bytes) -> str | None:
    """Return the encoding in which the bytes are text without NUL: UTF-8, marked UTF-16 or Latin-1; None if in none.

    Every byte is a Latin-1 character, so there control characters tell that it is no text.
    """
    encodings = ("utf-16",) if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ("utf-8", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        strange = "\x00" in text if encoding != "latin-1" else _BINARY.search(text)
        return None if strange else encoding
    return None


def clean_name(name: str, kind: str) -> str:
    """Return the last part of the name, harmless in a folder, a header and a page, with a suffix that fits the kind."""
    last = clean_line(name.replace("\\", "/").rpartition("/")[2])
    path = PurePosixPath(_UNSAFE.sub("_", last).strip(". ") or "anhang")
    suffix = path.suffix if _fits(path, kind) else SUFFIXES.get(kind, ("",))[0]
    stem = path.stem if suffix == path.suffix else path.name
    suffix = suffix[: MAX_NAME // 2]
    return stem[: MAX_NAME - len(suffix)] + suffix


def _fits(path: PurePosixPath, kind: str) -> bool:
    return kind == TEXT or path.suffix.lower() in SUFFIXES[kind]


def _named_like_text(name: str) -> bool:
    suffixes = [suffix.lower().removeprefix(".") for suffix in PurePosixPath(name).suffixes]
    while suffixes and suffixes[-1].isdigit():
        suffixes.pop()
    return not suffixes or suffixes[-1] in TEXT_SUFFIXES
