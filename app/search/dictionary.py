"""Dictionary: the words of a language, whether the knowledge base has them or not.

Whoever asks about baking means baking, also where the nearest word of the knowledge base is one edit away.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.articles.article import Language


@lru_cache(maxsize=2)
def words_in(lang: Language) -> frozenset[str]:
    """Return the words of a language in lower case, inflected ones too; reading them takes half a second, once."""
    from spellchecker import SpellChecker  # noqa: PLC0415 - only its lists are used, and only once a word is unknown

    return frozenset(SpellChecker(language=lang).word_frequency.words())
