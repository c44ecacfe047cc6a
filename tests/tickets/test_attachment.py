from __future__ import annotations

import pytest

from app.tickets.attachment import charset, clean_name, media_type

PNG = b"\x89PNG\r\n\x1a\n..."


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.png", PNG, "image/png"),
        ("a.exe", PNG, "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.gif", b"GIF89a", "image/gif"),
        ("a.webp", b"RIFF\n\x00\x00\nWEBPVP8 ", "image/webp"),
        ("a.pdf", b"%PDF-1.7", "application/pdf"),
        ("a.log", b"link down", "text/plain"),
        ("A.LOG", b"link down", "text/plain"),
        ("app.log.1", b"link down", "text/plain"),
        ("syslog", b"link down", "text/plain"),
        ("a.csv", "größe;1".encode(), "text/plain"),
        ("a.txt", "größe".encode("utf-16"), "text/plain"),
        ("a.txt", "größe".encode("latin-1"), "text/plain"),
        ("a.txt", "„cp1252“".encode("cp1252"), "text/plain"),
        ("a.log", b"\x1b[31merror\x1b[0m", "text/plain"),
        ("a.log", b"bits \x01 in UTF-8", "text/plain"),
    ],
)
def test_the_bytes_tell_the_kind(name: str, data: bytes, kind: str) -> None:
    """An image is one by its signature, a text by its letters and its name."""
    assert media_type(name, data) == kind


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", b"no image"),
        ("a.svg", b"<svg onload='x'/>"),
        ("a.html", b"<script>"),
        ("a.bat", b"format c:"),
        ("a.zip", b"PK\x03\x04\x00"),
        ("a.log", b"a\x00b"),
        ("a.log", "a\x00b".encode("utf-16")),
        ("a.log", b"\xff\xfea"),
        ("a.log", b"\xe4\x01\x02"),
        ("a.webp", b"RIFF\n\x00\x00\nWAVE"),
        ("setup.exe.1", b"text"),
    ],
)
def test_other_kinds_are_not_taken(name: str, data: bytes) -> None:
    """A name alone makes no image, and binary bytes no text."""
    assert media_type(name, data) is None


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"abc", "utf-8"),
        ("ä".encode("utf-16"), "utf-16"),
        (b"\xe4", "latin-1"),
        (b"\x00", None),
        (b"\xff\xfe\x00", None),
    ],
)
def test_the_encoding_of_a_text(data: bytes, encoding: str | None) -> None:
    """It is told so that the letter can say it."""
    assert charset(data) == encoding


@pytest.mark.parametrize(
    ("name", "kind", "clean"),
    [
        ("router.log", "text/plain", "router.log"),
        ("../../etc/passwd", "text/plain", "passwd"),
        ("C:\\Users\\Erika\\Foto.PNG", "image/png", "Foto.PNG"),
        ("shot.exe", "image/png", "shot.exe.png"),
        ("", "image/jpeg", "anhang.jpg"),
        ("...", "text/plain", "anhang"),
        ("a\r\nb\x00.log", "text/plain", "a b.log"),
        ('a"; filename="x.log', "text/plain", "a__ filename=_x.log"),
        ("größe.txt", "text/plain", "größe.txt"),
        ("x" * 200 + ".log", "text/plain", "x" * 96 + ".log"),
    ],
)
def test_a_name_is_made_harmless(name: str, kind: str, clean: str) -> None:
    """No folder, no header, no wrong ending; at most 100 characters."""
    assert clean_name(name, kind) == clean


def test_a_long_ending_is_cut_too() -> None:
    """A text without a known ending cannot make the name too long."""
    assert len(clean_name("a." + "1" * 300, "text/plain")) <= 100
