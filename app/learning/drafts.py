"""Drafts: an article begun from what is known already, a solved ticket or a gap, without the persons in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from app.personal import PLACEHOLDERS, mask
from app.text import clean_line, clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MOST_QUESTIONS = 8
MOST_STEPS = 40
MAX_RAW = 20_000  # characters of one text that are looked through
MAX_QUESTION = 200  # characters
MAX_TITLE = 100  # characters
MIN_NAME = 3  # characters of a part of a name that is looked for alone
WIDTH = 100_000  # characters: every value stands on one line

_NUMBERED = re.compile(r"\s*(?:\d{1,2}[.)]|[-*•–])\s+(?=\S)")
_SENTENCE = re.compile(r"(?<=[^\W\d]{3}[.!?])\s+(?=[A-ZÄÖÜ„\"])|(?<=[\d)“\"][.!?])\s+(?=[A-ZÄÖÜ])")
_POLITE = re.compile(
    r"(?i)\s*(?:hallo|guten (?:tag|morgen|abend)|sehr geehrte|liebe[r]?\b|moin|hello|hi\b|dear|good (?:morning|day)"
    r"|mit (?:freundlichen|besten)|(?:viele|beste|freundliche|herzliche) grüße|kind regards|best regards|regards|mfg\b)"
)
_INLINE = re.compile(r"([\\`*_{}\[\]!])")
_BLOCK = re.compile(r"^([#+>-])|^(\d+)([.)])(?=\s|$)")
_ADDRESS = re.compile(r"((?:https?://|www\.)[^\s`<>\[\]()\"]+(?<![.,;:!?]))")
_FENCE = re.compile(r"^[:=~\s]+|:{3,}")
_PLACEHOLDER = re.compile("|".join(re.escape(one) for one in sorted(set(PLACEHOLDERS.values()))))
_EMAIL, _NAME = PLACEHOLDERS["mail"], PLACEHOLDERS["name"]


@dataclass(frozen=True, slots=True)
class Known:
    """What an article can be made of, as people wrote it."""

    questions: tuple[str, ...]
    """How it was asked; the first one makes the title."""
    lang: str
    category: str
    cause: str = ""
    """What agents found; it goes into the block for agents."""
    solution: str = ""
    """What was answered: its numbered lines, or else its sentences, are the steps."""
    owner: str = ""
    applies_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Persons:
    """Whose names and addresses may not stand in the draft, beside what can be told by its shape."""

    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    """Numbers and addresses of the provider, which stay."""

    def mask(self, text: str) -> str:
        """Return the text with placeholders in place of persons, personal data and secrets."""
        for email in filter(None, self.emails):
            text = re.sub(re.escape(email), _EMAIL, text, flags=re.IGNORECASE)
        for name in self._parts():
            text = re.sub(rf"(?<!\w){re.escape(name)}s?(?!\w)", _NAME, text, flags=re.IGNORECASE)
        return re.sub(rf"{re.escape(_NAME)}(?: {re.escape(_NAME)})+", _NAME, mask(text, self.ours))

    def _parts(self) -> list[str]:
        whole = [clean_line(name) for name in self.names]
        parts = {part.strip(".,") for name in whole for part in name.split()}
        return [*filter(None, whole), *sorted(part for part in parts if len(part) >= MIN_NAME)]


class _Words(NamedTuple):
    cause: str
    steps: str
    to_find: str
    to_write: str
    title: str


WORDS = {
    "de": _Words("Ursache", "So gehen Sie vor", "Die Ursache ist noch zu nennen.", "Die Schritte sind noch zu nennen.",
                 "Neuer Artikel"),
    "en": _Words("Cause", "What to do", "The cause has yet to be told.", "The steps have yet to be told.",
                 "New article"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as it is begun."""

    title: str
    text: str
    """The whole file: front matter and Markdown."""
    masked: tuple[str, ...]
    """The placeholders in it, each once."""


def make_draft(known: Known, persons: Persons) -> Draft:
    """Return the beginning of an article; what people wrote is masked, and is no Markdown in it."""
    words = WORDS.get(known.lang, WORDS["de"])
    asked = _questions(known.questions, persons.mask)
    title = _title(asked[0]) if asked else words.title
    front = {"title": title, "questions": list(asked), "owner": known.owner, "applies_to": list(known.applies_to)}
    text = f"---\n{_yaml(front)}---\n{_body(known, words, persons.mask)}"
    return Draft(title, text, masks_in(text))


