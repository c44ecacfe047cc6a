"""Images for the tests: good ones, and ones that somebody sends to do harm."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image


def image(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **more: Any) -> bytes:
    """Return an image, its left half red and its right half blue."""
    drawn, file = Image.new("RGB", size, (0, 0, 255)), io.BytesIO()
    drawn.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    drawn.convert(mode).save(file, kind, **more)
    return file.getvalue()


def png(width: int, height: int, packed: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """Return a PNG that says it has these measures, and has these bytes as its pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), *more, (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PLACE = "GPS 50.9375 6.9603"
"""What stands in the metadata of a photo and is nobody's business."""


def photo() -> bytes:
    """Return a JPEG that lies on its side, with a camera and a place beside it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010E] = PLACE
    return image("JPEG", (40, 20), exif=exif, comment=PLACE.encode(), quality=95)


BOMB = png(30_000, 30_000, zlib.compress(b"\0" * 30_001 * 3_000, 9))
"""Less than 100 kB that would be 900 million pixels."""
LARGE = png(10_000, 6_000, zlib.compress(b"\0" * 10_001 * 6_000, 9))
"""Whole, and larger than what is drawn."""
WIDE = png(2_000_000_000, 1, zlib.compress(b"\0"))
TEXT_BOMB = png(1, 1, zlib.compress(b"\0\0"), (b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 50_000_000, 9)))
POLYGLOT = image() + b"<script>alert(document.domain)</script><html>"
TRUNCATED = image("JPEG", (400, 300))[:-400]
EMPTY = b"\x89PNG\r\n\x1a\n"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
