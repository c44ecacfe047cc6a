from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import pytest

from app.articles.article import Article, Category, Fault
from app.articles.library import Library, Medium, read_library
from app.search import builder, shard
from app.search import memory as module
from app.search.builder import (
    build,
    own_code,
    previous_articles,
    source_of,
)
from app.search.editions import editions_of
from app.search.encoder import HashingEncoder
from app.search.memory import Memory, encode, mixed, read
from app.search.searcher import Searcher
from app.search.versions import AUDIENCES, NoIndex, Versions
from app.search.weights import FITTED
from tests.search.conftest import Progress, Workshop, article, contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.search.builder import Built
    from app.search.codebook import Codebook
    from app.search.encoder import Reading

ROOT = Path(__file__).parents[2]
PLANTED = "zwetschgendatschi"
ROUNDS = 8
LONGEST_LIFE = 0.8
"""Seconds a builder lives at most; a build takes about half of that."""
BUILDERS = """
import os, sys
from pathlib import Path
from app.articles.article import Article
from app.articles.library import Library
from app.search.builder import build
from app.search.encoder import HashingEncoder
from app.search.versions import Versions
def build_on_and_on(seed):
    for number in range(1000):
        text = f"Runde {seed} Fassung {number}"
        made = Article(slug="a", lang="de", category="netz", visibility="public", title=text, body=text, path="a.md")
        build(Versions(Path(sys.argv[1])), Library(articles=(made,)), HashingEncoder(), lambda done, total: None)
for seed in sys.stdin:
    child = os.fork()
    if not child:
        build_on_and_on(seed)
    print(child, flush=True)
    print(os.WTERMSIG(os.waitpid(child, 0)[1]), flush=True)
"""
"""A process that has imported everything, and starts a builder for each line it reads."""


class Counting(HashingEncoder):
    """Notes every text it encodes."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def passages(self, texts: Sequence[str]) -> list[Reading]:
        """Encode, and note."""
        self.texts += texts
        return super().passages(texts)


class Broken(HashingEncoder):
    """Breaks down at work."""

    def passages(self, texts: Sequence[str]) -> list[Reading]:
        """Run out of memory."""
        raise MemoryError(len(texts))


def rebuild(workshop: Workshop, library: Library) -> Built:
    """Build a library once more."""
    return build(workshop.versions, library, workshop.encoder, Progress())


def bytes_below(folder: Path) -> bytes:
    """Return every byte and every name of a folder, in lower case."""
    names = "\n".join(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return (names.encode() + files).lower()


def library_with_secrets(folder: Path) -> Library:
    """Plant one word wherever the internal part of a library can hold one."""
    (folder / "geheim.png").write_bytes(b"\x89PNG " + PLANTED.encode())
    (folder / "offen.png").write_bytes(b"\x89PNG offen")
    block = f"Offen ist Pflaume.\n\n::: intern\n{PLANTED} [x]({PLANTED}.png)\n:::\n\nEnde."
    secret = article(
        PLANTED, f"# {PLANTED}\n\n{PLANTED}", title=PLANTED, summary=PLANTED, questions=(PLANTED,), codes=(PLANTED,),
        owner=PLANTED, redirects=(f"{PLANTED}-alt",), category=f"{PLANTED}-kiste", visibility="internal",
    )  # fmt: skip
    media = (Medium("internal", f"netz/{PLANTED}.png", folder / "geheim.png"),
             Medium("public", "netz/offen.png", folder / "offen.png"))  # fmt: skip
    categories = (Category("netz", {"de": "Netz"}, {}), Category(secret.category, {"de": PLANTED}, {"de": PLANTED}))
    public = article("offen", block, related=(PLANTED,))
    return Library(articles=(public, secret), categories=categories, media=media)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the library with secrets and give the folder of its version."""
    folder = tmp_path_factory.mktemp("guarded")
    workshop = Workshop(Versions(folder / "index"))
    return folder / "index" / rebuild(workshop, library_with_secrets(folder)).version


def test_the_public_index_holds_nothing_of_what_is_internal(guarded: Path) -> None:
    """No internal article, block, picture or category, in no byte of any file and in no name."""
    assert PLANTED.encode() not in bytes_below(guarded / "public")
    assert b"pflaum" in bytes_below(guarded / "public")


