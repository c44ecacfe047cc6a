from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import characters, sampled_from, text

from app.search.confidence import ANSWER
from app.search.encoder import HashingEncoder
from app.search.query import read_query
from app.search.searcher import Searcher, completed, weight_of, word_shares
from app.search.versions import NoIndex, Versions
from tests.search.conftest import ARTICLES, Workshop, article

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.articles.article import Language
    from app.search.encoder import Encoder, Matrix
    from app.search.ranking import Findings

ODD = {
    "quotes": '"VPN" \'einrichten',
    "operators": "VPN AND NOT einrichten OR +x -y title:vpn ~2 ^3 *",
    "brackets": "[({<VPN>})] [a TO z]",
    "ten thousand words": "VPN einrichten " * 5000,
    "one letter": "V",
    "only stop words": "wie kann ich das nicht",
    "emoji": "🖨️ Drucker 🔥",
    "control characters": "\x01VPN\x1b[31m\x7f",
    "lone surrogates": "VPN \ud800\udfff",
    "NUL": "VPN\0einrichten",
    "nothing": "",
    "spaces": " \t\n\u2028 ",
    "signs": "?!…",
    "one long word": "a" * 10_000,
    "a regular expression": "(a+)+$",
    "right to left": "\u202eNPV \u05d0",
    "combining marks": "a" + "\u0301" * 2000,
}


class Odd(HashingEncoder):
    """Encodes every query into one value."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def queries(self, texts: Sequence[str]) -> Matrix:
        """Give a vector that no model should give."""
        return np.full((len(texts), self.dimension), self.value, np.float32)


def slugs(found: Findings) -> list[str]:
    """Return the slugs of the results."""
    return [result.slug for result in found.results]


def told(found: Findings) -> str:
    """Return the first snippet, marked words in brackets."""
    return "".join(f"[{one.text}]" if one.marked else one.text for one in found.results[0].snippet)


def test_a_question_finds_the_article_that_answers_it(searcher: Searcher) -> None:
    """With everything that a page shows of it."""
    found = searcher.search("Papierstau in den Druckern", "de")
    best = found.results[0]
    assert (best.slug, best.lang, best.category, best.internal) == ("papierstau", "de", "drucken", False)
    assert (found.query, found.lang, found.state, found.by_words_only) == (
        "Papierstau in den Druckern",
        "de",
        "answer",
        False,
    )
    assert found.confidence == best.confidence >= ANSWER


def test_a_result_leads_to_its_best_passage(searcher: Searcher) -> None:
    """Heading and anchor of the section that answers."""
    best = searcher.search("Tunnel starten unter Windows", "de").results[0]
    assert (best.slug, best.heading, best.anchor) == ("vpn", "Unter Windows", "unter-windows")


def test_a_snippet_marks_inflected_forms(searcher: Searcher) -> None:
    """Who types a nominative sees the dative marked."""
    assert told(searcher.search("Drucker Papier ziehen", "de")).endswith("das [Papier] langsam aus den [Druckern].")


def test_the_words_of_a_title_are_marked(searcher: Searcher) -> None:
    """Readers see why an article was found."""
    title = searcher.search("Papierstau", "de").results[0].title
    assert [segment.text for segment in title if segment.marked] == ["Papierstau"]


def test_the_authors_questions_help_to_find(searcher: Searcher) -> None:
    """The customers' own words stand in no section."""
    assert slugs(searcher.search("von daheim ins Firmennetz", "de"))[0] == "vpn"


def test_each_article_is_found_once(searcher: Searcher) -> None:
    """Whatever number of its passages fit."""
    found = slugs(searcher.search("Passwort password ändern change", "de", 50))
    assert len(found) == len(set(found))


def test_results_are_limited(searcher: Searcher) -> None:
    """To what was asked for."""
    assert len(searcher.search("Drucker", "de", 2).results) == 2


def test_a_german_query_finds_an_english_only_article_and_shows_its_language(searcher: Searcher) -> None:
    """An answer in another language is better than none."""
    found = searcher.search("Wie mache ich einen Router Reset?", "de")
    assert (found.lang, found.results[0].slug, found.results[0].lang) == ("de", "router", "en")


@pytest.mark.parametrize(("text", "reader", "lang"), [
    ("how do I change my password", "de", "en"),
    ("wie ändere ich mein Passwort", "en", "de"),
    ("Passwort password", "en", "en"),
])  # fmt: skip
def test_results_come_in_the_language_of_the_query(
    searcher: Searcher, text: str, reader: Language, lang: Language
) -> None:
    """The reader's language stands only where the query does not tell."""
    best = searcher.search(text, reader).results[0]
    assert (best.slug, best.lang) == ("passwort", lang)


