"""A picture: what is left of an image that was drawn anew, and of one that cannot be."""

from __future__ import annotations

import io
import resource
import sys
from typing import Any

import pytest
from PIL import Image

from app.tickets import picture as module
from app.tickets.picture import MAX_HEIGHT, MAX_WIDTH, BrokenImage, draw, main
from tests.tickets.images import BOMB, EMPTY, LARGE, PLACE, POLYGLOT, SVG, TEXT_BOMB, TRUNCATED, WIDE, image, photo


def opened(data: bytes) -> Image.Image:
    """Return a picture as a browser sees it."""
    return Image.open(io.BytesIO(data), formats=["WEBP"])


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "I;16"), ("JPEG", "RGB"), ("JPEG", "CMYK"),
     ("JPEG", "L"), ("GIF", "P"), ("WEBP", "RGB")],
)  # fmt: skip
def test_every_kind_of_image_is_drawn(kind: str, mode: str) -> None:
    """In its measures."""
    assert opened(draw(image(kind, mode=mode), f"image/{kind.lower()}")).size == (40, 30)


def test_an_image_looks_as_it_did() -> None:
    """Left red, right blue."""
    drawn = opened(draw(image(), "image/png")).convert("RGB")
    left, right = drawn.getpixel((5, 15)), drawn.getpixel((35, 15))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] > left[2] + 150
    assert right[2] > right[0] + 150


def test_a_large_image_gets_smaller() -> None:
    """Nothing is wider than a screen or endlessly long, and nothing is made larger."""
    assert opened(draw(image(size=(3200, 1000)), "image/png")).size == (MAX_WIDTH, 500)
    assert opened(draw(image("JPEG", (200, 16_000)), "image/jpeg")).size == (100, MAX_HEIGHT)


def test_a_photo_stands_upright_and_says_nothing_of_camera_or_place() -> None:
    """What was written beside it is gone; how it was held is drawn."""
    assert PLACE.encode() in photo()
    drawn = draw(photo(), "image/jpeg")
    assert opened(drawn).size == (20, 40)
    assert PLACE.encode() not in drawn
    assert not opened(drawn).getexif()
    assert b"EXIF" not in drawn


def test_a_page_hidden_in_an_image_is_gone() -> None:
    """What follows the pixels is not drawn."""
    drawn = draw(POLYGLOT, "image/png")
    assert b"script" not in drawn
    assert opened(drawn).size == (40, 30)


def test_of_a_moving_image_the_first_picture_is_drawn() -> None:
    """A screenshot stands still."""
    moving = image("GIF", save_all=True, append_images=[Image.new("P", (40, 30))] * 3)
    assert not getattr(opened(draw(moving, "image/gif")), "is_animated", False)


@pytest.mark.parametrize("data", [BOMB, LARGE, WIDE, TEXT_BOMB, TRUNCATED, EMPTY, SVG, b"", b"\x89PNG" * 1000])
def test_what_cannot_be_drawn_is_one_error(data: bytes) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(BrokenImage):
        draw(data, "image/jpeg" if data == TRUNCATED else "image/png")


def test_only_the_decoder_of_its_type_sees_an_image() -> None:
    """A name opens no other one."""
    for media_type in ("image/jpeg", "image/svg+xml", "application/pdf"):
        with pytest.raises(BrokenImage):
            draw(image(), media_type)


@pytest.mark.parametrize(("data", "code"), [(image(), 0), (EMPTY, 1)])
def test_the_process_limits_itself_first(monkeypatch: pytest.MonkeyPatch, data: bytes, code: int) -> None:
    """Then it reads, and says by its code whether there is a picture."""
    limits: dict[int, tuple[int, int]] = {}
    given, written, said = (io.TextIOWrapper(io.BytesIO(one)) for one in (data, b"", b""))
    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)
    for name, stream in (("stdin", given), ("stdout", written), ("stderr", said)):
        monkeypatch.setattr(sys, name, stream)
    assert main("image/png", 7) == code
    buffer: Any = written.buffer
    assert buffer.getvalue().startswith(b"RIFF" if code == 0 else b"")
    assert limits[resource.RLIMIT_CPU] == (7, 7)
    assert limits[resource.RLIMIT_AS] == (module.MEMORY, module.MEMORY)
