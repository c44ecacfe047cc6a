"""Fitting: the weights of ranking and confidence, found on development sets, checked on sets they were not fitted to.

Each set is a folder with queries.jsonl and qrels.tsv, and a corpus.jsonl; where there is a corpus_eval.jsonl, questions
in the language of the corpus are asked of that one. Every direction between the languages is a *row*, and every row
counts the same. Questions that nothing answers are read from negatives/queries.jsonl.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.articles.article import LANGUAGES, Language
from app.articles.library import Library
from app.search.builder import build
from app.search.calibrating import evenly, read_strangers, strange
from app.search.calibration import bar_of
from app.search.confidence import Judge, Signals
from app.search.evaluation import MRR_DEPTH, BadData, read_corpus, read_negatives, read_questions
from app.search.results import FIRST
from app.search.searcher import Searcher
from app.search.shelf import shelf_of
from app.search.versions import Versions
from app.search.weights import Odds, Weights, fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from app.search.calibrating import Read
    from app.search.encoder import Encoder
    from app.search.evaluation import Question

    Vector = np.ndarray[Any, np.dtype[np.float64]]

QUESTIONS = 150
"""Questions taken from a row at most, evenly spread."""
NEGATIVES = 100
"""Questions that nothing answers, asked of every row, evenly spread."""
RANKED = ("words", "titles", "match", "asked")
ABOUT = ("nearest", "crowd", "strange", "best match", "share", "margin")
RIGHT = ("share", "unknown", "lead", "margin", "best match", "meaning", "spread")
BY_WORDS = ("share", "unknown", "lead", "margin")
STEPS = (0.0, 0.7, 1.4)
ROUNDS = 3
GAIN = 0.002
"""What a step must bring to be taken: less is chance, and lost again on sets it was not fitted to."""
CAUTION = 0.05
"""How far pairs of signals are trusted (C of the regression): the less, the better for sets it was not fitted to."""
KEPT = 0.995
"""Share of the right first results of portals that are to be shown as answers, as far as they pass the bar."""
PERHAPS = 0.4
"""Perhaps begins at this share of the confidence at which an answer begins."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One question: what spoke for each of the articles first found, and what the first result showed."""

    parts: np.ndarray[Any, np.dtype[np.float64]]
    """What is not weighed, and the four things that are, of each article: shape (articles, 5)."""
    right: np.ndarray[Any, np.dtype[np.bool_]]
    present: Signals
    """With everything there."""
    removed: Signals | None
    """With the answers taken away; None where another article was first anyway."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One set in one direction between languages."""

    name: str
    family: str
    """Rows of one family share their texts: they are fitted together or not at all."""
    samples: Sequence[Sample]
    negatives: Sequence[Signals]
    """What questions show that nothing answers."""
    strangers: Sequence[Signals] = ()
    """What the built-in strangers show, in the language of the questions."""

    def judge(self, weights: Weights) -> Judge:
        """Return who judges this row with given weights."""
        own = bar_of(self.strangers, weights.about) if self.strangers else weights.bar
        return Judge(weights, max(weights.bar, own))


