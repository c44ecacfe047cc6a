"""Classification: which category and which urgency a ticket seems to have, each with its reasons.

Neighbours vote: articles that fit the text and past tickets with the same words, each with the weight of its likeness.
Words that say how pressing it is speak for themselves. Nothing is decided here: an agent does.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from app.tickets.ticket import Urgency

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_KNOWN = 4_096  # texts whose words are kept in memory: every ticket is compared with the same ones
MOST_PAST = 5  # tickets that vote
LEAST_LIKENESS = 0.2  # of a past ticket, 0 to 1; below it the same words are chance
LEAST_SHARE = 0.5  # of all votes: a category with less is a guess
LEAST_WEIGHT = 0.2  # of all votes together: with less nothing is near
LEAST_URGENT = 2  # past tickets of one urgency, and no other, that say something
SHORTEST_WORD = 4  # letters; shorter ones are in every text
COMMON = frozenset(
    """aber alle auch beim bitte dann dass diese dieser doch eine einem einen einer eines etwas freundliche freundlichen
    funktioniert gehen geht guten habe haben hallo ihnen ihre immer jetzt kann können leider mehr mein meine meinem
    meinen meiner mich nach nicht noch oder schon sehr seit sich sind vielen dank über wenn werden wird wurde
    about cannot could does doesn from have hello into just kind know like more need only please regards some thank
    thanks that their them then there they this very want what when which will with work working would your""".split()
)
PRESSING = re.compile(
    r"\b(dringend\w*|eilt|eilig\w*|sofort\w*|schnellstm\w+|umgehend\w*|asap|notfall\w*|"
    r"betrieb (?:steht|ruht)|betriebsausfall\w*|produktion steht|nichts geht mehr|geht (?:gar )?nichts mehr|"
    r"komplett\w* (?:aus\w*|tot)|totalausfall\w*|arzt\w*|notruf\w*|"
    r"urgent\w*|immediately|emergency|right away|as soon as possible|completely down|nothing works|business is down)\b",
    re.IGNORECASE,
)
PATIENT = re.compile(
    r"\b(hat (?:noch )?zeit|eilt nicht|nicht (?:so )?(?:dringend|eilig)|keine eile|kein notfall|bei gelegenheit|"
    r"irgendwann|nur eine frage|no (?:rush|hurry)|not urgent|no emergency|whenever you can|just a question)\b",
    re.IGNORECASE,
)

_WORD = re.compile(rf"[^\W\d_]{{{SHORTEST_WORD},}}")

Why = Literal["articles", "tickets", "words"]


@dataclass(frozen=True, slots=True)
class Near:
    """An article that fits the text: how well, 0 to 1."""

    category: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Past:
    """A past ticket with the same words: how many, 0 to 1."""

    category: str
    urgency: Urgency
    likeness: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is suggested: so many articles or tickets say so, or these words."""

    why: Why
    count: int = 0
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is suggested, and why."""

    value: str
    reasons: tuple[Reason, ...]


def propose_category(articles: Iterable[Near], past: Iterable[Past]) -> Proposal | None:
    """Return the category with most of the votes; None where nothing is near, or none has half of them."""
    votes: defaultdict[str, float] = defaultdict(float)
    counts: dict[str, Counter[Why]] = defaultdict(Counter)
    neighbours: tuple[Near | Past, ...] = (*articles, *past)
    for one in neighbours:
        votes[one.category] += one.likeness
        counts[one.category]["articles" if isinstance(one, Near) else "tickets"] += 1
    total = sum(votes.values())
    best = max(votes, key=lambda name: votes[name], default="")
    if total < LEAST_WEIGHT or votes[best] < LEAST_SHARE * total:
        return None
    return Proposal(best, tuple(Reason(why, count) for why, count in counts[best].items()))


def propose_urgency(text: str, past: Sequence[Past]) -> Proposal | None:
    """Return the urgency that words in the text tell, or that past tickets agree on; None where nothing does."""
    patient, pressing = _found(PATIENT, text), _found(PRESSING, PATIENT.sub(" ", text))
    if pressing:
        return Proposal(Urgency.HIGH, (Reason("words", len(pressing), pressing),))
    if patient:
        return Proposal(Urgency.LOW, (Reason("words", len(patient), patient),))
    agreed = {one.urgency for one in past}
    if len(past) >= LEAST_URGENT and len(agreed) == 1:
        return Proposal(agreed.pop(), (Reason("tickets", len(past)),))
    return None


@lru_cache(MOST_KNOWN)
def words_of(text: str) -> frozenset[str]:
    """Return the words that tell something, in small letters; those of the last texts are known."""
    return frozenset(_WORD.findall(text.lower())) - COMMON


def nearest_past(text: str, known: Iterable[tuple[str, Urgency, str]]) -> tuple[Past, ...]:
    """Return the past tickets (category, urgency, text) that share most with a text, at most five, nearest first."""
    texts = list(known)
    scores = likenesses(text, [past for _, _, past in texts])
    found = [Past(category, urgency, score) for (category, urgency, _), score in zip(texts, scores, strict=True)]
    near = (one for one in found if one.likeness >= LEAST_LIKENESS)
    return tuple(sorted(near, key=lambda one: -one.likeness)[:MOST_PAST])


def likenesses(text: str, others: Sequence[str]) -> list[float]:
    """Return how alike a text is to each of the others, 0 to 1.

    That is the weight of the shared words in that of all words of both; a word weighs the more the fewer texts have it
    (Jaccard's index, weighted by inverse document frequency).
    """
    asked, known = words_of(text), [words_of(other) for other in others]
    weight = _weights([asked, *known])
    return [_likeness(asked, words, weight) for words in known]


def _found(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.group().lower() for found in pattern.finditer(text)))


def _weights(texts: Sequence[frozenset[str]]) -> Mapping[str, float]:
    counts = Counter(word for words in texts for word in words)
    return {word: math.log(1 + len(texts) / count) for word, count in counts.items()}


def _likeness(one: frozenset[str], other: frozenset[str], weight: Mapping[str, float]) -> float:
    shared = one & other
    if not shared:
        return 0.0
    return sum(weight[word] for word in shared) / sum(weight[word] for word in one | other)