def test_the_internal_index_holds_everything(guarded: Path) -> None:
    """Agents read all of it."""
    found = bytes_below(guarded / "internal")
    assert all(word in found for word in (PLANTED.encode(), b"pflaume", b"\x89png offen"))


def test_an_empty_category_is_shown_to_everybody(tmp_path: Path) -> None:
    """Its name was written for readers; only the name of an internal one is kept back."""
    library = library_with_secrets(tmp_path)
    library = replace(library, categories=(*library.categories, Category("leer", {"de": "Leer"}, {})))
    public, internal = (editions_of(library, audience, None) for audience in AUDIENCES)
    assert [one.slug for one in public.shelves.categories] == ["netz", "leer"]
    assert len(internal.shelves.categories) == 3


def test_a_picture_that_becomes_internal_makes_a_new_version(tmp_path: Path) -> None:
    """Moving the file changes no text, and yet what the public may see."""
    library = library_with_secrets(tmp_path)
    moved = replace(library, media=tuple(replace(one, visibility="internal") for one in library.media))
    assert source_of(library, "") != source_of(moved, "")


def test_other_weights_make_a_new_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are stored with every index, so what was fitted anew comes into use by building."""
    weights = tmp_path / "fitted.json"
    weights.write_bytes(FITTED.read_bytes())
    monkeypatch.setattr(builder, "FITTED", weights)
    library = Library(articles=(article("vpn"),))
    before = source_of(library, "")
    weights.write_bytes(FITTED.read_bytes() + b"\n")
    assert source_of(library, "") != before


def test_code_and_weights_that_make_a_version_are_part_of_its_source() -> None:
    """Those of articles and search, and no others."""
    found = own_code()
    assert {FITTED, Path(builder.__file__)} <= set(found)
    assert {file.parent.name for file in found} == {"articles", "search"}


def test_an_unchanged_build_is_not_fresh(workshop: Workshop) -> None:
    """The current version stays, and nothing is encoded."""
    first = workshop.build(article("vpn"))
    second = workshop.build(article("vpn"))
    assert (first.fresh, second.fresh) == (True, False)
    assert (second.version, second.encoded, second.articles, second.passages) == (first.version, 0, 1, 2)


def test_a_damaged_version_is_built_anew(workshop: Workshop) -> None:
    """Also where no article has changed."""
    first = workshop.build(article("vpn"))
    (workshop.versions.root / first.version / "public" / "shards" / "0000" / "passages.jsonl").write_bytes(b"")
    second = workshop.build(article("vpn"))
    assert second.fresh
    assert workshop.versions.load("public").version == second.version


def test_a_damaged_version_beside_a_whole_one_is_built_anew(workshop: Workshop) -> None:
    """The one before would answer, but it is not the current text."""
    workshop.build(article("alt"))
    second = workshop.build(article("neu"))
    (workshop.versions.root / second.version / "public" / "shards" / "0000" / "passages.jsonl").write_bytes(b"")
    assert workshop.build(article("neu")).fresh


def test_a_changed_article_encodes_only_its_own_passages(workshop: Workshop) -> None:
    """All others keep their vectors, also where text for agents makes the public passage another one."""
    workshop.encoder = counting = Counting()
    split = article("geteilt", "Offen.\n\n::: intern\nNur innen.\n:::")
    workshop.build(article("vpn", "Alt."), article("toner"), split)
    counting.texts.clear()
    built = workshop.build(article("vpn", "Neu."), article("toner"), split)
    assert (counting.texts, built.encoded) == (["Vpn\nNeu."], 1)


def files_below(folder: Path) -> dict[str, int]:
    """Return the number of the disk for every file of a folder: two links to one file have the same."""
    return {path.relative_to(folder).as_posix(): path.stat().st_ino for path in folder.rglob("*") if path.is_file()}


def shards_of(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, *articles: Article) -> dict[str, int]:
    """Build articles, one in a shard if it can be, and return the public shards' files."""
    monkeypatch.setattr(shard, "EDITIONS", 1)
    version = workshop.build(*articles).version
    return files_below(workshop.versions.root / version / "public" / "shards")