def test_an_article_found_in_the_other_language_is_shown_from_its_beginning(built: Workshop) -> None:
    """Only its English words were found, and the reader asked in German."""
    found = Searcher(built.versions, "public", None).search("was ist choose und characters", "de")
    assert (found.results[0].slug, found.results[0].lang) == ("passwort", "de")
    assert told(found) == "Wähle ein neues Passwort mit zwölf Zeichen."


def test_the_public_never_finds_what_is_internal(searcher: Searcher) -> None:
    """It is not in the index."""
    assert "vollmacht" not in slugs(searcher.search("Konto mit Ausweis entsperren", "de", 50))


def test_agents_find_what_is_internal_and_see_that_it_is(built: Workshop) -> None:
    """Before they read it out."""
    best = built.searcher("internal").search("Konto mit Ausweis entsperren", "de").results[0]
    assert (best.slug, best.internal) == ("vollmacht", True)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("way", ["search", "suggest", "passages"])
def test_odd_queries_find_something_or_nothing(searcher: Searcher, way: str, name: str) -> None:
    """They are never an error."""
    found: Findings = getattr(searcher, way)(ODD[name], "de")
    assert found.state in ("answer", "perhaps", "nothing")
    assert found.query.encode().decode() == found.query


@settings(max_examples=100, deadline=None)
@given(text(characters()), sampled_from(["search", "suggest", "passages"]), sampled_from(["de", "en"]))
def test_any_text_can_be_searched_for(searcher: Searcher, anything: str, way: str, lang: Language) -> None:
    """Whatever is typed gives findings whose confidences are probabilities."""
    found: Findings = getattr(searcher, way)(anything, lang)
    assert all(0 <= result.confidence <= 1 for result in found.results)


@pytest.mark.parametrize("query", ["", "?!"])
def test_an_empty_query_finds_nothing(searcher: Searcher, query: str) -> None:
    """And says so."""
    found = searcher.search(query, "de")
    assert (found.state, found.confidence, found.results) == ("nothing", 0.0, ())


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_query_whose_vector_is_not_finite_is_searched_by_its_words(built: Workshop, value: float) -> None:
    """A broken model does not break the page."""
    assert slugs(built.searcher(encoder=Odd(value)).search("Papierstau", "de")) == ["papierstau"]


@pytest.mark.parametrize("encoder", [None, HashingEncoder(32)])
def test_without_the_model_of_the_index_words_alone_are_searched(built: Workshop, encoder: Encoder | None) -> None:
    """The vectors are there, but nothing may be compared with them; the findings say so."""
    searcher = Searcher(built.versions, "public", encoder)
    found, empty = searcher.search("Papierstau", "de"), searcher.search("", "de")
    assert slugs(found) == ["papierstau"]
    assert found.by_words_only
    assert empty.by_words_only
    assert not searcher.by_meaning


def test_without_vectors_words_alone_are_searched(workshop: Workshop) -> None:
    """The index was built while there was no model."""
    Workshop(workshop.versions, None).write(article("vpn"), article("toner"))
    found = workshop.searcher().search("vpn", "de")
    assert slugs(found) == ["vpn"]
    assert found.by_words_only


def test_suggestions_complete_a_half_typed_word(built: Workshop) -> None:
    """By words alone, so that it is the completion that finds."""
    searcher = Searcher(built.versions, "public", None)
    assert slugs(searcher.suggest("Papierst", "de")) == ["papierstau"]
    assert slugs(searcher.search("Papierst", "de")) == []


def test_suggestions_complete_in_both_languages(built: Workshop) -> None:
    """An English word in a German query is half-typed too."""
    assert "passwort" in slugs(Searcher(built.versions, "public", None).suggest("das passwo", "de"))
    assert slugs(Searcher(built.versions, "public", None).suggest("mein rout", "de")) == ["router"]


def test_a_finished_word_is_not_completed(searcher: Searcher) -> None:
    """A sign after it says that it is whole."""
    query = read_query("Papierst?", "de")
    assert completed(searcher.index, query) == query


def test_excluded_articles_are_never_returned(searcher: Searcher) -> None:
    """Whoever has read them needs another one."""
    found = searcher.passages("Papierstau im Drucker", "de", exclude=["papierstau", "toner"], limit=50)
    assert found.results
    assert not {"papierstau", "toner"} & set(slugs(found))


