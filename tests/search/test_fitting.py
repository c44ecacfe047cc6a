from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers

from app.search.calibrating import evenly
from app.search.confidence import Judge
from app.search.encoder import HashingEncoder
from app.search.evaluation import BadData, Question
from app.search.fitting import (
    ABOUT,
    BY_WORDS,
    KEPT,
    RANKED,
    RIGHT,
    Row,
    Sample,
    fitted_ranking,
    fitted_to,
    mean_rank,
    odds_of,
    pairs_of,
    plans_of,
    reciprocal,
    rows_below,
    sample_of,
    unscaled,
    with_thresholds,
)
from app.search.searcher import Searcher
from app.search.strangers import STRANGERS
from app.search.weights import Odds, fitted
from tests.search.conftest import NEGATIVES, TOPICS, Progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.search.confidence import Signals
    from tests.search.conftest import Workshop

PAIRS = [(False, False), (False, True), (True, False), (True, True)]
PLAIN = replace(fitted(), words=1.0, titles=1.0, match=1.0, asked=1.0)


def sample(
    *parts: Sequence[float], right: int | None = 0, signals: tuple[Signals, Signals | None] = ({}, None)
) -> Sample:
    """Make a question from what spoke for each article, and which of them is the right one."""
    places = range(len(parts))
    return Sample(np.array(parts, float), np.array([place == right for place in places], bool), *signals)


def row(*samples: Sample, name: str = "eins de→de", family: str = "eins", negatives: Sequence[Signals] = ()) -> Row:
    """Make a row of a set."""
    return Row(name, family, samples, negatives)


def random_row(seed: int) -> Row:
    """Make up ten questions that found five articles each."""
    random = np.random.default_rng(seed)
    return row(*(sample(*random.normal(size=(5, 5)), right=int(random.integers(5))) for _ in range(10)))


def asked(number: int) -> Question:
    """Make a question."""
    return Question(str(number), "de", "", frozenset())


def touch(folder: Path, *names: str) -> None:
    """Make empty files."""
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()


def test_every_set_is_asked_in_all_directions(tmp_path: Path) -> None:
    """German and English questions of German and English documents."""
    touch(tmp_path / "shop", "queries.jsonl", "qrels.tsv", "corpus.jsonl")
    plans = list(plans_of(tmp_path))
    assert {(one.query_lang, one.corpus_lang) for one in plans} == {
        ("de", "de"), ("de", "en"), ("en", "de"), ("en", "en"),
    }  # fmt: skip
    assert {(one.folder, one.corpus.name) for one in plans} == {(tmp_path / "shop", "corpus.jsonl")}


def test_questions_in_the_language_of_the_corpus_are_asked_of_the_one_that_was_held_back(tmp_path: Path) -> None:
    """Where there is one; those in another language have the whole corpus before them."""
    touch(tmp_path / "shop", "queries.jsonl", "qrels.tsv", "corpus.jsonl", "corpus_eval.jsonl")
    held = {one.corpus.stem: one.query_lang == one.corpus_lang for one in plans_of(tmp_path)}
    assert held == {"corpus_eval": True, "corpus": False}


@pytest.mark.parametrize("missing", ["queries.jsonl", "qrels.tsv", "corpus.jsonl"])
def test_a_folder_that_lacks_a_file_is_no_set(tmp_path: Path, missing: str) -> None:
    """Questions that nothing answers lie beside the sets in a folder of their own."""
    touch(tmp_path / "shop", *({"queries.jsonl", "qrels.tsv", "corpus.jsonl"} - {missing}))
    assert list(plans_of(tmp_path)) == []


def test_a_folder_without_sets_is_an_error_that_says_what_is_missing(tmp_path: Path) -> None:
    """By the names of the files."""
    with pytest.raises(BadData, match=r"no folder with queries\.jsonl, qrels\.tsv and corpus\.jsonl"):
        rows_below(tmp_path, (), tmp_path / "index", HashingEncoder(), Progress())


