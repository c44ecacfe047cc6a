from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.articles.article import Category
from app.search.calibration import NEUTRAL
from app.search.encoder import HashingEncoder, wholes
from app.search.index import Index
from app.search.shard import read_shard
from app.search.volume import Contents, Shelves, Volume, lots_of, write_volume
from tests.search.conftest import Workshop, article, contents, meaning_of

if TYPE_CHECKING:
    from pathlib import Path

    from app.articles.article import Article, Language

ENCODER = HashingEncoder()


def opened(folder: Path, model: str | None = ENCODER.name) -> Index:
    """Open the index that was written into a folder."""
    return Index(Volume(folder, "v1", model, lambda shard: read_shard(shard, understood=bool(model))))


def write(folder: Path, *articles: Article, encoder: HashingEncoder | None = None) -> None:
    """Write the volume of some articles."""
    parts = contents(*articles)
    write_volume(folder, parts, meaning_of(parts, encoder), NEUTRAL)


@pytest.fixture
def index(index_folder: Path) -> Index:
    """Load the index of one article in two languages."""
    return opened(index_folder)


@pytest.fixture(scope="module")
def library(built: Workshop) -> Index:
    """Load the public index of the small library."""
    return built.versions.load("public")


def test_an_article_comes_in_each_of_its_languages_german_first(library: Index) -> None:
    """A page offers the other one."""
    assert [row.article.lang for row in library.editions("passwort")] == ["de", "en"]


def test_an_unknown_slug_has_no_editions(library: Index) -> None:
    """The page then says that it knows nothing of that name."""
    assert library.editions("../../etc/passwd") == ()
    assert library.edition("nirgends", "de") is None


@pytest.mark.parametrize(
    ("slug", "lang", "given"), [("passwort", "en", "en"), ("router", "de", "en"), ("vpn", "en", "de")]
)
def test_an_edition_is_in_the_asked_language_or_in_the_only_one(
    library: Index, slug: str, lang: Language, given: Language
) -> None:
    """An answer in another language is better than none."""
    edition = library.edition(slug, lang)
    assert edition is not None
    assert edition.article.lang == given


def test_a_category_lists_each_article_once_by_title(library: Index) -> None:
    """In the reader's language where it exists."""
    assert [row.article.title for row in library.in_category("drucken", "de")] == [
        "Papierstau im Drucker", "Toner wechseln",
    ]  # fmt: skip
    assert [row.article.title for row in library.in_category("konto", "en")] == ["Change your password"]


def test_an_unknown_category_is_empty(library: Index) -> None:
    """The page then says that it does not exist."""
    assert library.in_category("nirgends", "de") == ()


def test_old_slugs_lead_to_todays(library: Index) -> None:
    """Bookmarks keep working."""
    assert library.redirects == {"stau": "papierstau"}


def test_the_categories_keep_their_order(library: Index) -> None:
    """It is the authors' order."""
    assert [category.slug for category in library.categories] == ["netz", "drucken", "konto"]
    assert library.notices == ()


def test_the_first_passage_is_a_section(index: Index) -> None:
    """It is what a reader sees first."""
    assert index.first_passage("passwort", "en").text == "Choose a new password of twelve characters."


def test_the_first_passage_of_an_article_without_text_is_its_title(tmp_path: Path) -> None:
    """There is nothing else."""
    write(tmp_path, article("leer", "", title="Leer"))
    assert opened(tmp_path, None).first_passage("leer", "de").text == "Leer"


def test_pictures_are_copied_and_found_by_their_address(tmp_path: Path) -> None:
    """Nothing else is served from there."""
    (tmp_path / "lampen.png").write_bytes(b"png")
    given = Contents(lots_of((), 1, None), Shelves((), (Category("netz", {}, {}),), ("netz/lampen.png",)),
                     {"netz/lampen.png": tmp_path / "lampen.png"})  # fmt: skip
    write_volume(tmp_path / "public", given, None, NEUTRAL)
    media = opened(tmp_path / "public", None).media
    assert {name: file.read_bytes() for name, file in media.items()} == {"netz/lampen.png": b"png"}


def test_the_vectors_come_back_as_they_were_written(index: Index) -> None:
    """The next build takes them over."""
    assert index.vectors == pytest.approx(wholes(ENCODER.passages([one.meaning for one in index.passages])))


def test_the_tokens_of_a_passage_are_those_that_were_read(index: Index) -> None:
    """Passage n has tokens n, each with its place in what was read."""
    assert index.tokens is not None
    for number, passage in enumerate(index.passages):
        (reading,) = ENCODER.passages([passage.meaning])
        assert index.tokens.of(number).ends.tolist() == reading.ends.tolist()


def test_the_speller_knows_the_words_of_the_index(index: Index) -> None:
    """As they were written, so that they can be shown."""
    assert (index.speller.correct("Pasword", "en"), index.speller.correct("zwölv", "de")) == ("password", "zwölf")


def test_what_is_being_typed_may_become_a_title_or_a_question(library: Index) -> None:
    """Of its language only."""
    assert library.phrases["de"].completing("passwort", 3) == ("Passwort ändern",)
    assert library.phrases["en"].completing("passwort", 3) == ()


def test_without_a_model_there_are_no_vectors(tmp_path: Path) -> None:
    """Then words alone are searched."""
    write(tmp_path, article("vpn"))
    index = opened(tmp_path, None)
    assert (index.vectors, index.tokens) == (None, None)


def test_an_index_without_passages_can_be_loaded(tmp_path: Path) -> None:
    """A model alone makes no vectors."""
    write(tmp_path, encoder=ENCODER)
    index = opened(tmp_path)
    assert (index.vectors, index.tokens) == (None, None)


@pytest.mark.parametrize(
    "file",
    ["shards/0000/articles.jsonl", "shards/0000/passages.jsonl", "shelves.json", "shards/0000/vocabulary.json",
     "shards/0000/vectors.faiss", "shards/0000/codes.npy", "codebook.npz", "shards/0000/keywords/meta.json"],
)  # fmt: skip
@pytest.mark.parametrize("damage", ["missing", "rubbish"])
def test_a_damaged_file_is_an_error_that_falls_back(index_folder: Path, file: str, damage: str) -> None:
    """One of the three kinds of errors that a version is given up for."""
    (index_folder / file).unlink()
    if damage == "rubbish":
        (index_folder / file).write_bytes(b"rubbish \xff\xff")
    with pytest.raises((OSError, ValueError, RuntimeError)):
        opened(index_folder)
