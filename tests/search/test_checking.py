from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.search import checking
from app.search.checking import area_by_fold, by_fold, figures, figures_of, likely
from app.search.confidence import Judge
from app.search.fitting import RIGHT, Row, Sample
from app.search.measuring import FITTED_COLUMNS
from app.search.weights import Odds, fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.search.confidence import Signals
    from app.search.weights import Weights

WEIGHTS = replace(fitted(), bar=0.0, about=Odds({}, 30.0), right=Odds({"lead": 1.0}, 0.0), answer=0.5)
"""What it is about is certain, so that the lead alone decides: one above 0 is an answer."""


def leads(*pairs: tuple[float, float], negatives: Sequence[float] = (), name: str = "eins") -> Row:
    """Make a row of questions by how far the first result led with its answer there, and with it taken away."""
    samples = [Sample(np.zeros((1, 5)), np.array([True]), told(one), told(other)) for one, other in pairs]
    return Row(name, name, samples, [told(one) for one in negatives])


def told(lead: float) -> Signals:
    """Return signals of which only the lead says something."""
    return dict.fromkeys((*RIGHT, "nearest"), 0.0) | {"lead": lead}


def test_confidences_are_told_with_the_answer_there_and_with_it_taken_away() -> None:
    """In pairs, by hand."""
    right, wrong = likely(leads((0.0, -30.0), (30.0, 0.0)), Judge(WEIGHTS, 0.0))
    assert right == pytest.approx([0.5, 1.0])
    assert wrong == pytest.approx([0.0, 0.5])


def test_the_figures_of_a_row_by_hand() -> None:
    """Two of three right ones are kept, one of four negatives is answered; two ninths of the pairs are lost."""
    row = leads((2.0, -1.0), (1.0, -2.0), (-3.0, -4.0), negatives=(1.0, -1.0, -2.0, -3.0))
    found = figures(row, WEIGHTS)
    assert (found["MRR@10"], found["kept"], found["negatives answered"]) == (1, 2 / 3, 1 / 4)
    assert found["AUC"] == pytest.approx(7 / 9)


def test_without_negatives_none_are_answered() -> None:
    """Instead of dividing by nothing."""
    assert figures(leads((1.0, 0.0), (2.0, 0.0)), WEIGHTS)["negatives answered"] == 0


def test_what_a_row_can_tell_apart_by_itself_is_told_fold_by_fold() -> None:
    """Whoever leads far is right."""
    assert area_by_fold(leads(*((5.0 + place, 1.0 - place) for place in range(10)))) == 1


def test_a_question_is_judged_by_others_than_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fifth by the other four; and every one is judged once."""
    row = leads(*((float(place), -float(place)) for place in range(1, 11)))
    fitted_on: list[set[float]] = []

    def note(_names: object, pairs: Sequence[tuple[Signals, int, Row]], *, in_pairs: bool) -> Odds:
        assert in_pairs
        fitted_on.append({abs(signals["lead"]) for signals, _, _ in pairs})
        return Odds({"lead": 1.0}, 0.0)

    monkeypatch.setattr(checking, "odds_of", note)
    assert area_by_fold(row) == 1
    held = [set(map(float, range(1, 11))) - one for one in fitted_on]
    assert held == [{1.0, 6.0}, {2.0, 7.0}, {3.0, 8.0}, {4.0, 9.0}, {5.0, 10.0}]


def test_a_row_is_judged_by_weights_that_know_nothing_of_its_family(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its other directions have the same texts."""
    rows = [leads(name="eins"), replace(leads(name="eins"), name="eins en"), leads(name="zwei"), leads(name="drei")]

    def note(some: Sequence[Row]) -> Weights:
        return replace(WEIGHTS, words=float(sum(10 ** ["eins", "zwei", "drei"].index(one.family) for one in some)))

    monkeypatch.setattr(checking, "fitted_to", note)
    monkeypatch.setattr(checking, "figures", lambda _row, weights: {"words": weights.words})
    assert {name: told["words"] for name, told in figures_of(rows).items() if "words" in told} == {
        "eins": 110, "eins en": 110, "zwei": 102, "drei": 12,
    }  # fmt: skip


def test_one_family_alone_cannot_be_checked(fitting_rows: list[Row]) -> None:
    """There is nothing that it was not fitted to."""
    assert figures_of(fitting_rows[:4]) == {}


def test_every_row_has_all_figures_that_are_shown(fitting_rows: list[Row]) -> None:
    """Each between 0 and 1."""
    found = figures_of(fitting_rows)
    assert all(0 <= value <= 1 for one in found.values() for value in one.values())
    assert set(found.pop("all")) == {"AUC by fold", "ECE by fold"}
    assert list(found) == [row.name for row in fitting_rows]
    assert all(set(one) == set(FITTED_COLUMNS) for one in found.values())


def test_each_question_is_judged_by_weights_that_were_fitted_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fifth by the other four; and every one is judged once."""
    row = replace(leads(*((float(place), -float(place)) for place in range(1, 11))), negatives=[told(0.0)] * 10)
    seen: list[tuple[set[float], int]] = []

    def note(rows: Sequence[Row]) -> Weights:
        seen.append(({one.present["lead"] for one in rows[0].samples}, len(rows[0].negatives)))
        return WEIGHTS

    monkeypatch.setattr(checking, "fitted_to", note)
    right, wrong = by_fold([row])["eins"]
    assert (len(right), len(wrong)) == (10, 10)
    held = [set(map(float, range(1, 11))) - leads for leads, _ in seen]
    assert held == [{1.0, 6.0}, {2.0, 7.0}, {3.0, 8.0}, {4.0, 9.0}, {5.0, 10.0}]
    assert {count for _, count in seen} == {8}
