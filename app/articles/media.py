"""Media: the images beside the articles, as visible as the folder they lie in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from app.articles.article import Fault, Visibility
from app.articles.directory import shelf

if TYPE_CHECKING:
    from collections.abc import Iterable


IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"})
"""Endings of the images that pages may show; SVG can hold scripts and is none of them."""

_NAME = re.compile(r"\w[\w ().-]*(/\w[\w ().-]*)*")


@dataclass(frozen=True, slots=True)
class Medium:
    """One image."""

    visibility: Visibility
    path: str
    """As pages name it: "router-wlan/lampen.png"."""
    file: Path


def media_in(folder: Path, files: Iterable[str]) -> tuple[tuple[Medium, ...], tuple[Fault, ...]]:
    """Find the images among the files; of two with one name the public one stays."""
    media: dict[str, Medium] = {}
    faults = []
    for file in sorted(filter(is_image, files), key=lambda file: (file.startswith("internal/"), file)):
        path = f"{shelf(file)}/{PurePosixPath(file).name}".lstrip("/")
        if problem := _problem(path, media):
            faults.append(Fault(file, 1, problem))
        else:
            media[path] = Medium("internal" if file.startswith("internal/") else "public", path, folder / file)
    return tuple(media.values()), tuple(faults)


def is_image(file: str) -> bool:
    """Tell whether pages may show the file."""
    return PurePosixPath(file).suffix.lower() in IMAGES


def _problem(path: str, media: dict[str, Medium]) -> str:
    if not _NAME.fullmatch(path):
        return 'the name of an image may only hold letters, digits, spaces and ". _ - ( )". Rename it.'
    return f'"{path}" is already the name of a public image. Rename this one.' if path in media else ""
