from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import characters, sampled_from, text

from app.search.confidence import Judge
from app.search.encoder import HashingEncoder, Reading
from app.search.searcher import Searcher
from app.search.understood import understand
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
    "a word that is too long for the index": "a" * 65_536 + " VPN",
    "a code that is too long for the index": "0x" + "8" * 65_536,
    "a regular expression": "(a+)+$",
    "right to left": "\u202eNPV \u05d0",
    "combining marks": "a" + "\u0301" * 2000,
}


class Odd(HashingEncoder):
    """Reads one value in every query, in the whole or in its tokens."""

    def __init__(self, value: float, part: str) -> None:
        super().__init__()
        self.value, self.part = value, part

    def queries(self, texts: Sequence[str]) -> list[Reading]:
        """Give a vector that no model should give."""
        wrong: dict[str, Any] = {self.part: np.full(self.dimension, self.value, np.float32)}
        return [replace(one, **wrong) for one in super().queries(texts)]


class Silent(HashingEncoder):
    """Is not to be asked."""

    def queries(self, texts: Sequence[str]) -> list[Reading]:
        """Fail the test."""
        raise AssertionError(texts)


class Bilingual(HashingEncoder):
    """Knows that a few words of two languages mean the same."""

    WORDS: ClassVar = {"zurücksetzen": "reset", "knopf": "button", "drücken": "press"}

    def _direction(self, word: str) -> Matrix:
        plain = word.strip(".?!,")
        return super()._direction(self.WORDS.get(plain, plain))


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
    assert (found.query, found.lang, found.by_words_only) == ("Papierstau in den Druckern", "de", False)
    assert found.confidence == best.confidence
    evidence = searcher.evidence("Papierstau in den Druckern", "de")
    judge = searcher.index.judge("de")
    assert found.state == judge.state(judge.chance(evidence.first))


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
@pytest.mark.parametrize("part", ["whole", "tokens"])
def test_a_query_whose_vector_is_not_finite_is_searched_by_its_words(built: Workshop, value: float, part: str) -> None:
    """A broken model does not break the page."""
    assert slugs(built.searcher(encoder=Odd(value, part)).search("Papierstau", "de")) == ["papierstau"]


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


def test_what_is_typed_may_become_a_title(searcher: Searcher) -> None:
    """Of an article in the reader's language."""
    assert searcher.completions("papier", "de") == ("Papierstau im Drucker",)
    assert searcher.completions("papier", "en") == ()


def test_quick_suggestions_never_ask_the_encoder(built: Workshop) -> None:
    """Keys are still being pressed; the model is there and takes too long."""
    found = built.searcher(encoder=Silent()).suggest("Papierst", "de", quick=True)
    assert (slugs(found), found.by_words_only) == (["papierstau"], False)


def test_quick_suggestions_are_found_by_words_only(searcher: Searcher) -> None:
    """Meaning would fill them up with what is less far away than the rest."""
    assert slugs(searcher.suggest("Quetzalcoatl", "de", quick=True)) == []
    assert len(searcher.suggest("Quetzalcoatl", "de").results) > 1


def test_a_mistyped_query_is_put_right(searcher: Searcher) -> None:
    """And says what it was taken for."""
    found = searcher.search("Papeirstau im Durcker", "de")
    assert (found.query, found.meant) == ("Papeirstau im Durcker", "Papierstau im Drucker")
    assert slugs(found)[0] == "papierstau"


@pytest.mark.parametrize("typed", ["Papierstau im Drucker", "Quetzalcoatl", "", "0x80070005 FRITZ!Box"])
def test_a_query_without_known_mistakes_is_taken_as_it_stands(searcher: Searcher, typed: str) -> None:
    """A stranger is no mistake, and codes are never put right."""
    assert searcher.search(typed, "de").meant == ""


def test_a_long_description_is_not_looked_through_for_mistakes(searcher: Searcher) -> None:
    """Who writes much is understood all the same."""
    assert searcher.search("Der Durcker " + "und dann und wann " * 20, "de").meant == ""


def test_an_exact_query_is_not_put_right(built: Workshop) -> None:
    """Whoever insists is believed: the encoder reads the words as they were typed."""
    asked: list[str] = []

    class Listening(HashingEncoder):
        def queries(self, texts: Sequence[str]) -> list[Reading]:
            asked.extend(texts)
            return super().queries(texts)

    searcher = built.searcher(encoder=Listening())
    assert searcher.search("Papeirstau", "de", exact=True).meant == ""
    searcher.search("Papeirstau", "de")
    assert asked == ["Papeirstau", "Papierstau"]


def test_an_exact_query_is_not_put_right_in_its_words_either(built: Workshop) -> None:
    """Nothing that was not typed is found or marked."""
    words = Searcher(built.versions, "public", None)
    assert slugs(words.search("Papeirstau", "de")) == ["papierstau"]
    assert slugs(words.search("Papeirstau", "de", exact=True)) == []
    best = words.search("Papeirstau Drucker", "de", exact=True).results[0]
    assert {one.text for one in (*best.title, *best.snippet) if one.marked} <= {"Drucker", "Druckern"}


@pytest.mark.parametrize("way", ["suggest", "passages"])
def test_what_is_still_being_typed_is_not_put_right(built: Workshop, way: str) -> None:
    """It is not yet a mistake."""
    found: Findings = getattr(Searcher(built.versions, "public", None), way)("Papeirstau", "de")
    assert (slugs(found), found.meant) == ([], "")