def test_only_the_shard_of_a_changed_article_is_written(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """All others are the very files of the version before."""
    some = [article(f"nr-{number}", f"Hier steht {number}.") for number in range(8)]
    before = shards_of(workshop, monkeypatch, *some)
    changed = replace(some[3], body="Hier steht etwas Neues.")
    after = shards_of(workshop, monkeypatch, *some[:3], changed, *some[4:])
    fresh = {path.partition("/")[0] for path, number in after.items() if before.get(path) != number}
    assert fresh == {shard.shard_name("nr-3", 8)}
    assert workshop.searcher().search("etwas Neues", "de").results[0].slug == "nr-3"


def test_an_index_of_many_shards_finds_what_one_of_a_single_shard_finds(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same confidence, also where a part of it was taken over."""
    some = [article(f"nr-{number}", f"Der Drucker {number} steht im Raum {number * 7}.") for number in range(8)]
    whole = Workshop(Versions(tmp_path / "whole"))
    whole.build(*some)
    shards_of(workshop, monkeypatch, *some[:5], article("nr-6", "Alt."))
    shards_of(workshop, monkeypatch, *some)
    one, several = (shop.searcher().search("Drucker im Raum 21", "de") for shop in (whole, workshop))
    assert one.results[0].slug == several.results[0].slug == "nr-3"
    assert several.confidence == pytest.approx(one.confidence, abs=0.02)


def test_a_public_article_is_written_once_for_both_audiences(workshop: Workshop) -> None:
    """Where nothing in its shard is for agents."""
    version = workshop.versions.root / workshop.build(article("vpn")).version
    public, internal = (files_below(version / audience / "shards") for audience in AUDIENCES)
    assert public == internal


def test_an_article_that_was_public_leaves_no_word_in_the_public_index(workshop: Workshop) -> None:
    """Neither text nor keyword of it stays in any file."""
    secret = article("geheim", f"Das {PLANTED} schmeckt.")
    workshop.build(article("vpn"), secret)
    built = workshop.build(article("vpn"), replace(secret, visibility="internal"))
    assert PLANTED.encode() not in bytes_below(workshop.versions.root / built.version / "public")


def test_a_link_follows_an_article_that_moves(workshop: Workshop) -> None:
    """Though the article with the link did not change: what it leads to has another name, or has become internal."""
    linking, target = article("vpn", "Siehe [dort](toner)."), article("toner")
    html = [
        (workshop.build(linking, *others), workshop.versions.load("public").rendered["vpn", "de"].html)[1]
        for others in ((target,), (replace(target, slug="kartusche", redirects=("toner",)),),
                       (replace(target, visibility="internal"),))
    ]  # fmt: skip
    assert ["/articles/toner" in one for one in html] == [True, False, False]
    assert ["/articles/kartusche" in one for one in html] == [False, True, False]


def test_other_code_renders_everything_anew(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new release may render and cut in other ways; vectors of the same texts stay."""
    before = files_below(workshop.versions.root / workshop.build(article("vpn")).version)
    monkeypatch.setattr(builder, "code_digest", lambda: "another")
    built = workshop.build(article("vpn"))
    after = files_below(workshop.versions.root / built.version)
    assert (built.fresh, built.encoded) == (True, 0)
    assert not set(before.values()) & set(after.values())


def codebook(workshop: Workshop) -> Codebook:
    """Return the codebook of the current public index."""
    tokens = workshop.versions.load("public").tokens
    assert tokens is not None
    return tokens.codebook


def alike(one: Codebook | None, other: Codebook | None) -> bool:
    """Tell whether two codebooks are fitted to the same tokens."""
    assert one
    assert other
    return bool((one.centroids == other.centroids).all() and (one.means["de"] == other.means["de"]).all())


def test_a_codebook_is_kept_until_the_index_has_grown_fourfold(workshop: Workshop) -> None:
    """Then it is fitted anew, to all that is there, and everything is read once more."""
    many = [article(f"wort-{number}", f"Hier steht Nummer{number}.") for number in range(9)]
    workshop.build(*many[:2])
    first = codebook(workshop)
    assert workshop.build(*many[:3]).encoded == 2
    assert alike(codebook(workshop), first)
    assert workshop.build(*many).encoded == 18
    assert not alike(codebook(workshop), first)


def test_a_codebook_is_kept_where_a_build_takes_several_chunks(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows of all public passages, not only of those of the first chunk that it was fitted to."""
    monkeypatch.setattr(module, "CHUNK", 2)
    many = [article(f"wort-{number}", f"Hier steht Nummer{number}.") for number in range(6)]
    workshop.build(*many[:5])
    first = codebook(workshop)
    assert first.passages == 10
    assert workshop.build(*many).encoded == 2
    assert alike(codebook(workshop), first)


def test_a_codebook_fitted_to_internal_text_is_never_used_for_public_text(workshop: Workshop) -> None:
    """A knowledge base may begin with articles for agents alone: with the first public one all is read anew."""
    secret, public = article("geheim", "Nur innen.", visibility="internal"), article("offen", "Hier steht es.")
    workshop.build(secret)
    assert workshop.build(secret, public).encoded == 4
    both = codebook(workshop)
    alone = Workshop(Versions(workshop.versions.root / "alone"))
    alone.build(public)
    assert alike(both, codebook(alone))


def test_both_audiences_share_one_codebook(workshop: Workshop) -> None:
    """A passage is compressed once."""
    workshop.build(article("vpn"), article("geheim", "Nur innen.", visibility="internal"))
    internal = workshop.versions.load("internal").tokens
    assert internal
    assert alike(codebook(workshop), internal.codebook)


def test_the_codebook_is_fitted_to_what_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Public passages are read first; nothing of an internal text is in the files of the public index."""
    public, internal = (contents(article(slug, f"Hier steht {slug}.")).passages for slug in ("offen", "geheim"))
    monkeypatch.setattr(module, "CHUNK", len(public))
    books = []
    for audiences in ((public,), (public, (*internal, *public))):
        memory = Memory()
        encode(audiences, HashingEncoder(), memory, Progress())
        books.append(memory.codebook)
    assert alike(*books)


def test_passages_are_read_in_chunks_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where both audiences have the same one."""
    passages = contents(*(article(slug, f"Hier steht {slug}.") for slug in "abc")).passages
    monkeypatch.setattr(module, "CHUNK", 4)
    encoder, progress, memory = Counting(), Progress(), Memory()
    encode((passages, passages), encoder, memory, progress)
    assert sorted(encoder.texts) == sorted(one.meaning for one in passages)
    assert progress.steps == [(0, 6), (4, 6), (6, 6)]
    assert set(memory.kept) == {one.digest for one in passages}


def test_sections_are_mixed_and_come_before_titles_and_questions() -> None:
    """The first chunk is to hold some of everything; the order is the same every time."""
    passages = contents(*(article(f"nr-{number}", f"Nummer {number}.") for number in range(20))).passages
    sections = [one for one in passages if one.kind == "section"]
    assert mixed(passages) == mixed(passages)
    assert set(mixed(passages)[:20]) == set(sections)
    assert mixed(passages)[:20] != sections
    assert sorted(one.slug for one in mixed(passages)) == sorted(one.slug for one in passages)


def test_sections_are_read_as_what_is_found_and_titles_as_what_is_asked() -> None:
    """In the order of the passages, whatever they are."""

    class Two(HashingEncoder):
        def queries(self, texts: Sequence[str]) -> list[Reading]:
            return super().passages([f"query: {text}" for text in texts])

    passages = contents(article("vpn", "Tunnel.", title="VPN", questions=("Wie?",))).passages
    found = read(passages, Two())
    asked = HashingEncoder().passages(["query: VPN", "query: Wie?", "VPN\nTunnel."])
    assert [one.whole.tolist() for one in found] == [one.whole.tolist() for one in asked]


def test_a_memory_without_a_reading_has_no_meaning() -> None:
    """There was no encoder, or there is nothing to find."""
    memory = Memory()
    assert memory.meaning is None
    encode((contents(article("vpn")).passages,), HashingEncoder(), memory, Progress())
    assert memory.meaning is not None


def test_another_model_encodes_everything(workshop: Workshop) -> None:
    """Vectors of two models are never compared."""
    first = workshop.build(article("vpn"))
    workshop.encoder = HashingEncoder(32)
    assert workshop.build(article("vpn")).encoded == first.encoded == 2


def test_a_build_without_a_model_has_no_vectors(workshop: Workshop) -> None:
    """It is found by words, and a later build with a model encodes all of it."""
    workshop.encoder = None
    assert workshop.build(article("vpn")).encoded == 0
    assert workshop.versions.load("public").vectors is None
    workshop.encoder = HashingEncoder()
    assert workshop.build(article("vpn")).encoded == 2


def test_an_empty_library_can_be_built_and_searched(workshop: Workshop) -> None:
    """So can one whose articles are all internal."""
    workshop.build(article("vpn", visibility="internal"))
    assert workshop.searcher("public").search("vpn", "de").results == ()
    workshop.build()
    assert workshop.searcher("internal").search("vpn", "de").results == ()


def test_progress_is_told_from_nothing_to_all(workshop: Workshop) -> None:
    """A bar is drawn from it."""
    progress = Progress()
    build(workshop.versions, Library(articles=(article("vpn"),)), workshop.encoder, progress)
    assert progress.steps == [(0, 2), (2, 2)]


def test_faults_of_the_library_are_passed_on(workshop: Workshop) -> None:
    """Each once, whether or not anything is built."""
    fault = Fault("public/netz/x.md", 1, "is broken.")
    first, second = (workshop.build(article("vpn"), faults=(fault, fault)) for _ in range(2))
    assert first.faults == (fault,)
    assert fault in second.faults


def test_a_failing_encoder_leaves_no_trace(workshop: Workshop) -> None:
    """What was built before goes on."""
    first = workshop.build(article("alt"))
    workshop.encoder = Broken()
    with pytest.raises(MemoryError):
        workshop.build(article("neu", "Ganz anders."))
    assert workshop.versions.names() == [first.version]
    assert not list(workshop.versions.root.glob(".building-*"))


def test_two_builders_at_once_both_succeed(workshop: Workshop) -> None:
    """One waits for the other; the second finds its work done."""
    results: list[Built] = []
    threads = [threading.Thread(target=lambda: results.append(workshop.build(article("vpn")))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.fresh for one in results) == [False, True]
    assert len(workshop.versions.names()) == 1


@pytest.fixture
def kill_a_builder(workshop: Workshop) -> Iterator[Callable[[], None]]:
    """Give a function that starts a builder and kills it at a random moment."""
    command = [sys.executable, "-c", BUILDERS, str(workshop.versions.root)]
    moments = random.Random(11)  # noqa: S311 - moments, not secrets
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=alone, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def kill() -> None:
            print(moments.random(), file=process.stdin, flush=True)
            builder = int(cast("IO[str]", process.stdout).readline())
            time.sleep(moments.uniform(0, LONGEST_LIFE))
            os.kill(builder, signal.SIGKILL)
            assert int(cast("IO[str]", process.stdout).readline()) == signal.SIGKILL

        yield kill


def test_a_killed_builder_leaves_a_valid_version(workshop: Workshop, kill_a_builder: Callable[[], None]) -> None:
    """Whenever it dies; and the next build sweeps up after it."""
    workshop.build(article("vpn"))
    for _ in range(ROUNDS):
        kill_a_builder()
        current = workshop.versions.current()
        assert [workshop.versions.load(audience).version for audience in AUDIENCES] == [current, current]
    workshop.build(article("vpn", "Danach."))
    assert not list(workshop.versions.root.glob(".building-*"))
    assert len(workshop.versions.names()) <= 3


def test_a_broken_file_keeps_its_last_good_text(workshop: Workshop, tmp_path: Path) -> None:
    """It is reported, and readers still find it, text for agents included."""
    file = tmp_path / "articles" / "public" / "netz" / "vpn.md"
    file.parent.mkdir(parents=True)
    file.write_text("---\ntitle: VPN\n---\nTunnel.\n\n::: intern\nGeheim.\n:::\n", encoding="utf-8")
    rebuild(workshop, read_library(tmp_path / "articles"))
    file.write_text("---\ntitle: [\n---\nKaputt.\n", encoding="utf-8")
    (tmp_path / "articles" / "public" / "netz" / "neu.md").write_text("---\ntitle: Neu\n---\nNeu.\n", encoding="utf-8")
    library = read_library(tmp_path / "articles", previous=previous_articles(workshop.versions))
    built = rebuild(workshop, library)
    assert any(fault.path == "public/netz/vpn.md" and not fault.hint for fault in built.faults)
    assert {one.slug: "Geheim" in one.body for one in library.articles} == {"vpn": True, "neu": False}
    assert workshop.searcher().search("Tunnel", "de").results[0].slug == "vpn"


def test_without_a_version_there_are_no_previous_articles(workshop: Workshop) -> None:
    """The first build starts from nothing."""
    assert previous_articles(workshop.versions) == {}


def test_a_searcher_of_an_empty_folder_says_what_to_do(workshop: Workshop) -> None:
    """Build first."""
    with pytest.raises(NoIndex, match=r"scripts/build-index"):
        Searcher(workshop.versions, "public", None)