def rows_below(
    data: Path, general: Collection[str], root: Path, encoder: Encoder, progress: Callable[[int, int], None]
) -> list[Row]:
    """Ask the questions of all sets below `data`; indexes are built below `root`. BadData when there is no set.

    Sets named in `general` are about everything: no question is strange to them.
    """
    plans = list(plans_of(data))
    if not plans:
        raise BadData(f"{data} has no folder with queries.jsonl, qrels.tsv and corpus.jsonl.")
    negatives = evenly(read_negatives(data / "negatives" / "queries.jsonl"), NEGATIVES)
    strangers = read_strangers(encoder)
    rows = []
    for number, plan in enumerate(plans):
        progress(number, len(plans))
        rows.append(row_of(plan, root, encoder, () if plan.folder.name in general else negatives, strangers))
    progress(len(plans), len(plans))
    return [row for row in rows if row.samples]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which corpus is asked what."""

    folder: Path
    corpus: Path
    corpus_lang: Language
    query_lang: Language


def plans_of(data: Path) -> Iterator[Plan]:
    """Yield the rows of all sets."""
    for queries in sorted(data.glob("*/queries.jsonl")):
        folder, whole = queries.parent, queries.with_name("corpus.jsonl")
        held = whole.with_name("corpus_eval.jsonl")
        if whole.exists() and (folder / "qrels.tsv").exists():
            for corpus_lang, query_lang in product(LANGUAGES, LANGUAGES):
                corpus = held if held.exists() and corpus_lang == query_lang else whole
                yield Plan(folder, corpus, corpus_lang, query_lang)


def row_of(
    plan: Plan, root: Path, encoder: Encoder, negatives: Sequence[Question], strangers: Mapping[Language, Read]
) -> Row:
    """Build the index of a row, and ask its questions."""
    versions = Versions(root / f"{plan.folder.name}-{plan.corpus.stem}-{plan.corpus_lang}")
    library = Library(articles=read_corpus(plan.corpus, plan.corpus_lang))
    build(versions, library, encoder, lambda _done, _total: None)
    searcher = Searcher(versions, "public", encoder)
    known = frozenset(slug for slug, _ in searcher.index.rendered)
    questions = read_questions(plan.folder / "queries.jsonl", plan.folder / "qrels.tsv", plan.query_lang, known)
    own = plan.corpus_lang == plan.query_lang
    asked = evenly([one for one in questions if not (own and one.kind.startswith("title"))], QUESTIONS)
    found = (searcher.evidence(one.text, one.lang) for one in negatives)
    return Row(
        f"{plan.folder.name} {plan.query_lang}→{plan.corpus_lang}",
        plan.folder.name,
        [sample_of(searcher, one) for one in asked],
        [one.first for one in found if one.found.candidates],
        strange(shelf_of(searcher.index), plan.query_lang, strangers[plan.query_lang]),
    )


def sample_of(searcher: Searcher, question: Question) -> Sample:
    """Ask a question, and once more without the articles that answer it."""
    evidence = searcher.evidence(question.text, question.lang)
    found, matched = evidence.found.candidates[:FIRST], evidence.found.matches
    first = bool(found) and found[0].slug in question.answers
    parts = [
        (one.share, max(one.asked.meaning, 0.0) if one.asked else 0.0, one.match, one.asked_match) for one in found
    ]
    weighed = np.array(parts, float).reshape(-1, len(RANKED))
    rest = np.array([one.score for one in found], float) - weighed @ vector_of(searcher.index.weights)
    without = searcher.evidence(question.text, question.lang, question.answers) if first and matched else None
    return Sample(
        np.column_stack((rest, weighed)),
        np.array([one.slug in question.answers for one in found], bool),
        evidence.first if found else {},
        without.first if without and without.found.candidates else None,
    )


def fitted_to(rows: Sequence[Row]) -> Weights:
    """Return the weights that do best on these rows."""
    ranked = fitted_ranking(rows)
    portals = [row for row in rows if row.negatives]
    about = odds_of(ABOUT, [(one, 1, row) for row in portals for one, _ in pairs_of(row)]
                    + [(one, 0, row) for row in portals for one in row.negatives])  # fmt: skip
    told = [one for row in rows for one in told_by(pairs_of(row), row)]
    right, by_words = (odds_of(names, told, in_pairs=True) for names in (RIGHT, BY_WORDS))
    return with_thresholds(replace(ranked, about=about, right=right, by_words=by_words), rows)


def pairs_of(row: Row) -> Iterator[tuple[Signals, Signals]]:
    """Yield the signals of each question with and without its answer."""
    for one in row.samples:
        if one.removed:
            yield one.present, one.removed


def told_by(pairs: Iterable[tuple[Signals, Signals]], row: Row) -> list[tuple[Signals, int, Row]]:
    """Return what a logistic function learns from pairs: with the answer there it is right, without it wrong."""
    return [(one, label, row) for pair in pairs for one, label in zip(pair, (1, 0), strict=True)]


def fitted_ranking(rows: Sequence[Row]) -> Weights:
    """Return the weights of ranking, each in turn moved for as long as that brings a GAIN of mean reciprocal rank."""
    best = fitted()
    top = mean_rank(best, rows)
    for _ in range(ROUNDS):
        for name, step in product(RANKED, STEPS):
            value: Any = rounded((getattr(best, name) or 1.0) * step)
            tried = replace(best, **{name: value})
            reached = mean_rank(tried, rows)
            if reached > top + GAIN:
                best, top = tried, reached
    return best


def mean_rank(weights: Weights, rows: Sequence[Row]) -> float:
    """Return the mean over rows of the mean reciprocal rank."""
    return float(np.mean([np.mean([reciprocal(one, weights) for one in row.samples]) for row in rows]))


def vector_of(weights: Weights) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the weights of ranking in the order of RANKED."""
    return np.array([getattr(weights, name) for name in RANKED], float)