def test_an_article_with_an_endless_word_can_be_built_and_found(workshop: Workshop) -> None:
    """Somebody pastes a key or a picture as text; what stands around it is found."""
    endless = "a" * 70_000
    workshop.write(article("anhang", f"Der Schlüssel {endless} gehört dazu."), article("vpn"))
    assert slugs(workshop.searcher().search("Schlüssel", "de"))[0] == "anhang"
    assert workshop.searcher().search(endless, "de").state in ("answer", "perhaps", "nothing")


@pytest.mark.parametrize("told", ["answer", "nothing"])
def test_what_is_vague_is_perhaps_answered(searcher: Searcher, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    """One letter finds something, and nobody can say that it is what was asked for, or that it is not."""
    monkeypatch.setattr(Judge, "state", lambda *_: told)
    states = [searcher.search(text, "de").state for text in ("V", "wie kann ich das nicht", "VPN")]
    assert states == ["perhaps", "perhaps", told]


def test_evidence_is_what_findings_are_made_of(searcher: Searcher) -> None:
    """The same articles in the same order, before they are put into words."""
    evidence = searcher.evidence("Papeirstau im Drucker", "de")
    found = searcher.search("Papeirstau im Drucker", "de", 50)
    assert [one.slug for one in evidence.found.candidates] == slugs(found)
    assert searcher.index.judge("de").chance(evidence.first).likely == found.confidence


def test_evidence_can_be_had_as_if_an_article_were_not_there(searcher: Searcher) -> None:
    """What is nearest is not it; all else that the query itself tells stays the same."""
    whole = searcher.evidence("Papierstau im Drucker", "de")
    rest = searcher.evidence("Papierstau im Drucker", "de", {"papierstau"})
    assert "papierstau" not in {one.slug for one in rest.found.candidates}
    assert len(rest.found.candidates) == len(whole.found.candidates) - 1
    assert rest.signals.pop("nearest") < whole.signals.pop("nearest")


def test_evidence_by_words_alone_says_nothing_of_meaning(built: Workshop) -> None:
    """Only how many of the words stand nowhere."""
    evidence = Searcher(built.versions, "public", None).evidence("Papierstau Quetzalcoatl", "de")
    assert (evidence.surroundings, evidence.signals) == (None, {"unknown": 0.5})


def test_evidence_knows_how_near_the_query_is_to_all_there_is(searcher: Searcher) -> None:
    """The nearest passage, the mean of all and how they lie around it, and the nearest strangers."""
    (reading,) = HashingEncoder().queries(["Papierstau im Drucker"])
    vectors = searcher.index.vectors
    assert vectors is not None
    around = searcher.evidence("Papierstau im Drucker", "de").surroundings
    assert around
    assert around.nearest == pytest.approx((vectors @ reading.whole).max(), abs=1e-5)
    assert around.crowd == pytest.approx((vectors @ reading.whole).mean(), abs=1e-5)
    assert around.spread == pytest.approx((vectors @ reading.whole).std(), abs=1e-5)
    strangers = np.sort(searcher.index.strangers["de"] @ reading.whole)
    assert around.strange == pytest.approx(strangers[-5:].mean(), abs=1e-5)


def test_articles_already_read_are_left_out(searcher: Searcher) -> None:
    """The next best takes their place, and as many are found."""
    first = slugs(searcher.search("Papierstau im Drucker", "de", 3))
    found = slugs(searcher.search("Papierstau im Drucker", "de", 3, without={first[0]}))
    assert found[:2] == first[1:]
    assert len(found) == 3


def test_the_answer_is_chosen_by_meaning_across_languages(workshop: Workshop) -> None:
    """No word of the German question stands in the English article."""
    workshop.encoder = Bilingual()
    text = "Take it out of the box. Please press the reset button. Wait for ten seconds. Then go on."
    workshop.write(article("router", text, title="Router", lang="en"), ARTICLES[1])
    best = workshop.searcher().search("Knopf zum Zurücksetzen drücken", "de").results[0]
    assert (best.slug, best.lang, best.answer) == ("router", "en", "Please press the reset button.")


def test_the_answer_is_a_sentence_of_the_snippet(searcher: Searcher) -> None:
    """It begins what is shown where there is room."""
    best = searcher.search("Papier langsam ziehen", "de").results[0]
    assert best.answer == "Ziehe das Papier langsam aus den Druckern."
    assert best.answer in "".join(segment.text for segment in best.snippet)


def test_tokens_tell_apart_what_as_a_whole_looks_alike(workshop: Workshop) -> None:
    """Of two articles with the very same words in their titles the one whose section says it comes first."""
    body = "Nimm die Kartusche. Lege sie in die Schale. Schließe den Deckel."
    workshop.write(article("eins", body, title="Gerät"), article("zwei", body.replace("Schale", "Lade"), title="Gerät"))
    assert slugs(workshop.searcher().search("die Lade", "de"))[0] == "zwei"


def test_a_known_code_leads_to_its_article(workshop: Workshop) -> None:
    """Though another word of the query stands in another one only."""
    workshop.write(
        article("a", "Das Update bricht mit einem Fehler ab.", title="Update bricht ab"),
        article("b", "Bei 0x80070005 fehlen Rechte.", title="Rechte"),
    )
    words = Searcher(workshop.versions, "public", None)
    assert [slugs(words.search(text, "de"))[0] for text in ("Update bricht ab", "Fehler 0x80070005")] == ["a", "b"]


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


def test_related_articles_are_looked_for_once(searcher: Searcher) -> None:
    """They stay the same as long as the version is."""
    assert searcher.related("toner", "de") is searcher.related("toner", "de")


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
    (two.versions.root / name / "public" / "shards" / "0000" / "passages.jsonl").write_bytes(b"")
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

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for name in ("eins", "zwei", "acht"):
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
    found = searcher._find(before, understand(before.index, "alt", "de", exact=True), 5)  # noqa: SLF001 - same
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
