"""Index: everything one audience may read and find, loaded from one version and never changed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import faiss
import numpy as np
from pydantic import TypeAdapter

from app.articles.article import LANGUAGES, Category, Language, Notice, Rendered
from app.search.calibration import CALIBRATION, NEUTRAL, Calibration
from app.search.codebook import Codebook, Compressed
from app.search.compounds import Splitter
from app.search.encoder import Matrix
from app.search.keywords import Keywords, write_keywords
from app.search.passage import Passage
from app.search.phrases import Phrases, phrases_of
from app.search.spelling import Speller
from app.search.tokens import Tokens, write_tokens
from app.search.vocabulary import Vocabulary, vocabulary_of
from app.search.weights import WEIGHTS, fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.search.confidence import Judge

ARTICLES, PASSAGES, SHELVES, VOCABULARY = "articles.jsonl", "passages.jsonl", "shelves.json", "vocabulary.json"
VECTORS, TOKENS, STRANGERS, KEYWORDS, MEDIA = "vectors.faiss", "tokens", "strangers.npz", "keywords", "media"
WEIGHTS_FILE, CALIBRATION_FILE = "weights.json", "calibration.json"
ROWS = TypeAdapter(Rendered)
PASSAGE = TypeAdapter(Passage)
VOCABULARY_FILE = TypeAdapter(Vocabulary)


@dataclass(frozen=True, slots=True)
class Shelves:
    """What stands around the articles: notices, categories, and which picture files there are."""

    notices: tuple[Notice, ...] = ()
    categories: tuple[Category, ...] = ()
    media: tuple[str, ...] = ()


SHELVES_FILE = TypeAdapter(Shelves)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is written into an index: all of one audience, and nothing of another."""

    articles: tuple[Rendered, ...]
    passages: tuple[Passage, ...]
    shelves: Shelves
    pictures: Mapping[str, Path]
    """Picture files by their name in `shelves.media`."""


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """How the encoder understood the passages of an index, in their order."""

    vectors: Matrix
    """Shape (passages, dimension)."""
    tokens: tuple[Compressed, ...]
    codebook: Codebook
    strangers: Mapping[Language, Matrix] = field(default_factory=dict)
    """Vectors of questions about something else, by their language."""


