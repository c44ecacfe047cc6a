"""Measuring: the commands evaluate and bench, which feed data through the portal's own pipeline and print tables."""

from __future__ import annotations

import hashlib
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.table import Table

from app.articles.library import Library, read_library
from app.search.builder import build
from app.search.checking import area_by_fold, figures_of, likely
from app.search.evaluation import (
    BadData,
    ask,
    misspelt,
    read_corpus,
    read_negatives,
    read_questions,
    rows_of,
    write_figures,
    write_run,
)
from app.search.fitting import Row as FittingRow
from app.search.fitting import fitted_to, rows_below, sample_of
from app.search.peers import ask_peers
from app.search.reliability import area, bins_of, calibration_error
from app.search.searcher import Searcher
from app.search.shelf import POOL
from app.search.versions import Versions
from app.search.weights import FITTED, WEIGHTS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Collection, Iterable, Sequence

    from app.search.encoder import Encoder, Reading
    from app.search.evaluation import Asked, Question, Row

__all__ = ["BadData", "add_options", "bench", "evaluate", "fit"]

T = TypeVar("T")

BENCH_QUERIES = 200
FITTED_COLUMNS = ("MRR@10", "AUC", "ECE", "kept", "negatives answered", "AUC by fold", "ECE by fold")
WIDTH = 120


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of evaluate to a command."""
    command.add_argument("--corpus", type=Path, metavar="C.jsonl", help='documents {"id","title","text","lang"}')
    command.add_argument("--queries", type=Path, metavar="Q.jsonl", required=True,
                         help='questions {"id","text","lang"}, with "expected" where there are no qrels')  # fmt: skip
    command.add_argument("--qrels", type=Path, metavar="R.tsv", help="query id, document id, relevance")
    command.add_argument("--negatives", type=Path, metavar="N.jsonl", help="questions that nothing answers")
    command.add_argument("--corpus-lang", default="", metavar="de", help="only documents of this language")
    command.add_argument("--query-lang", default="", metavar="en", help="only questions of this language")
    command.add_argument("--peers", action="store_true", help="also plain words, plain vectors, plain rank fusion")
    command.add_argument("--misspelt", action="store_true", help="ask every question with a slip, without umlauts")
    command.add_argument("--remove-answers", action="store_true", help="ask again without the answer: is it noticed?")
    command.add_argument("--json", type=Path, metavar="OUT", help="write the figures as JSON")
    command.add_argument("--run", type=Path, dest="run_file", metavar="RUN.jsonl", help="write what was found")


def evaluate(
    root: Path, encoder: Encoder | None, arguments: argparse.Namespace, progress: Callable[[int, int], None]
) -> int:
    """Build an index of the data, ask every question, print the tables."""
    versions = Versions(root / "evaluate" / name_of(arguments))
    library = library_of(arguments)
    build(versions, library, encoder, progress)
    searcher = Searcher(versions, "public", Remembering(encoder) if encoder else None)
    known = frozenset(slug for slug, _ in searcher.index.rendered)
    questions = read_questions(arguments.queries, arguments.qrels, arguments.query_lang, known)
    questions += read_negatives(arguments.negatives) if arguments.negatives else []
    if not questions:
        raise BadData(f"{arguments.queries} has no question that these articles answer.")
    questions = [misspelt(one) for one in questions] if arguments.misspelt else questions
    steps = iter(range(1, len(questions) + 1))
    asked = ask(searcher, questions, lambda: progress(next(steps), len(questions)))
    rows = rows_of(asked) + peer_rows(searcher, encoder, asked, wanted=arguments.peers)
    deliver(arguments, rows, asked)
    if arguments.remove_answers:
        Console(width=WIDTH).print(removal_table(searcher, [one.question for one in asked if one.rank == 1]))
    return 0


class Remembering:
    """An encoder that is asked the same again and again, and reads it once."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.dimension, self.passages = encoder.name, encoder.dimension, encoder.passages
        self._encoder = encoder
        self._known: dict[str, Reading] = {}

    def queries(self, texts: Sequence[str]) -> list[Reading]:
        """Read what was not read before."""
        fresh = [text for text in texts if text not in self._known]
        self._known |= zip(fresh, self._encoder.queries(fresh), strict=True) if fresh else ()
        return [self._known[text] for text in texts]


def removal_table(searcher: Searcher, questions: Sequence[Question]) -> Table:
    """Return how well the confidence tells questions with their answer there from the same ones without it."""
    shown = Table("answer taken away", "n", "AUC", "AUC refitted, by fold", "ECE", "said → right")
    for lang in sorted({one.lang for one in questions}):
        samples = [sample_of(searcher, one) for one in questions if one.lang == lang]
        row = FittingRow(lang, lang, samples, ())
        right, wrong = likely(row, searcher.index.judge(lang))
        bins = " ".join(f"{one.said:.2f}→{one.right:.2f}" for one in bins_of(right, wrong))
        values = (area(right, wrong), area_by_fold(row), calibration_error(right, wrong))
        shown.add_row(lang, str(len(right)), *(f"{value:.3f}" for value in values), bins)
    return shown