def test_without_exclusions_passages_are_the_best_ones(searcher: Searcher) -> None:
    """Three at most."""
    found = searcher.passages("Papierstau im Drucker", "de")
    assert slugs(found)[0] == "papierstau"
    assert len(found.results) == 3


def test_related_articles_are_near_and_not_the_article_itself(searcher: Searcher) -> None:
    """What else there is about printers comes first."""
    rows = searcher.related("papierstau", "de", 2)
    assert rows[0].article.slug == "toner"
    assert len(rows) == 2


def test_an_unknown_article_has_no_related_ones(searcher: Searcher) -> None:
    """It may have been taken down."""
    assert searcher.related("nirgends", "de") == ()


def test_shares_of_words_lie_between_nothing_and_all(searcher: Searcher) -> None:
    """A word that stands nowhere lowers them for all."""
    whole = max(word_shares(searcher.index, read_query("Papierstau", "de")).values())
    half = max(word_shares(searcher.index, read_query("Papierstau Quetzalcoatl", "de")).values())
    assert 0 < half < whole <= 1


def test_a_rare_word_weighs_more(searcher: Searcher) -> None:
    """One that stands nowhere weighs most, and no words weigh one."""
    weights = [weight_of(searcher.index, terms, "de") for terms in (["druck"], ["toner"], ["quetzal"])]
    assert weights == sorted(weights)
    assert weights[0] < weights[-1]
    assert weight_of(searcher.index, [], "de") == 1


def test_refresh_swaps_in_a_new_version(two: Workshop) -> None:
    """And once it is in use there is nothing more to do."""
    searcher = two.searcher()
    two.write(article("frisch"))
    assert searcher.refresh()
    assert slugs(searcher.search("frisch", "de")) == ["frisch"]
    assert not searcher.refresh()


def test_refresh_goes_on_with_what_is_loaded_when_the_new_version_is_damaged(two: Workshop) -> None:
    """The one in use is the newest that is whole."""
    searcher = two.searcher()
    name = two.write(article("frisch"))
    (two.versions.root / name / "public" / "passages.jsonl").write_bytes(b"")
    assert not searcher.refresh()
    assert slugs(searcher.search("neu", "de")) == ["neu"]


def test_refresh_goes_on_when_the_folder_has_gone(two: Workshop, tmp_path: Path) -> None:
    """A shared disk may be away for a while."""
    searcher = two.searcher()
    two.versions.root.rename(tmp_path / "away")
    assert not searcher.refresh()
    assert slugs(searcher.search("neu", "de")) == ["neu"]


def test_refresh_swaps_while_others_search(workshop: Workshop) -> None:
    """Every search sees one version, whole: the article and the word in it are always of the same version."""
    workshop.write(article("null", "Wort null."))
    searcher, done, wrong = workshop.searcher(), threading.Event(), []

    def ask() -> None:
        while not done.is_set():
            found = searcher.search("Wort", "de")
            if [told(found)] != [f"[Wort] {slug}." for slug in slugs(found)]:
                wrong.append(found)  # pragma: no cover - only when broken

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for name in ("eins", "zwei", "drei", "vier", "acht"):
        workshop.write(article(name, f"Wort {name}."))
        searcher.refresh()
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert slugs(searcher.search("Wort", "de")) == ["acht"]


def test_a_swap_to_the_vectors_of_another_model_disturbs_no_search(workshop: Workshop) -> None:
    """A search that began before the swap ends with the version it began with."""
    Workshop(workshop.versions, HashingEncoder(32)).write(article("alt"))
    searcher = workshop.searcher()
    before = searcher._shelf  # noqa: SLF001 - a search that has begun holds it
    workshop.write(article("neu"))
    assert searcher.refresh()
    found = searcher._find(before, read_query("alt", "de"), 5)  # noqa: SLF001 - same
    assert slugs(found) == ["alt"]
    assert (found.by_words_only, searcher.by_meaning) == (True, True)


def test_no_index_at_all_says_what_to_do(tmp_path: Path) -> None:
    """The first start."""
    with pytest.raises(NoIndex, match=r"Run scripts/build-index"):
        Searcher(Versions(tmp_path), "public", None)


def test_articles_with_the_same_text_are_all_found(workshop: Workshop) -> None:
    """Vectors without any spread divide by almost nothing."""
    same = [replace(ARTICLES[2], slug=f"toner-{number}") for number in range(3)]
    workshop.write(*same)
    assert sorted(slugs(workshop.searcher().search("Toner wechseln", "de"))) == ["toner-0", "toner-1", "toner-2"]
