"""Confidential: personal data and secrets that stand in an article, where everybody could read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.articles.finding import Finding
from app.personal import PLACEHOLDERS, find

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from app.articles.source import Source
    from app.personal import Found

KINDS = frozenset({"mail", "phone", "iban", "card", "customer", "serial", "ticket", "secret", "mac", "ip", "birth"})
"""Kinds that are told; names, addresses and passwords stand in examples and explanations far too often."""
LEAST_DIGITS = 7
"""Of a telephone number."""

_EXAMPLE = re.compile(r"@(?:[\w-]+\.)*(?:example(?:\.(?:com|net|org))?|invalid|test|localhost)$", re.IGNORECASE)
_MADE_UP = re.compile(r"(?:0049|\+?49|0)(?:3023125|6990009|4066969|2214710|8999998)\d{3}")
"""Telephone numbers that the German regulator keeps free for films and examples."""


def confidential(sources: Iterable[Source], ours: Collection[str] = ()) -> Iterator[Finding]:
    """Yield what looks like personal data or a secret; `ours` are the provider's own numbers and addresses."""
    for source in sources:
        for found in find(source.text, ours):
            if found.kind in KINDS and not _is_example(found):
                yield _finding(source, found)


def _is_example(found: Found) -> bool:
    digits = re.sub(r"[^\d+]", "", found.text)
    if found.kind == "phone":
        return len(digits) < LEAST_DIGITS or bool(_MADE_UP.fullmatch(digits))
    return found.kind == "mail" and bool(_EXAMPLE.search(found.text))


def _finding(source: Source, found: Found) -> Finding:
    """Name the kind and never the thing itself: what a check prints is kept in the logs of machines."""
    line = source.text.count("\n", 0, found.start) + 1
    kind = PLACEHOLDERS[found.kind].strip("[]")
    what = f"here stands what looks like personal data or a secret ({kind}, {len(found.text)} characters)."
    example = _EXAMPLES.get(found.kind, PLACEHOLDERS[found.kind])
    advice = f"Write an example such as {example}; a secret that was here must be changed."
    return Finding(source.article.path, line, "personal", "error", what, advice)


_EXAMPLES = {"mail": "name@firma.example", "phone": "030 23125 000", "ip": "192.0.2.1"}
