from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.search import encoder as module
from app.search.encoder import HashingEncoder, SentenceEncoder, fast_bf16, is_folder, unit, wholes

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
    rows = wholes(getattr(encoder, verb)(["open the door", "die tür"]))
    assert rows.shape == (2, encoder.dimension)
    assert rows.dtype == np.float32
    assert rows.flags.c_contiguous
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1], abs=1e-2)


@pytest.mark.parametrize("verb", ["queries", "passages"])
def test_each_token_has_a_row_of_unit_length_and_a_place(encoder: Encoder, verb: str) -> None:
    """In the order of the text, down to its very end, and without those of the model and its prompt."""
    (reading,) = getattr(encoder, verb)(["die tür"])
    ends = reading.ends.tolist()
    assert reading.tokens.shape == (len(ends), encoder.dimension)
    assert reading.tokens.dtype == np.float32
    assert np.linalg.norm(reading.tokens, axis=1) == pytest.approx(np.ones(len(ends)), abs=1e-2)
    assert ends == sorted(ends)
    assert (min(ends) > 0, ends[-1], {3, 7} <= set(ends)) == (True, 7, True)


def test_the_same_text_is_read_the_same(encoder: Encoder) -> None:
    """Whatever stands beside it, and empty texts are no error."""
    readings = encoder.passages(TEXTS)
    alone = encoder.passages(TEXTS[:1])[0]
    assert np.isfinite(wholes(readings)).all()
    assert readings[0].whole == pytest.approx(readings[3].whole, abs=1e-2)
    assert readings[0].tokens == pytest.approx(alone.tokens, abs=5e-2)


def test_an_empty_text_has_no_tokens(encoder: Encoder) -> None:
    """What a model adds of its own is no part of it."""
    (reading,) = encoder.passages([""])
    assert (reading.tokens.shape, reading.ends.shape) == ((0, encoder.dimension), (0,))


def test_a_text_that_is_too_long_is_read_as_far_as_the_model_reads(tiny: SentenceEncoder) -> None:
    """Tokens, and the places they end at, are those of its beginning."""
    (reading,) = tiny.passages(["open the door " * 100])
    assert 0 < len(reading.ends) == len(reading.tokens) < 64
    assert reading.ends[-1] < 64


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
    (query,), (passage,) = tiny.queries(["door"]), tiny.passages(["door"])
    assert query.whole != pytest.approx(passage.whole, abs=1e-3)
    assert query.tokens != pytest.approx(passage.tokens, abs=1e-3)


def test_the_prompt_of_a_model_gives_no_tokens(tiny: SentenceEncoder) -> None:
    """However long it is."""
    (query,), (passage,) = tiny.queries(["door"]), tiny.passages(["door"])
    assert query.ends.tolist() == passage.ends.tolist()


def test_near_in_words_is_near_in_meaning_for_the_hashing_encoder() -> None:
    """That is all that tests need."""
    rows = wholes(HashingEncoder().passages(["Drucker klemmt", "der Drucker klemmt", "VPN einrichten"]))
    assert rows[0] @ rows[1] > 0.5 > rows[0] @ rows[2]


def test_a_query_in_one_language_is_near_a_passage_in_the_other(real_encoder: SentenceEncoder) -> None:
    """What the real model is for."""
    texts = ["Press the reset button of the router.", "Choose a password of twelve characters."]
    rows = wholes(real_encoder.passages(texts))
    query = real_encoder.queries(["Wie setze ich den Router zurück?"])[0].whole
    assert query @ rows[0] > query @ rows[1]


def test_a_row_of_zeros_has_no_direction_and_stays() -> None:
    """All others get unit length; nothing is divided by nothing."""
    rows = unit(np.array([[3, 4], [0, 0]], np.float32))
    assert rows == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))


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
