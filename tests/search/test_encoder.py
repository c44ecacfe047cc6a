from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.search import encoder as module
from app.search.encoder import HashingEncoder, SentenceEncoder, fast_bf16, is_folder

if TYPE_CHECKING:
    from app.search.encoder import Encoder

TEXTS = ["open the door", "", "die tür", "open the door"]


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> SentenceEncoder:
    """Load the tiny model as the portal loads any."""
    return SentenceEncoder(str(tiny_model))


@pytest.fixture(params=["hashing", "tiny", "real"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    """Give each form of the seam."""
    if request.param == "hashing":
        return HashingEncoder()
    found: Encoder = request.getfixturevalue("tiny" if request.param == "tiny" else "real_encoder")
    return found


@pytest.mark.parametrize("verb", ["queries", "passages"])
def test_each_text_has_a_row_of_unit_length(encoder: Encoder, verb: str) -> None:
    """32-bit floats in the order of the texts; FAISS takes nothing else."""
    rows = getattr(encoder, verb)(["open the door", "die tür"])
    assert (rows.shape, rows.dtype) == ((2, encoder.dimension), np.float32)
    assert rows.flags.c_contiguous
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1], abs=1e-2)


def test_the_same_text_has_the_same_vector(encoder: Encoder) -> None:
    """Whatever stands beside it, and empty texts are no error."""
    rows = encoder.passages(TEXTS)
    assert np.isfinite(rows).all()
    assert rows[0] == pytest.approx(rows[3], abs=1e-2)


def test_no_texts_are_no_rows(encoder: Encoder) -> None:
    """An empty library can be encoded."""
    assert len(encoder.passages([])) == 0


def test_a_name_tells_models_apart(tiny: SentenceEncoder) -> None:
    """Vectors of two names are never compared."""
    assert len({HashingEncoder().name, HashingEncoder(32).name, tiny.name}) == 3


def test_a_name_stays_the_same_when_a_model_is_loaded_again(tiny: SentenceEncoder, tiny_model: Path) -> None:
    """Otherwise every start would encode everything anew."""
    assert SentenceEncoder(str(tiny_model)).name == tiny.name


def test_the_prompts_of_a_model_are_used(tiny: SentenceEncoder) -> None:
    """A query and a passage of the same text are encoded in two ways."""
    assert tiny.queries(["door"])[0] != pytest.approx(tiny.passages(["door"])[0], abs=1e-3)


def test_near_in_words_is_near_in_meaning_for_the_hashing_encoder() -> None:
    """That is all that tests need."""
    rows = HashingEncoder().passages(["Drucker klemmt", "der Drucker klemmt", "VPN einrichten"])
    assert rows[0] @ rows[1] > 0.5 > rows[0] @ rows[2]


def test_a_query_in_one_language_is_near_a_passage_in_the_other(real_encoder: SentenceEncoder) -> None:
    """What the real model is for."""
    rows = real_encoder.passages(["Press the reset button of the router.", "Choose a password of twelve characters."])
    query = real_encoder.queries(["Wie setze ich den Router zurück?"])[0]
    assert query @ rows[0] > query @ rows[1]


def test_a_folder_that_holds_no_model_is_an_error(tmp_path: Path) -> None:
    """The portal then searches by words."""
    with pytest.raises((OSError, ValueError)):
        SentenceEncoder(str(tmp_path))


def test_a_name_of_a_hub_is_no_folder(tmp_path: Path) -> None:
    """A model of a hub may be fetched, a folder never is."""
    assert is_folder(str(tmp_path))
    assert not is_folder("intfloat/multilingual-e5-small")


@pytest.mark.parametrize(("flags", "fast"), [("flags: amx_bf16 avx", True), ("flags: avx", False), (None, False)])
def test_sixteen_bit_floats_are_used_where_the_processor_is_quick_with_them(
    flags: str | None, fast: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: FBT001 - a column of the table
) -> None:  # fmt: skip
    """Elsewhere, and where the processor does not tell, they are 32 bits long."""
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(flags)
    monkeypatch.setattr(module, "Path", lambda _: Path(tmp_path / "cpuinfo"))
    assert fast_bf16() is fast
