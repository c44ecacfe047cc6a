"""Encoder: turns texts into vectors whose inner product says how near they are in meaning."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Matrix = np.ndarray[Any, np.dtype[np.float32]]
"""Rows of unit length, one a text: shape (texts, dimension), 32-bit floats."""

BATCH = 32
FEW = 4
"""Texts that one thread encodes alone: threads that wait for each other cost ten times as much on a busy machine."""
FAST_BF16 = "amx_bf16"
"""Processors with this flag multiply 16-bit floats three times as fast; elsewhere they are slower than 32-bit ones."""


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

    def queries(self, texts: Sequence[str]) -> Matrix:
        """Encode what is asked."""
        ...

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Encode what is found."""
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

    def queries(self, texts: Sequence[str]) -> Matrix:
        """Encode with the model's prompt for queries."""
        return self._rows(self._model.encode_query, texts)

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Encode with the model's prompt for documents."""
        return self._rows(self._model.encode_document, texts)

    def _rows(self, encode: Any, texts: Sequence[str]) -> Matrix:
        import torch  # noqa: PLC0415 - loaded with the model long before

        torch.set_num_threads(1 if len(texts) <= FEW else self._threads)
        rows = encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.ascontiguousarray(rows, dtype=np.float32)


class HashingEncoder:
    """Adds a fixed random direction per word: near in words is near in meaning. No model, for tests."""

    def __init__(self, dimension: int = 64) -> None:
        self.name, self.dimension = f"hashing-{dimension}", dimension

    def queries(self, texts: Sequence[str]) -> Matrix:
        """Encode like passages."""
        return self.passages(texts)

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Encode each text as the sum of its words' directions."""
        rows = np.array([self._row(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)
        lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-9))
        return np.asarray(rows / lengths, dtype=np.float32)

    def _row(self, text: str) -> Matrix:
        words = [hashlib.sha256(word.encode()).digest()[:4] for word in text.casefold().split()]
        directions = [np.random.default_rng(int.from_bytes(word)).normal(size=self.dimension) for word in words]
        return np.sum(directions, axis=0, dtype=np.float32) if directions else np.zeros(self.dimension, np.float32)


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
