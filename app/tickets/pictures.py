"""Pictures: what agents see of images in tickets, drawn when it is asked for, and kept in memory for a while.

Nothing of them lies on a disk: with its ticket an image is gone.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path

from app.tickets.attachment import IMAGES

AT_ONCE = 2  # a picture may take a processor and 1 GB
KEPT = 64  # pictures; most have less than 300 kB
PICTURE_TYPE = "image/webp"
SECONDS = 10
"""How much time of a processor a picture may take."""
PATIENCE = 2 * SECONDS
"""Seconds after which a process that waits instead of working is ended."""
_ROOT = Path(__file__).parents[2]

log = logging.getLogger(__name__)


class Pictures:
    """Draws images, each in a process that can be stopped."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._turns, self._lock = threading.BoundedSemaphore(AT_ONCE), threading.Lock()

    def of(self, sha256: str, media_type: str, data: bytes) -> bytes | None:
        """Return the picture of an image that is known by its SHA-256; None when it cannot be drawn."""
        with self._lock:
            known = self._kept.get(sha256)
        if known is None and media_type in IMAGES and (known := self._drawn(media_type, data)):
            self._keep(sha256, known)
        return known

    def _drawn(self, media_type: str, data: bytes) -> bytes | None:
        command = [sys.executable, "-m", "app.tickets.picture", media_type, str(SECONDS)]
        try:
            with self._turns:
                done = subprocess.run(  # noqa: S603 - our own module
                    command, cwd=_ROOT, input=data, capture_output=True, timeout=self._patience, check=True
                )
        except (subprocess.SubprocessError, OSError) as error:
            log.warning("An image in a ticket cannot be drawn: %s", _reason(error))
            return None
        return done.stdout

    def _keep(self, sha256: str, picture: bytes) -> None:
        with self._lock:
            self._kept[sha256] = picture
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def _reason(error: Exception) -> str:
    told = getattr(error, "stderr", None) or b""
    return f"{type(error).__name__} {told.decode('ascii', 'replace')[-200:]!a}"
