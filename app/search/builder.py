"""Builder: from a library to a version; passages that did not change keep their vectors."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from pydantic import TypeAdapter

import app
from app.articles.article import Article, Category, Fault, Notice, public_edition
from app.articles.library import render_all
from app.search.index import Contents, Shelves
from app.search.passage import passages_of
from app.search.versions import AUDIENCES, Draft, NoIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.articles.library import Library
    from app.search.encoder import Encoder, Matrix
    from app.search.passage import Passage
    from app.search.versions import Audience, Versions

TEXTS: TypeAdapter[Article | Notice | Category] = TypeAdapter(Article | Notice | Category)
CHUNK = 256
"""Passages encoded between two steps of the progress bar."""


class Progress(Protocol):
    """Told how far a build is; `rich` draws it, tests collect it."""

    def __call__(self, done: int, total: int, /) -> None:
        """`done` of `total` passages have their vectors."""
        ...


@dataclass(frozen=True, slots=True)
class Built:
    """What a build came to."""

    version: str
    fresh: bool
    """False when nothing had changed and the current version stays."""
    articles: int
    passages: int
    encoded: int
    faults: tuple[Fault, ...]


def build(versions: Versions, library: Library, encoder: Encoder | None, progress: Progress) -> Built:
    """Write a version of `library` and switch to it, unless the current one is made from the very same."""
    with versions.building():
        source = source_of(library, encoder.name if encoder else "")
        manifest = versions.manifest(versions.current())
        if manifest.get("source") == source and usable(versions):
            counts = manifest["articles"]["internal"], manifest["passages"]["internal"]
            return Built(
                manifest["version"],
                fresh=False,
                articles=counts[0],
                passages=counts[1],
                encoded=0,
                faults=library.faults,
            )
        return write(versions, library, encoder, progress, source)


def write(versions: Versions, library: Library, encoder: Encoder | None, progress: Progress, source: str) -> Built:
    """Render, cut, encode and write both audiences."""
    public, public_faults = contents_of(library, "public")
    internal, internal_faults = contents_of(library, "internal")
    known = known_vectors(versions, encoder.name) if encoder else {}
    before = len(known)
    if encoder:
        encode((*public.passages, *internal.passages), encoder, known, progress)
    contents: dict[Audience, Contents] = {"public": public, "internal": internal}
    vectors = {audience: rows_for(parts.passages, known) if encoder else None for audience, parts in contents.items()}
    name = versions.write(Draft(contents, vectors, encoder.name if encoder else None, library.commit, source))
    faults = tuple(dict.fromkeys((*library.faults, *internal_faults, *public_faults)))
    return Built(
        name, fresh=True, articles=len(internal.articles), passages=len(internal.passages),
        encoded=len(known) - before, faults=faults,
    )  # fmt: skip


def contents_of(library: Library, audience: Audience) -> tuple[Contents, tuple[Fault, ...]]:
    """Return what one audience may see, and the articles that could not be rendered for it."""
    editions = library.articles
    if audience == "public":
        editions = tuple(edition for edition in map(public_edition, library.articles) if edition is not None)
    pictures = {medium.path: medium.file for medium in library.media if audience in ("internal", medium.visibility)}
    rendered, faults = render_all(editions, pictures)
    passages = tuple(passage for row in rendered for passage in passages_of(row))
    shelves = Shelves(library.notices, categories_for(library, audience), tuple(pictures))
    return Contents(rendered, passages, shelves, pictures), faults


def categories_for(library: Library, audience: Audience) -> tuple[Category, ...]:
    """Return the categories of an audience: the very name of one that is only internal may say too much."""
    shown = {article.category for article in library.articles if audience in ("internal", article.visibility)}
    hidden = {article.category for article in library.articles} - shown
    return tuple(category for category in library.categories if category.slug not in hidden)


def encode(passages: Iterable[Passage], encoder: Encoder, known: dict[str, Matrix], progress: Progress) -> None:
    """Add to `known` the vector of every passage that is not there yet."""
    missing = {passage.digest: passage for passage in passages if passage.digest not in known}
    total = len(missing)
    for start in range(0, total, CHUNK):
        progress(start, total)
        chunk = list(missing.items())[start : start + CHUNK]
        for asked in (True, False):
            part = [(digest, passage.meaning) for digest, passage in chunk if (passage.kind != "section") == asked]
            if part:
                rows = (encoder.queries if asked else encoder.passages)([text for _, text in part])
                known.update(zip((digest for digest, _ in part), rows, strict=True))
    progress(total, total)


def known_vectors(versions: Versions, model: str) -> dict[str, Matrix]:
    """Return the vectors of the current version by the digest of their passage, if the same model made them.

    Both audiences have passages of their own: without its text for agents an article is cut at other places.
    """
    known: dict[str, Matrix] = {}
    for audience in AUDIENCES:
        with suppress(NoIndex):
            index = versions.load(audience)
            rows = index.vectors() if index.model == model else None
            known |= {} if rows is None else dict(zip((one.digest for one in index.passages), rows, strict=True))
    return known


def previous_articles(versions: Versions) -> dict[str, Article]:
    """Return the articles of the current version, in full, by their path: the last good ones."""
    try:
        index = versions.load("internal")
    except NoIndex:
        return {}
    return {row.article.path: row.article for row in index.rendered.values()}


def rows_for(passages: Sequence[Passage], known: Mapping[str, Matrix]) -> Matrix | None:
    """Return the vectors of `passages`, one a row; None when there is nothing to find."""
    return np.stack([known[passage.digest] for passage in passages]) if passages else None


def usable(versions: Versions) -> bool:
    """Whether the current version loads, for both audiences."""
    try:
        found = {versions.load(audience).version for audience in AUDIENCES}
    except NoIndex:
        return False
    return found == {versions.current()}


def source_of(library: Library, model: str) -> str:
    """Return the digest of everything a version is made from: texts, pictures, model, and the code that reads them."""
    digest = hashlib.sha256(model.encode())
    rows: tuple[Article | Notice | Category, ...] = (*library.articles, *library.notices, *library.categories)
    for row in rows:
        digest.update(TEXTS.dump_json(row))
    for medium in library.media:
        digest.update(f"{medium.visibility} {medium.path}".encode())
    for file in (*(medium.file for medium in library.media), *own_code()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def own_code() -> list[Path]:
    """Return the modules that decide what a version holds; a new release of them makes a new version."""
    root = Path(app.__file__).parent
    return sorted(path for part in ("articles", "search") for path in (root / part).glob("*.py"))