def masks_in(text: str) -> tuple[str, ...]:
    """Return the placeholders that stand in a text, each once, in their order."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text.replace("\\[", "[").replace("\\]", "]"))))


def steps_in(text: str) -> tuple[list[str], list[str]]:
    """Return what is said before the steps, and the steps: the numbered lines, or else all that is said.

    Salutation and greeting at the end are left out; a line that goes on belongs to the step before it.
    """
    lines = [line for line in text.splitlines() if line.strip() and not _is_polite(line)]
    first = next((place for place, line in enumerate(lines) if _NUMBERED.match(line)), None)
    if first is None:
        return [], [clean_line(one) for line in lines for one in _SENTENCE.split(line) if one.strip()]
    return [clean_line(line) for line in lines[:first]], _joined(lines[first:])


def _is_polite(line: str) -> bool:
    return bool(_POLITE.match(line)) and len(line.split()) <= len("Mit freundlichen Grüßen aus Köln Ihre".split())


def _joined(lines: Iterable[str]) -> list[str]:
    steps: list[str] = []
    for line in lines:
        if _NUMBERED.match(line):
            steps.append(clean_line(_NUMBERED.sub("", line, count=1)))
        else:
            steps[-1] = f"{steps[-1]} {clean_line(line)}"
    return steps


def _questions(texts: Iterable[str], clean: Callable[[str], str]) -> tuple[str, ...]:
    """Return what was asked, masked and each once; what holds nothing but placeholders asks nothing."""
    short = (_shortened(clean_line(clean(text[:MAX_RAW])), MAX_QUESTION) for text in texts)
    once = {one.casefold(): one for one in reversed([one for one in short if re.search(r"\w", _without_masks(one))])}
    return tuple(islice(reversed(once.values()), MOST_QUESTIONS))


def _without_masks(text: str) -> str:
    return _PLACEHOLDER.sub("", text)


def _title(question: str) -> str:
    first = _SENTENCE.split(question)[0]
    return _shortened(first.rstrip(" .:;,"), MAX_TITLE)


def _shortened(text: str, most: int) -> str:
    """Return the text, cut between two words where it is longer; half a placeholder is never left over."""
    if len(text) <= most:
        return text
    cut = text[:most].rsplit(" ", 1)[0]
    return cut.rstrip(" .,;:") if cut.count("[") == cut.count("]") else cut[: cut.rindex("[")].rstrip()


def _yaml(fields: dict[str, Any]) -> str:
    """Return front matter without empty fields, written by the library so that no text can end it."""
    filled = {name: value for name, value in fields.items() if value}
    return str(yaml.safe_dump(filled, allow_unicode=True, sort_keys=False, width=WIDTH))


def _body(known: Known, words: _Words, clean: Callable[[str], str]) -> str:
    intro, steps = steps_in(clean(clean_text(known.solution)[:MAX_RAW]))
    cause = list(_paragraphs(clean(clean_text(known.cause)[:MAX_RAW])))
    parts = [
        f"## {words.cause}",
        "\n\n".join(["::: intern", *cause, ":::"]) if cause else words.to_find,
        f"## {words.steps}",
        *map(_escaped, intro),
        _numbered(steps[:MOST_STEPS]) if steps else words.to_write,
    ]
    return "\n\n".join(parts) + "\n"


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the lines of a text, each a paragraph that ends nothing around it."""
    escaped = (_escaped(clean_line(line)) for line in text.splitlines())
    return (line for line in escaped if line)


def _numbered(steps: Sequence[str]) -> str:
    return "\n".join(f"{place}. {_escaped(step)}" for place, step in enumerate(steps, 1))


def _escaped(line: str) -> str:
    """Return one line as Markdown that shows it as it is: no link, picture, mark-up, heading, block or field."""
    parts = _ADDRESS.split(_FENCE.sub("", line))
    shown = "".join(f"`{part}`" if place % 2 else _plain(part) for place, part in enumerate(parts))
    return _BLOCK.sub(lambda found: rf"{found[2]}\{found[3]}" if found[2] else rf"\{found[1]}", shown)


def _plain(text: str) -> str:
    bare = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;")
    return _INLINE.sub(r"\\\1", bare)
