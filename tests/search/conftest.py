"""What the tests of search share: small libraries, built for real, and a tiny model in the packed format."""

from __future__ import annotations

import json
import shutil
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
import pytest

from app.articles.article import Article, Category
from app.articles.library import Library
from app.articles.markdown import render
from app.search import model
from app.search.builder import Built, build
from app.search.calibration import NEUTRAL
from app.search.encoder import Encoder, HashingEncoder, SentenceEncoder
from app.search.fitting import rows_below
from app.search.memory import Memory, encode
from app.search.searcher import Searcher
from app.search.versions import Draft, Versions
from app.search.volume import Contents, Shelves, lots_of, write_volume

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.search.fitting import Row
    from app.search.meaning import Meaning
    from app.search.versions import Audience

REAL_MODEL = Path(__file__).parents[2] / "index" / "model"


def article(slug: str, body: str = "Hier steht der Text.", **fields: Any) -> Article:
    """Make a valid article; a German public one about networks unless told otherwise."""
    basis: dict[str, Any] = {
        "lang": "de",
        "category": "netz",
        "visibility": "public",
        "title": slug.replace("-", " ").capitalize(),
    }
    given = basis | fields
    path = f"{given['visibility']}/{given['category']}/{slug}.{given['lang']}.md"
    return Article(**({"slug": slug, "body": body, "path": path} | given))


ARTICLES = (
    article("vpn", "Öffne die Einstellungen.\n\n## Unter Windows\n\nStarte den Tunnel und melde dich an.",
            title="VPN einrichten", questions=("Wie komme ich von daheim ins Firmennetz?",)),
    article("papierstau", "Öffne die Klappe hinten.\n\nZiehe das Papier langsam aus den Druckern.",
            title="Papierstau im Drucker", category="drucken", summary="Papier klemmt im Drucker", redirects=("stau",)),
    article("toner", "Nimm die leere Kartusche aus dem Drucker.", title="Toner wechseln", category="drucken"),
    article("passwort", "Wähle ein neues Passwort mit zwölf Zeichen.", title="Passwort ändern", category="konto"),
    article("passwort", "Choose a new password of twelve characters.", title="Change your password", lang="en",
            category="konto"),
    article("router", "Press the reset button of the router for ten seconds.", title="Reset the router", lang="en"),
    article("vollmacht", "Nur mit Ausweis entsperren.", title="Konto entsperren", visibility="internal",
            category="konto"),
)  # fmt: skip
CATEGORIES = tuple(Category(slug, {"de": slug, "en": slug}, {}) for slug in ("netz", "drucken", "konto"))
LIBRARY = Library(articles=ARTICLES, categories=CATEGORIES)


@dataclass
class Progress:
    """Collects what a build says of its progress."""

    steps: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, done: int, total: int, /) -> None:
        self.steps.append((done, total))


@dataclass
class Workshop:
    """A folder of versions, and the encoder that builds and searches them."""

    versions: Versions
    encoder: Encoder | None = field(default_factory=HashingEncoder)

    def build(self, *articles: Article, **parts: Any) -> Built:
        """Build a version of these articles through the real builder."""
        return build(self.versions, Library(articles=articles, **parts), self.encoder, Progress())

    def write(self, *articles: Article) -> str:
        """Write a version of these articles without the workers that render, which take half a second to start."""
        shown: dict[Audience, Contents] = {"public": contents(*articles), "internal": contents(*articles)}
        meaning = meaning_of(shown["public"], self.encoder)
        name = self.encoder.name if self.encoder else None
        with self.versions.building():
            return self.versions.write(Draft(shown, meaning, name, "", " ".join(one.slug for one in articles)))

    def searcher(self, audience: Audience = "public", encoder: Encoder | None = None) -> Searcher:
        """Open the current version."""
        return Searcher(self.versions, audience, encoder or self.encoder)


def contents(*articles: Article) -> Contents:
    """Return what is written into a volume of one shard for these articles."""
    return Contents(lots_of(map(render, articles), 1, None), Shelves(), {})


def meaning_of(parts: Contents, encoder: Encoder | None) -> Meaning | None:
    """Return how an index's passages are understood; None where there is no encoder or nothing to read."""
    memory = Memory()
    if encoder:
        encode((parts.passages,), encoder, memory, Progress())
    return memory.meaning


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Let FAISS work alone: on a busy machine its threads wait for each other, seconds for each small codebook."""
    faiss.omp_set_num_threads(1)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """Give an empty folder of versions."""
    return Workshop(Versions(tmp_path / "index"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Give the version of the small library that all tests read and none changes."""
    shop = Workshop(Versions(tmp_path_factory.mktemp("built")))
    build(shop.versions, LIBRARY, shop.encoder, Progress())
    return shop


@pytest.fixture(scope="session")
def searcher(built: Workshop) -> Searcher:
    """Give a searcher of the small library."""
    return built.searcher()


