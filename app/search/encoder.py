"""Encoder: turns texts into vectors whose inner product says how near they are in meaning.

A text is read once and gives two things: one vector for the whole, which finds it among all others, and one for each of
its tokens, by which the first found are compared word by word (`tokens`).
"""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Matrix = np.ndarray[Any, np.dtype[np.float32]]
"""Rows, one a text or a token: shape (rows, dimension), 32-bit floats."""
Ends = np.ndarray[Any, np.dtype[np.uint32]]
"""For each token the place in its text where it ends, in characters."""

BATCH = 32
FEW = 4
"""Texts that one thread encodes alone: threads that wait for each other cost ten times as much on a busy machine."""
FAST_BF16 = "amx_bf16"
"""Processors with this flag multiply 16-bit floats three times as fast; elsewhere they are slower than 32-bit ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a model read in one text."""

    whole: Matrix
    """Unit length, shape (dimension,)."""
    tokens: Matrix
    """One row of unit length a token, without those of the prompt and of the model itself; none for an empty text."""
    ends: Ends
    """Shape (tokens,)."""


class Encoder(Protocol):
    """Few verbs, several forms: a real model, and a hashing one for tests."""

    @property
    def name(self) -> str:
        """Which model this is; vectors of two names are never compared."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def queries(self, texts: Sequence[str]) -> list[Reading]:
        """Read what is asked."""
        ...

    def passages(self, texts: Sequence[str]) -> list[Reading]:
        """Read what is found."""
        ...


class SentenceEncoder:
    """A sentence-transformers model, on the processor, in the precision that this processor is fast in."""

    def __init__(self, name: str) -> None:
        """Load the model that `name` names: a folder, or a model of a hub.

        OSError or ValueError: there is no such model, or it cannot be read.
        """
        import torch  # noqa: PLC0415 - takes seconds: only where it is used
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - same

        hush()
        precision = {"dtype": "bfloat16"} if fast_bf16() else {}
        self._threads = torch.get_num_threads()
        self._model = SentenceTransformer(name, device="cpu", model_kwargs=precision, local_files_only=is_folder(name))
        self.name = f"{Path(name).name if is_folder(name) else name}@{fingerprint(self._model)}"
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def queries(self, texts: Sequence[str]) -> list[Reading]:
        """Read with the model's prompt for queries."""
        return self._read(self._model.encode_query, texts, self._model.prompts.get("query") or "")

    def passages(self, texts: Sequence[str]) -> list[Reading]:
        """Read with the model's prompt for documents."""
        return self._read(self._model.encode_document, texts, self._model.prompts.get("document") or "")

    def _read(self, encode: Any, texts: Sequence[str], prompt: str) -> list[Reading]:
        import torch  # noqa: PLC0415 - loaded with the model long before

        torch.set_num_threads(1 if len(texts) <= FEW else self._threads)
        rows = encode(list(texts), batch_size=BATCH, output_value=None, show_progress_bar=False)
        return [self._reading(row, text, prompt) for row, text in zip(rows, texts, strict=True)]

    def _reading(self, row: Mapping[str, Any], text: str, prompt: str) -> Reading:
        spoken = self._model.tokenizer(
            prompt + text, truncation=True, max_length=self._model.max_seq_length, return_offsets_mapping=True
        )
        ends = np.array([end for _, end in spoken["offset_mapping"]], int) - len(prompt)
        own = (ends > 0).nonzero()[0]
        tokens = unit(row["token_embeddings"].float().numpy()[: len(ends)][own])
        return Reading(unit(row["sentence_embedding"].float().numpy()), tokens, ends[own].astype(np.uint32))


class HashingEncoder:
    """Adds a fixed random direction per word: near in words is near in meaning. No model, for tests."""

    def __init__(self, dimension: int = 64) -> None:
        self.name, self.dimension = f"hashing-{dimension}", dimension

    def queries(self, texts: Sequence[str]) -> list[Reading]:
        """Read like passages."""
        return self.passages(texts)

    def passages(self, texts: Sequence[str]) -> list[Reading]:
        """Read each word as a direction of its own, and each text as their sum."""
        return [self._reading(text) for text in texts]

    def _reading(self, text: str) -> Reading:
        words = list(re.finditer(r"\S+", text))
        rows = [self._direction(word.group().casefold()) for word in words]
        tokens = np.array(rows, np.float32).reshape(-1, self.dimension)
        return Reading(unit(tokens.sum(axis=0)), unit(tokens), np.array([word.end() for word in words], np.uint32))

    def _direction(self, word: str) -> Matrix:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])
        return np.random.default_rng(seed).normal(size=self.dimension).astype(np.float32)


def unit(rows: Matrix) -> Matrix:
    """Return rows, or one row, at unit length; a row of zeros stays as it is."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.ascontiguousarray(rows / np.maximum(lengths, 1e-9), np.float32)


def wholes(readings: Sequence[Reading]) -> Matrix:
    """Return the vectors of whole texts as rows: shape (texts, dimension)."""
    return np.stack([one.whole for one in readings])


def hush() -> None:
    """Keep the model libraries from telling an operator about shards and pooling layers."""
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415 - loaded with the model anyway

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    for name in ("transformers", "sentence_transformers"):
        logging.getLogger(name).setLevel(logging.ERROR)


def fast_bf16() -> bool:
    """Whether this processor is quick with 16-bit floats."""
    try:
        return FAST_BF16 in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False


def is_folder(name: str) -> bool:
    """Whether `name` names a folder rather than a model of a hub."""
    return Path(name).is_dir()


def fingerprint(model: Any) -> str:
    """Return twelve digits that change with the model's answers, and not with where it lies or how it was saved."""
    probe = model.encode_document(["Wegweiser signpost 0x80070005"], normalize_embeddings=True, show_progress_bar=False)
    return hashlib.sha256(np.round(np.asarray(probe, np.float32), 2).tobytes()).hexdigest()[:12]
