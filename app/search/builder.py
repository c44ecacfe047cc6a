"""Builder: from a library to a version; passages that did not change keep their vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from pydantic import TypeAdapter

import app
from app.articles.article import LANGUAGES, Article, Category, Fault, Language, Notice, public_edition
from app.articles.library import render_all
from app.search.calibrating import calibrated, read_strangers
from app.search.calibration import Calibration, uncalibrated
from app.search.codebook import Codebook, Compressed, codebook_of
from app.search.encoder import Matrix, wholes
from app.search.index import Contents, Meaning, Shelves
from app.search.passage import passages_of
from app.search.versions import AUDIENCES, Draft, NoIndex
from app.search.weights import FITTED, fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.articles.library import Library
    from app.search.encoder import Encoder, Reading
    from app.search.index import Index
    from app.search.passage import Passage
    from app.search.tokens import Tokens
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


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What is kept of a passage that was read."""

    whole: Matrix
    tokens: Compressed


@dataclass(slots=True, eq=False)
class Memory:
    """What was read of passages, by their digest, in this build and before."""

    codebook: Codebook | None = None
    calibration: Calibration | None = None
    strangers: Mapping[Language, Matrix] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)

    def recall(self, index: Index, tokens: Tokens) -> None:
        """Take over what an index holds."""
        self.codebook = tokens.codebook
        vectors = index.vectors()
        pairs = zip(index.passages, vectors if vectors is not None else (), strict=True)
        self.kept |= {one.digest: Kept(row, tokens.of(number)) for number, (one, row) in enumerate(pairs)}

    def keep(self, passages: Sequence[Passage], readings: Sequence[Reading], dimension: int, public: int) -> None:
        """Keep what was read, compressed; the first call fits the codebook to it."""
        pairs = list(zip(passages, readings, strict=True))
        told = {lang: [reading for one, reading in pairs if one.lang == lang] for lang in LANGUAGES}
        self.codebook = self.codebook or codebook_of(told, dimension, public)
        for one, reading in pairs:
            self.kept[one.digest] = Kept(reading.whole, self.codebook.compress(reading, one.lang))

    def meaning_of(self, passages: Sequence[Passage]) -> Meaning | None:
        """Return how `passages` were understood; None when there is nothing to find, or no encoder."""
        if not passages or self.codebook is None:
            return None
        kept = [self.kept[one.digest] for one in passages]
        vectors = np.stack([one.whole for one in kept])
        return Meaning(vectors, tuple(one.tokens for one in kept), self.codebook, self.strangers)

    def calibrating(self, encoder: Encoder) -> Callable[[Index], Calibration]:
        """Return how to calibrate the next index: by reading the strangers, unless what was measured still serves."""
        if self.calibration:
            known = self.calibration
            return lambda _index: known
        strangers = read_strangers(encoder)
        self.strangers = {lang: wholes([reading for _, reading in rows]) for lang, rows in strangers.items()}
        return lambda index: calibrated(index, strangers)


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
    memory = remembered(versions, encoder.name, len(public.passages)) if encoder else Memory()
    before = len(memory.kept)
    calibrate = memory.calibrating(encoder) if encoder else uncalibrated
    if encoder:
        encode((public.passages, internal.passages), encoder, memory, progress)
    contents: dict[Audience, Contents] = {"public": public, "internal": internal}
    meanings = {audience: memory.meaning_of(parts.passages) for audience, parts in contents.items()}
    draft = Draft(contents, meanings, encoder.name if encoder else None, library.commit, source)
    name = versions.write(draft, calibrate)
    faults = tuple(dict.fromkeys((*library.faults, *internal_faults, *public_faults)))
    return Built(
        name, fresh=True, articles=len(internal.articles), passages=len(internal.passages),
        encoded=len(memory.kept) - before, faults=faults,
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


def encode(audiences: Sequence[Sequence[Passage]], encoder: Encoder, memory: Memory, progress: Progress) -> None:
    """Read every passage that is not kept yet, public ones first: the codebook is fitted to their first chunk."""
    chunks: list[Sequence[Passage]] = []
    known = set(memory.kept)
    for passages in audiences:
        missing = {one.digest: one for one in mixed(passages) if one.digest not in known}
        chunks += batched(list(missing.values()))
        known |= missing.keys()
    done, total = 0, sum(map(len, chunks))
    for chunk in chunks:
        progress(done, total)
        memory.keep(chunk, read(chunk, encoder), encoder.dimension, len(audiences[0]))
        done += len(chunk)
    progress(total, total)


def mixed(passages: Sequence[Passage]) -> list[Passage]:
    """Return the sections in a mixed order, always the same one, then titles and questions."""
    sections = [one for one in passages if one.kind == "section"]
    order = np.random.default_rng(0).permutation(len(sections))
    return [*(sections[place] for place in order), *(one for one in passages if one.kind != "section")]


def batched(passages: Sequence[Passage]) -> Iterator[Sequence[Passage]]:
    """Yield chunks of passages."""
    for start in range(0, len(passages), CHUNK):
        yield passages[start : start + CHUNK]


def read(passages: Sequence[Passage], encoder: Encoder) -> list[Reading]:
    """Read sections as what is found, titles and questions as what is asked."""
    found: dict[str, Reading] = {}
    for kinds, verb in ((("section",), encoder.passages), (("title", "question", "code"), encoder.queries)):
        part = [one for one in passages if one.kind in kinds]
        found |= zip((one.digest for one in part), verb([one.meaning for one in part]) if part else (), strict=True)
    return [found[one.digest] for one in passages]


def remembered(versions: Versions, model: str, size: int) -> Memory:
    """Return what the current version keeps of its passages, if the same model read them and its codebook still fits.

    Both audiences have passages of their own: without its text for agents an article is cut at other places.
    """
    memory = Memory()
    for audience in AUDIENCES:
        with suppress(NoIndex):
            index = versions.load(audience)
            if index.model == model and index.tokens and index.tokens.codebook.fits(size):
                memory.recall(index, index.tokens)
                if index.weights == fitted() and index.calibration.fits(size):
                    memory.calibration, memory.strangers = index.calibration, index.strangers
    return memory


def previous_articles(versions: Versions) -> dict[str, Article]:
    """Return the articles of the current version, in full, by their path: the last good ones."""
    try:
        index = versions.load("internal")
    except NoIndex:
        return {}
    return {row.article.path: row.article for row in index.rendered.values()}


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
    """Return the modules and weights that decide what a version holds; a new release of them makes a new version."""
    root = Path(app.__file__).parent
    return sorted([*(path for part in ("articles", "search") for path in (root / part).glob("*.py")), FITTED])
