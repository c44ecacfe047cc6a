"""A real git server on this machine: git's own http-backend behind a server that answers programs only."""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ARTICLE = '---\ntitle: {title}\nquestions: ["{title}?"]\n---\n{text}\n'


class Repository:
    """A bare repository that is served, and a clone of it in which an author works."""

    def __init__(self, root: Path, address: str) -> None:
        """Make both."""
        self.bare, self.work, self.url = root / "wissen.git", root / "author", f"{address}/wissen.git"
        run("init", "-q", "--bare", "-b", "main", str(self.bare))
        run("init", "-q", "-b", "main", str(self.work))
        self.git("config", "user.name", "Mia Weber")
        self.git("config", "user.email", "mia@example.org")
        self.git("remote", "add", "origin", str(self.bare))

    def git(self, *words: str) -> str:
        """Run git as the author."""
        return run("-C", str(self.work), *words).decode().strip()

    def write(self, path: str, text: str) -> None:
        """Write a file as it is."""
        (self.work / path).parent.mkdir(parents=True, exist_ok=True)
        (self.work / path).write_text(text, encoding="utf-8")

    def article(self, slug: str, title: str, text: str = "Text.") -> None:
        """Write an article."""
        self.write(f"articles/public/netz/{slug}.md", ARTICLE.format(title=title, text=text))

    def push(self, *options: str) -> str:
        """Commit all there is, push it, and return the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        self.git("push", "-q", *options, "origin", "HEAD:refs/heads/main")
        return self.git("rev-parse", "HEAD")


def run(
    *words: str, given: bytes = b"", environment: Mapping[str, str] = MappingProxyType({}), strict: bool = True
) -> bytes:
    """Run git and return what it prints; CalledProcessError when it is `strict` and fails."""
    done = subprocess.run(  # noqa: S603 - arguments as a list
        ["git", *words], input=given, capture_output=True, env=os.environ | environment, check=strict  # noqa: S607 - git
    )  # fmt: skip
    return done.stdout


@contextmanager
def served(root: Path) -> Iterator[Repository]:
    """Serve the repositories in a folder on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        """Speaks CGI with git's own program."""

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def _answer(self, body: bytes) -> None:
            address = urlsplit(self.path)
            environment = {
                "GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": address.path,
                "QUERY_STRING": address.query, "REQUEST_METHOD": self.command, "REMOTE_ADDR": "127.0.0.1",
                "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }  # fmt: skip
            said = run("http-backend", given=body, environment=environment, strict=False)
            head, _, rest = said.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(rest)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield Repository(root, f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
        thread.join()
