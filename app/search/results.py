"""Results: what a query found, put in its final order and made ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from app.search.confidence import NONE, Signals, signals_of
from app.search.highlight import answering, marked, nowhere, snippet
from app.search.matching import Match, matches
from app.search.ranking import Candidate, Findings, Hit, Result, State, compared
from app.search.understood import Understood, offers

if TYPE_CHECKING:
    from app.search.encoder import Matrix

FIRST = 20
"""Articles compared token by token; more change nothing, and cost time."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How a query lies to an index in meaning, all as cosines."""

    nearest: float
    """With the nearest passage."""
    crowd: float
    """With all passages, their mean."""
    spread: float
    """With all passages, their standard deviation."""
    strange: float
    """With the strangers nearest to it, their mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Candidates in their final order, and how passages match the query, by their number."""

    candidates: Sequence[Candidate]
    matches: Mapping[int, Match]


def compare(asked: Understood, tokens: Matrix, candidates: Sequence[Candidate]) -> Compared:
    """Compare the first candidates with the tokens of the query one by one, and order them anew."""
    index = asked.index
    if index.tokens is None:
        return Compared(candidates, {})
    first = candidates[:FIRST]
    pairs = [(one.shown(asked.query.lang), one.asked) for one in first]
    numbers = list(dict.fromkeys(hit.number for pair in pairs for hit in pair if hit))
    book = index.tokens.codebook
    found = matches(tokens, [index.tokens.of(number) for number in numbers], book)
    matched = dict(zip(numbers, found, strict=True))
    scores = [(score_of(section, matched), score_of(question, matched)) for section, question in pairs]
    return Compared(compared(candidates, scores, index.weights), matched)


def score_of(hit: Hit | None, matched: Mapping[int, Match]) -> float:
    """Return how well a passage matches; one that is not there does not."""
    return matched[hit.number].score if hit else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that was found for a query, before it is put into words."""

    found: Compared
    surroundings: Surroundings | None
    """None while meaning cannot be used."""
    unknown: float
    """Share of the query's words that stand nowhere."""

    @property
    def signals(self) -> Signals:
        """What the query itself tells, whatever was found."""
        around = asdict(self.surroundings) if self.surroundings else {}
        return around | {"unknown": self.unknown}

    @property
    def first(self) -> Signals:
        """All signals of the first result."""
        return self.signals | signals_of(self.found.candidates, 0)


def findings(asked: Understood, evidence: Evidence, limit: int, *, words_only: bool) -> Findings:
    """Return what was found, with confidences and the passages to show."""
    query, found = asked.query, evidence.found
    judge = asked.index.judge(query.lang)
    chances = judge.chances(found.candidates, limit, evidence.signals)
    top = chances[0] if chances else NONE
    pairs = zip(found.candidates, chances, strict=False)
    shown = tuple(result(asked, one, chance.likely, found.matches) for one, chance in pairs)
    meant = asked.text if asked.text != query.text else ""
    near = offers(asked.index, query)
    state: State = "perhaps" if query.vague and shown else judge.state(top)
    return Findings(query.text, query.lang, state, top.likely, shown, words_only, meant, near)


def result(asked: Understood, found: Candidate, chance: float, matched: Mapping[int, Match]) -> Result:
    """Return an article in the language of the query where it exists, at its best passage in that language."""
    index = asked.index
    edition = index.rendered.get((found.slug, asked.query.lang)) or index.editions(found.slug)[0]
    article = edition.article
    wanted = asked.terms(article.lang)
    hit = found.best.get(article.lang)
    passage = index.passages[hit.number] if hit else index.first_passage(article.slug, article.lang)
    match = matched.get(hit.number) if hit else None
    answer = answering(passage.text, wanted, article.lang, match.within(passage) if match else nowhere)
    return Result(
        slug=article.slug,
        lang=article.lang,
        category=article.category,
        title=marked(article.title, wanted, article.lang),
        heading=passage.headings[-1] if passage.headings else "",
        anchor=passage.anchor,
        answer=answer,
        snippet=snippet(passage.text, answer, wanted, article.lang),
        confidence=chance,
        internal=article.visibility == "internal",
    )