def write_index(folder: Path, contents: Contents, meaning: Meaning | None) -> None:
    """Write one audience's index into `folder`; one without meaning is searched by words alone."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARTICLES).write_bytes(b"".join(ROWS.dump_json(row) + b"\n" for row in contents.articles))
    (folder / PASSAGES).write_bytes(b"".join(PASSAGE.dump_json(row) + b"\n" for row in contents.passages))
    (folder / SHELVES).write_bytes(SHELVES_FILE.dump_json(contents.shelves))
    (folder / WEIGHTS_FILE).write_bytes(WEIGHTS.dump_json(fitted(), indent=1))
    write_calibration(folder, NEUTRAL)
    vocabulary = vocabulary_of(contents.passages)
    (folder / VOCABULARY).write_bytes(VOCABULARY_FILE.dump_json(vocabulary))
    write_keywords(contents.passages, Splitter(vocabulary.words["de"]), folder / KEYWORDS)
    for name, picture in contents.pictures.items():
        (folder / MEDIA / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, folder / MEDIA / name, follow_symlinks=False)
    if meaning is not None:
        flat = faiss.IndexFlatIP(meaning.vectors.shape[1])
        flat.add(meaning.vectors)
        faiss.write_index(flat, str(folder / VECTORS))
        write_tokens(folder / TOKENS, meaning.codebook, meaning.tokens)
        np.savez(
            folder / STRANGERS, allow_pickle=False, **{str(lang): rows for lang, rows in meaning.strangers.items()}
        )


def write_calibration(folder: Path, calibration: Calibration) -> None:
    """Write what was measured of an index into its folder."""
    (folder / CALIBRATION_FILE).write_bytes(CALIBRATION.dump_json(calibration, indent=1))


class Index:
    """One audience of one version."""

    def __init__(self, folder: Path, version: str, model: str | None) -> None:
        """Load it; OSError, ValueError or RuntimeError when a file is missing or cannot be read."""
        self.folder, self.version, self.model = folder, version, model
        rows = (ROWS.validate_json(line) for line in (folder / ARTICLES).read_bytes().splitlines())
        self.rendered: Mapping[tuple[str, Language], Rendered] = {(r.article.slug, r.article.lang): r for r in rows}
        self.passages = read_passages(folder)
        self.shelves = SHELVES_FILE.validate_json((folder / SHELVES).read_bytes())
        self.weights = WEIGHTS.validate_json((folder / WEIGHTS_FILE).read_bytes())
        self.calibration = CALIBRATION.validate_json((folder / CALIBRATION_FILE).read_bytes())
        self.keywords = Keywords(folder / KEYWORDS)
        self.speller = Speller(VOCABULARY_FILE.validate_json((folder / VOCABULARY).read_bytes()))
        understood = bool(model and self.passages)
        self.vectors: Matrix | None = read_vectors(folder / VECTORS) if understood else None
        self.tokens = Tokens(folder / TOKENS) if understood else None
        self.strangers: Mapping[Language, Matrix] = read_strangers(folder / STRANGERS) if understood else {}

    @property
    def notices(self) -> tuple[Notice, ...]:
        """All notices, also those not yet or no longer in force."""
        return self.shelves.notices

    @property
    def categories(self) -> tuple[Category, ...]:
        """Categories in the order in which they are shown."""
        return self.shelves.categories

    @cached_property
    def media(self) -> Mapping[str, Path]:
        """Picture files by the address below /media/; nothing else is ever served from there."""
        return {name: self.folder / MEDIA / name for name in self.shelves.media}

    @cached_property
    def redirects(self) -> Mapping[str, str]:
        """Slugs of today by the slugs they once had."""
        return {old: slug for (slug, _), row in self.rendered.items() for old in row.article.redirects}

    @cached_property
    def phrases(self) -> Mapping[Language, Phrases]:
        """What a query that is being typed may become: titles and the authors' questions, by language."""
        asked = [one for one in self.passages if one.kind in ("title", "question")]
        return {lang: phrases_of(one.text for one in asked if one.lang == lang) for lang in LANGUAGES}

    def editions(self, slug: str) -> tuple[Rendered, ...]:
        """Return an article in each of its languages, German first; nothing for an unknown slug."""
        return tuple(self.rendered[slug, lang] for lang in LANGUAGES if (slug, lang) in self.rendered)

    def edition(self, slug: str, lang: Language) -> Rendered | None:
        """Return an article in `lang`, or in the other language when that is all there is."""
        editions = self.editions(slug)
        return next((row for row in editions if row.article.lang == lang), editions[0] if editions else None)

    def first_passage(self, slug: str, lang: Language) -> Passage:
        """Return the first section of an edition, or its title when it has no text."""
        own = self.passages_by_edition[slug, lang]
        return next((passage for passage in own if passage.kind == "section"), own[0])

    @cached_property
    def passages_by_edition(self) -> Mapping[tuple[str, Language], list[Passage]]:
        """The passages of each edition in their order."""
        grouped: dict[tuple[str, Language], list[Passage]] = {}
        for passage in self.passages:
            grouped.setdefault((passage.slug, passage.lang), []).append(passage)
        return grouped

    def in_category(self, slug: str, lang: Language) -> tuple[Rendered, ...]:
        """Return a category's articles by title, each once, in `lang` where it exists."""
        found = {row.article.slug for row in self.rendered.values() if row.article.category == slug}
        rows = (row for row in (self.edition(article, lang) for article in found) if row is not None)
        return tuple(sorted(rows, key=lambda row: row.article.title.casefold()))

    def judge(self, lang: Language) -> Judge:
        """Return who tells how likely results answer a query in `lang`."""
        return self.calibration.judge(self.weights, lang)


def read_vectors(path: Path) -> Matrix:
    """Return the vectors of the passages, shape (passages, dimension); RuntimeError when the file cannot be read.

    A search needs every cosine, not only the highest, and so all of them are in memory as one matrix.
    """
    kept = faiss.read_index(str(path))
    return np.asarray(kept.reconstruct_n(0, kept.ntotal), np.float32)


def read_strangers(path: Path) -> dict[Language, Matrix]:
    """Return the vectors of the strangers; OSError or ValueError when the file cannot be read."""
    try:
        with path.open("rb") as file, np.load(file) as parts:
            return {lang: parts[lang] for lang in LANGUAGES if lang in parts}
    except (BadZipFile, EOFError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error


def read_passages(folder: Path) -> Sequence[Passage]:
    """Return the passages in the order of their numbers."""
    return [PASSAGE.validate_json(line) for line in (folder / PASSAGES).read_bytes().splitlines()]
