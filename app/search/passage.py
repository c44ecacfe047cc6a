"""Passage: a piece of an article that can be found."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Literal

from app.articles.article import Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.articles.article import Article, Block, Rendered

Kind = Literal["section", "question", "title", "code"]

MAX_WORDS = 150
"""Size of a passage at most; the model reads 512 tokens, and longer passages blur."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Part of a section, or what an article answers: its title, one of the author's questions, or an error code.

    `text` is what is shown, `meaning` what the encoder reads.
    """

    slug: str
    lang: Language
    kind: Kind
    headings: tuple[str, ...]
    anchor: str
    text: str
    title: str

    @property
    def meaning(self) -> str:
        """Text for the encoder: a section carries its title and heading path, a question stands alone."""
        if self.kind != "section":
            return self.text
        path = " › ".join((self.title, *self.headings))
        return f"{path}\n{self.text}" if self.title else self.text

    @property
    def digest(self) -> str:
        """Name of what was read: the same text in the same language, read the same way, is the same."""
        return hashlib.sha256(f"{self.kind}\0{self.lang}\0{self.meaning}".encode()).hexdigest()


def passages_of(rendered: Rendered) -> Iterator[Passage]:
    """Yield the passages of an article: its title, the author's questions, then its sections in order."""
    article = rendered.article
    yield from asked(article)
    for section in rendered.sections:
        for text in windows(section.blocks):
            yield Passage(article.slug, article.lang, "section", section.headings, section.anchor, text, article.title)


def asked(article: Article) -> Iterator[Passage]:
    """Yield what an article answers, as its author and its title put it."""
    if article.title:
        yield Passage(article.slug, article.lang, "title", (), "", article.title, article.title)
    for question in article.questions:
        yield Passage(article.slug, article.lang, "question", (), "", question, article.title)
    for code in article.codes:
        yield Passage(article.slug, article.lang, "code", (), "", code, article.title)


def windows(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the text of a section in pieces of at most MAX_WORDS, one line a block, cut between blocks if possible."""
    lines: list[str] = []
    size = 0
    for line in chain.from_iterable(lines_of(block) for block in blocks):
        words = len(line.split())
        if lines and size + words > MAX_WORDS:
            yield "\n".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += words
    if lines:
        yield "\n".join(lines)


def lines_of(block: Block) -> Iterator[str]:
    """Yield the text of a block in lines of at most MAX_WORDS."""
    words = block.text.split()
    for start in range(0, len(words), MAX_WORDS):
        yield " ".join(words[start : start + MAX_WORDS])
