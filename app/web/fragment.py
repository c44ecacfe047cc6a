"""Fragment: what a link carries so that a browser opens a page at a sentence and marks it.

Browsers that do not know text fragments (wicg.github.io/scroll-to-text-fragment) go to the heading alone. The others go
to the first place where the text stands, whatever heading the link names, so the text must stand nowhere else.
"""

from __future__ import annotations

from urllib.parse import quote

FEWEST = 2
"""Words of a sentence at least."""
WHOLE = 8
"""Words up to which a sentence is named as a whole; of a longer one its beginning and end are enough."""
ENDS = 4
"""Words of beginning and end; more of the beginning where others begin alike."""
CELLS = " · "
"""What stands between the cells of a table in plain text only."""
UNRESERVED = {ord(sign): f"%{ord(sign):02X}" for sign in "-._~"}
"""What quoting leaves as it is; a "-" would say that the text only stands before or after what is meant."""


def text_fragment(sentence: str, page: str) -> str:
    """Return what goes behind a "#" and an anchor, or nothing for a sentence that is not found on a page just once."""
    words = sentence.split()
    if len(words) < FEWEST or len(sentence.splitlines()) > 1 or CELLS in sentence:
        return ""
    start = _telling(words, page)
    if not start:
        return ""
    parts = [start] if len(start) == len(words) else [start, words[max(len(start), len(words) - ENDS) :]]
    return ":~:text=" + ",".join(_encoded(" ".join(part)) for part in parts)


def _telling(words: list[str], page: str) -> list[str]:
    """Return as many of the first words as stand on the page once, or none; browsers do not look at their case."""
    text = page.casefold()
    lengths = range(ENDS if len(words) > WHOLE else len(words), len(words) + 1)
    starts = (words[:length] for length in lengths)
    return next((start for start in starts if text.count(" ".join(start).casefold()) == 1), [])


def _encoded(text: str) -> str:
    return quote(text, safe="").translate(UNRESERVED)
