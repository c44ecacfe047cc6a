"""The inbox: a mailbox read over IMAP. What was read is moved to a folder of its own; nothing is ever deleted."""

from __future__ import annotations

import ipaddress
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from imapclient import DELETED, IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT_SECONDS = 15.0
STEP_SECONDS = 60.0  # how long the server may be silent
MAX_MAIL = 25 * 1024 * 1024  # bytes; a larger one is not fetched
MAX_ROUND = 200  # mails that are read over one connection
ROOT = "Wegweiser"
DONE = "erledigt"
UNCLEAR = "unklar"


class InboxUnavailable(Exception):
    """The mailbox cannot be read now; what was not moved is read again."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """A mailbox at an IMAP server."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: Literal["none", "starttls", "tls"] = "tls"
    folder: str = "INBOX"
    step_seconds: float = STEP_SECONDS
    tls_context: ssl.SSLContext | None = None
    """Only to trust other certificates than the machine does."""

    def __post_init__(self) -> None:
        """Refuse at the start a password that would travel in the open."""
        if self.security == "none" and not _is_local(self.host):
            raise ValueError(f"The password for {self.host} would travel unprotected. Set IMAP_SECURITY to tls.")

    @contextmanager
    def open(self) -> Iterator[Mailbox]:
        """Give the mailbox over a connection of its own; raise InboxUnavailable."""
        try:
            with self._client() as client:
                yield _mailbox(client, self.folder)
        except (IMAPClientError, OSError, ValueError) as error:
            raise InboxUnavailable(f"{self.host}:{self.port}: {type(error).__name__}: {error!s:.200}") from error

    def _client(self) -> IMAPClient:
        context = self.tls_context or ssl.create_default_context()
        limits = SocketTimeout(connect=CONNECT_SECONDS, read=self.step_seconds)
        client = IMAPClient(
            self.host, self.port, ssl=self.security == "tls", ssl_context=context, timeout=limits, use_uid=True
        )
        try:
            if self.security == "starttls":
                client.starttls(context)
            client.login(self.user, self.password)
        except BaseException:
            client.shutdown()
            raise
        return client


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The open folder, and those into which its mails are moved."""

    client: IMAPClient
    validity: int
    """Names, with its number, one mail of this folder for ever."""
    done: str
    unclear: str

    def waiting(self) -> dict[int, int]:
        """Return the mails that were not moved yet, at most some hundred: number → size in bytes."""
        numbers = sorted(self.client.search(["NOT", "DELETED"]))[:MAX_ROUND]
        if not numbers:
            return {}
        return {
            int(uid): int(found[b"RFC822.SIZE"]) for uid, found in self.client.fetch(numbers, ["RFC822.SIZE"]).items()
        }

    def read(self, uid: int) -> bytes | None:
        """Return the bytes of a mail, which stays unread; None where it is gone."""
        found = self.client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {})
        data = found.get(b"BODY[]")
        return data if isinstance(data, bytes) else None

    def move(self, uid: int, *, unclear: bool) -> None:
        """Move a mail. Where the server cannot, it is copied, and the copy that stays is marked, but not removed."""
        folder = self.unclear if unclear else self.done
        if self.client.has_capability("MOVE"):
            self.client.move([uid], folder)
        else:
            self.client.copy([uid], folder)
            self.client.add_flags([uid], [DELETED], silent=True)

    def count_unclear(self) -> int:
        """Return how many mails a person has to look at."""
        return int(self.client.folder_status(self.unclear, ["MESSAGES"])[b"MESSAGES"])


def _mailbox(client: IMAPClient, folder: str) -> Mailbox:
    done, unclear = _folders(client)
    for name in (done, unclear):
        if not client.folder_exists(name):
            client.create_folder(name)
    chosen = client.select_folder(folder)
    return Mailbox(client, int(chosen[b"UIDVALIDITY"]), done, unclear)


def _folders(client: IMAPClient) -> tuple[str, str]:
    """Return the names of our folders, with the prefix and the separator of the server."""
    prefix, separator = "", "/"
    if client.has_capability("NAMESPACE") and (personal := client.namespace().personal):
        prefix, separator = personal[0]
    elif found := client.list_folders("", "INBOX"):
        separator = found[0][1].decode("ascii")
    return f"{prefix}{ROOT}{separator}{DONE}", f"{prefix}{ROOT}{separator}{UNCLEAR}"


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
