"""The extension: what articles need beyond plain Markdown.

CommonMark's freedoms (see `dialect`), code coloured by Pygments classes, blocks for agents as `<aside class="intern">`,
every item of a top-level numbered list as a step, numbered over the whole article, and bare addresses as links.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from app.articles.dialect import translate
from app.articles.intern import CLOSING, OPENING

if TYPE_CHECKING:
    from markdown import Markdown
    from pygments.lexer import Lexer

LONGEST_COLOURED = 50_000
"""Characters of a code block that are still coloured."""

_LOWEST_HEADING = 6


class ArticleExtension(Extension):
    """Teaches one Markdown reader how articles are written."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name Markdown calls
        """Register everything; the numbers are Markdown's own order, higher is earlier."""
        md.preprocessors.deregister("html_block")  # `dialect` finds the blocks of HTML
        md.preprocessors.register(_Dialect(md), "dialect", 25)
        md.parser.blockprocessors.register(_Intern(md.parser), "intern", 200)
        md.inlinePatterns.register(SimpleTagInlineProcessor(r"(~~)(?=\S)(.+?)(?<=\S)~~", "del"), "deleted", 55)
        md.inlinePatterns.register(_Bare(r"(?<![\w/\"'=])https?://[^\s<>\x02\x03]*[\w/#=&]", md), "bare", 95)
        md.treeprocessors.register(_Headings(md), "headings", 15)
        md.treeprocessors.register(_Steps(md), "steps", 14)


class _Dialect(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return translate(lines, self._keep)

    def _keep(self, code: str, language: str | None) -> str:
        return self.md.htmlStash.store(code if language is None else _coloured(code, language))


class _Intern(BlockProcessor):
    """Encloses what stands between the two marks; `dialect` has put empty lines around each."""

    def test(self, _parent: ET.Element, block: str) -> bool:
        return block.rstrip() == OPENING

    def run(self, parent: ET.Element, blocks: list[str]) -> None:
        aside = ET.SubElement(parent, "aside", {"class": "intern"})
        blocks.pop(0)
        end = next((number for number, block in enumerate(blocks) if block.strip() == CLOSING), len(blocks))
        inside = blocks[:end]
        del blocks[: end + 1]
        self.parser.parseBlocks(aside, inside)


class _Bare(InlineProcessor):
    """Makes a link of an address that was written without any marks."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(self, m: re.Match[str], _data: str) -> tuple[ET.Element, int, int]:  # type: ignore[override] # noqa: N802
        link = ET.Element("a", {"href": self.unescape(m[0])})
        link.text = m[0]
        return link, m.start(), m.end()


class _Headings(Treeprocessor):
    """Lowers all headings by one level where there is a first-level one: that is the article's title, on the page."""

    def run(self, root: ET.Element) -> None:
        if root.find(".//h1") is None:
            return
        for element in root.iter():
            if re.fullmatch(r"h[1-5]", element.tag):
                element.tag = f"h{int(element.tag[1]) + 1}"


class _Steps(Treeprocessor):
    def run(self, root: ET.Element) -> None:
        number = 0
        for steps in root.findall("ol"):
            steps.set("class", "steps")
            for item in steps.findall("li"):
                number += 1
                item.set("id", f"schritt-{number}")
                item.set("class", "step")


def _coloured(code: str, language: str) -> str:
    lexer = _lexer(language if len(code) <= LONGEST_COLOURED else "text", startinline="<?" not in code)
    return str(highlight(code, lexer, _formatter()))


@cache
def _formatter() -> HtmlFormatter[str]:
    """Make the one formatter: it works out its style sheet when made, and holds nothing of what it wrote."""
    return HtmlFormatter(cssclass="codehilite", wrapcode=True)


@lru_cache(maxsize=128)
def _lexer(language: str, *, startinline: bool) -> Lexer:
    """Find the language's lexer; PHP is also coloured where `<?php` was left out."""
    try:
        lexer: Lexer = get_lexer_by_name(language.lower() or "text", stripnl=False, startinline=startinline)
    except ClassNotFound:
        return TextLexer(stripnl=False)
    return lexer
