"""Pictures: each drawn in a process of its own, once, and never at any price."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from app.tickets import pictures as module
from app.tickets.pictures import Pictures
from tests.tickets.images import BOMB, TRUNCATED, image

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_an_image_is_drawn_once() -> None:
    """Who looks again gets the same, without the bytes being looked at."""
    pictures = Pictures()
    first = pictures.of("a", "image/png", image())
    assert first
    assert first.startswith(b"RIFF")
    assert pictures.of("a", "image/png", b"") is first


def test_what_cannot_be_drawn_is_none(caplog: pytest.LogCaptureFixture) -> None:
    """With a line in the log that names the reason."""
    pictures = Pictures()
    assert pictures.of("a", "image/jpeg", TRUNCATED) is None
    assert pictures.of("b", "image/png", BOMB) is None
    assert "truncated" in caplog.text
    assert "pixels" in caplog.text or "DecompressionBomb" in caplog.text


def test_no_process_is_started_for_what_is_no_image(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as a PDF."""
    monkeypatch.setattr(subprocess, "run", None)
    assert Pictures().of("a", "application/pdf", b"%PDF-") is None


def test_a_process_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent does not wait for it."""
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    began = time.monotonic()
    assert Pictures(patience=0.3).of("a", "image/png", image()) is None
    assert time.monotonic() - began < 20


def test_the_oldest_pictures_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has an end."""
    monkeypatch.setattr(module, "KEPT", 1)
    pictures = Pictures()
    first = pictures.of("a", "image/png", image())
    pictures.of("b", "image/png", image())
    again = pictures.of("a", "image/png", image())
    assert again == first
    assert again is not first
