"""Proofreading: everything an author is told before an article goes out, from one command, a git hook, or CI."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.articles.alternatives import missing_alternatives
from app.articles.anchors import dead_anchors, ids_of, references
from app.articles.article import Language
from app.articles.change import Change
from app.articles.confidential import confidential
from app.articles.directory import directory_of
from app.articles.finding import RULES, finding_of
from app.articles.library import read_library, render_all
from app.articles.readability import hard_to_read
from app.articles.reports import FORMATS
from app.articles.reviews import stale_reviews
from app.articles.revisions import NoRevision, Revisions
from app.articles.source import sources_of
from app.articles.translations import fallen_behind
from app.search.encoder import Encoder
from app.search.told import told_questions, told_twins
from app.search.trial import Trial
from app.search.twins import twins_of
from app.search.versions import Versions

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from app.articles.finding import Finding
    from app.articles.library import Library
    from app.articles.source import Source
    from app.search.trial import Pair

SEARCHED = frozenset({"twin", "question"})
"""Rules that need an index; the others take a few seconds at most."""

Bar = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what is checked, and how it is told."""
    command.add_argument("--format", choices=FORMATS, default="text", help="how findings are written; text unless told")
    command.add_argument("--only", action="append", choices=RULES, metavar="RULE", help="one rule; can be repeated: "
                         + ", ".join(RULES))  # fmt: skip
    command.add_argument("--changed-since", metavar="REV", help="tell only what concerns files changed since a commit")
    command.add_argument("--no-search", action="store_true", help="leave out what needs an index: twin, question")
    command.add_argument("--pre-push", metavar="REMOTE", help="check what git pushes, told on the standard input")


@dataclass(frozen=True, slots=True)
class Proofreader:
    """Who reads the articles of one folder, and what it is to know of the portal."""

    articles: Path
    index: Path
    language: Language
    ours: tuple[str, ...]
    """The provider's own telephone number and address."""
    today: date
    encoder: Callable[[], Encoder | None]
    bar: Bar
    say: Callable[[str], None]

    def run(self, arguments: argparse.Namespace) -> int:
        """Write the findings to the standard output, and their number to the other; 1 when one is an error.

        NoRevision when a commit is not known.
        """
        if arguments.pre_push is not None:
            return self.pushed(arguments)
        findings, good = self.read(arguments)
        prefix = _prefix(self.articles) if arguments.format == "sarif" else ""
        sys.stdout.write(FORMATS[arguments.format](findings, prefix))
        errors = sum(finding.level == "error" for finding in findings)
        self.say(f"Articles: {good} good. Faults: {errors}, hints: {len(findings) - errors}.")
        return 1 if errors else 0

    def pushed(self, arguments: argparse.Namespace) -> int:
        """Check each commit that is pushed, as it stands there and not in the folder; 1 when one has an error."""
        revisions, code = Revisions(self.articles), 0
        for push in revisions.pushed(sys.stdin.read().splitlines(), arguments.pre_push):
            with revisions.at(push.commit) as folder:
                if not Revisions(folder).changed_since(push.base):
                    continue
                self.say(f"Checking the articles of {push.commit[:10]} before the push.")
                asked = {**vars(arguments), "pre_push": None, "changed_since": push.base}
                code |= replace(self, articles=folder).run(type(arguments)(**asked))
        if code:
            self.say("Nothing was pushed. Mend the errors and commit, or push with --no-verify if you must.")
        return code

    def read(self, arguments: argparse.Namespace) -> tuple[list[Finding], int]:
        """Return the findings by path and line, and the number of articles that could be read."""
        library = read_library(self.articles, default_language=self.language)
        change = self._change(arguments.changed_since)
        rules = frozenset(arguments.only or RULES) - (SEARCHED if arguments.no_search else frozenset())
        found = {*self._plain(library, rules), *self._searched(library, change, rules, arguments.changed_since)}
        kept = (one for one in found if one.rule in rules and (change is None or change.concerns(one)))
        return sorted(kept), len(library.articles)

    def _change(self, revision: str | None) -> Change | None:
        if revision is None:
            return None
        changed = Revisions(self.articles).changed_since(revision)
        return Change(changed, frozenset(path for path in changed if not (self.articles / path).exists()))

    def _plain(self, library: Library, rules: frozenset[str]) -> Iterator[Finding]:
        sources = sources_of(self.articles, library.articles)
        yield from map(finding_of, library.faults)
        checks: dict[str, Callable[[], Iterable[Finding]]] = {
            "heading": lambda: _headings(sources),
            "alt": lambda: missing_alternatives(sources),
            "personal": lambda: confidential(sources, self.ours),
            "review": lambda: stale_reviews(sources, self.today),
            "translation": lambda: fallen_behind(sources, Revisions(self.articles), self.language),
            "readability": lambda: hard_to_read(sources),
        }
        chosen = [check for rule, check in checks.items() if rule in rules]
        with self.bar("Reading articles") as progress:
            for done, check in enumerate(chosen):
                progress(done, len(chosen))
                yield from check()

    def _searched(
        self, library: Library, change: Change | None, rules: frozenset[str], revision: str | None
    ) -> Iterator[Finding]:
        if not rules & SEARCHED or not library.articles or (change and not change.paths):
            return
        sources = {(one.article.slug, one.article.lang): one for one in sources_of(self.articles, library.articles)}
        trial = Trial(Versions(self.index), self.encoder())
        with self.bar("Reading passages") as progress:
            before = self._before(trial, revision, progress) if revision else trial.used_pair()
            tried = trial.last()
            now, faults = trial.build(library, progress)
        yield from map(finding_of, faults)
        if "twin" in rules:
            yield from told_twins(twins_of(now["internal"]), sources, change)
        if "question" in rules:
            with self.bar("Asking the authors' questions") as progress:
                asked = trial.lost(now, before, progress) if revision else trial.all_lost(now, before, tried, progress)
            yield from told_questions(asked, sources)

    def _before(self, trial: Trial, revision: str, progress: Callable[[int, int], None]) -> Pair:
        """Build the articles of a commit while its files, the pictures too, are laid out."""
        with Revisions(self.articles).at(revision) as folder:
            return trial.before(read_library(folder, default_language=self.language), progress)


def _headings(sources: Sequence[Source]) -> Iterator[Finding]:
    found = list(references(sources))
    slugs = {one.slug for one in found}
    articles = [source.article for source in sources if source.article.slug in slugs]
    rendered, _ = render_all(articles, directory_of(articles))
    return dead_anchors(found, ids_of(rendered))


def _prefix(folder: Path) -> str:
    try:
        return Revisions(folder).prefix()
    except NoRevision:
        return ""
