"""The past of articles: what git knows, what customers could read, and what is never theirs."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from app.articles import past_reader
from app.articles.article import public_edition
from app.articles.corrected import Corrected
from app.articles.git_answer import GitAnswer, ask
from app.articles.library import read_library
from app.articles.past import Past, Version
from app.articles.past_reader import PastBusy, PastReader
from tests.articles.past_repository import PastRepository, repository_in

if TYPE_CHECKING:
    from pathlib import Path

    from app.articles.article import Article
    from tests.articles.conftest import MakeArticle

PATH = "public/netz/wlan.md"
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def repository(tmp_path: Path) -> PastRepository:
    """Give a repository without a commit."""
    return repository_in(tmp_path)


def live_in(repository: PastRepository, slug: str = "wlan") -> Article:
    """Return an article as it lies in the folder now."""
    return next(one for one in read_library(repository.folder).articles if one.slug == slug)


def past_of(repository: PastRepository, most: int = 200) -> Past:
    """Return all that git knows of the article."""
    return PastReader(repository.folder, "de", most).past(live_in(repository), "v1")


def bodies(past: Past) -> list[str]:
    """Return the texts of all versions, newest first."""
    return [version.article.body for version in past.versions]


def version(article: Article, message: str = "x", commit: str = "a" * 40) -> Version:
    """Return a version that no git knows."""
    return Version(commit, "Mia", AT, message, article)


def test_versions_come_newest_first_with_all_that_is_known(repository: PastRepository) -> None:
    """Who wrote them, when, what they said, and the article as it was."""
    repository.write(PATH, "Eins.")
    first = repository.commit("Neuer Artikel", "2026-01-01", "Ayşe Öz")
    repository.write(PATH, "Zwei.")
    repository.commit("Besser\n\nViel besser.", "2026-02-02")
    found = past_of(repository)
    assert bodies(found) == ["Zwei.", "Eins."]
    assert (found.versions[1].author, found.versions[1].subject) == ("Ayşe Öz", "Neuer Artikel")
    assert found.versions[0].subject == "Besser"
    assert found.versions[1].at.date() == date(2026, 1, 1)
    assert found.version(first[:12]) == found.versions[1]
    assert found.before(found.versions[0]) == found.versions[1]
    assert found.before(found.versions[1]) is None
    assert found.whole


def test_what_was_internal_then_stays_internal(repository: PastRepository) -> None:
    """An article that was made public lately has no past for customers before that; agents know it."""
    repository.write("internal/netz/wlan.md", "Geheim.")
    repository.commit("intern")
    repository.git("mv", "internal", "public")
    repository.write(PATH, "Offen.")
    repository.commit("öffentlich")
    found = past_of(repository)
    assert bodies(found) == ["Offen.", "Geheim."]
    assert bodies(found.for_customers()) == ["Offen."]


def test_blocks_for_agents_are_in_no_version_of_customers(repository: PastRepository) -> None:
    """And a commit that changed only those is no version for them."""
    repository.write(PATH, "Offen.\n\n::: intern\nGeheim eins.\n:::")
    first = repository.commit("eins")
    repository.write(PATH, "Offen.\n\n::: intern\nGeheim zwei.\n:::")
    repository.commit("zwei")
    found = past_of(repository)
    assert len(found.versions) == 2
    public = found.for_customers()
    assert [one.commit for one in public.versions] == [first]
    assert "Geheim" not in repr([one.article for one in public.versions])


def test_a_faulty_file_was_never_on_line(repository: PastRepository) -> None:
    """A block that was not closed, no front matter, bytes that are no text: none of them is a version."""
    repository.write(PATH, "::: intern\nGeheim.")
    repository.commit("offen")
    (repository.folder / PATH).write_bytes(b"\xff\xfe")
    repository.commit("kein Text")
    repository.write(PATH, "Gut.")
    repository.commit("gut")
    assert bodies(past_of(repository)) == ["Gut."]


def test_what_was_tried_on_a_merged_branch_is_no_version(repository: PastRepository) -> None:
    """Only states of the published branch were ever on line."""
    repository.write(PATH, "Alt.")
    repository.commit("alt")
    repository.git("switch", "-q", "-c", "versuch")
    repository.write(PATH, "Entwurf mit Kennwort.")
    tried = repository.commit("versuch")
    repository.write(PATH, "Neu.")
    repository.commit("fertig")
    repository.git("switch", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "Merge", "versuch")
    assert bodies(past_of(repository)) == ["Neu.", "Alt."]
    assert not PastReader(repository.folder, "de").older(live_in(repository), "v1", tried).versions


def test_a_branch_that_is_not_merged_is_not_read(repository: PastRepository) -> None:
    """Whoever guesses its commit is shown nothing."""
    repository.write(PATH, "Alt.")
    repository.commit("alt")
    repository.git("switch", "-q", "-c", "entwurf/wlan")
    repository.write(PATH, "Geheimer Entwurf.")
    draft = repository.commit("entwurf")
    repository.git("switch", "-q", "main")
    reader = PastReader(repository.folder, "de")
    assert not reader.older(live_in(repository), "v1", draft).versions
    assert not reader.older(live_in(repository), "v1", "HEAD~0").versions


def test_an_article_keeps_its_past_in_another_category(repository: PastRepository) -> None:
    """The name is what it is known by; the other language and namesakes are others."""
    repository.write("public/netz/wlan.de.md", "Eins.")
    repository.write("public/netz/wlan.en.md", "One.")
    repository.write("public/netz/wlan-langsam.md", "Anderes.")
    repository.commit("eins")
    repository.git("rm", "-q", "public/netz/wlan.de.md")
    repository.write("public/funk/wlan.md", "Zwei.")
    repository.commit("zwei")
    found = PastReader(repository.folder, "de").past(
        next(one for one in read_library(repository.folder).articles if (one.slug, one.lang) == ("wlan", "de")), "v1"
    )
    assert bodies(found) == ["Zwei.", "Eins."]


def test_a_plain_folder_has_a_past_while_all_of_it_was_public(repository: PastRepository) -> None:
    """Beside a folder for agents nothing of it was read; files too far down or up make no difference."""
    repository.write("public-notes/router.md", "Neben Internem.")
    repository.write("intern/plan.md", "Geheim.")
    repository.commit("eins")
    repository.git("rm", "-qr", "intern")
    repository.commit("zwei")
    repository.write("public-notes/router.md", "Allein.")
    repository.commit("drei")
    found = PastReader(repository.folder, "de").past(live_in(repository, "router"), "v1")
    assert bodies(found.for_customers()) == ["Allein."]


def test_more_versions_than_are_read_are_told_and_found_by_name(repository: PastRepository) -> None:
    """An address given out once leads to its version for good."""
    commits = []
    for number in range(4):
        repository.write(PATH, f"Fassung {number}.")
        commits.append(repository.commit(f"{number}"))
    reader = PastReader(repository.folder, "de", most=2)
    found = reader.past(live_in(repository), "v1")
    assert bodies(found) == ["Fassung 3.", "Fassung 2."]
    assert not found.whole
    assert bodies(reader.older(live_in(repository), "v1", commits[1])) == ["Fassung 1.", "Fassung 0."]


def test_a_version_that_is_too_large_is_left_out(repository: PastRepository) -> None:
    """It was refused then, too; and it costs no memory now."""
    repository.write(PATH, "x" * 300_000)
    repository.commit("riesig")
    repository.write(PATH, "Klein.")
    repository.commit("klein")
    assert bodies(past_of(repository)) == ["Klein."]


def test_no_more_text_is_read_than_there_is_room_for(
    repository: PastRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest versions come first."""
    for number in range(3):
        repository.write(PATH, f"{number}" * 1000)
        repository.commit("x")
    monkeypatch.setattr(past_reader, "LARGEST_TEXTS", 2500)
    assert [body[0] for body in bodies(past_of(repository))] == ["2", "1"]


