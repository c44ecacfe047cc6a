from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.tickets.files import Files

if TYPE_CHECKING:
    from collections.abc import Callable

    Rows = Callable[[str], list[dict[str, object]]]

ROUNDS = 10
LONGEST_SECONDS = 0.3  # between the first ticket of a round and the kill
WRITER = Path(__file__).parent / "open_forever.py"


def _open_until_killed(url: str, files: Path) -> list[str]:
    """Return the numbers that were acknowledged before `kill -9`."""
    environment = os.environ | {"PYTHONPATH": str(WRITER.parent.parent.parent)}
    command = [sys.executable, str(WRITER), url, str(files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout
        first = process.stdout.readline()
        time.sleep(random.uniform(0, LONGEST_SECONDS))  # noqa: S311 - any moment will do
        process.kill()
        *numbers, torn = (first + process.stdout.read()).split("\n")
    assert process.returncode == -9
    assert torn == "" or len(torn) < len("W-2026-000001")
    return numbers


@pytest.mark.timeout(240)
def test_no_acknowledged_ticket_is_lost_by_a_kill(database_url: str, tmp_path: Path, rows: Rows) -> None:
    """Every printed number is there, once, with message, trail, file and delivery; nothing is there by half."""
    printed = list(chain.from_iterable(_open_until_killed(database_url, tmp_path / "files") for _ in range(ROUNDS)))
    whole = rows(
        "SELECT t.number, a.sha256 FROM tickets t JOIN messages m ON m.ticket_id = t.id JOIN attachments a "
        "ON a.message_id = m.id JOIN deliveries d ON d.message_id = m.id JOIN trail_entries e ON e.ticket_id = t.id",
    )
    assert len(printed) == len(set(printed)) >= ROUNDS
    assert set(printed) <= {row["number"] for row in whole}
    assert len(whole) == len(rows("SELECT * FROM tickets"))
    assert all(Files(tmp_path / "files").read(str(row["sha256"])) for row in whole)
