"""Asking: what an article tells agents to ask back, and what of an internal one may be told to a customer.

One rule for each. To ask back: in an internal article, or between "::: intern" and ":::", the rest of a line that
begins with "Rückfrage:" (in English "Ask:" or "Ask back:"), each question on its own; and every list item under a
heading with the word "Fragen" or "Rückfragen" ("Questions"). To tell: in an internal article, what stands in quotation
marks under a heading that begins with "Was wir dem Kunden sagen" ("What we tell").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.articles.intern import hidden_lines, is_mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.articles.article import Article

_LINE = re.compile(r"(?:Rückfragen?|Ask(?: back)?):\s*(?P<asked>\S.*)", re.IGNORECASE)
_HEADING = re.compile(r"#{1,6} +(?P<text>.*)")
_ASKING = re.compile(r"\b(?:rück)?fragen\b|\bquestions\b", re.IGNORECASE)
_TELLING = re.compile(r"was wir dem kunden sagen|what we tell", re.IGNORECASE)
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)]) +(?P<text>\S.*)")
_QUOTED = re.compile(r"„([^“”„]+)[“”]|“([^“”]+)”")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_SIGNS = re.compile(r"\*\*|__|`")
_QUESTION_END = re.compile(r"(?<=\?)\s+")


def questions_of(article: Article) -> tuple[str, ...]:
    """Return what an agent asks back, in its order and each once; of a public edition there is nothing left to ask."""
    found = (question for line, heading in _for_agents(article) for question in _questions(line, heading))
    return tuple(dict.fromkeys(found))


def sayings_of(article: Article) -> tuple[str, ...]:
    """Return what of an internal article may be said to a customer, word by word; nothing for a public one."""
    if article.visibility != "internal":
        return ()
    lines = (line for line, heading in _for_agents(article) if _TELLING.match(heading))
    return tuple(german or english for line in lines for german, english in _QUOTED.findall(_plain(line)))


def _for_agents(article: Article) -> Iterator[tuple[str, str]]:
    """Yield the lines that only agents read, each with the heading it stands under."""
    lines = article.body.split("\n")
    heading = ""
    for line, hidden in zip(lines, hidden_lines(lines), strict=True):
        if found := _HEADING.match(line):
            heading = found["text"]
        elif (hidden and not is_mark(line)) or article.visibility == "internal":
            yield line.strip(), heading


def _questions(line: str, heading: str) -> list[str]:
    if asked := _LINE.match(line):
        return _sentences(_plain(asked["asked"]))
    item = _ITEM.match(line)
    return [_plain(item["text"])] if item and _ASKING.search(heading) else []


def _sentences(text: str) -> list[str]:
    """Part a line after each question mark; what follows and asks nothing says what to do with the answer."""
    found: list[str] = []
    for sentence in _QUESTION_END.split(text):
        if found and not sentence.endswith("?"):
            found[-1] += f" {sentence}"
        else:
            found.append(sentence[0].upper() + sentence[1:])
    return found


def _plain(line: str) -> str:
    return _SIGNS.sub("", _LINK.sub(r"\1", line)).strip()
