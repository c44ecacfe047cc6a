"""Evaluation: how good search is, measured on questions whose answers are known, through the portal's own pipeline."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from app.articles.article import Article, Language
from app.search.language import WRITTEN_OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from app.search.searcher import Searcher

DEEP = 50
"""Rank down to which recall counts."""
MRR_DEPTH = 10
LONGER = 6
"""Letters from which on a word is long enough for a slip."""
NEGATIVE = "nothing answers"


class BadData(Exception):
    """A data file cannot be used; the text names file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the ids of the articles that answer it; none for a question that nothing answers."""

    text: str
    lang: Language
    kind: str
    answers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the portal did with one question."""

    question: Question
    ranking: tuple[tuple[str, float], ...]
    answered: bool
    milliseconds: float

    @property
    def rank(self) -> int | None:
        """Position of the first right article, counted from 1."""
        places = (at for at, (slug, _) in enumerate(self.ranking, 1) if slug in self.question.answers)
        return next(places, None)


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one group of questions, for one way of searching."""

    group: str
    way: str
    questions: int
    figures: Mapping[str, float] = field(hash=False)


def read_corpus(path: Path, lang: str) -> tuple[Article, ...]:
    """Return the documents of a corpus as public articles; those of one language when `lang` is given."""
    documents = (document for document in read_lines(path, "id", "text") if not lang or document.get("lang") == lang)
    return tuple(
        Article(
            slug=str(document["id"]), lang="en" if document.get("lang") == "en" else "de", category="corpus",
            visibility="public", title=str(document.get("title") or ""), body=str(document["text"]),
            path=f"{document['id']}.md",
        )
        for document in documents
    )  # fmt: skip


def read_questions(path: Path, qrels: Path | None, lang: str, known: frozenset[str]) -> list[Question]:
    """Return the questions of a file whose answers are among the `known` articles, and those nothing answers.

    The answers stand in `qrels` (query id, document id, relevance, by tabs), or in each line as "expected".
    """
    relevant = read_qrels(qrels) if qrels else None
    questions = []
    for line in read_lines(path, "text", "expected" if relevant is None else "id"):
        answers = frozenset(relevant.get(line["id"], ()) if relevant is not None else expected(line["expected"]))
        if (lang and line.get("lang") != lang) or (answers and not answers & known):
            continue
        if answers or relevant is None:
            questions.append(question_of(line, answers & known))
    return questions


def expected(named: str | list[str] | None) -> Iterable[str]:
    """Return the ids of the articles that a question names: one, several, or none."""
    return [named] if isinstance(named, str) else named or ()


def question_of(line: Mapping[str, Any], answers: frozenset[str]) -> Question:
    """Return one line of a questions file as a question."""
    lang: Language = "en" if line.get("lang") == "en" else "de"
    kind = str(line.get("kind") or "").split(" (")[0]
    return Question(str(line["text"]), lang, kind if answers else f"{NEGATIVE} {kind}".strip(), answers)


def read_negatives(path: Path) -> list[Question]:
    """Return questions that nothing answers."""
    return [replace(question_of(line, frozenset()), kind=NEGATIVE) for line in read_lines(path, "text")]


def read_qrels(path: Path) -> dict[str, set[str]]:
    """Return the ids of the relevant documents by the id of the query."""
    found: dict[str, set[str]] = defaultdict(set)
    for number, line in enumerate(lines_of(path)[1:], 2):
        try:
            query, document, relevance = line.split("\t")
            if float(relevance) > 0:
                found[query].add(document)
        except ValueError as error:
            text = f"{path}:{number}: {line!r} is not query, document and relevance separated by tabs."
            raise BadData(text) from error
    return found


def read_lines(path: Path, *needed: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file with one JSON object a line."""
    for number, line in enumerate(lines_of(path), 1):
        try:
            row = dict(json.loads(line).items())
        except (ValueError, AttributeError) as error:
            raise BadData(f"{path}:{number}: not a JSON object ({error}). Write one object a line.") from error
        if missing := [name for name in needed if name not in row]:
            raise BadData(f"{path}:{number}: {', '.join(missing)} is missing.")
        yield row


