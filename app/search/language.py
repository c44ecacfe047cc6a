"""Language: which of the two languages a text is in, and what its words come down to."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import Stemmer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.articles.article import Language

WORD = re.compile(r"[^\W_]+(?:[._\-!/\\:@+#&'’_]+[^\W_]+)*\+*")
"""A run of letters and digits, held together by the signs that names, codes, paths and addresses are written with."""
PART = re.compile(r"[^\W_]+")
FOLDS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "é": "e", "è": "e", "á": "a", "à": "a"})
WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
UMLAUTS = {"ae": "ä", "oe": "ö", "ue": "ü"}
DIGRAPH = re.compile("(?<![aeoq])(?:ae|oe|ue)")
"""May be an umlaut written out; it is none in neue, Quelle, Steuer and Frauen."""
GERMAN_LETTERS = re.compile(
    r"[äöüß]|ae(?:(?=[^\Waeioy])|(?=u))|(?<![aeoqg])[ou]e(?=[^\Waeiouwxy])(?!(?:[a-z]s?|ll?y?|n[ct]\w*|sn|ment|nded)\b)"
)
"""Umlauts, and what only German writes so: in 1,000 words of English help pages it was met once in four."""
KNOWN_WORDS = 65_536

FUNCTION_WORDS: dict[Language, frozenset[str]] = {
    "de": frozenset(
        """aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist da dabei
        damit dann das dass daß dein deine dem den denn der des deshalb dich die dies diese diesem diesen dieser dieses
        dir doch dort du durch ein eine einem einen einer eines er es etwas euch euer für gegen geht gibt habe haben hat
        hatte hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder
        jetzt kann kannst kein keine keinen können könnte lässt machen man mehr mein meine meinem meinen meiner mich mir
        mit muss muß müssen nach nicht nichts noch nun nur ob oder ohne sagt schon sehr sein seine seit sich sie sind so
        soll sollen sondern sonst tun über um und uns unser unsere unter vom von vor war warum was weil welche welchem
        welchen welcher welches wenn wer werde werden wie wieder will wir wird wo wohin worden wurde würde zu zum zur
        zwischen bitte hallo danke fuer ueber koennen waere wär""".split()
    ),
    "en": frozenset(
        """a about after again all also am an and any are aren't as at be because been before being but by can can't
        cannot could couldn't did didn't do does doesn't doing don't down for from get gets got had has hasn't have
        haven't he her here hers him his how i i'm i've if in into is isn't it it's its just keep keeps let me more
        most my myself no not now of off on once only or other our out over own please same she should so some still
        such than that that's the their them then there these they this those through to too under until up very was
        wasn't we were what what's when where which while who whom why will with won't would you your hello hi
        thanks""".split()
    ),
}
"""Words that tell the language and say nothing about the problem."""


def detect(text: str, otherwise: Language) -> Language:
    """Return the language whose function words `text` uses more often; `otherwise` when that does not tell.

    Umlauts and ß, also written out, count for German: the product knows two languages, and English has neither.
    """
    words = [word.casefold().replace("’", "'") for word in WORD.findall(text)]
    german = sum(word in FUNCTION_WORDS["de"] or bool(GERMAN_LETTERS.search(word)) for word in words)
    english = sum(word in FUNCTION_WORDS["en"] for word in words)
    if german == english:
        return otherwise
    return "de" if german > english else "en"


def terms(text: str, lang: Language) -> Iterator[str]:
    """Yield the index terms of `text` in order: stems of words, and what is written with signs also whole.

    "Fehler 0x80070005 an der FRITZ!Box" gives fehl, 0x80070005, an, der, fritz!box, fritz, box.
    """
    for word in WORD.findall(text.casefold()):
        yield from terms_of(word, lang)


@lru_cache(maxsize=KNOWN_WORDS)
def terms_of(word: str, lang: Language) -> tuple[str, ...]:
    """Return the index terms of one word, case folded: its stem, or itself and its parts where it has signs within."""
    parts = PART.findall(word)
    whole = (word.translate(FOLDS),) if len(parts) > 1 else ()
    return (*whole, *(stem(part, lang) for part in parts))


def telling(text: str, lang: Language) -> tuple[str, ...]:
    """Return the distinct terms of a query that say something; all of them when none does."""
    everything = tuple(dict.fromkeys(terms(text, lang)))
    dull = dull_terms(lang)
    return tuple(term for term in everything if term not in dull) or everything


@lru_cache(maxsize=2)
def dull_terms(lang: Language) -> frozenset[str]:
    """Return the terms that the function words of a language come down to."""
    return frozenset(term for word in FUNCTION_WORDS[lang] for term in terms(word, lang))


@lru_cache(maxsize=KNOWN_WORDS)
def stem(word: str, lang: Language) -> str:
    """Return the stem of a word in lower case, umlauts and ß folded so that both spellings meet."""
    whole = unicodedata.normalize("NFC", word)
    return str(stemmer(lang).stemWord(whole)).translate(FOLDS)


def spellings(word: str) -> tuple[str, ...]:
    """Return the other ways to write a word in lower case: geraet and gerat for gerät, gerät and gerat for geraet.

    The stemmer reads ae, oe and ue as umlauts itself, so terms need no spellings; words in a list do.
    """
    umlauts = DIGRAPH.sub(lambda found: UMLAUTS[found[0]], word)
    ways = (umlauts, umlauts.translate(WRITTEN_OUT), umlauts.translate(FOLDS))
    return tuple(dict.fromkeys(way for way in ways if way != word))


@lru_cache(maxsize=2)
def stemmer(lang: Language) -> Stemmer.Stemmer:
    """Return the Snowball stemmer of a language; it holds no state between words when it caches nothing."""
    return Stemmer.Stemmer({"de": "german", "en": "english"}[lang], 0)
