"""A real IMAP server on a free port of 127.0.0.1: pymap in a process of its own, with mailboxes in memory."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imapclient import IMAPClient

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, PASSWORD = "demouser", "demopass"
START_SECONDS = 30
RUN = "from pymap.main import main; main()"


@dataclass(frozen=True)
class Server:
    """A running server, as whoever delivers mail and whoever reads it by hand sees it."""

    port: int
    process: subprocess.Popen[bytes]

    @contextmanager
    def client(self) -> Iterator[Any]:
        """Give a client that is signed in."""
        with IMAPClient("127.0.0.1", self.port, ssl=False) as client:
            client.login(USER, PASSWORD)
            yield client

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the inbox."""
        with self.client() as client:
            for mail in mails:
                client.append("INBOX", mail)

    def count(self, folder: str) -> int:
        """Return how many mails are in a folder."""
        with self.client() as client:
            return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])


@contextmanager
def imap_server() -> Iterator[Server]:
    """Run a server with one user and an empty inbox."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    options = ["--no-service", "admin", "--no-service", "sieve", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen([sys.executable, "-c", RUN, *options, "dict"])
    try:
        _wait(port)
        yield Server(port, process)
    finally:
        process.kill()
        process.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("The IMAP server did not start.")