def test_without_a_repository_there_is_no_past(tmp_path: Path, article: MakeArticle) -> None:
    """Neither in a folder that git does not know, nor in one that is not there."""
    assert not PastReader(tmp_path).past(article(), "v1").versions
    assert not PastReader(tmp_path / "weg").past(article(), "v1").versions


def test_too_many_readers_are_told_to_come_back(repository: PastRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git is asked by few at once; what was read for a version is kept and needs no turn."""
    repository.write(PATH, "Eins.")
    repository.commit("eins")
    monkeypatch.setattr(past_reader, "SECONDS", 0.01)
    monkeypatch.setattr(past_reader, "READERS", 1)
    reader = PastReader(repository.folder, "de")
    with reader.turn(), pytest.raises(PastBusy):
        reader.past(live_in(repository), "v1")


def test_git_is_ended_when_it_takes_too_long(repository: PastRepository) -> None:
    """With whatever it has started; the answer is what it said by then."""
    start = time.monotonic()
    answer = ask(repository.folder, "-c", "alias.doze=!echo eins; sleep 30", "doze", seconds=0.3, most=100)
    assert answer == GitAnswer(b"eins\n", whole=False)
    assert time.monotonic() - start < 10


def test_git_is_ended_when_it_says_too_much(repository: PastRepository) -> None:
    """What fits is the answer."""
    assert ask(repository.folder, "-c", "alias.y=!yes", "y", seconds=10, most=4) == GitAnswer(b"y\ny\n", whole=False)


def test_what_is_newer_than_the_live_text_is_left_out(article: MakeArticle) -> None:
    """It is on its way; a text that no commit has was changed in the folder, and all are older."""
    versions = tuple(version(article(f"{number}")) for number in (3, 2, 1))
    assert bodies(Past(versions).up_to(article("2"))) == ["2", "1"]
    assert bodies(Past(versions).up_to(article("9"))) == ["3", "2", "1"]


def test_a_withdrawn_version_is_gone_for_customers(repository: PastRepository) -> None:
    """Its author said so in the message of a later commit; agents still know it, and age is no way round."""
    repository.write(PATH, "Kennwort 1234")
    secret = repository.commit("x")
    repository.write(PATH, "Kennwort")
    repository.commit(f"Kennwort entfernt\n\nZurückgezogen: {secret[:10]}")
    found = past_of(repository)
    assert len(found.versions) == 2
    assert bodies(found.for_customers()) == ["Kennwort"]
    older = PastReader(repository.folder, "de").older(live_in(repository), "v1", secret)
    assert older.versions
    assert not older.for_customers().versions


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("x", ()),
        ("Port berichtigt\n\nKorrektur: Der Port ist 993,\n  nicht 995.\n", ("Der Port ist 993, nicht 995.",)),
        ("x\n\nKorrektur: Eins.\nKorrektur: Zwei.", ("Eins.", "Zwei.")),
        ("x\n\nCorrection: One.\nKorrektur: Eins.", ("Eins.",)),
        ("x\n\nCorrection: One.", ("One.",)),
        ("x\n\nKorrektur (wlan): Hier.\nKorrektur (drucker): Dort.", ("Hier.",)),
        ("x\n\nKorrektur:\n", ()),
    ],
)
def test_a_message_says_what_was_wrong(article: MakeArticle, message: str, told: tuple[str, ...]) -> None:
    """In lines of their own, in the article's language where there is such a line, for one article when it is named."""
    assert version(article(), message).corrections == told


def test_articles_that_were_corrected_lately_are_known(repository: PastRepository) -> None:
    """Looked for beside the readers, once for a version and a day."""
    today = date(2026, 11, 22)
    repository.write(PATH, "Eins.")
    repository.write("public/netz/anderer.md", "Eins.")
    repository.commit("eins", today.isoformat())
    repository.write(PATH, "Zwei.")
    repository.commit("zwei\n\nKorrektur: Eins war falsch.", today.isoformat())
    corrected = Corrected(repository.folder)
    until = time.monotonic() + 10
    while not (found := corrected.paths("v1", today)) and time.monotonic() < until:
        time.sleep(0.01)
    assert found == {PATH}


def test_an_internal_edition_is_public_in_no_version(article: MakeArticle) -> None:
    """Whatever the file says, the folder decides."""
    secret = version(article(visibility="internal", path="internal/netz/wlan.md"))
    assert public_edition(secret.article) is None
    assert Past((secret, replace(secret, commit="b" * 40))).for_customers().versions == ()