def lines_of(path: Path) -> list[str]:
    """Return the lines of a file; only a line feed ends one, since JSON may hold U+2028 and its like."""
    try:
        return path.read_bytes().decode("utf-8-sig").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise BadData(f"{path}: not UTF-8 ({error}). Save it as UTF-8.") from error


def ask(searcher: Searcher, questions: Iterable[Question], say: Callable[[], None]) -> list[Asked]:
    """Put every question to the portal, as a reader of its language would."""
    asked = []
    for question in questions:
        start = time.perf_counter()
        found = searcher.search(question.text, question.lang)
        spent = (time.perf_counter() - start) * 1000
        deep = searcher.search(question.text, question.lang, DEEP).results
        ranking = tuple((result.slug, result.confidence) for result in deep)
        asked.append(Asked(question, ranking, found.state == "answer", spent))
        say()
    return asked


def misspelt(question: Question) -> Question:
    """Return a question as it is typed in a hurry: in lower case, umlauts written out, and one slip in a longer word.

    The slip is a letter left out, doubled, replaced or swapped with the next one; a question always gets the same one.
    """
    chance = random.Random(question.text)  # noqa: S311 - nobody is to be kept from guessing it
    words = question.text.lower().translate(WRITTEN_OUT).split()
    long = [place for place, word in enumerate(words) if len(word) >= LONGER and word.isalpha()]
    if long:
        place = chance.choice(long)
        words[place] = slipped(words[place], chance)
    return replace(question, text=" ".join(words))


def slipped(word: str, chance: random.Random) -> str:
    """Return a word with one letter left out, doubled, replaced, or swapped with the next one."""
    at = chance.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    other = chance.choice("abcdefghijklmnopqrstuvwxyz".replace(letter, ""))
    slips = (after, 2 * letter + after, other + after, after[0] + letter + after[1:])
    return before + chance.choice(slips)


def rows_of(asked: Sequence[Asked], way: str = "wegweiser") -> list[Row]:
    """Return the figures, each language and kind of question by itself."""
    groups: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        groups[f"{one.question.lang} {one.question.kind}".strip()].append(one)
    return [Row(name, way, len(group), figures(group)) for name, group in groups.items()]


def figures(group: Sequence[Asked]) -> dict[str, float]:
    """Return the figures of one group; for questions that nothing answers only how many were answered all the same."""
    times = sorted(one.milliseconds for one in group)
    spent = {"p50 ms": statistics.median(times), "p95 ms": times[min(len(times) - 1, int(len(times) * 0.95))]}
    answered = {"answered": share(group, lambda one: one.answered)}
    if not group[0].question.answers:
        return answered | spent
    return {
        "Hit@1": share(group, lambda one: one.rank == 1),
        "Hit@5": share(group, lambda one: one.rank is not None and one.rank <= 5),  # noqa: PLR2004 - as it says
        "MRR@10": statistics.fmean(1 / one.rank if one.rank and one.rank <= MRR_DEPTH else 0 for one in group),
        "Recall@50": statistics.fmean(recall(one) for one in group),
        **answered,
        "kept": share([one for one in group if one.rank == 1], lambda one: one.answered),
        **spent,
    }


def recall(one: Asked) -> float:
    """Return the share of the right articles that were found at all."""
    found = {slug for slug, _ in one.ranking}
    return len(found & one.question.answers) / len(one.question.answers)


def share(group: Sequence[Asked], test: Callable[[Asked], bool]) -> float:
    """Return the share of a group that passes a test."""
    return sum(map(test, group)) / max(1, len(group))


def write_run(path: Path, asked: Iterable[Asked]) -> None:
    """Write what was found, one question a line, for tools that compare runs."""
    lines = (
        {"query": one.question.text, "answered": one.answered,
         "results": [{"id": slug, "confidence": round(likely, 4)} for slug, likely in one.ranking]}
        for one in asked
    )  # fmt: skip
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def write_figures(path: Path, rows: Iterable[Row]) -> None:
    """Write all figures as JSON."""
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
