from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.articles.article import LANGUAGES
from app.search.codebook import GROWTH, Codebook, bytes_for, codebook_of, mean_of
from app.search.encoder import HashingEncoder, Reading, unit

if TYPE_CHECKING:
    from app.articles.article import Language
    from app.search.encoder import Matrix

DIMENSION = 384
TOKENS = 1500
"""Of each language."""
WORDS = 200
"""Tokens of real texts are not spread evenly: each is a word, turned a little by what stands around it."""
ENCODER = HashingEncoder()


def spoken(seed: int) -> Reading:
    """Make up the tokens of one language: words of its own around a mean of its own, which most of each token is."""
    random = np.random.default_rng(seed)
    words, mean = random.normal(size=(WORDS, DIMENSION)), 3 * random.normal(size=DIMENSION)
    turns = 0.3 * random.normal(size=(TOKENS, DIMENSION))
    rows = unit(np.asarray(words[random.integers(0, WORDS, TOKENS)] + turns + mean, np.float32))
    return Reading(unit(mean_of(rows)), rows, np.arange(TOKENS).astype(np.uint16))


READINGS: dict[Language, Reading] = {"de": spoken(1), "en": spoken(2)}


@pytest.fixture(scope="module")
def book() -> Codebook:
    """Fit a codebook to tokens of both languages, as many numbers each as the default model gives."""
    return codebook_of({lang: [reading] for lang, reading in READINGS.items()}, DIMENSION, 100)


def cosines(one: Matrix, other: Matrix) -> Matrix:
    """Return the cosine of each row of one matrix with that row of the other."""
    rows: Matrix = (unit(one) * unit(other)).sum(axis=1)
    return rows


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_compressed_token_comes_back_near_itself(book: Codebook, lang: Language) -> None:
    """In 48 bytes in place of 1,536."""
    compressed = book.compress(READINGS[lang], lang)
    back = book.restore(compressed.codes)
    assert compressed.codes.shape == (TOKENS, 48)
    assert compressed.codes.dtype == np.uint8
    assert cosines(back, READINGS[lang].tokens - book.means[lang]).mean() > 0.9
    assert np.linalg.norm(back, axis=1).mean() == pytest.approx(1, abs=0.1)


def test_a_compressed_passage_keeps_where_its_tokens_end(book: Codebook) -> None:
    """Sentences are compared by it."""
    assert book.compress(READINGS["de"], "de").ends is READINGS["de"].ends


def test_a_token_is_nearer_to_itself_than_to_any_other_word(book: Codebook) -> None:
    """What compressing loses does not blur which word it was."""
    some = Reading(READINGS["de"].whole, READINGS["de"].tokens[:50], READINGS["de"].ends[:50])
    near = unit(some.tokens - book.means["de"]) @ book.restore(book.compress(some, "de").codes).T
    assert (near.argmax(axis=0) == np.arange(50)).all()


def test_the_mean_token_of_each_language_is_its_own(book: Codebook) -> None:
    """It is most of each token, and says only which language it is in."""
    assert {lang: book.means[lang] == pytest.approx(mean_of(READINGS[lang].tokens)) for lang in LANGUAGES} == {
        "de": True, "en": True,
    }  # fmt: skip


def test_a_query_is_compared_from_between_the_languages(book: Codebook) -> None:
    """It may find an article in either."""
    tokens = READINGS["de"].tokens[:5]
    middle = np.asarray((book.means["de"] + book.means["en"]) / 2, np.float32)
    assert book.asked(tokens) == pytest.approx(unit(tokens - middle), abs=1e-5)


@pytest.mark.parametrize(("told", "silent"), [("de", "en"), ("en", "de")])
def test_a_language_without_tokens_gets_the_mean_of_the_other(told: Language, silent: Language) -> None:
    """Its first article comes later, and is understood until the codebook is fitted anew."""
    book = codebook_of({told: ENCODER.passages(["Drucker klemmt", "VPN"]), silent: []}, 64, 2)
    assert book.means[silent] == pytest.approx(book.means[told])


@pytest.mark.parametrize("text", ["Drucker", "", "Drucker klemmt", " ".join(map(str, range(300)))])
def test_few_tokens_can_be_compressed(text: str) -> None:
    """One, none, or many: a knowledge base begins with one article."""
    readings = ENCODER.passages([text])
    book = codebook_of({"de": readings, "en": []}, 64, 1)
    (reading,) = readings
    compressed = book.compress(reading, "de")
    assert len(compressed.codes) == len(compressed.ends) == len(text.split())
    assert book.restore(compressed.codes).shape == (len(text.split()), 64)


def test_of_few_tokens_none_is_blurred() -> None:
    """Each has centroids of its own."""
    (reading,) = readings = ENCODER.passages(["Ziehe das Papier langsam aus dem Drucker"])
    book = codebook_of({"de": readings, "en": []}, 64, 1)
    back = book.restore(book.compress(reading, "de").codes)
    assert cosines(back, reading.tokens - book.means["de"]).min() > 0.9


def test_the_same_tokens_give_the_same_codebook() -> None:
    """A build can be repeated."""
    readings = ENCODER.passages(["Ziehe das Papier langsam aus dem Drucker"])
    one, other = (codebook_of({"de": readings, "en": []}, 64, 1) for _ in range(2))
    assert (one.centroids == other.centroids).all()


def test_a_codebook_fits_until_there_are_four_times_as_many_passages() -> None:
    """The limit itself is allowed."""
    book = codebook_of({"de": [], "en": []}, 64, 10)
    assert (book.fits(0), book.fits(10 * GROWTH), book.fits(10 * GROWTH + 1)) == (True, True, False)


@pytest.mark.parametrize(("dimension", "count"), [(384, 48), (64, 8), (100, 10), (7, 1), (1, 1), (26, 2), (29, 1)])
def test_a_vector_is_kept_in_a_byte_for_each_eight_numbers_at_most(dimension: int, count: int) -> None:
    """The quantiser needs parts of equal length."""
    assert bytes_for(dimension) == count
