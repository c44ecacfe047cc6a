"""What tests of articles share: a folder to write files into, and articles that need no file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import settings

from app.articles.article import Article

settings.register_profile("calm", deadline=None)  # a busy machine is no fault of what is tested
settings.load_profile("calm")


@dataclass(frozen=True)
class Shelf:
    """A folder of articles on disk."""

    folder: Path

    def write(self, path: str, text: str | bytes) -> Path:
        """Write one file, as it is."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def article(self, path: str, body: str = "Text.", **fields: str) -> Path:
        """Write one valid article; `fields` are lines of YAML."""
        lines = "".join(f"{name}: {value}\n" for name, value in ({"title": "Titel"} | fields).items())
        return self.write(path, f"---\n{lines}---\n{body}\n")


class MakeArticle(Protocol):
    """Makes an article from its body and whatever else matters."""

    def __call__(self, body: str = "Text.", **fields: Any) -> Article:
        """Make it."""
        ...


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Return an empty folder for articles."""
    return Shelf(tmp_path)


@pytest.fixture
def article() -> MakeArticle:
    """Return a maker of German public articles."""

    def make(body: str = "Text.", **fields: Any) -> Article:
        slug = fields.get("slug", "wlan")
        given = {
            "lang": "de",
            "category": "netz",
            "visibility": "public",
            "title": "WLAN",
            "path": f"public/netz/{slug}.md",
        }
        return Article(**({"slug": slug, "body": body} | given | fields))

    return make