def test_each_row_has_its_questions_and_those_that_nothing_answers(fitting_rows: list[Row]) -> None:
    """Of two sets in four directions each; every question found its article, which was then taken away."""
    assert [one.name for one in fitting_rows[:4]] == ["eins de→de", "eins en→de", "eins de→en", "eins en→en"]
    assert {one.family: len(one.samples) for one in fitting_rows} == {name: len(TOPICS[name]) for name in TOPICS}
    assert {len(one.negatives) for one in fitting_rows} == {len(NEGATIVES)}
    assert {len(one.strangers) for one in fitting_rows} == {len(STRANGERS["de"])}
    assert all(len(list(pairs_of(one))) == len(one.samples) for one in fitting_rows)


def test_a_title_is_not_asked_for_in_its_own_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands there word by word; in the other language it is a question like any other."""
    kinds: list[set[str]] = []
    monkeypatch.setattr("app.search.fitting.sample_of", lambda _searcher, one: kinds.append({one.kind}))
    from tests.search.conftest import write_lines

    folder = tmp_path / "shop"
    write_lines(folder / "corpus.jsonl", [{"id": lang, "text": "Text", "lang": lang} for lang in ("de", "en")])
    write_lines(folder / "queries.jsonl", [{"id": "1", "text": "Titel", "lang": "de", "kind": "title (short)"}])
    write_lines(tmp_path / "negatives" / "queries.jsonl", [{"text": "Drache"}])
    (folder / "qrels.tsv").write_text("query\tdocument\trelevance\n1\tde\t1\n1\ten\t1\n")
    rows = rows_below(tmp_path, (), tmp_path / "index", HashingEncoder(), Progress())
    assert [(one.name, len(one.samples)) for one in rows if one.samples] == [("shop de→en", 1)]
    assert kinds == [{"title"}]


@pytest.mark.parametrize(("most", "chosen"), [(3, [0, 4, 9]), (10, [*range(10)]), (99, [*range(10)]), (1, [0])])
def test_questions_are_taken_evenly_spread(most: int, chosen: list[int]) -> None:
    """From the first to the last, each once."""
    questions = [asked(number) for number in range(10)]
    assert evenly(questions, most) == [questions[place] for place in chosen]


def test_of_no_questions_none_are_taken() -> None:
    """A set may have none in one direction."""
    assert evenly([], 5) == []


def question(text: str, *answers: str) -> Question:
    """Make a German question."""
    return Question(text, "de", "", frozenset(answers))


def test_a_question_is_asked_with_and_without_its_answer(searcher: Searcher) -> None:
    """What the first result showed, and what the next one shows in its place."""
    found = sample_of(searcher, question("Papierstau im Drucker", "papierstau"))
    assert found.right.tolist() == [True] + [False] * (len(found.parts) - 1)
    assert found.removed
    assert found.present["share"] > found.removed["share"]
    assert {*ABOUT, *RIGHT, *BY_WORDS} <= found.present.keys() == found.removed.keys()


def test_what_is_weighed_is_kept_by_article(searcher: Searcher) -> None:
    """Meaning, share of the words, titles and questions, and the two matches."""
    candidates = searcher.evidence("Papierstau im Drucker", "de").found.candidates
    parts = sample_of(searcher, question("Papierstau im Drucker", "papierstau")).parts
    assert parts.shape == (len(candidates), 1 + len(RANKED))
    assert parts[:, 1].tolist() == [one.share for one in candidates]
    assert parts[:, 3:].tolist() == [[one.match, one.asked_match] for one in candidates]


def test_where_another_article_came_first_nothing_is_taken_away(searcher: Searcher) -> None:
    """It was wrong already."""
    found = sample_of(searcher, question("Papierstau im Drucker", "vpn"))
    assert found.removed is None
    assert found.right.sum() == 1


def test_a_question_that_finds_nothing_has_no_parts(built: Workshop) -> None:
    """By words alone most say nothing."""
    found = sample_of(Searcher(built.versions, "public", None), question("Quetzalcoatl", "vpn"))
    assert (found.parts.shape, found.right.tolist(), found.present, found.removed) == ((0, 5), [], {}, None)


def test_where_the_answer_was_all_there_is_nothing_shows_without_it(workshop: Workshop) -> None:
    """One article is a knowledge base too."""
    from tests.search.conftest import article

    workshop.write(article("vpn"))
    assert sample_of(workshop.searcher(), question("vpn", "vpn")).removed is None


def test_the_reciprocal_rank_is_that_of_the_first_right_article() -> None:
    """By hand, with weights of 1: sums of 5, 3 and 4."""
    parts = [[1, 1, 1, 1, 1], [3, 0, 0, 0, 0], [0, 0, 0, 4, 0]]
    assert [reciprocal(sample(*parts, right=right), PLAIN) for right in (0, 1, 2)] == [1, 1 / 3, 1 / 2]


def test_beyond_the_tenth_or_not_found_at_all_is_nothing() -> None:
    """As the mean reciprocal rank at 10 says."""
    parts = [[place, 0, 0, 0, 0] for place in range(11)]
    assert [reciprocal(sample(*parts, right=right), PLAIN) for right in (0, 1, None)] == [0, 1 / 10, 0]
    assert reciprocal(Sample(np.empty((0, 5)), np.empty(0, bool), {}, None), PLAIN) == 0


def test_each_row_counts_the_same() -> None:
    """However many questions it has."""
    first, second = (sample([1, 0, 0, 0, 0], [2, 0, 0, 0, 0], right=right) for right in (1, 0))
    assert mean_rank(PLAIN, [row(first, first, first), row(second)]) == (1 + 1 / 2) / 2


@settings(max_examples=20, deadline=None)
@given(integers(0, 1000))
def test_fitting_the_ranking_never_makes_it_worse(seed: int) -> None:
    """On what it is fitted to."""
    rows = [random_row(seed), random_row(seed + 1)]
    assert mean_rank(fitted_ranking(rows), rows) >= mean_rank(fitted(), rows)


def test_fitting_the_ranking_finds_what_tells_the_right_article(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here words lead astray and matches tell."""
    monkeypatch.setattr("app.search.fitting.fitted", lambda: replace(PLAIN, words=9.0))
    rows = [row(sample([0, 0, 0, 1, 0], [0, 1, 0, 0, 0]))]
    found = fitted_ranking(rows)
    assert found.words < found.match
    assert mean_rank(found, rows) == 1