@pytest.fixture(scope="session")
def two_written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write two versions, an older and a newer one, for others to copy."""
    shop = Workshop(Versions(tmp_path_factory.mktemp("two")))
    shop.write(article("alt"))
    shop.write(article("neu"))
    return shop.versions.root


@pytest.fixture
def two(two_written: Path, tmp_path: Path) -> Workshop:
    """Give a folder with two versions that a test may damage."""
    shutil.copytree(two_written, tmp_path / "index")
    return Workshop(Versions(tmp_path / "index"))


TOPICS = {"eins": "Router Toner Scanner Firewall Backup Monitor".split(),
          "zwei": "Outlook Browser Laptop Beamer Cloud Server".split()}  # fmt: skip
"""Words that are the same in both languages, so that an encoder that knows words alone finds them in either."""
BODIES = {"de": "Wer {} einrichten will, öffnet die Seite {}.", "en": "To set up the {} open the page {}."}
QUESTIONS = {"de": "Wie kann ich {} einrichten?", "en": "How do I set up the {} again?"}
NEGATIVES = ("Wann blüht der Kirschbaum?", "Who painted the ceiling?", "Wo wohnt der Drache?")


def write_lines(path: Path, rows: Iterable[dict[str, str]]) -> None:
    """Write one JSON object a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_sets(data: Path, *names: str) -> Path:
    """Write development sets in the form in which weights are fitted to them, and questions that nothing answers."""
    for name in names:
        pairs = [(number, topic, lang) for number, topic in enumerate(TOPICS[name]) for lang in BODIES]
        write_lines(data / name / "corpus.jsonl", (
            {"id": f"{topic.lower()}-{lang}", "title": f"{topic} {number}", "lang": lang,
             "text": BODIES[lang].format(topic, number)} for number, topic, lang in pairs))  # fmt: skip
        write_lines(data / name / "queries.jsonl", (
            {"id": f"{lang}{number}", "text": QUESTIONS[lang].format(topic), "lang": lang}
            for number, topic, lang in pairs))  # fmt: skip
        right = [f"{asked}{number}\t{topic.lower()}-{lang}\t1" for number, topic, lang in pairs for asked in BODIES]
        (data / name / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *right]) + "\n")
    write_lines(data / "negatives" / "queries.jsonl", ({"text": text, "lang": "de"} for text in NEGATIVES))
    return data


@pytest.fixture(scope="session")
def fitting_rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Ask the questions of two sets in all four directions."""
    folder = tmp_path_factory.mktemp("fitting")
    return rows_below(write_sets(folder / "data", "eins", "zwei"), (), folder / "index", HashingEncoder(), Progress())


@pytest.fixture
def index_folder(tmp_path: Path) -> Path:
    """Give the folder of one audience's index of the German and English password article."""
    folder = tmp_path / "public"
    parts = contents(*ARTICLES[3:5])
    write_volume(folder, parts, meaning_of(parts, HashingEncoder()), NEUTRAL)
    return folder


@pytest.fixture(scope="session")
def real_encoder() -> SentenceEncoder:
    """Load the real model once; the tests that need it are skipped where it was never fetched."""
    if not (REAL_MODEL / "modules.json").exists():
        pytest.skip("The embedding model is not there. scripts/build-index fetches it into index/model.")
    return SentenceEncoder(str(REAL_MODEL))


@pytest.fixture(scope="session")
def packed() -> bytes:
    """Give a model of two layers with random weights in the packed format of the default model."""
    return pack()


@pytest.fixture(scope="session")
def tiny_model(packed: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that the tiny model is unpacked into."""
    folder = tmp_path_factory.mktemp("tiny") / "model"
    model.unpack(packed, folder)
    return folder


PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyz:", "<mask>")
REWRITES = (("\t", " "), ("ﬁ", "fi"), ("\x01", ""))
SHAPE = model.Shape(hidden=32, layers=2, heads=2, inner=64, vocabulary=len(PIECES), positions=64, types=2)


def pack() -> bytes:
    """Write a tiny model down as MODEL.md describes the format."""
    head = b"E5S1" + struct.pack("<I7ifi", 1, *vars_of(SHAPE), 1e-12, 32) + packed_vocabulary()
    tensors = packed_tensors()
    table_size = 4 + sum(2 + len(name) + 21 for name in tensors)
    table, data = struct.pack("<i", len(tensors)), b""
    for name, (kind, elements, raw) in tensors.items():
        place = struct.pack("<BIQQ", kind, elements, len(head) + table_size + len(data), len(raw))
        table, data = table + struct.pack("<H", len(name)) + name.encode() + place, data + raw
    return head + table + data


def vars_of(shape: model.Shape) -> tuple[int, ...]:
    """Return the sizes in the order of the file."""
    return tuple(getattr(shape, name) for name in shape.__dataclass_fields__)


def packed_vocabulary() -> bytes:
    """Return pieces, scores and rewritten characters."""
    blob = "".join(PIECES).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4")
    scores = np.linspace(-1, -9, len(PIECES)).astype("<f4")
    table = b"".join(
        struct.pack(f"<IB{len(put)}I", ord(found), len(put), *map(ord, put)) for found, put in REWRITES
    )  # fmt: skip
    head = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    return head + ends.tobytes() + scores.tobytes() + blob + struct.pack("<iI", len(REWRITES), len(table)) + table


def packed_tensors() -> dict[str, tuple[int, int, bytes]]:
    """Return kind, number of weights and bytes of each tensor: matrices in blocks of 4 bits, the rest as floats."""
    random = np.random.default_rng(7)
    sizes = {"fi.w": 64 * 32, "fo.w": 64 * 32, "fi.b": 64, "word": 32 * len(PIECES), "pos": 32 * 64, "type": 32 * 2}
    tensors = {}
    for name, _ in model.tensor_names(SHAPE.layers):
        short = name.split(".", 1)[1]
        elements = sizes.get(short, 32 if short.endswith(".b") or "ln" in short else 32 * 32)
        if elements % 32 == 0 and short.endswith("w") and "ln" not in short:
            blocks = [struct.pack("<e", 0.02) + random.bytes(16) for _ in range(elements // 32)]
            tensors[name] = (1, elements, b"".join(blocks))
        else:
            tensors[name] = (0, elements, random.normal(size=elements).astype("<f4").tobytes())
    return tensors
