"""Volume: all that is written of one version for one audience."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
from pydantic import TypeAdapter

from app.articles.article import LANGUAGES, Category, Language, Notice, Rendered
from app.search.calibration import CALIBRATION, Calibration
from app.search.compounds import Splitter
from app.search.keywords import parts_by
from app.search.passage import Passage, passages_of
from app.search.shard import Lot, Shard, shard_name, write_shard
from app.search.tokens import CODEBOOK, read_codebook, write_codebook
from app.search.vocabulary import Vocabulary, summed, vocabulary_of
from app.search.weights import WEIGHTS, Weights, fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.search.codebook import Codebook
    from app.search.encoder import Matrix
    from app.search.meaning import Meaning

SHARDS, SHELVES, STRANGERS, MEDIA = "shards", "shelves.json", "strangers.npz", "media"
WEIGHTS_FILE, CALIBRATION_FILE = "weights.json", "calibration.json"


@dataclass(frozen=True, slots=True)
class Shelves:
    """What stands around the articles: notices, categories, and which picture files there are."""

    notices: tuple[Notice, ...] = ()
    categories: tuple[Category, ...] = ()
    media: tuple[str, ...] = ()


SHELVES_FILE = TypeAdapter(Shelves)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is written into a volume: all of one audience, and nothing of another."""

    lots: Mapping[str, Lot]
    """By the name of the shard."""
    shelves: Shelves
    pictures: Mapping[str, Path]
    """Picture files by their name in `shelves.media`."""

    @property
    def articles(self) -> tuple[Rendered, ...]:
        """All articles, shard by shard."""
        return tuple(row for lot in self.lots.values() for row in lot.rendered)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages in the order of their numbers."""
        return tuple(one for lot in self.lots.values() for one in lot.passages)


class Volume:
    """A written volume; its shards come from `shard_of`, told their names."""

    def __init__(self, folder: Path, version: str, model: str | None, shard_of: Callable[[Path], Shard]) -> None:
        """Load it; OSError, ValueError or RuntimeError when a file is missing or cannot be read."""
        self.folder, self.version, self.model = folder, version, model
        names = sorted(path.name for path in (folder / SHARDS).iterdir())
        self.shards: Mapping[str, Shard] = {name: shard_of(folder / SHARDS / name) for name in names}
        self.shelves = SHELVES_FILE.validate_json((folder / SHELVES).read_bytes())
        self.weights: Weights = WEIGHTS.validate_json((folder / WEIGHTS_FILE).read_bytes())
        self.calibration: Calibration = CALIBRATION.validate_json((folder / CALIBRATION_FILE).read_bytes())
        understood = bool(model) and any(shard.passages for shard in self.shards.values())
        self.codebook: Codebook | None = read_codebook(folder / CODEBOOK) if understood else None
        self.strangers: Mapping[Language, Matrix] = read_strangers(folder / STRANGERS) if understood else {}

    @cached_property
    def rendered(self) -> Mapping[tuple[str, Language], Rendered]:
        """The articles by slug and language."""
        rows = (row for shard in self.shards.values() for row in shard.rendered)
        return {(row.article.slug, row.article.lang): row for row in rows}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words and codes of all shards."""
        return summed(shard.vocabulary for shard in self.shards.values())


def lots_of(rendered: Iterable[Rendered], count: int, before: Volume | None) -> dict[str, Lot]:
    """Deal the articles out to so many shards; one that is the same in the volume `before` is not made again."""
    dealt: dict[str, list[Rendered]] = {f"{number:04d}": [] for number in range(count)}
    for row in rendered:
        dealt[shard_name(row.article.slug, count)].append(row)
    return {name: lot_of(name, tuple(rows), before) for name, rows in dealt.items()}


def lot_of(name: str, rows: tuple[Rendered, ...], before: Volume | None) -> Lot:
    """Return what lies in one shard."""
    shard = before.shards.get(name) if before else None
    if before and shard and shard.rendered == rows:
        return Lot(rows, shard.passages, shard.vocabulary, before.folder / SHARDS / name)
    passages = tuple(passage for row in rows for passage in passages_of(row))
    return Lot(rows, passages, vocabulary_of(passages))


def write_volume(folder: Path, contents: Contents, meaning: Meaning | None, calibration: Calibration) -> None:
    """Write one audience's volume into `folder`; one without meaning is searched by words alone."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SHELVES).write_bytes(SHELVES_FILE.dump_json(contents.shelves))
    (folder / WEIGHTS_FILE).write_bytes(WEIGHTS.dump_json(fitted(), indent=1))
    write_calibration(folder, calibration)
    write_shards(folder / SHARDS, contents.lots, meaning)
    for name, picture in contents.pictures.items():
        (folder / MEDIA / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, folder / MEDIA / name, follow_symlinks=False)
    if meaning is not None and contents.passages:
        write_codebook(folder / CODEBOOK, meaning.codebook)
        strangers = {str(lang): rows for lang, rows in meaning.strangers.items()}
        np.savez(folder / STRANGERS, allow_pickle=False, **strangers)


def write_shards(folder: Path, lots: Mapping[str, Lot], meaning: Meaning | None) -> None:
    """Link the shards that are the same, and write the others; compounds are split with the words of all of them."""
    for name, lot in lots.items():
        if lot.written:
            shutil.copytree(lot.written, folder / name, copy_function=linked)
    fresh = {name: lot for name, lot in lots.items() if lot.written is None}
    if fresh:
        parts = parts_by(Splitter(summed(lot.vocabulary for lot in lots.values()).words["de"]))
        for name, lot in fresh.items():
            write_shard(folder / name, lot, meaning, parts)


def linked(source: str, target: str) -> None:
    """Give a file a second name; a copy where the disk knows no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def write_calibration(folder: Path, calibration: Calibration) -> None:
    """Write what was measured of an index into its folder."""
    (folder / CALIBRATION_FILE).write_bytes(CALIBRATION.dump_json(calibration, indent=1))


def read_strangers(path: Path) -> dict[Language, Matrix]:
    """Return the vectors of the strangers; OSError or ValueError when the file cannot be read."""
    try:
        with path.open("rb") as file, np.load(file) as parts:
            return {lang: parts[lang] for lang in LANGUAGES if lang in parts}
    except (BadZipFile, EOFError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