def test_weights_that_do_best_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is moved without a gain."""
    monkeypatch.setattr("app.search.fitting.fitted", lambda: PLAIN)
    assert fitted_ranking([row(sample([1, 1, 1, 1, 1], [0, 0, 0, 0, 0]))]) == PLAIN


def test_odds_tell_apart_what_can_be_told_apart() -> None:
    """One signal says it, the other says nothing."""
    noise = np.random.default_rng(0).normal(size=40)
    told = [({"says": float(at % 2), "noise": float(noise[at])}, at % 2, row()) for at in range(40)]
    odds = odds_of(("says", "noise"), told)
    assert all((odds.of(signals) > 0) == bool(label) for signals, label, _ in told)
    assert abs(odds.signals["noise"]) < odds.signals["says"] / 4


def test_pairs_tell_apart_what_no_signal_tells_alone() -> None:
    """Right is where both are there or neither is."""
    told = [({"one": float(one), "other": float(other)}, int(one == other), row()) for one, other in PAIRS * 20]
    odds = odds_of(("one", "other"), told, in_pairs=True)
    assert all((odds.of(signals) > 0) == bool(label) for signals, label, _ in told)
    assert [pair for *pair, _ in odds.pairs] == [["one", "one"], ["one", "other"], ["other", "other"]]


@settings(max_examples=20, deadline=None)
@given(integers(0, 1000))
def test_odds_are_the_same_for_signals_as_they_come(seed: int) -> None:
    """They are fitted to distances from the mean in standard deviations; nobody has to know that."""
    random = np.random.default_rng(seed)
    means, scales, slopes, signals = (random.uniform(0.5, 2, size) for size in (2, 2, 5, 2))
    odds = unscaled(("one", "other"), means, scales, slopes, 0.5)
    one, other = (signals - means) / scales
    expected = 0.5 + slopes @ [one, other, one * one, one * other, other * other]
    assert odds.of({"one": signals[0], "other": signals[1]}) == pytest.approx(expected, abs=1e-3)


def test_a_signal_that_is_always_the_same_says_nothing() -> None:
    """Nor does it divide by nothing."""
    told = [({"says": float(at % 2), "same": 7.0}, at % 2, row()) for at in range(10)]
    assert odds_of(("says", "same"), told).signals["same"] == 0


def test_a_row_with_many_questions_does_not_outvote_the_others() -> None:
    """Each counts the same, and in it right and wrong."""
    many, *few = (row(name=name) for name in ("many", "few", "less"))
    told = [({"x": float(label)}, label, many) for label in (0, 1) for _ in range(50)]
    told += [({"x": 1.0 - label}, label, one) for label in (0, 1) for one in few for _ in range(5)]
    assert odds_of(("x",), told).signals["x"] < 0


def test_most_right_first_results_are_shown_as_answers() -> None:
    """As many as are to be; and perhaps begins below."""
    signals = [({"lead": place / 10, "nearest": 1.0}, {"lead": 0.0, "nearest": 1.0}) for place in range(200)]
    rows = [row(*(sample([0] * 5, signals=one) for one in signals))]
    sure = replace(fitted(), bar=0.0, about=Odds({}, 30.0), right=Odds({"lead": 0.3}, -2.0))
    found = with_thresholds(sure, rows)
    chances = [Judge(found, 0.0).chance(present).likely for present, _ in signals]
    assert np.mean([chance >= found.answer for chance in chances]) == pytest.approx(KEPT, abs=0.02)
    assert 0 < found.perhaps < found.answer


def test_a_row_without_right_first_results_sets_no_threshold() -> None:
    """There is nobody to keep."""
    sure = replace(fitted(), about=Odds({}, 9.0), right=Odds({}, 0.0))
    one = row(sample([0] * 5, signals=({"nearest": 1.0}, {"nearest": 1.0})))
    assert with_thresholds(sure, [one, row(sample([0] * 5))]) == with_thresholds(sure, [one])


def test_all_weights_are_fitted_together(fitting_rows: list[Row]) -> None:
    """Right first results become likelier than those in their place, and than what is found where nothing answers."""
    found = fitted_to(fitting_rows)
    told = [(one.judge(found), present, removed) for one in fitting_rows for present, removed in pairs_of(one)]
    present = np.mean([judge.chance(signals).likely for judge, signals, _ in told])
    assert present > np.mean([judge.chance(signals).likely for judge, _, signals in told])
    negative = np.mean([one.judge(found).chance(signals).likely for one in fitting_rows for signals in one.negatives])
    assert present > negative
    assert (*found.about.signals,) == ABOUT
    assert (*found.right.signals,) == RIGHT
    assert (*found.by_words.signals,) == BY_WORDS


def test_nothing_is_strange_to_a_set_about_everything(tmp_path: Path) -> None:
    """It is fitted to for the ranking alone."""
    from tests.search.conftest import write_sets

    data = write_sets(tmp_path, "eins", "zwei")
    rows = rows_below(data, ("eins",), tmp_path / "index", HashingEncoder(), Progress())
    assert {one.family for one in rows if one.negatives} == {"zwei"}