def fit(
    root: Path, encoder: Encoder, data: Path, general: Collection[str], progress: Callable[[int, int], None]
) -> None:
    """Fit the weights to the sets below `data`, write them where the portal reads them, print what others reach."""
    rows = rows_below(data, general, root, encoder, progress)
    FITTED.write_bytes(WEIGHTS.dump_json(fitted_to(rows), indent=1) + b"\n")
    lines = Table(title="Fitted without the set itself", box=None)
    for column in ("row", *FITTED_COLUMNS):
        lines.add_column(column)
    for name, told in figures_of(rows).items():
        lines.add_row(name, *(f"{told[column]:.3f}" if column in told else "" for column in FITTED_COLUMNS))
    Console(width=WIDTH).print(lines)


def library_of(arguments: argparse.Namespace) -> Library:
    """Return what is searched: an article folder, or the documents of a corpus."""
    if arguments.articles:
        return read_library(arguments.articles)
    if not arguments.corpus:
        raise BadData("Neither --corpus nor --articles is given. Name what to search.")
    return Library(articles=read_corpus(arguments.corpus, arguments.corpus_lang))


def name_of(arguments: argparse.Namespace) -> str:
    """Return a folder name for the index of this data, so that the next run finds its vectors again."""
    source = (arguments.articles or arguments.corpus or Path()).resolve()
    digest = hashlib.sha256(f"{source}\0{arguments.corpus_lang}".encode()).hexdigest()
    return f"{source.stem}-{digest[:8]}"


def peer_rows(searcher: Searcher, encoder: Encoder | None, asked: Sequence[Asked], *, wanted: bool) -> list[Row]:
    """Return the figures of plain search on the same questions, if wanted."""
    if not wanted:
        return []
    questions = [one.question for one in asked if one.question.answers]
    ways = ask_peers(searcher.index, encoder if searcher.by_meaning else None, questions)
    return [row for way, answers in ways.items() for row in rows_of(answers, way)]


def deliver(arguments: argparse.Namespace, rows: Sequence[Row], asked: Iterable[Asked]) -> None:
    """Print the figures, and write them where that is asked for."""
    Console(width=WIDTH).print(table(rows))
    if arguments.json:
        write_figures(arguments.json, rows)
    if arguments.run_file:
        write_run(arguments.run_file, asked)


def table(rows: Iterable[Row]) -> Table:
    """Return the figures as a table, a group of questions and a way of searching a line."""
    shown = Table("questions", "search", "n", *COLUMNS)
    for row in sorted(rows, key=lambda row: row.group):
        values = (f"{row.figures[name]:{form}}" if name in row.figures else "" for name, form in COLUMNS.items())
        shown.add_row(row.group, row.way, str(row.questions), *values)
    return shown


COLUMNS = {"Hit@1": ".3f", "Hit@5": ".3f", "MRR@10": ".3f", "Recall@50": ".3f", "answered": ".3f", "kept": ".3f",
           "p50 ms": ".1f", "p95 ms": ".1f"}  # fmt: skip


def bench(library: Library, encoder: Encoder | None) -> int:
    """Build from nothing, build again unchanged, and search with the authors' questions; print the times."""
    texts = texts_of(library)
    shown = Table("what", "figure")
    with tempfile.TemporaryDirectory() as scratch:
        versions = Versions(Path(scratch))
        first, seconds = timed(lambda: build(versions, library, encoder, nothing))
        shown.add_row("first build", f"{seconds:.1f} s, {first.encoded / seconds:.0f} passages a second")
        shown.add_row("unchanged build", f"{timed(lambda: build(versions, library, encoder, nothing))[1]:.2f} s")
        searcher = Searcher(versions, "public", encoder)
        for name, call in ways(searcher, encoder).items():
            times = sorted(timed(lambda: call(text))[1] * 1000 for text in texts)  # noqa: B023 - called at once
            shown.add_row(name, f"median {statistics.median(times):.1f} ms, slowest {times[-1]:.1f} ms")
    Console(width=WIDTH).print(shown)
    return 0


def ways(searcher: Searcher, encoder: Encoder | None) -> dict[str, Callable[[str], object]]:
    """Return what is measured: what people wait for, and plain vectors, to see what all the rest adds to them."""
    found: dict[str, Callable[[str], object]] = {
        "search": lambda text: searcher.search(text, "de"),
        "suggest": lambda text: searcher.suggest(text, "de"),
        "suggest by words alone": lambda text: searcher.suggest(text, "de", quick=True),
    }
    if encoder:
        found["plain vectors"] = lambda text: searcher.index.nearest(encoder.queries([text])[0].whole, POOL)
    return found


def texts_of(library: Library) -> list[str]:
    """Return what to search with: the authors' questions, or titles where nobody wrote questions."""
    questions = [text for article in library.articles for text in article.questions]
    texts = questions or [article.title for article in library.articles]
    if not texts:
        raise BadData("There is no article to measure with. Name a folder of articles with --articles.")
    return texts[:BENCH_QUERIES]


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Return what a call returns, and the seconds it took."""
    start = time.perf_counter()
    return call(), time.perf_counter() - start


def nothing(_done: int, _total: int) -> None:
    """Show no progress."""
