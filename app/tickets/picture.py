"""A picture: an image that somebody sent, drawn anew in a process of its own, so that nothing but its look is left.

`python -m app.tickets.picture image/png 10` reads the image and writes the picture. It ends, with any code but 0, over
an image that is broken, too large, or takes too much time or memory.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings

from PIL import Image, ImageOps

from app.tickets.attachment import IMAGES

MAX_WIDTH = 1600  # pixels
MAX_HEIGHT = 8000  # pixels; some screenshots are as long as a page
MAX_PIXELS = 50_000_000  # of the image; 200 MB when it is unpacked
MEMORY = 1024 * 1024 * 1024  # bytes
QUALITY = 85


class BrokenImage(ValueError):
    """The bytes cannot be drawn as an image of this type, or it is too large."""


def draw(data: bytes, media_type: str) -> bytes:
    """Return the first picture of an image as WebP, upright, without anything that was written beside it.

    Raise BrokenImage. Hostile bytes belong into a process of their own: see `main`.
    """
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=[IMAGES[media_type]]) as image:
            warnings.simplefilter("ignore")  # the size is looked at here, and what is odd but drawn is good enough
            _check_size(image)
            return _written(_shrunk(image))
    except Exception as error:
        raise BrokenImage(f"{type(error).__name__}: {error}") from error


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise BrokenImage(f"It has {image.width} × {image.height} pixels; at most {MAX_PIXELS} are drawn.")


def _shrunk(image: Image.Image) -> Image.Image:
    image.draft("RGB", (MAX_WIDTH, MAX_HEIGHT))  # of a JPEG no more is unpacked than is needed
    upright = ImageOps.exif_transpose(image)
    drawn = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    drawn.thumbnail((MAX_WIDTH, MAX_HEIGHT), Image.Resampling.LANCZOS)
    return drawn


def _written(image: Image.Image) -> bytes:
    """Return a new image of the same pixels: what came beside them is not copied."""
    clean, file = Image.new(image.mode, image.size), io.BytesIO()
    clean.paste(image)
    clean.save(file, "WEBP", quality=QUALITY)
    return file.getvalue()


def main(media_type: str, seconds: int) -> int:
    """Draw the image of the standard input, in that much processor time; 1 when it cannot be drawn."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sys.stdout.buffer.write(draw(sys.stdin.buffer.read(), media_type))
    except BrokenImage as error:
        sys.stderr.write(ascii(str(error))[:200])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