def reciprocal(sample: Sample, weights: Weights) -> float:
    """Return one over the rank of the first right article, 0 beyond the tenth."""
    if not sample.right.any():
        return 0.0
    scores = sample.parts[:, 0] + sample.parts[:, 1:] @ vector_of(weights)
    rank = 1 + int((scores > scores[sample.right].max()).sum())
    return 1 / rank if rank <= MRR_DEPTH else 0.0


def odds_of(names: Sequence[str], told: Sequence[tuple[Signals, int, Row]], *, in_pairs: bool = False) -> Odds:
    """Fit a logistic function of signals, and their pairs; each row, and in it right and wrong, counts the same."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - takes a second, and only fitting needs it
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - same
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler  # noqa: PLC0415 - same

    values = np.array([[one[name] for name in names] for one, _, _ in told])
    labels = np.array([label for _, label, _ in told])
    groups = [(row.name, label) for _, label, row in told]
    sizes = {group: groups.count(group) for group in set(groups)}
    scaler, products = StandardScaler(), PolynomialFeatures(2 if in_pairs else 1, include_bias=False)
    model = LogisticRegression(C=CAUTION if in_pairs else 1.0, max_iter=1000)
    shares = np.array([1 / sizes[group] for group in groups])
    weight = shares * len(shares) / shares.sum()
    make_pipeline(scaler, products, model).fit(values, labels, logisticregression__sample_weight=weight)
    return unscaled(names, scaler.mean_, scaler.scale_, model.coef_[0], float(model.intercept_[0]))


def unscaled(names: Sequence[str], means: Vector, scales: Vector, slopes: Vector, bias: float) -> Odds:
    """Return as odds of signals what was fitted to their distances from the mean, in standard deviations.

    `slopes` are those of the signals, then of their products, each of the first with the first, the second and so on.
    """
    single, paired = slopes[: len(names)] / scales, np.zeros((len(names), len(names)))
    places = list(combinations_with_replacement(range(len(names)), 2)) if len(slopes) > len(names) else []
    for (one, other), slope in zip(places, slopes[len(names) :], strict=True):
        paired[one, other] = slope / (scales[one] * scales[other])
    plain = single - (paired + paired.T) @ means
    level = float(bias - single @ means + means @ paired @ means)
    pairs = tuple((names[one], names[other], rounded(paired[one, other])) for one, other in places)
    return Odds({name: rounded(slope) for name, slope in zip(names, plain, strict=True)}, rounded(level), pairs)


def rounded(value: float) -> float:
    """Return a number with six digits that count."""
    return float(f"{value:.6g}")


def with_thresholds(weights: Weights, rows: Sequence[Row]) -> Weights:
    """Return weights with the confidence that KEPT of the right first results reach, and the usual bar."""
    bars = [bar_of(row.strangers, weights.about) for row in rows if row.strangers]
    usual = replace(weights, bar=round(float(np.mean(bars)), 4)) if bars else weights
    portals = [row for row in rows if row.negatives] or rows
    chances = [row.judge(usual).chance(present) for row in portals for present, _ in pairs_of(row)]
    answer = round(float(np.quantile([one.likely for one in chances if one.familiar], 1 - KEPT)), 3)
    return replace(usual, answer=answer, perhaps=round(answer * PERHAPS, 3))
