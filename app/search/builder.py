"""Builder: from a library to a version; what did not change is taken over, and passages keep their vectors."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

import app
from app.articles.article import Article, Category, Fault, Notice
from app.search.calibration import NEUTRAL
from app.search.editions import editions_of
from app.search.memory import Memory, encode
from app.search.shard import shards_for
from app.search.versions import AUDIENCES, Audience, Draft, NoIndex
from app.search.volume import Contents, Volume, lots_of
from app.search.weights import FITTED, fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.articles.library import Library
    from app.search.editions import Editions
    from app.search.encoder import Encoder
    from app.search.memory import Progress
    from app.search.passage import Passage
    from app.search.versions import Versions

TEXTS: TypeAdapter[Article | Notice | Category] = TypeAdapter(Article | Notice | Category)


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


def build(versions: Versions, library: Library, encoder: Encoder | None, progress: Progress, folder: str = "") -> Built:
    """Write a version of `library` and switch to it, unless the current one is made from the very same.

    `folder` is the digest of the folder that the library was read from.
    """
    with versions.building():
        source = source_of(library, encoder.name if encoder else "")
        manifest = versions.manifest(versions.current())
        if manifest.get("source") == source and usable(versions):
            return replace(built_before(manifest), faults=library.faults)
        return write(versions, library, encoder, progress, source, folder)


def unchanged(versions: Versions, folder: str, encoder: Encoder | None) -> Built | None:
    """Return what the current version came to if it was made of the same folder, with the same code and model."""
    manifest = versions.manifest(versions.current())
    made_of = manifest.get("folder"), manifest.get("code"), manifest.get("model")
    same = made_of == (folder, code_digest(), encoder.name if encoder else None)
    return built_before(manifest) if same and usable(versions) else None


def built_before(manifest: Mapping[str, Any]) -> Built:
    """Return what a version came to, by its manifest."""
    return Built(
        manifest["version"], fresh=False, articles=manifest["articles"]["internal"],
        passages=manifest["passages"]["internal"], encoded=0, faults=tuple(manifest["faults"]),
    )  # fmt: skip


def write(  # noqa: PLR0913, PLR0917 - all that a version is made of
    versions: Versions, library: Library, encoder: Encoder | None, progress: Progress, source: str, folder: str
) -> Built:
    """Render, cut, encode and write both audiences."""
    before = volumes(versions)
    code = code_digest()
    same = before if versions.manifest(versions.current()).get("code") == code else {}
    editions = {audience: editions_of(library, audience, same.get(audience)) for audience in AUDIENCES}
    contents = contents_of(editions, same)
    memory = remembered(before.values(), encoder.name, len(contents["public"].passages)) if encoder else Memory()
    if not continues(before, encoder, memory):
        contents = {audience: all_anew(one) for audience, one in contents.items()}
    encoded, calibrate = 0, None
    if encoder:
        calibrate = memory.calibrating(encoder)
        encoded = encode([fresh_in(contents[audience]) for audience in AUDIENCES], encoder, memory, progress)
    faults = tuple(dict.fromkeys((*library.faults, *editions["internal"].faults, *editions["public"].faults)))
    draft = Draft(contents, memory.meaning, encoder.name if encoder else None, library.commit, source, code,
                  folder, faults, memory.calibration or NEUTRAL)  # fmt: skip
    name = versions.write(draft, calibrate)
    shown = contents["internal"]
    return Built(
        name, fresh=True, articles=len(shown.articles), passages=len(shown.passages), encoded=encoded,
        faults=faults,
    )  # fmt: skip


def volumes(versions: Versions) -> dict[Audience, Volume]:
    """Return what is written of the current version; nothing where there is none, or it is damaged."""
    try:
        found = {audience: versions.volume(audience) for audience in AUDIENCES}
    except NoIndex:
        return {}
    return found if {one.version for one in found.values()} == {versions.current()} else {}


def contents_of(editions: Mapping[Audience, Editions], before: Mapping[Audience, Volume]) -> dict[Audience, Contents]:
    """Deal what each audience reads out to shards, as many for both."""
    count = shards_for(len(editions["internal"].rendered))
    return {audience: Contents(lots_of(one.rendered, count, before.get(audience)), one.shelves, one.pictures)
            for audience, one in editions.items()}  # fmt: skip


def continues(before: Mapping[Audience, Volume], encoder: Encoder | None, memory: Memory) -> bool:
    """Whether shards from before still serve: read by the same model and kept with the same codebook, or by none."""
    models = {volume.model for volume in before.values()}
    return models == {encoder.name if encoder else None} and (encoder is None or memory.codebook is not None)


def all_anew(contents: Contents) -> Contents:
    """Return contents of which nothing is taken over."""
    return replace(contents, lots={name: replace(lot, written=None) for name, lot in contents.lots.items()})


def fresh_in(contents: Contents) -> tuple[Passage, ...]:
    """Return the passages that are written anew."""
    return tuple(one for lot in contents.lots.values() if lot.written is None for one in lot.passages)


def remembered(before: Iterable[Volume], model: str, size: int) -> Memory:
    """Return what volumes keep of their passages, if the same model read them and their codebook still fits.

    Both audiences have passages of their own: without its text for agents an article is cut at other places.
    """
    memory = Memory()
    for volume in before:
        if volume.model == model and volume.codebook and volume.codebook.fits(size):
            memory.recall(volume)
            if volume.weights == fitted() and volume.calibration.fits(size):
                memory.calibration, memory.strangers = volume.calibration, volume.strangers
    return memory


def previous_articles(versions: Versions) -> dict[str, Article]:
    """Return the articles of the current version, in full, by their path: the last good ones."""
    try:
        return articles_of(versions.volume("internal"))
    except NoIndex:
        return {}


def articles_of(volume: Volume) -> dict[str, Article]:
    """Return the articles of a volume by their path."""
    return {row.article.path: row.article for row in volume.rendered.values()}


def usable(versions: Versions) -> bool:
    """Whether the current version is whole, for both audiences."""
    return bool(volumes(versions))


def source_of(library: Library, model: str) -> str:
    """Return the digest of everything a version is made from: texts, pictures, model, and the code that reads them."""
    digest = hashlib.sha256(model.encode())
    rows: tuple[Article | Notice | Category, ...] = (*library.articles, *library.notices, *library.categories)
    for row in rows:
        digest.update(TEXTS.dump_json(row))
    for medium in library.media:
        digest.update(f"{medium.visibility} {medium.path}".encode())
    for medium in library.media:
        digest.update(medium.file.read_bytes())
    digest.update(code_digest().encode())
    return digest.hexdigest()


def code_digest() -> str:
    """Return the digest of the code and weights that decide what a version holds."""
    digest = hashlib.sha256()
    for file in own_code():
        digest.update(file.read_bytes())
    return digest.hexdigest()


def own_code() -> list[Path]:
    """Return the modules and weights that decide what a version holds; a new release of them makes a new version."""
    root = Path(app.__file__).parent
    return sorted([*(path for part in ("articles", "search") for path in (root / part).glob("*.py")), FITTED])
